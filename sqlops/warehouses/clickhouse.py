"""ClickHouse: a server, or the engine in this process, both by the client of clickhouse-connect."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import clickhouse_connect
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from sqlglot import exp

from sqlops.dialects.base import Dialect
from sqlops.dialects.clickhouse import CLICKHOUSE
from sqlops.errors import ConnectionFailedError, QueryError, SchemaError, SourceError, SqlopsError
from sqlops.warehouses.base import Relation, Row, Statement, around_marks, as_table, render, statements_of

SETTINGS: Mapping[str, int | str] = {
    "max_query_size": 2**40,
    "max_parser_depth": 100_000,
    "max_parser_backtracks": 2**40,
    "max_ast_depth": 100_000,
    "max_ast_elements": 2**40,
    "max_expanded_ast_elements": 2**40,
    "max_subquery_depth": 10_000,
    "compile_expressions": 0,
    "short_circuit_function_evaluation": "disable",
    "join_use_nulls": 1,
    "prefer_column_name_to_alias": 1,
}
"""What a session sets: models are long queries of many stages.

Compiling expressions took 36 s for 200 trees. Working out which branches need not be evaluated takes 1.8 s for 9 stages
with 60 CASE among them, for each query, and 50 ms without; no function that a dialect spells fails in a branch that is
not taken. As on other engines, outer joins give NULL for what they do not find, and names are
those of columns before they are aliases.
"""

_READ_ONLY = 2
"""Other settings may still be set, which every statement brings along."""

_SCALARS: Mapping[pa.DataType, str] = {
    pa.float64(): "Float64",
    pa.float32(): "Float32",
    pa.bool_(): "Bool",
    pa.string(): "String",
    pa.large_string(): "String",
    pa.string_view(): "String",
    pa.binary(): "String",
    pa.large_binary(): "String",
    pa.date32(): "Date32",
    pa.null(): "String",
    **{getattr(pa, name.lower())(): name for name in ("Int8", "Int16", "Int32", "Int64")},
    **{getattr(pa, name.lower())(): name for name in ("UInt8", "UInt16", "UInt32", "UInt64")},
}
_CLOSED = re.compile("closed|connect|refused|authentication", re.IGNORECASE)


def open_clickhouse(url: str, *, read_only: bool = False) -> ClickHouseConnection:
    """Open a session with a server, or with the engine in this process.

    Parameters
    ----------
    url : str
        ``clickhouse://user:password@host:port/database`` (or ``clickhouses://`` for TLS) for a server;
        ``chdb://memory`` or ``chdb:///path`` for this process, which can hold one path at a time.
    read_only : bool
        Refuse what writes, by the setting of that name.

    Returns
    -------
    ClickHouseConnection

    Raises
    ------
    ConnectionFailedError
        The server cannot be reached or refuses the user, or the path cannot be opened.
    """
    try:
        connection = ClickHouseConnection(clickhouse_connect.get_client(dsn=url), owned=True)
        if read_only:
            connection.refuse_writing()
        return connection
    except ClickHouseError as error:
        shown = re.sub(r"//[^@/]*@", "//", url)
        raise ConnectionFailedError(f"cannot open '{shown}': {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0].strip()


def _translate(error: ClickHouseError) -> SqlopsError:
    line = _first_line(error)
    if not line.startswith("Code:") and _CLOSED.search(line):
        return ConnectionFailedError(f"the connection is closed or broken: connect again ({line})")
    return QueryError(f"ClickHouse refuses the statement: {line}")


class ClickHouseConnection:
    """A session with ClickHouse; its databases are what other engines call schemas.

    Parameters
    ----------
    client : clickhouse_connect.driver.client.Client
        Of a server or of the engine in this process; its settings are raised to what long queries need.
    owned : bool
        Whether `close` closes it.
    """

    dialect: Dialect = CLICKHOUSE
    recording = False

    def __init__(self, client: Client, *, owned: bool = False) -> None:
        self._client = client
        self._owned = owned
        for name, value in SETTINGS.items():
            client.set_client_setting(name, value)
        if not client.database:
            client.database = self.current_schema()

    def refuse_writing(self) -> None:
        """Let the server refuse what writes, from now on."""
        self._client.set_client_setting("readonly", _READ_ONLY)

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""
        text = self._text(sql, parameters)
        try:
            self._client.command(text)
        except ClickHouseError as error:
            raise _translate(error) from error

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query; a String that is no UTF-8 is bytes."""
        table = self.arrow(sql, parameters)
        return list(zip(*map(_listed, table.columns), strict=True))

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        frame: pd.DataFrame = self.arrow(sql, parameters).to_pandas()
        return frame

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table."""
        text = self._text(sql, parameters)
        try:
            answer = self._client.raw_query(text, fmt="ArrowStream")
        except ClickHouseError as error:
            raise _translate(error) from error
        return pa.ipc.open_stream(answer).read_all()

    def _text(self, sql: Statement, parameters: Sequence[Any]) -> str:
        """Return a statement with literals for its question marks."""
        text = render(sql, self.dialect)
        if not parameters:
            return text
        first, *rest = around_marks(text, len(parameters), self.dialect)
        pairs = zip(parameters, rest, strict=True)
        return first + "".join(f"{literal(value, self.dialect)}{part}" for value, part in pairs)

    def script(self, sql: str, schema: str) -> None:
        """Run plain statements that name their relations without a schema, in a schema."""
        before, self._client.database = self._client.database, schema
        try:
            for statement in statements_of(sql, self.dialect):
                self.execute(statement)
        finally:
            self._client.database = before

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data.

        Raises
        ------
        SchemaError
            Columns have types that ClickHouse does not have; all are named.
        """
        target = render(as_table(name, self.dialect), self.dialect)
        table = table.cast(_without_dictionaries(table.schema))
        types = {column: _type_of(table[column], may_be_null=True) for column in table.column_names}
        faults = [f"column '{column}' is {table[column].type}" for column, type_ in types.items() if type_ is None]
        if faults:
            raise SchemaError(target, faults, "cast it to a type that ClickHouse has")
        columns = ", ".join(f"{self.dialect.identifier(column)} {type_}" for column, type_ in types.items())
        kind, engine = ("TEMPORARY TABLE", "Memory") if temporary else ("TABLE", "MergeTree ORDER BY tuple()")
        self.execute(f"CREATE {kind} {target} ({columns}) ENGINE = {engine}")
        block = io.BytesIO()
        with pa.ipc.new_stream(block, table.schema) as writer:
            writer.write_table(table)
        try:
            self._client.raw_insert(target, insert_block=block.getvalue(), fmt="ArrowStream")
        except ClickHouseError as error:
            raise _translate(error) from error

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, with its database unless it is temporary, or None.

        Raises
        ------
        SourceError
            This is no name of a relation.
        """
        *outer, name = [part.name for part in as_table(relation, self.dialect).parts]
        if len(outer) > 1:
            raise SourceError(f"'{relation}' has more parts than database.table")
        places = outer or ["", self.current_schema()]
        found = self.rows("SELECT database FROM system.tables WHERE name = ?", (name,))
        for place in places:
            if (place,) in found:
                return exp.table_(name, db=place or None, quoted=True)
        return None

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return the columns of a relation and ClickHouse's names of their types; None where there is none."""
        place = self.locate(relation)
        if place is None:
            return None
        described = self.rows(
            "SELECT name, type FROM system.columns WHERE database = ? AND table = ? ORDER BY position",
            (place.db, place.name),
        )
        return dict(described)

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view, function.

        Functions belong to no schema: those count that have its name before theirs.
        """
        found = self.rows(
            "SELECT name, if(endsWith(engine, 'View'), 'view', 'table') AS kind FROM system.tables WHERE database = ?"
            " UNION ALL SELECT substring(name, length(?) + 1), 'function' FROM system.functions"
            " WHERE origin = 'SQLUserDefined' AND startsWith(name, ?)",
            (schema, f"{schema}_", f"{schema}_"),
        )
        wanted = {name.lower() for name in names}
        return {name: kind for name, kind in found if name.lower() in wanted}

    def current_database(self) -> str:
        """Return the name of the server: what is above its databases, which are the schemas."""
        ((name,),) = self.rows("SELECT hostName()")
        return str(name)

    def current_schema(self) -> str:
        """Return the database in which names without one are created."""
        ((name,),) = self.rows("SELECT currentDatabase()")
        return str(name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do nothing: ClickHouse has no transactions, and what ran before an exception stays."""
        yield

    def close(self) -> None:
        """Close the connection, unless the caller owns it."""
        if self._owned:
            self._client.close()

    def __enter__(self) -> ClickHouseConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _listed(values: pa.ChunkedArray) -> list[Any]:
    try:
        listed: list[Any] = values.to_pylist()
    except UnicodeDecodeError:
        listed = values.cast(pa.binary()).to_pylist()
    return listed


def _without_dictionaries(schema: pa.Schema) -> pa.Schema:
    plain = (field.type.value_type if pa.types.is_dictionary(field.type) else field.type for field in schema)
    return pa.schema([field.with_type(type_) for field, type_ in zip(schema, plain, strict=True)])


def _type_of(values: pa.ChunkedArray, *, may_be_null: bool = False) -> str | None:
    """Return the type of a column for Arrow values, or None; what is in arrays is Nullable only where there is NULL."""
    type_ = values.type
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        inner = _type_of(pc.list_flatten(values))
        return inner and f"Array({inner})"
    if pa.types.is_struct(type_):
        types = [_type_of(pc.struct_field(values, number)) for number in range(type_.num_fields)]
        names = (CLICKHOUSE.identifier(field.name) for field in type_)
        fields = ", ".join(f"{name} {inner}" for name, inner in zip(names, types, strict=True))
        return None if None in types else f"Tuple({fields})"
    if pa.types.is_timestamp(type_):
        plain: str | None = f"DateTime64(6, '{type_.tz}')" if type_.tz else "DateTime64(6)"
    elif pa.types.is_decimal(type_):
        plain = f"Decimal({type_.precision}, {type_.scale})"
    else:
        plain = _SCALARS.get(type_)
    return plain and (CLICKHOUSE.nullable.format(plain) if may_be_null or values.null_count else plain)


def literal(value: Any, dialect: Dialect) -> str:
    """Return a Python value as a literal.

    Raises
    ------
    QueryError
        The value is of a type that has none.
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return dialect.literal(value, "boolean")
        case int():
            return str(value)
        case float():
            return dialect.double(value)
        case str():
            return dialect.text(value)
        case bytes():
            return f"unhex('{value.hex()}')"
        case Decimal():
            return dialect.text(str(value))
        case datetime():
            zone = ", 'UTC'" if value.tzinfo else ""
            plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return f"toDateTime64({dialect.text(plain.isoformat(sep=' '))}, 6{zone})"
        case date():
            return f"toDate32({dialect.text(value.isoformat())})"
        case list() | tuple():
            return f"[{', '.join(literal(item, dialect) for item in value)}]"
    raise QueryError(f"a value of type {type(value).__name__} cannot be a parameter")
