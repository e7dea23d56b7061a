"""Bringing the registry's schema up to what this version of sqlops knows."""

from __future__ import annotations

import re
from pathlib import Path

from sqlglot import exp

from sqlops.assets import sql_files
from sqlops.errors import RegistryError, RegistryVersionError
from sqlops.registry.store import fetch, insert, now
from sqlops.version import __version__
from sqlops.warehouses.base import Connection

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


def migrations(dialect: str) -> list[tuple[int, str, Path]]:
    """Return number, name and file of each migration, in order."""
    found = [(match, path) for path in sql_files(dialect) if (match := _FILE.fullmatch(path.name))]
    return [(int(match[1]), match[2], path) for match, path in found]


def check_version(connection: Connection, schema: str) -> set[int]:
    """Return the numbers of the migrations that a registry has; none where there is no registry.

    Raises
    ------
    RegistryVersionError
        It has one that this version of sqlops does not know.
    """
    known = {number for number, _, _ in migrations(connection.dialect.name)}
    applied: dict[int, str] = dict(fetch(connection, schema, "migrations", ("number", "sqlops_version")))
    newer = sorted(applied.keys() - known)
    if newer:
        raise RegistryVersionError(
            f"the registry in schema '{schema}' has migration {newer[-1]}, written by sqlops {applied[newer[-1]]}; "
            f"this sqlops ({__version__}) knows up to {max(known)}: upgrade sqlops"
        )
    return set(applied)


def migrate(connection: Connection, schema: str) -> None:
    """Create the registry, or bring it up to date; each migration and its record in one transaction.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.

    Raises
    ------
    RegistryVersionError
        The registry is of a newer version; nothing is written.
    RegistryError
        There is no registry for the engine.
    """
    engine = connection.dialect.name
    if not migrations(engine):
        raise RegistryError(
            f"models cannot be registered on {engine} in this release: write their SQL with model.sql('{engine}', …)"
        )
    applied = check_version(connection, schema)
    for number, name, path in migrations(engine):
        if number in applied:
            continue
        with connection.transaction():
            if connection.dialect.has_schemas:
                place = exp.Table(db=exp.to_identifier(schema, quoted=True))
                connection.execute(exp.Create(this=place, kind="SCHEMA", exists=True))
            connection.script(path.read_text(encoding="utf-8"), schema)
            record = {"number": number, "name": name, "sqlops_version": __version__, "applied_at": now()}
            insert(connection, schema, "migrations", record)
