"""PostgreSQL, by psycopg 3: a URL, or a connection that the caller owns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pandas as pd
import psycopg
import pyarrow as pa
from psycopg.pq import TransactionStatus
from sqlglot import exp

from sqlops.dialects.base import Dialect
from sqlops.dialects.postgres import POSTGRES
from sqlops.errors import ConflictError, ConnectionFailedError, QueryError, RegistryError, SourceError, SqlopsError
from sqlops.warehouses.base import Relation, Row, Statement, as_table, render
from sqlops.warehouses.postgres_types import arrow_type, copied, copied_type, type_name

_PLACEHOLDER = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|(\?)""")
_SECRET = re.compile(r"(?<=://)([^/@]*):[^/@]*@")
_CONFLICTS = ("23505", "40001", "40P01", "55P03", "42710", "42P06", "42P07")
"""Duplicate keys, serialization failures, deadlocks, locks waited for too long; things created twice."""

_CONCURRENT = "concurrently"


def open_postgres(url: str, *, read_only: bool = False) -> PostgresConnection:
    """Connect to a server.

    Parameters
    ----------
    url : str
        ``postgresql://user@host:port/database``, or whatever else libpq takes; a password is better kept in
        ``PGPASSWORD`` or in ``~/.pgpass``.
    read_only : bool
        Let the server refuse whatever writes.

    Returns
    -------
    PostgresConnection

    Raises
    ------
    ConnectionFailedError
        The server cannot be reached, or refuses the user; the message shows no password.
    """
    try:
        native = psycopg.connect(url, autocommit=True)
        if read_only:
            native.execute("SET default_transaction_read_only = on")
    except psycopg.Error as error:
        shown = _SECRET.sub(r"\1:***@", url) if "://" in url else "the server"
        raise ConnectionFailedError(f"cannot connect to {shown}: {_first_line(error)}") from error
    return PostgresConnection(native, owned=True)


def _first_line(error: psycopg.Error) -> str:
    message = error.diag.message_primary or str(error)
    return message.strip().split("\n", 1)[0].strip()


def _translate(error: psycopg.Error) -> SqlopsError:
    line = _first_line(error)
    if error.sqlstate in _CONFLICTS or _CONCURRENT in line:
        return ConflictError(f"another session changed the same thing at the same time: run it again ({line})")
    if error.sqlstate in ("25006", "25P02"):
        advice = "the session is read-only" if error.sqlstate == "25006" else "a statement before this one failed"
        return RegistryError(f"{advice}: {line}")
    if error.sqlstate is None or error.sqlstate.startswith(("08", "57P")):
        return ConnectionFailedError(f"the connection is closed or broken: connect again ({line})")
    return QueryError(f"PostgreSQL refuses the statement: {line}")


