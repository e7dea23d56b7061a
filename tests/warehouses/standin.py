"""A driver of an engine that is not here: it takes the engine's SQL, writes it down, and lets DuckDB answer.

Statements are parsed as the engine would, with its rules for names that are not quoted, and translated. What cannot be
parsed or translated fails, as does what DuckDB cannot bind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from sqlops.dialects import get_dialect

paramstyle = "pyformat"
Error = duckdb.Error


@dataclass(frozen=True)
class Engine:
    """What DuckDB does otherwise.

    Parameters
    ----------
    shown : mapping of str to str
        What the engine's catalog calls DuckDB's types.
    functions : tuple of str
        Functions that DuckDB does not have, as the rest of CREATE MACRO.
    variables : mapping of str to str
        What the engine's variables are, in DuckDB's SQL.
    doubles_percent : bool
        Whether its driver takes two percent signs for one in every statement.
    reserved : frozenset of str
        Words that are no names without quotes.
    keeps_views : bool
        Whether a view may only be replaced by one of the same columns; what drops it is then part of a transaction.
    """

    shown: Mapping[str, str]
    functions: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    doubles_percent: bool = False
    keeps_views: bool = False
    reserved: frozenset[str] = frozenset()


_RESERVED_BY_MYSQL = frozenset(
    [
        *("EMPTY", "EXCEPT", "FUNCTION", "GROUPING", "GROUPS", "KEY", "KEYS", "LAG", "LATERAL", "LEAD", "LIBRARY"),
        *("MANUAL", "OF", "OVER", "PARALLEL", "RANK", "RECURSIVE", "ROW", "ROWS", "SYSTEM", "VALUES", "WINDOW"),
    ]
)


ENGINES: Mapping[str, Engine] = {
    "snowflake": Engine(
        {
            "DOUBLE": "FLOAT",
            "BIGINT": "NUMBER",
            "INTEGER": "NUMBER",
            "VARCHAR": "TEXT",
            "TIMESTAMP": "TIMESTAMP_NTZ",
        }
    ),
    "bigquery": Engine(
        {"DOUBLE": "FLOAT64", "BIGINT": "INT64", "VARCHAR": "STRING", "BOOLEAN": "BOOL", "TIMESTAMP": "DATETIME"},
        functions=("ieee_divide(a, b) AS a / b", "safe_multiply(a, b) AS a * b"),
        doubles_percent=True,
        variables={"project_id": "current_database()", "dataset_id": "current_schema()"},
    ),
    "databricks": Engine(
        {"DOUBLE": "double", "BIGINT": "bigint", "INTEGER": "int", "VARCHAR": "string", "TIMESTAMP": "timestamp_ntz"},
        functions=(
            "make_dt_interval(d, h, m, s) AS to_seconds(s)",
            "nanvl(a, b) AS CASE WHEN isnan(a) THEN b ELSE a END",
            "rint(a) AS round_even(a, 0)",
            "xxhash64(a, b, c, d) AS hash(a, b, c, d)",
        ),
    ),
    "redshift": Engine(
        {
            "DOUBLE": "double precision",
            "BIGINT": "bigint",
            "INTEGER": "integer",
            "VARCHAR": "character varying",
            "TIMESTAMP": "timestamp without time zone",
        },
        functions=("fnv_hash(a) AS hash(a)",),
        doubles_percent=True,
        keeps_views=True,
    ),
    "mysql": Engine(
        {
            "DOUBLE": "double",
            "BIGINT": "bigint",
            "INTEGER": "int",
            "TINYINT": "tinyint",
            "VARCHAR": "longtext",
            "TIMESTAMP": "datetime(6)",
        },
        functions=("microsecond_of_second(a) AS microsecond(a) % 1000000",),
        reserved=_RESERVED_BY_MYSQL,
    ),
    "trino": Engine(
        {"DOUBLE": "double", "VARCHAR": "varchar", "TIMESTAMP": "timestamp(6)"},
        functions=("infinity() AS CAST('inf' AS DOUBLE)", "is_nan(a) AS isnan(a)"),
    ),
}


class Connection:
    """A connection to a DuckDB of its own."""

    def __init__(self, grammar: str) -> None:
        self.grammar = grammar
        self.dialect = get_dialect(grammar)
        self.engine = ENGINES[grammar]
        self.native = duckdb.connect(":memory:")
        schema = self.dialect.folded("public")
        self.native.execute(f'CREATE SCHEMA "{schema}"; USE "{schema}"')
        for function in self.engine.functions:
            self.native.execute(f"CREATE MACRO memory.main.{function}")
        self.statements: list[str] = []
        self.autocommit = False
        self._open = False

    def cursor(self) -> Cursor:
        return Cursor(self)

    def check(self, text: str, parameters: Mapping[str, Any]) -> None:
        """Do more with a statement, before it is answered: for tests to define."""

    def begin(self) -> None:
        """Begin a transaction before the first statement of one, where the engine has them."""
        if self.engine.keeps_views and not self._open:
            self.native.begin()
            self._open = True

    def commit(self) -> None:
        """End a transaction."""
        if self._open:
            self.native.commit()
            self._open = False

    def rollback(self) -> None:
        """Undo what a transaction did."""
        if self._open:
            self.native.rollback()
            self._open = False


class Cursor:
    """A cursor, as PEP 249 has it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: Sequence[tuple[Any, ...]] | None = None
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, text: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement; parameters are named ``%(p1)s`` and on."""
        self.connection.statements.append(text)
        self.connection.check(text, parameters or {})
        for name in parameters or {}:
            assert text.count(f"%({name})s") == 1
            text = text.replace(f"%({name})s", "?")
        if parameters or self.connection.engine.doubles_percent:
            assert "%" not in text.replace("%%", ""), text
            text = text.replace("%%", "%")
        (parsed,) = sqlglot.parse(text, dialect=self.connection.grammar, error_level=ErrorLevel.RAISE)
        assert parsed is not None
        # DuckDB takes either case; the engine would look for a quoted name in lower case, which nothing has.
        quoted = [name.name for name in parsed.find_all(exp.Identifier) if name.quoted]
        assert quoted == [self.connection.dialect.folded(name) for name in quoted], text
        plain = {name.name.upper() for name in parsed.find_all(exp.Identifier) if not name.quoted}
        assert not plain & self.connection.engine.reserved, text
        assert self.connection.dialect.temporary_tables or not parsed.find(exp.TemporaryProperty), text
        if isinstance(parsed, exp.Create) and parsed.kind == "FUNCTION":
            parsed = self._macro(parsed)
        if isinstance(parsed, exp.Drop) and parsed.kind == "FUNCTION":
            parsed = exp.Drop(tables=parsed.args["tables"], kind="MACRO", exists=True)
        named = normalize_identifiers(parsed, dialect=self.connection.grammar).transform(self._known)
        translated = named.sql(dialect="duckdb", identify=True, unsupported_level=ErrorLevel.RAISE)
        if self.connection.engine.keeps_views and isinstance(parsed, exp.Create) and parsed.kind == "VIEW":
            self._require_same_columns(named)
        self.connection.begin()
        answer = self.connection.native.execute(translated, list((parameters or {}).values()))
        self.description = answer.description
        self._rows = answer.fetchall()
        if "information_schema" in text.lower():
            shown = self.connection.engine.shown
            self._rows = [tuple(shown.get(value, value) for value in row) for row in self._rows]

    def _known(self, node: exp.Expr) -> exp.Expr:
        """Return a part of a statement as DuckDB knows it."""
        if isinstance(node, exp.SafeFunc):
            return node.this
        if isinstance(node, exp.Parameter) and isinstance(node.this, exp.Parameter):
            return sqlglot.parse_one(self.connection.engine.variables[node.this.name], dialect="duckdb")
        if isinstance(node, exp.Properties):
            # What MySQL says of collations is how DuckDB compares texts.
            told = (exp.CharacterSetProperty, exp.CollateProperty)
            node.set("expressions", [each for each in node.expressions if not isinstance(each, told)])
        if isinstance(node, exp.Collate):
            return node.this.transform(self._known)
        if isinstance(node, exp.DataType) and node.this == exp.DType.CHARACTER_SET:
            return exp.DataType(this=exp.DType.VARCHAR)
        if isinstance(node, exp.Anonymous) and node.name == "MICROSECOND":
            return exp.func("microsecond_of_second", *node.expressions)
        if isinstance(node, exp.DataType) and node.this == exp.DType.VARBINARY:
            return exp.DataType(this=exp.DType.VARBINARY)
        if isinstance(node, exp.Cast) and isinstance(node.to.this, exp.Interval):
            return exp.func("epoch", node.this)
        if isinstance(node, exp.Table) and "information_schema" in f"{node.db}.{node.name}".lower():
            # GoogleSQL has one in each dataset, and its grammar makes one name of two.
            name = node.name.lower().removeprefix("information_schema.")
            if name != node.name.lower():
                if not self._rows_of("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", node.db):
                    raise Error(f"404 Not found: Dataset {node.db} was not found")
                return self._described(name).where(f"table_schema = '{node.db}'").subquery(name)
            return self._described(name).subquery(name)
        if isinstance(node, exp.Column) and node.name.lower() in ("full_data_type", "column_type"):
            return exp.column("data_type")
        return node

    def _described(self, name: str) -> exp.Select:
        if name not in ("functions", "routines"):
            return exp.select("*").from_(f"information_schema.{name}")
        words = ("routine", "function")
        schemas = [f"schema_name AS {word}_schema" for word in (*words, "table")]
        made = exp.select(*schemas, "function_name AS routine_name", "function_name").from_("duckdb_functions()")
        return exp.select("*").from_(made.where("function_type = 'macro' AND NOT internal").subquery())

    def _macro(self, create: exp.Create) -> exp.Create:
        """Return a function as DuckDB has it."""
        body = create.expression
        if isinstance(body, exp.Literal):
            body = sqlglot.parse_one(body.this, dialect=self.connection.grammar)
        names = [parameter.this for parameter in create.this.expressions]
        function = exp.UserDefinedFunction(this=create.this.this, expressions=names, wrapped=True)
        body = body.this if isinstance(body, exp.Return) else body
        return exp.Create(this=function, kind="MACRO", replace=True, expression=body)

    def _rows_of(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.native.execute(sql, list(values)).fetchall()

    def _require_same_columns(self, create: exp.Create) -> None:
        def columns(of: str) -> list[tuple[Any, ...]]:
            return [row[:2] for row in self._rows_of(f"DESCRIBE {of}")]

        view = create.this
        there = "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
        if self._rows_of(there, view.db or "public", view.name):
            have = columns(view.sql(dialect="duckdb", identify=True))
            if have != columns(create.expression.sql(dialect="duckdb", identify=True)):
                raise Error(f"cannot change the columns of view {view.name}")

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows
