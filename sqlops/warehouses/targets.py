"""From what users name, a path, a URL or a live connection, to a session with the right engine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlops.dialects import get_dialect
from sqlops.errors import ConnectionFailedError
from sqlops.warehouses.base import Connection
from sqlops.warehouses.dbapi import DBAPIConnection

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_SQLITE_FILE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class _Engine:
    """How sessions with an engine are opened.

    Parameters
    ----------
    dialect : str
    opener : str
        The function of ``sqlops.warehouses.<dialect>`` that takes a path or a URL.
    wrapper : str
        The class there that takes a live connection.
    packages : mapping of str to str
        Packages of which live connections are, and the names of their classes, or of those these are derived from.
    schemes : tuple of str
        Of URLs.
    extra : str
        What ``pip install`` brings the driver; empty where sqlops needs it anyway.
    """

    dialect: str
    opener: str
    wrapper: str
    packages: Mapping[str, str]
    schemes: tuple[str, ...]
    extra: str = ""


ENGINES = (
    _Engine("duckdb", "open_duckdb", "DuckDBConnection", {"duckdb": "DuckDBPyConnection"}, ("duckdb",)),
    _Engine(
        "postgres",
        "open_postgres",
        "PostgresConnection",
        {"psycopg": "Connection"},
        ("postgresql", "postgres"),
        "postgres",
    ),
    _Engine(
        "sqlite",
        "open_sqlite",
        "SQLiteConnection",
        {"sqlite3": "Connection", "apsw": "Connection"},
        ("sqlite",),
        "sqlite",
    ),
    _Engine(
        "clickhouse",
        "open_clickhouse",
        "ClickHouseConnection",
        {"clickhouse_connect": "Client"},
        ("clickhouse", "clickhouses", "chdb"),
        "clickhouse",
    ),
    _Engine("spark", "open_spark", "SparkConnection", {"pyspark": "SparkSession"}, ("spark",), "spark"),
)


def open_target(target: Any, dialect: str | None = None, *, read_only: bool = False) -> Connection:
    """Open a session.

    Parameters
    ----------
    target : str, Path or live connection
        See `sqlops.connect`.
    dialect : str, optional
        The engine of a live connection, where its class does not say it.
    read_only : bool

    Returns
    -------
    Connection

    Raises
    ------
    ConnectionFailedError
        The target is of an unknown kind, its driver is not installed, or it cannot be opened. A URL is never repeated
        in a message, as it may hold a password.
    """
    if isinstance(target, str | Path):
        engine, place = _engine_of(str(target))
        _require_dialect(engine, dialect)
        connection: Connection = _member(engine, engine.opener)(place, read_only=read_only)
        return connection
    for engine in ENGINES:
        if any(engine.packages.get(_package(class_)) == class_.__name__ for class_ in type(target).__mro__):
            _require_dialect(engine, dialect)
            wrapped: Connection = _member(engine, engine.wrapper)(target)
            return wrapped
    if dialect is not None:
        return DBAPIConnection(target, get_dialect(dialect))
    kinds = ", ".join(sorted({package for engine in ENGINES for package in engine.packages}))
    raise ConnectionFailedError(
        f"cannot connect to a {type(target).__name__}: pass a path, a URL, a live connection of: {kinds}; or one of any"
        " driver of Python's database API and its dialect="
    )


def _package(class_: type) -> str:
    return class_.__module__.partition(".")[0].lstrip("_")


def _engine_of(target: str) -> tuple[_Engine, str]:
    """Return the engine that a path or URL names, and what its opener takes."""
    url = _URL.fullmatch(target)
    if url is None:
        return _engine("sqlite" if _is_sqlite(target) else "duckdb"), target or ":memory:"
    scheme = url[1].lower()
    for engine in ENGINES:
        if scheme in engine.schemes:
            return engine, _path(scheme, url[2]) if engine.dialect in ("duckdb", "sqlite") else target
    known = ", ".join(f"{scheme}://" for engine in ENGINES for scheme in engine.schemes)
    raise ConnectionFailedError(
        f"URLs of scheme '{scheme}' are not supported: pass the path of a DuckDB file, or a URL with one of: {known}"
    )


def _is_sqlite(path: str) -> bool:
    file = Path(path)
    if not any(engine.dialect == "sqlite" for engine in ENGINES):
        return False
    if file.suffix in (".sqlite", ".sqlite3"):
        return True
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE_FILE)) == _SQLITE_FILE


def _path(scheme: str, rest: str) -> str:
    if not rest.startswith("/"):
        raise ConnectionFailedError(f"a {scheme} URL has three slashes: {scheme}:///path (four for an absolute path)")
    return rest[1:] or ":memory:"


def _engine(dialect: str) -> _Engine:
    return next(engine for engine in ENGINES if engine.dialect == dialect)


def _require_dialect(engine: _Engine, dialect: str | None) -> None:
    if dialect not in (None, engine.dialect):
        raise ConnectionFailedError(f"this is a connection to {engine.dialect}, not to '{dialect}': leave out dialect=")


def _member(engine: _Engine, name: str) -> Any:
    try:
        return getattr(import_module(f"sqlops.warehouses.{engine.dialect}"), name)
    except ModuleNotFoundError as error:
        raise ConnectionFailedError(
            f"connecting to {engine.dialect} needs the package '{error.name}': pip install 'sqlops[{engine.extra}]'"
        ) from error