class PostgresConnection:
    """A session with PostgreSQL.

    Parameters
    ----------
    native : psycopg.Connection
        One that commits by itself; transactions are begun as they are needed.
    owned : bool
        Whether `close` closes it.

    Raises
    ------
    ConnectionFailedError
        The connection does not commit by itself.
    """

    dialect: Dialect = POSTGRES
    recording = False

    def __init__(self, native: psycopg.Connection[Any], *, owned: bool = False) -> None:
        if not native.autocommit:
            raise ConnectionFailedError("the connection does not commit by itself: open it with autocommit=True")
        self._native = native
        self._owned = owned
        self._depth = 0

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""
        self._run(render(sql, self.dialect), parameters)

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        return self._fetched(sql, parameters)[1]

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        frame: pd.DataFrame = self.arrow(sql, parameters).to_pandas()
        return frame

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table, its types those of the result."""
        described, rows = self._fetched(sql, parameters)
        columns = zip(*rows, strict=True) if rows else ((),) * len(described)
        arrays = [
            pa.array(values, type=arrow_type(column.type_code)) if arrow_type(column.type_code) else pa.array(values)
            for column, values in zip(described, columns, strict=True)
        ]
        return pa.table(arrays, names=[column.name for column in described])

    def _fetched(self, sql: Statement, parameters: Sequence[Any]) -> tuple[list[psycopg.Column], list[Row]]:
        cursor = self._run(render(sql, self.dialect), parameters)
        try:
            return list(cursor.description or ()), cursor.fetchall()
        except psycopg.Error as error:
            raise _translate(error) from error

    def _run(self, text: str, parameters: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
        try:
            cursor = psycopg.RawCursor(self._native)
            if parameters:
                return cursor.execute(_numbered(text).encode(), list(parameters), prepare=False)
            return cursor.execute(text.encode(), prepare=False)
        except psycopg.Error as error:
            raise _translate(error) from error

    def script(self, sql: str, schema: str) -> None:
        """Run plain statements that name their relations without a schema, in a schema."""
        with self.transaction():
            ((before,),) = self.rows("SELECT current_setting('search_path')")
            self._run("SELECT set_config('search_path', ?, true)", (self.dialect.identifier(schema),))
            self._run(sql)
            self._run("SELECT set_config('search_path', ?, true)", (before,))

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data."""
        kinds = [copied_type(field.type) for field in table.schema]
        columns = [
            exp.ColumnDef(this=exp.to_identifier(field.name, quoted=True), kind=exp.Var(this=kind))
            for field, kind in zip(table.schema, kinds, strict=True)
        ]
        target = as_table(name, self.dialect)
        create = exp.Create(
            this=exp.Schema(this=target, expressions=columns),
            kind="TABLE",
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]) if temporary else None,
        )
        with self._statements():
            self.execute(create)
            self._copy(f"COPY {render(target, self.dialect)} FROM STDIN (FORMAT BINARY)", table, kinds)

    def _copy(self, statement: str, table: pa.Table, kinds: Sequence[str]) -> None:
        columns = [copied(column) for column in table.columns]
        try:
            with self._native.cursor() as cursor, cursor.copy(statement.encode()) as copy:
                copy.set_types(list(kinds))
                for row in zip(*columns, strict=True):
                    copy.write_row(row)
        except psycopg.Error as error:
            raise _translate(error) from error

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, with its schema, or None; a name of the same case goes first.

        Raises
        ------
        SourceError
            This is no name of a relation.
        """
        *outer, name = [part.name for part in as_table(relation, self.dialect).parts]
        if len(outer) > 2:
            raise SourceError(f"'{relation}' has more parts than database.schema.table")
        if len(outer) == 2 and outer[0].lower() != self.current_database().lower():
            return None
        schema = outer[-1] if outer else None
        found = self.rows(
            "SELECT n.nspname, c.relname FROM pg_catalog.pg_class AS c"
            " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
            " LEFT JOIN unnest(current_schemas(true)) WITH ORDINALITY AS path (name, place) ON path.name = n.nspname"
            " WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND lower(c.relname) = lower(?)"
            " AND CASE WHEN ?::text IS NULL THEN path.place IS NOT NULL ELSE lower(n.nspname) = lower(?) END"
            " ORDER BY path.place, n.nspname = ? DESC, c.relname = ? DESC LIMIT 1",
            (name, schema, schema, schema, name),
        )
        return exp.table_(found[0][1], db=found[0][0], quoted=True) if found else None

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return a relation's columns and the names of their types; None where there is no such relation."""
        place = self.locate(relation)
        if place is None:
            return None
        described = self.rows(
            "SELECT a.attname, a.atttypid::bigint, format_type(a.atttypid, NULL)"
            " FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid"
            " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            (place.db, place.name),
        )
        return {name: type_name(oid, shown) for name, oid, shown in described}

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view, function."""
        found = self.rows(
            "SELECT name, kind FROM ("
            "SELECT relname, relnamespace, CASE WHEN relkind IN ('v', 'm') THEN 'view' ELSE 'table' END"
            " FROM pg_catalog.pg_class WHERE relkind IN ('r', 'v', 'm', 'f', 'p')"
            " UNION ALL SELECT proname, pronamespace, 'function' FROM pg_catalog.pg_proc"
            ") AS known (name, namespace, kind)"
            " JOIN pg_catalog.pg_namespace AS n ON n.oid = known.namespace"
            " WHERE n.nspname = ? AND lower(name) = ANY(?::text[])",
            (schema, [name.lower() for name in names]),
        )
        return dict(found)

    def current_database(self) -> str:
        """Return the name of the database that is written to."""
        ((database,),) = self.rows("SELECT current_database()")
        return str(database)

    def current_schema(self) -> str:
        """Return the schema in which names without one are created."""
        ((schema,),) = self.rows("SELECT coalesce(current_schema(), 'public')")
        return str(schema)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or roll it back on any exception; inside another, join it.

        The isolation is serializable: of two sessions that change the same thing, one gets a `ConflictError`.

        Raises
        ------
        ConflictError
            Another session changed the same thing at the same time; nothing was written.
        RegistryError
            The caller has a transaction open on this connection.
        """
        if self._depth:
            yield
            return
        if self._native.info.transaction_status != TransactionStatus.IDLE and not self._native.closed:
            raise RegistryError(
                "a transaction is open on this connection already: commit it or roll it back, then run it again"
            )
        self._run("BEGIN ISOLATION LEVEL SERIALIZABLE")
        self._depth = 1
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            # A commit that failed, and a connection that broke, have rolled back already.
            with suppress(psycopg.Error):
                self._native.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    @contextmanager
    def _statements(self) -> Iterator[None]:
        """Do several statements as one: in the caller's transaction, where there is one."""
        if self._native.info.transaction_status == TransactionStatus.INTRANS:
            yield
        else:
            with self.transaction():
                yield

    def close(self) -> None:
        """Close the connection, unless the caller owns it."""
        if self._owned:
            self._native.close()

    def __enter__(self) -> PostgresConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _numbered(text: str) -> str:
    """Return a statement with ``$1``, ``$2`` for its question marks; those in literals and names stay."""
    count = 0

    def number(match: re.Match[str]) -> str:
        nonlocal count
        if match[1] is None:
            return match[0]
        count += 1
        return f"${count}"

    return _PLACEHOLDER.sub(number, text)
