"""A driver of an engine that is not here: it takes the engine's SQL, writes it down, and lets DuckDB answer.

Statements are parsed as the engine would, with its rules for names that are not quoted, and translated. What cannot be
parsed or translated fails, as does what DuckDB cannot bind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from sqlops.dialects import get_dialect

paramstyle = "pyformat"
Error = duckdb.Error

SHOWN: Mapping[str, Mapping[str, str]] = {
    "snowflake": {
        "DOUBLE": "FLOAT",
        "BIGINT": "NUMBER",
        "INTEGER": "NUMBER",
        "VARCHAR": "TEXT",
        "TIMESTAMP": "TIMESTAMP_NTZ",
    },
}
"""What the catalogs of engines call DuckDB's types."""


class Connection:
    """A connection to a DuckDB of its own."""

    def __init__(self, grammar: str) -> None:
        self.grammar = grammar
        self.dialect = get_dialect(grammar)
        self.native = duckdb.connect(":memory:")
        self.native.execute('CREATE SCHEMA "PUBLIC"; USE "PUBLIC"')
        self.statements: list[str] = []

    def cursor(self) -> Cursor:
        return Cursor(self)

    def commit(self) -> None:
        """Do nothing: each statement is committed."""

    def rollback(self) -> None:
        """Do nothing: there is nothing to roll back."""


class Cursor:
    """A cursor, as PEP 249 has it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: Sequence[tuple[Any, ...]] | None = None
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement; parameters are named ``%(p1)s`` and on."""
        self.connection.statements.append(text)
        for name in parameters or {}:
            assert text.count(f"%({name})s") == 1
            text = text.replace(f"%({name})s", "?")
        if parameters:
            text = text.replace("%%", "%")
        (parsed,) = sqlglot.parse(text, dialect=self.connection.grammar, error_level=ErrorLevel.RAISE)
        assert parsed is not None
        # DuckDB takes either case; the engine would look for a quoted name in lower case, which nothing has.
        quoted = [name.name for name in parsed.find_all(exp.Identifier) if name.quoted]
        assert quoted == [self.connection.dialect.folded(name) for name in quoted], text
        named = normalize_identifiers(parsed, dialect=self.connection.grammar)
        translated = named.sql(dialect="duckdb", identify=True, unsupported_level=ErrorLevel.RAISE)
        answer = self.connection.native.execute(translated, list((parameters or {}).values()))
        self.description = answer.description
        self._rows = answer.fetchall()
        if "information_schema" in text.lower():
            shown = SHOWN[self.connection.grammar]
            self._rows = [tuple(shown.get(value, value) for value in row) for row in self._rows]

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows
