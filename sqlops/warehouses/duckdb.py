"""DuckDB: a file, memory, or a connection that the caller owns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
from sqlglot import exp

from sqlops.dialects.base import Dialect
from sqlops.dialects.duckdb import DUCKDB
from sqlops.errors import ConflictError, ConnectionFailedError, QueryError, RegistryError, SourceError, SqlopsError
from sqlops.warehouses.base import Relation, Row, Statement, as_table, render

_ARROW = "_sqlops_arrow"
_CONFLICT = re.compile("conflict|duplicate key", re.IGNORECASE)
_HOLDER = re.compile(r"held in (.+?) \(PID (\d+)\)")


def open_duckdb(path: str, *, read_only: bool = False) -> DuckDBConnection:
    """Open a database file, or memory.

    Parameters
    ----------
    path : str
        A path, or ``":memory:"``.
    read_only : bool
        Several processes may read one file at once, as long as none writes.

    Returns
    -------
    DuckDBConnection

    Raises
    ------
    ConnectionFailedError
        The file is locked, is no database, is corrupt, or cannot be opened.
    """
    try:
        native = duckdb.connect(path, read_only=read_only)
    except duckdb.Error as error:
        raise ConnectionFailedError(_why_not_opened(path, str(error))) from error
    # Without this, a missing table is looked for among the caller's Python variables.
    native.execute("SET python_enable_replacements = false")
    return DuckDBConnection(native, owned=True)


def _why_not_opened(path: str, message: str) -> str:
    holder = _HOLDER.search(message)
    if "Could not set lock" in message:
        by = f" by process {holder[2]}" if holder else ""
        return f"'{path}' is in use{by}: only one process may open it to write, close the other or try again later"
    if "not a valid DuckDB database" in message:
        return f"'{path}' is not a DuckDB database: name another file, or move this one away"
    if "different configuration" in message:
        return f"'{path}' is open in this process already, read-only or not: open it the same way, or close the other"
    if "database does not exist" in message:
        return f"'{path}' does not exist, and a read-only connection does not create it"
    if "Corrupt" in message or "checksum" in message:
        return f"'{path}' is corrupt: restore it from a backup ({_first_line(message)})"
    return f"cannot open '{path}': {_first_line(message)}"


def _first_line(message: str) -> str:
    return message.strip().split("\n", 1)[0].strip()


def _translate(error: duckdb.Error) -> SqlopsError:
    message = str(error)
    line = _first_line(message)
    if isinstance(error, duckdb.TransactionException | duckdb.ConstraintException) and _CONFLICT.search(message):
        return ConflictError(f"another session changed the same thing at the same time: run it again ({line})")
    if "within a transaction" in message:
        return RegistryError(
            "a transaction is open on this connection already: commit it or roll it back, then run it again"
        )
    if "read-only mode" in message:
        return RegistryError("the database is open read-only: open it to write")
    if isinstance(error, duckdb.ConnectionException):
        return ConnectionFailedError(f"the connection is closed or broken: connect again ({line})")
    if "Corrupt" in message or "checksum" in message:
        return ConnectionFailedError(f"the database is corrupt: restore it from a backup ({line})")
    return QueryError(f"DuckDB refuses the statement: {line}")


class DuckDBConnection:
    """A session with DuckDB.

    Parameters
    ----------
    native : duckdb.DuckDBPyConnection
    owned : bool
        Whether `close` closes it.
    """

    dialect: Dialect = DUCKDB
    recording = False

    def __init__(self, native: duckdb.DuckDBPyConnection, *, owned: bool = False) -> None:
        self._native = native
        self._owned = owned
        self._depth = 0
        self._search_path: str | None = None

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""
        self._run(render(sql, self.dialect), parameters)

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        result = self._run(render(sql, self.dialect), parameters)
        try:
            return result.fetchall()
        except duckdb.Error as error:
            raise _translate(error) from error

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        result = self._run(render(sql, self.dialect), parameters)
        try:
            return result.df()
        except duckdb.Error as error:
            raise _translate(error) from error

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table."""
        try:
            return self._native.sql(render(sql, self.dialect), params=list(parameters)).to_arrow_table()
        except duckdb.Error as error:
            raise _translate(error) from error

    def _run(self, text: str, parameters: Sequence[Any] = ()) -> duckdb.DuckDBPyConnection:
        try:
            return self._native.execute(text, list(parameters)) if parameters else self._native.execute(text)
        except duckdb.Error as error:
            raise _translate(error) from error

    def script(self, sql: str, schema: str) -> None:
        """Run plain statements that name their relations without a schema, in a schema."""
        ((self._search_path,),) = self.rows("SELECT current_setting('search_path')")
        self._run(f"USE {self.dialect.identifier(schema)}")
        self._run(sql)
        self._restore_search_path()

    def _restore_search_path(self) -> None:
        if self._search_path == "":
            self._run("RESET search_path")
        elif self._search_path is not None:
            self._run(f"SET search_path = {self.dialect.text(self._search_path)}")
        self._search_path = None

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data."""
        create = exp.Create(
            this=as_table(name, self.dialect),
            kind="TABLE",
            expression=exp.select("*").from_(_ARROW),
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]) if temporary else None,
        )
        try:
            self._native.register(_ARROW, table)
        except duckdb.Error as error:
            raise _translate(error) from error
        try:
            self.execute(create)
        finally:
            self._native.unregister(_ARROW)

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, with its schema (and database, where it is not the current one), or None.

        Raises
        ------
        SourceError
            This is no name of a relation.
        """
        *outer, name = [part.name for part in as_table(relation, self.dialect).parts]
        if len(outer) > 2:
            raise SourceError(f"'{relation}' has more parts than database.schema.table")
        found = self.rows(
            "SELECT database_name, schema_name, table_name FROM duckdb_tables() WHERE lower(table_name) = lower(?)"
            " UNION ALL SELECT database_name, schema_name, view_name FROM duckdb_views()"
            " WHERE NOT internal AND lower(view_name) = lower(?)",
            (name, name),
        )
        ((database, schema),) = self.rows("SELECT current_database(), current_schema()")
        if not outer:
            places = [("temp", "main"), (database, schema), (database, "main")]
        elif len(outer) == 1:
            places = [(database, outer[0]), (outer[0], "main")]
        else:
            places = [(outer[0], outer[1])]
        for place in places:
            for row in found:
                if (row[0].lower(), row[1].lower()) == (place[0].lower(), place[1].lower()):
                    # A schema named as its database is ambiguous without the database.
                    catalog = None if row[0] == database and row[1] != database else row[0]
                    return exp.table_(row[2], db=row[1], catalog=catalog, quoted=True)
        return None

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return the columns of a relation and DuckDB's names of their types; None where there is no such relation."""
        place = self.locate(relation)
        if place is None:
            return None
        # Not DESCRIBE: it fails on a view that no longer fits its table, and a failure ends the transaction.
        described = self.rows(
            "SELECT column_name, data_type FROM duckdb_columns()"
            " WHERE database_name = coalesce(?, current_database()) AND schema_name = ? AND table_name = ?"
            " ORDER BY column_index",
            (place.catalog or None, place.db, place.name),
        )
        return dict(described)

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view, function."""
        wanted = [name.lower() for name in names]
        found = self.rows(
            "SELECT name, kind FROM ("
            "SELECT database_name, schema_name, table_name AS name, 'table' AS kind FROM duckdb_tables()"
            " UNION ALL SELECT database_name, schema_name, view_name, 'view' FROM duckdb_views() WHERE NOT internal"
            " UNION ALL SELECT database_name, schema_name, function_name, 'function' FROM duckdb_functions()"
            " WHERE NOT internal) WHERE database_name = current_database() AND schema_name = ?"
            " AND list_contains(?, lower(name))",
            (schema, wanted),
        )
        return dict(found)

    def current_database(self) -> str:
        """Return the name of the database that is written to."""
        ((database,),) = self.rows("SELECT current_database()")
        return str(database)

    def current_schema(self) -> str:
        """Return the schema in which names without one are created."""
        ((schema,),) = self.rows("SELECT current_schema()")
        return str(schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or roll it back on any exception; inside another, join it.

        Raises
        ------
        ConflictError
            Another session changed the same thing at the same time; nothing was written.
        """
        if self._depth:
            yield
            return
        self._run("BEGIN TRANSACTION")
        self._depth = 1
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            # A commit that failed, and a connection that broke, have rolled back already.
            with suppress(duckdb.Error):
                self._native.execute("ROLLBACK")
            with suppress(SqlopsError):
                self._restore_search_path()
            raise
        finally:
            self._depth = 0

    def close(self) -> None:
        """Close the connection, unless the caller owns it."""
        if self._owned:
            self._native.close()

    def __enter__(self) -> DuckDBConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
