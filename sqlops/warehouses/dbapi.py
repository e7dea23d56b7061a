"""Any engine whose driver follows Python's database API (PEP 249), by nothing but SQL.

What the engine has is asked of its catalog, by queries of the dialect. Data is inserted as literals, a few hundred rows
in a statement; only bytes travel as parameters, in the style of the driver.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from itertools import repeat
from typing import Any

import pandas as pd
import pyarrow as pa
from sqlglot import exp

from sqlops import emit
from sqlops.dialects.base import Dialect
from sqlops.dialects.catalog import Catalog
from sqlops.errors import ConnectionFailedError, QueryError, RegistryError, SchemaError, SourceError, SqlopsError
from sqlops.ir.nodes import ValueType
from sqlops.schema import LogicalType
from sqlops.warehouses.base import Relation, Row, Statement, around_marks, as_table, render

TEXT_AT_ONCE = 200_000
"""How many characters the rows of one INSERT have, unless a single row has more."""

ROWS_AT_ONCE = 10_000
"""How many rows it has."""

_PERCENT = ("format", "pyformat")
"""The styles of parameters that begin with a percent sign."""

_SECRET = re.compile(r"(?<=://)([^/@\s]*):[^/@\s]*@")


class DBAPIConnection:
    """A session by a live connection of a driver.

    Parameters
    ----------
    native : object
        The driver's connection; it stays open when this is closed.
    dialect : Dialect

    Raises
    ------
    ConnectionFailedError
        The object is no such connection, or sqlops does not know how the engine's catalog is asked.
    """

    recording = False

    def __init__(self, native: Any, dialect: Dialect) -> None:
        if not callable(getattr(native, "cursor", None)) or None in (
            _of_driver(native, "paramstyle"),
            _of_driver(native, "Error"),
        ):
            raise ConnectionFailedError(
                f"a {type(native).__name__} is no connection of Python's database API (PEP 249): it has no cursor(), or"
                " its module says no paramstyle or Error"
            )
        if dialect.catalog is None:
            raise ConnectionFailedError(
                f"sqlops does not connect to {dialect.name} in this way: write the SQL of models with"
                f" model.sql('{dialect.name}', …)"
            )
        if dialect.keeps_view_columns and getattr(native, "autocommit", None) is True:
            raise ConnectionFailedError(
                f"{dialect.name} replaces a view by dropping it, which no reader must see: open the connection without"
                " autocommit"
            )
        self.dialect = dialect
        self._native = native
        self._catalog: Catalog = dialect.catalog
        self._style: str = _of_driver(native, "paramstyle")
        self._error: type[Exception] = _of_driver(native, "Error")
        self._depth = 0

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""
        self._run(sql, parameters)
        if not self._depth:
            self._commit()

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        found = self._fetched(sql, parameters)[1]
        if not self._depth:
            self._commit()
        return found

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        frame: pd.DataFrame = self.arrow(sql, parameters).to_pandas()
        return frame

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table, its types those of the values."""
        names, rows = self._fetched(sql, parameters)
        columns = zip(*rows, strict=True) if rows else ((),) * len(names)
        return pa.table([pa.array(list(map(_plain, values))) for values in columns], names=names)

    def _fetched(self, sql: Statement, parameters: Sequence[Any]) -> tuple[list[str], list[Row]]:
        cursor = self._run(sql, parameters)
        try:
            names = [self.dialect.unfolded(column[0]) for column in cursor.description or ()]
            return names, [tuple(row) for row in cursor.fetchall()]
        except self._error as error:
            raise self._translated(error) from error

    def _run(self, sql: Statement, parameters: Sequence[Any]) -> Any:
        text = render(sql, self.dialect)
        given: list[Any] = [text]
        if parameters:
            given = [*_bound(text, list(parameters), self._style, self.dialect)]
        elif self._catalog.doubles_percent and self._style in _PERCENT:
            given = [text.replace("%", "%%")]
        try:
            cursor = self._native.cursor()
            cursor.execute(*given)
        except self._error as error:
            raise self._translated(error) from error
        return cursor

    def _translated(self, error: Exception) -> SqlopsError:
        line = _SECRET.sub(r"\1:***@", str(error).strip().split("\n", 1)[0])
        kinds = [kind for name in ("InterfaceError", "OperationalError") if (kind := _of_driver(self._native, name))]
        if isinstance(error, tuple(kinds)) and getattr(self._native, "closed", False):
            return ConnectionFailedError(f"the connection is closed or broken: connect again ({line})")
        return QueryError(f"{self.dialect.name} refuses the statement: {line}")

    def _commit(self) -> None:
        if getattr(self._native, "autocommit", None) is not True and hasattr(self._native, "commit"):
            try:
                self._native.commit()
            except self._error as error:
                raise self._translated(error) from error

    def script(self, sql: str, schema: str) -> None:
        """Refuse scripts: none is written for engines of this kind.

        Raises
        ------
        RegistryError
        """
        raise RegistryError(f"models cannot be registered on {self.dialect.name} by a connection of this kind")

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data, and insert its rows as literals.

        Raises
        ------
        SchemaError
            Columns have types of which there are no literals; all are named.
        """
        target = as_table(name, self.dialect)
        kinds = {field.name: _type_of(field.type) for field in table.schema}
        faults = [f"column '{column}' is {table[column].type}" for column, kind in kinds.items() if kind is None]
        if faults:
            raise SchemaError(render(target, self.dialect), faults, "cast it to numbers, texts, booleans or timestamps")
        columns = [
            exp.ColumnDef(
                this=exp.to_identifier(column, quoted=True), kind=emit.raw(self.dialect.types[kind or "text"])
            )
            for column, kind in kinds.items()
        ]
        create = exp.Create(
            this=exp.Schema(this=target, expressions=columns),
            kind="TABLE",
            properties=exp.Properties(expressions=[exp.TemporaryProperty()]) if temporary else None,
        )
        self.execute(render(create, self.dialect) + self.dialect.table_words)
        for rows in _portions(map(self._row, repeat(list(kinds.values())), _rows_of(table))):
            self.execute(exp.Insert(this=target.copy(), expression=exp.Values(expressions=list(map(emit.raw, rows)))))

    def _row(self, kinds: Sequence[ValueType | LogicalType | None], values: Sequence[Any]) -> str:
        literals = (self._literal(value, kind or "text") for kind, value in zip(kinds, values, strict=True))
        return f"({', '.join(literals)})"

    def _literal(self, value: Any, kind: ValueType | LogicalType) -> str:
        if value is None:
            return "NULL"
        if isinstance(kind, LogicalType):
            return self.dialect.timestamp(pd.Timestamp(value).isoformat(sep=" "))
        return self.dialect.literal(value, kind)

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, with its schema, or None; a name of the same case goes first.

        Raises
        ------
        SourceError
            This is no name of a relation.
        """
        *outer, name = [part.name for part in as_table(relation, self.dialect).parts]
        if len(outer) > 1:
            raise SourceError(f"'{relation}' has more parts than schema.table")
        schema = outer[0] if outer else self.current_schema()
        found = self._asked(self._catalog.relations, schema, [name])
        exact = [row for row in found if row[:2] == (schema, name)]
        chosen = next(iter(exact or found), None)
        return exp.table_(chosen[1], db=chosen[0], quoted=True) if chosen else None

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return the columns of a relation and the engine's names of their types; None where there is none."""
        place = self.locate(relation)
        if place is None:
            return None
        schema, name = (self.dialect.text(self.dialect.folded(part)) for part in (place.db, place.name))
        rows = self.rows(
            self._catalog.columns.format(self.dialect.identifier(place.db), schema, name, self._catalog.type)
        )
        described = {self.dialect.unfolded(column): type_.upper() for column, type_ in rows}
        return {column: self._catalog.types.get(type_, type_) for column, type_ in described.items()}

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view."""
        if not names:
            return {}
        found = self._asked(self._catalog.relations, schema, names)
        kinds = {name: "view" if "VIEW" in kind.upper() else "table" for _, name, kind in found}
        if self._catalog.functions is not None:
            kinds |= {name: "function" for _, name in self._asked(self._catalog.functions, schema, names)}
        return kinds

    def _asked(self, query: str, schema: str, names: Sequence[str]) -> list[Row]:
        """Return the rows of a query of the catalog, its names as people write them; none of a schema not there."""
        listed = ", ".join(self.dialect.text(name.lower()) for name in names)
        try:
            rows = self.rows(query.format(self.dialect.identifier(schema), self.dialect.text(schema), listed))
        except QueryError as error:
            if self._catalog.no_schema is None or not re.search(self._catalog.no_schema, str(error)):
                raise
            rows = []
        return [tuple(map(self.dialect.unfolded, row)) for row in rows]

    def current_database(self) -> str:
        """Return the name of the database that is written to."""
        ((name,),) = self.rows(self._catalog.database)
        return self.dialect.unfolded(str(name))

    def current_schema(self) -> str:
        """Return the schema in which names without one are created.

        Raises
        ------
        ConnectionFailedError
            The session has none.
        """
        ((name,),) = self.rows(self._catalog.schema)
        if name is None:
            raise ConnectionFailedError("the session has no schema: choose one when you open the connection")
        return self.dialect.unfolded(str(name))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or roll back what the engine can; inside another, join it."""
        self._depth += 1
        try:
            yield
        except BaseException:
            if self._depth == 1 and hasattr(self._native, "rollback"):
                with suppress(self._error):
                    self._native.rollback()
            raise
        else:
            if self._depth == 1:
                self._commit()
        finally:
            self._depth -= 1

    def close(self) -> None:
        """Do nothing: the connection belongs to the caller."""

    def __enter__(self) -> DBAPIConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _of_driver(native: Any, name: str) -> Any:
    """Return what the module of a driver defines: that of a connection's class, or one around it; None if none does."""
    if isinstance(getattr(native, name, None), type):
        return getattr(native, name)
    for class_ in type(native).__mro__:
        module = class_.__module__
        while module:
            if hasattr(sys.modules.get(module), name):
                return getattr(sys.modules[module], name)
            module = module.rpartition(".")[0]
    return None


