"""What the registry and monitoring need from a connection, and a connection that only writes down what it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
from sqlglot import TokenType, exp, tokenize

from sqlops import emit
from sqlops.dialects.base import Dialect
from sqlops.errors import QueryError

Statement = str | exp.Expr
Relation = str | exp.Table
Row = tuple[Any, ...]

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*")


class Connection(Protocol):
    """A session with a warehouse.

    `execute`, `script` and `load` write; `rows`, `frame`, `arrow` and the rest read. A dry run relies on that.
    """

    @property
    def dialect(self) -> Dialect:
        """How the engine spells SQL."""

    @property
    def recording(self) -> bool:
        """Whether statements are only written down."""

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""

    def script(self, sql: str, schema: str) -> None:
        """Run plain statements that name their relations without a schema, in a schema."""

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data."""

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table."""

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, or None; raises SourceError for what is no name of a relation."""

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return a relation's columns and the engine's names of their types; None where there is no such relation."""

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view, function."""

    def current_database(self) -> str:
        """Return the name of the database that is written to."""

    def current_schema(self) -> str:
        """Return the schema in which names without one are created."""

    def transaction(self) -> AbstractContextManager[None]:
        """Commit what is done inside, or roll it back on any exception; inside another, join it."""

    def close(self) -> None:
        """Close what was opened."""


def render(sql: Statement, dialect: Dialect) -> str:
    """Return a statement as text; what the dialect cannot say is an error, never left out."""
    if isinstance(sql, str):
        return sql
    return emit.render(sql, dialect)


def as_table(relation: Relation, dialect: Dialect) -> exp.Table:
    """Return a dotted name as a table, each part quoted.

    Raises
    ------
    SourceError
        It is no such name.
    """
    return emit.table(relation, dialect) if isinstance(relation, str) else relation


@dataclass
class Recording:
    """A connection that reads, and writes down what it would write.

    Parameters
    ----------
    connection : Connection
        Where it reads.
    """

    connection: Connection
    statements: list[str] = field(default_factory=list)
    recording: bool = True
    _depth: int = 0

    @property
    def dialect(self) -> Dialect:
        """How the engine spells SQL."""
        return self.connection.dialect

    @property
    def text(self) -> str:
        """All statements, as a script."""
        return "\n\n".join(self.statements)

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Write a statement down; its parameters are described, not shown, where they are bytes."""
        text = f"{render(sql, self.dialect)};"
        if parameters:
            text += f"\n-- with the parameters: {', '.join(map(_describe, parameters))}"
        self.statements.append(text)

    def script(self, sql: str, schema: str) -> None:
        """Write a script down."""
        self.statements.append(f"USE {self.dialect.identifier(schema)};\n\n{sql.strip()}\n\nRESET search_path;")

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Write down that a table is created; its rows are counted, not shown."""
        kind = "TEMPORARY TABLE" if temporary else "TABLE"
        target = render(as_table(name, self.dialect), self.dialect)
        columns = ", ".join(self.dialect.identifier(column) for column in table.column_names)
        self.statements.append(f"CREATE {kind} {target} ({columns});\n-- from Arrow, {table.num_rows} rows")

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        return self.connection.rows(sql, parameters)

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        return self.connection.frame(sql, parameters)

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table."""
        return self.connection.arrow(sql, parameters)

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, or None."""
        return self.connection.locate(relation)

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return the columns of a relation and their types, or None."""
        return self.connection.columns(relation)

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, and what they are."""
        return self.connection.named(schema, names)

    def current_database(self) -> str:
        """Return the name of the database that is written to."""
        return self.connection.current_database()

    def current_schema(self) -> str:
        """Return the schema in which names without one are created."""
        return self.connection.current_schema()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write down where a transaction begins and ends, on engines that have them."""
        is_outermost = self._depth == 0 and self.dialect.transactional
        if is_outermost:
            self.statements.append("BEGIN TRANSACTION;")
        self._depth += 1
        yield
        self._depth -= 1
        if is_outermost:
            self.statements.append("COMMIT;")

    def close(self) -> None:
        """Do nothing: the connection belongs to another."""


def _describe(value: Any) -> str:
    return f"{len(value):,} bytes" if isinstance(value, bytes) else repr(value)


def dotted(place: exp.Table, dialect: Dialect) -> str:
    """Return a relation's name as people write it: parts are quoted only where they must be."""
    plain = ".".join(part.name for part in place.parts)
    if _PLAIN.fullmatch(plain) and exp.to_table(plain, dialect=dialect.grammar).parts == [
        exp.to_identifier(part.name) for part in place.parts
    ]:
        return plain
    return str(place.sql(dialect=dialect.grammar, identify=True))


def statements_of(script: str, dialect: Dialect) -> Iterator[str]:
    """Return the statements of a script."""
    start = 0
    for token in tokenize(script, dialect=dialect.grammar):
        if token.token_type is TokenType.SEMICOLON:
            yield script[start : token.start]
            start = token.end + 1
    if tokenize(script[start:], dialect=dialect.grammar):
        yield script[start:]


def around_marks(text: str, n_values: int, dialect: Dialect) -> list[str]:
    """Return what is before, between and after the question marks of a statement.

    Raises
    ------
    QueryError
        There are more or fewer of them than values.
    """
    marks = [token for token in tokenize(text, dialect=dialect.grammar) if token.token_type is TokenType.PLACEHOLDER]
    if len(marks) != n_values:
        raise QueryError(f"the statement has {len(marks)} question marks, and {n_values} values are given")
    starts, ends = [0, *(mark.end + 1 for mark in marks)], [*(mark.start for mark in marks), len(text)]
    return [text[start:end] for start, end in zip(starts, ends, strict=True)]
