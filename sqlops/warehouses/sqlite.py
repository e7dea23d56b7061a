"""SQLite: a file, memory, or a connection of apsw or of the standard library that the caller owns.

A database of SQLite has no schemas. What would be in one is in the main database, its name with the schema's before it,
so that a single file stays whole: `SQLiteConnection.placed` says where.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlglot
from sqlglot import exp

from sqlops.dialects.base import Dialect
from sqlops.dialects.sqlite import SQLITE
from sqlops.errors import ConnectionFailedError, QueryError, RegistryError, SourceError
from sqlops.warehouses.base import Relation, Row, Statement, as_table, render
from sqlops.warehouses.sqlite_errors import errors_of, translate
from sqlops.warehouses.sqlite_types import bound, declared, from_rows

_BUSY = 5000
"""So many milliseconds are waited for another connection that writes."""

_JSON = "json_array("
_SAVEPOINT = "_sqlops"
_IS_WHOLE = "SELECT json_array(0.1 + 0.2) = '[0.30000000000000004]'"


def open_sqlite(path: str, *, read_only: bool = False) -> SQLiteConnection:
    """Open a database file, or memory, with apsw.

    Parameters
    ----------
    path : str
        A path, or ``":memory:"``.
    read_only : bool

    Returns
    -------
    SQLiteConnection

    Raises
    ------
    ConnectionFailedError
        apsw is not installed; or the file is no database, is corrupt, or cannot be opened.
    """
    try:
        import apsw
    except ImportError as error:
        raise ConnectionFailedError("SQLite needs apsw: pip install 'sqlops[sqlite]'") from error
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    try:
        native = apsw.Connection(path, flags=flags)
        native.setbusytimeout(_BUSY)
        # Without these, a quoted name of no column is taken for a text.
        native.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        native.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
        native.execute("SELECT count(*) FROM sqlite_schema")
    except apsw.Error as error:
        raise translate(error, path) from error
    return SQLiteConnection(native, owned=True)


class SQLiteConnection:
    """A session with SQLite.

    Parameters
    ----------
    native : apsw.Connection or sqlite3.Connection
    owned : bool
        Whether `close` closes it.
    """

    dialect: Dialect = SQLITE
    recording = False

    def __init__(self, native: Any, *, owned: bool = False) -> None:
        self._native = native
        self._owned = owned
        self._depth = 0
        self._is_standard = isinstance(native, sqlite3.Connection)
        self._errors = errors_of(native)
        ((whole,),) = self.rows(_IS_WHOLE)
        self._is_exact = bool(whole)

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""
        was_open = self._is_in_transaction()
        self._run(render(sql, self.dialect), parameters)
        # The standard library begins a transaction before it writes, and leaves it open.
        if self._is_standard and not was_open and self._is_in_transaction():
            self._native.commit()

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        return self._run(render(sql, self.dialect), parameters)[1]

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        frame: pd.DataFrame = self.arrow(sql, parameters).to_pandas()
        return frame

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table: typed as a column was declared, or as its values are."""
        return from_rows(*self._run(render(sql, self.dialect), parameters))

    def _run(self, text: str, parameters: Sequence[Any] = ()) -> tuple[list[tuple[str, str | None]], list[Row]]:
        """Run a statement, and return names and declared types of its columns, and its rows."""
        if _JSON in text and text != _IS_WHOLE and not self._is_exact:
            raise QueryError(
                f"SQLite {self._version()} writes 15 digits of a number into JSON, and this needs all 17:"
                " use a later one, such as that of apsw (pip install 'sqlops[sqlite]')"
            )
        given = [bound(value) for value in parameters]
        try:
            cursor = self._native.cursor()
            if self._is_standard:
                cursor.execute(text, given)
                return [(column[0], None) for column in cursor.description or ()], cursor.fetchall()
            described: list[tuple[str, str | None]] = []

            def describe(running: Any, *_: Any) -> bool:
                # Before the first row: a cursor without rows has no description.
                described[:] = running.get_description()
                return True

            cursor.exec_trace = describe
            return described, list(cursor.execute(text, given or None, can_cache=False))
        except self._errors as error:
            raise translate(error) from error

    def _version(self) -> str:
        ((version,),) = self.rows("SELECT sqlite_version()")
        return str(version)

    def _is_in_transaction(self) -> bool:
        return bool(self._native.in_transaction)

    def placed(self, schema: str, name: str) -> exp.Table:
        """Return where a relation of a schema is: in the attached database of that name, or with it before its name.

        Parameters
        ----------
        schema : str
            ``"main"``, an attached database, or a prefix.
        name : str
        """
        if schema.lower() in self._databases():
            return exp.table_(name, db=schema, quoted=True)
        return exp.table_(f"{schema}_{name}", db="main", quoted=True)

    def _databases(self) -> list[str]:
        """Return the databases in the order in which names are looked for."""
        listed = [str(name).lower() for (name,) in self.rows("SELECT name FROM pragma_database_list")]
        return ["temp", "main", *(name for name in listed if name not in ("temp", "main"))]

    def script(self, sql: str, schema: str) -> None:
        """Run plain statements that name their relations without a schema, in a schema.

        Raises
        ------
        RegistryError
            The schema is an attached database: keys of one table cannot refer to another there by a dotted name.
        """
        if schema.lower() in self._databases()[2:]:
            raise RegistryError(
                f"'{schema}' is an attached database: the registry is in the main one, pass another schema="
            )
        for statement in sqlglot.parse(sql, dialect=self.dialect.grammar):
            if statement is not None:
                self.execute(statement if schema.lower() == "main" else _prefixed(statement, f"{schema}_"))

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data."""
        target = as_table(name, self.dialect).copy()
        kind = "TEMP TABLE" if temporary else "TABLE"
        printed = render(target, self.dialect)
        columns = ", ".join(f"{self.dialect.identifier(field.name)} {declared(field)}" for field in table.schema)
        marks = ", ".join("?" * table.num_columns)
        values = [[bound(value) for value in column.to_pylist()] for column in table.columns]
        insert = " ".join(("INSERT INTO", printed, "VALUES", f"({marks})"))
        with self.transaction():
            self._run(" ".join(("CREATE", kind, printed, f"({columns})")))
            try:
                self._native.cursor().executemany(insert, zip(*values, strict=True))
            except self._errors as error:
                raise translate(error) from error

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, with its database, or None.

        Raises
        ------
        SourceError
            This is no name of a relation.
        """
        *outer, name = [part.name for part in as_table(relation, self.dialect).parts]
        if len(outer) > 1:
            raise SourceError(f"'{relation}' has more parts than database.table")
        for database in [outer[0].lower()] if outer else self._databases():
            found = self._named_in(database, [name])
            if found:
                return exp.table_(next(iter(found)), db=database, quoted=True)
        return None

    def _named_in(self, database: str, names: Sequence[str]) -> dict[str, str]:
        if database not in self._databases():
            return {}
        catalog = exp.table_("sqlite_schema", db=database, quoted=True)
        query = exp.select("name", "type").from_(catalog).where("type IN ('table', 'view')")
        wanted = {name.lower() for name in names}
        return {name: kind for name, kind in self.rows(query) if name.lower() in wanted}

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return the columns of a relation and their declared types; None where there is no such relation.

        Columns of a view have the type that they are cast to. What has none holds values of any type.
        """
        place = self.locate(relation)
        if place is None:
            return None
        described = self.rows(
            "SELECT name, upper(type) FROM pragma_table_info(?, ?) ORDER BY cid", (place.name, place.db)
        )
        return dict(described)

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view."""
        if schema.lower() in self._databases():
            return self._named_in(schema.lower(), names)
        prefix = f"{schema}_"
        found = self._named_in("main", [prefix + name for name in names])
        return {name[len(prefix) :]: kind for name, kind in found.items()}

    def current_database(self) -> str:
        """Return the name of the database that is written to."""
        return "main"

    def current_schema(self) -> str:
        """Return the schema in which names without one are created."""
        return "main"

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or roll it back on any exception; inside another, join it.

        Inside a transaction of the caller, what is done becomes part of it, or is undone alone.

        Raises
        ------
        ConflictError
            Another connection writes, and goes on for more than a few seconds; nothing was written.
        """
        if self._depth:
            yield
            return
        is_part = self._is_in_transaction()
        self._run(f"SAVEPOINT {_SAVEPOINT}" if is_part else "BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield
            self._run(f"RELEASE {_SAVEPOINT}" if is_part else "COMMIT")
        except BaseException:
            # An error that ends the transaction has rolled it back already.
            with suppress(QueryError, RegistryError, ConnectionFailedError):
                self._run(f"ROLLBACK TO {_SAVEPOINT}" if is_part else "ROLLBACK")
                if is_part:
                    self._run(f"RELEASE {_SAVEPOINT}")
            raise
        finally:
            self._depth = 0

    def close(self) -> None:
        """Close the connection, unless the caller owns it."""
        if self._owned:
            self._native.close()

    def __enter__(self) -> SQLiteConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _prefixed(statement: exp.Expr, prefix: str) -> exp.Expr:
    """Return a statement with a prefix before the name of each relation and index."""
    moved = statement.copy()
    inside = {cte.alias for cte in moved.find_all(exp.CTE)}
    renamed = {table.name for table in moved.find_all(exp.Table)} - inside
    for named in moved.find_all(exp.Table, exp.Index):
        if named.this and (isinstance(named, exp.Index) or named.name in renamed):
            named.set("this", exp.to_identifier(prefix + named.name, quoted=True))
    for column in moved.find_all(exp.Column):
        if column.table in renamed:
            column.set("table", exp.to_identifier(prefix + column.table, quoted=True))
    return moved
