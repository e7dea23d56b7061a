"""Bringing the registry's schema up to what this version of sqlops knows."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from sqlglot import exp

from sqlops.assets import sql_files
from sqlops.dialects.base import Dialect
from sqlops.errors import RegistryError, RegistryVersionError
from sqlops.registry import log
from sqlops.registry.store import fetch, insert, now
from sqlops.version import __version__
from sqlops.warehouses.base import Connection

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")


def migrations(dialect: Dialect) -> list[tuple[int, str, Path]]:
    """Return number, name and file of each migration, in order."""
    directory = dialect.name if dialect.transactional else log.DIRECTORY
    found = [(match, path) for path in sql_files(directory) if (match := _FILE.fullmatch(path.name))]
    return [(int(match[1]), match[2], path) for match, path in found]


def check_version(connection: Connection, schema: str) -> set[int]:
    """Return the numbers of the migrations that a registry has; none where there is no registry.

    Raises
    ------
    RegistryVersionError
        It has one that this version of sqlops does not know.
    """
    known = {number for number, _, _ in migrations(connection.dialect)}
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
    dialect, engine = connection.dialect, connection.dialect.name
    if not migrations(dialect):
        raise RegistryError(
            f"models cannot be registered on {engine} in this release: write their SQL with model.sql('{engine}', …)"
        )
    applied = check_version(connection, schema)
    if not dialect.transactional:
        go_on_after(connection, schema, applied)
    for number, name, path in migrations(dialect):
        if number in applied:
            continue
        with connection.transaction():
            if dialect.has_schemas:
                place = exp.Table(db=exp.to_identifier(schema, quoted=True))
                connection.execute(exp.Create(this=place, kind="SCHEMA", exists=True))
            text = path.read_text(encoding="utf-8")
            if dialect.transactional:
                connection.script(text, schema)
            else:
                for statement in log.statements(text, dialect, schema):
                    connection.execute(statement)
            record = {"number": number, "name": name, "sqlops_version": __version__, "applied_at": now()}
            insert(connection, schema, "migrations", record)


def go_on_after(connection: Connection, schema: str, applied: Collection[int]) -> None:
    """Let new entries of logs have greater numbers than all that there are: other machines' clocks may be ahead.

    Parameters
    ----------
    connection : Connection
    schema : str
    applied : collection of int
        The migrations that the registry has.
    """
    dialect = connection.dialect
    if len(applied) < len(migrations(dialect)):
        return
    newest = [
        exp.select(exp.Max(this=exp.column("entry"))).from_(dialect.table(schema, log.log_of(table)))
        for table in log.columns()
    ]
    for (entry,) in connection.rows(exp.union(*newest, distinct=False)):
        log.CLOCK.after(entry or 0)
