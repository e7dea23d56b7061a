"""The registry where rows do not change: each table is a log, and a view of its newest entries has the table's name.

An engine needs no more for it than CREATE TABLE, INSERT and CREATE OR REPLACE VIEW. Entries are numbered by the clock,
and never below what is there: `Clock` keeps that for a process, `after` for what other machines have written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import cache

import sqlglot
from sqlglot import exp

from sqlops import emit
from sqlops.assets import sql_files
from sqlops.dialects.base import Dialect
from sqlops.schema import LogicalType

DIRECTORY = "log"
"""Where its migrations are, in `sql/`."""

_GRAMMAR = "duckdb"
_SUFFIX = "_log"
_TYPES = {
    exp.DataType.Type.INT: "int32",
    exp.DataType.Type.BIGINT: "bigint",
    exp.DataType.Type.DOUBLE: "double",
    exp.DataType.Type.VARCHAR: "text",
    exp.DataType.Type.TEXT: "text",
    exp.DataType.Type.BOOLEAN: "boolean",
    exp.DataType.Type.TIMESTAMPNTZ: LogicalType.DATETIME,
    exp.DataType.Type.VARBINARY: "binary",
}


class Clock:
    """The numbers of entries: nanoseconds, each greater than the last."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        """Return the number of a new entry."""
        self.last = max(time.time_ns(), self.last + 1)
        return self.last

    def after(self, entry: int) -> None:
        """Let all numbers to come be greater than an entry's."""
        self.last = max(self.last, entry)


CLOCK = Clock()


def log_of(table: str) -> str:
    """Return the name of the log that holds a table's rows."""
    return f"{table}{_SUFFIX}"


def statements(sql: str, dialect: Dialect, schema: str) -> Iterator[str]:
    """Return the statements of a migration as an engine takes them, in a schema."""
    for parsed in sqlglot.parse(sql, dialect=_GRAMMAR):
        assert isinstance(parsed, exp.Create)
        statement = parsed.transform(_placed, dialect, schema)
        for column in statement.find_all(exp.ColumnDef):
            type_ = dialect.types[_TYPES[column.args["kind"].this]]
            column.set("kind", emit.raw(type_ if column.args.get("constraints") else dialect.nullable.format(type_)))
            column.set("constraints", [])
        text = emit.render(statement, dialect)
        yield text + dialect.table_words if parsed.kind == "TABLE" else text


def _placed(node: exp.Expr, dialect: Dialect, schema: str) -> exp.Expr:
    return dialect.table(schema, node.name) if isinstance(node, exp.Table) else node


@cache
def columns() -> dict[str, tuple[str, ...]]:
    """Return the columns of each table, without those that only its log has."""
    found = {}
    for path in sql_files(DIRECTORY):
        for parsed in sqlglot.parse(path.read_text(encoding="utf-8"), dialect=_GRAMMAR):
            if isinstance(parsed, exp.Create) and parsed.kind == "TABLE":
                names = [column.name for column in parsed.find_all(exp.ColumnDef)]
                found[parsed.this.this.name.removesuffix(_SUFFIX)] = tuple(names[:-2])
    return found
