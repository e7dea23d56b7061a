"""The warehouses that the same life of a model is lived through on: a database of its own for each test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

import psycopg
from psycopg import sql

import sqlops
from sqlops.warehouse import Warehouse
from sqlops.warehouses.clickhouse import open_clickhouse
from tests import postgres, spark
from tests.warehouses import standin


@contextmanager
def _duckdb() -> Iterator[Warehouse]:
    with sqlops.connect(":memory:") as wh:
        yield wh


@contextmanager
def _postgres() -> Iterator[Warehouse]:
    with postgres_database() as url, sqlops.connect(url) as wh:
        yield wh


@contextmanager
def postgres_database() -> Iterator[str]:
    """Make a database, and return its URL."""
    name = f"test_{uuid.uuid4().hex}"
    server = postgres.url()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _sqlite() -> Iterator[Warehouse]:
    with sqlops.connect("sqlite:///:memory:") as wh:
        yield wh


@contextmanager
def _clickhouse() -> Iterator[Warehouse]:
    """A database in the engine of this process, which has one path only; functions are all in one place there."""
    name = f"test_{uuid.uuid4().hex}"
    with open_clickhouse("chdb://memory") as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            with sqlops.connect(f"chdb://memory/{name}", schema=f"{name}_sqlops") as wh:
                yield wh
        finally:
            for database in (name, f"{name}_sqlops"):
                server.execute(f"DROP DATABASE IF EXISTS {database}")
            made = server.rows("SELECT name FROM system.functions WHERE startsWith(name, ?)", (name,))
            for (function,) in made:
                server.execute(f"DROP FUNCTION {function}")


@contextmanager
def _spark() -> Iterator[Warehouse]:
    """A schema in the catalog of this process's session."""
    name = f"test_{uuid.uuid4().hex}"
    native = spark.session()
    native.sql(f"CREATE SCHEMA {name}")
    native.catalog.setCurrentDatabase(name)
    try:
        with sqlops.connect(native, schema=f"{name}_sqlops") as wh:
            yield wh
    finally:
        native.catalog.setCurrentDatabase("default")
        for schema in (name, f"{name}_sqlops"):
            native.sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


def _stood_in(dialect: str) -> Callable[[], AbstractContextManager[Warehouse]]:
    @contextmanager
    def opened() -> Iterator[Warehouse]:
        with sqlops.connect(standin.Connection(dialect), dialect=dialect) as wh:
            yield wh

    return opened


SLOW = ("spark",)
"""Every statement is a job there, and each test of a life takes about a minute: they are of the long run."""

WAREHOUSES: Mapping[str, Callable[[], AbstractContextManager[Warehouse]]] = {
    "duckdb": _duckdb,
    "postgres": _postgres,
    "sqlite": _sqlite,
    "clickhouse": _clickhouse,
    "spark": _spark,
    **{dialect: _stood_in(dialect) for dialect in standin.ENGINES},
}