def _bound(text: str, values: list[Any], style: str, dialect: Dialect) -> tuple[str, Any]:
    """Return a statement and its parameters as a driver takes them, of one with question marks."""
    spelled = {
        "qmark": "?",
        "numeric": ":{0}",
        "named": ":p{0}",
        "format": "%s",
        "pyformat": "%(p{0})s",
    }[style]
    parts = around_marks(text, len(values), dialect)
    if style in _PERCENT:
        parts = [part.replace("%", "%%") for part in parts]
    bound = parts[0] + "".join(f"{spelled.format(number)}{part}" for number, part in enumerate(parts[1:], start=1))
    named = {f"p{number}": value for number, value in enumerate(values, start=1)}
    return bound, named if style in ("named", "pyformat") else values


def _rows_of(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for batch in table.to_batches(ROWS_AT_ONCE):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _portions(rows: Iterable[str]) -> Iterator[list[str]]:
    """Return as many rows at a time as one statement takes."""
    portion, size = list[str](), 0
    for row in rows:
        if portion and (size + len(row) > TEXT_AT_ONCE or len(portion) == ROWS_AT_ONCE):
            yield portion
            portion, size = [], 0
        portion.append(row)
        size += len(row)
    if portion:
        yield portion


def _type_of(type_: pa.DataType) -> ValueType | LogicalType | None:
    """Return the dialects' name of the type of Arrow values, or None."""
    if pa.types.is_dictionary(type_):
        return _type_of(type_.value_type)
    if pa.types.is_boolean(type_):
        return "boolean"
    if pa.types.is_integer(type_):
        return "bigint"
    if pa.types.is_floating(type_):
        return "double"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_):
        return "text"
    if pa.types.is_timestamp(type_) and type_.tz is None:
        return LogicalType.DATETIME
    return None


def _plain(value: Any) -> Any:
    """Return a value of a driver as Arrow takes it: whole numbers and doubles are not decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return bytes(value) if isinstance(value, bytearray | memoryview) else value
