"""The engines that tests run SQL on: a session is opened when a test needs it, and lasts as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import datafusion
import pyarrow as pa
from sqlglot import exp

from sqlops.dialects import Dialect, get_dialect
from sqlops.warehouses.base import render
from sqlops.warehouses.clickhouse import open_clickhouse
from sqlops.warehouses.duckdb import open_duckdb
from sqlops.warehouses.postgres import open_postgres
from sqlops.warehouses.spark import SparkConnection
from sqlops.warehouses.sqlite import open_sqlite
from tests import postgres, spark


class Session(Protocol):
    """What tests of SQL need of an engine: connections of `sqlops.warehouses` have it."""

    @property
    def dialect(self) -> Dialect:
        """How the engine spells SQL."""

    def load(self, name: str, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table."""

    def execute(self, sql: str | exp.Expr, parameters: Sequence[Any] = ()) -> None:
        """Run a statement."""

    def arrow(self, sql: str | exp.Expr, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query."""


def _duckdb() -> Session:
    return open_duckdb(":memory:")


class _DataFusion:
    """An in-process DataFusion; small batches, as lambdas copy the lists that they read for each element."""

    dialect = get_dialect("datafusion")

    def __init__(self) -> None:
        self.context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(1))
        parser = {"dialect": "'duckdb'", "recursion_limit": "2000", "map_string_types_to_utf8view": "false"}
        for option, value in parser.items():
            self.execute(f"SET datafusion.sql_parser.{option} = {value}")

    def load(self, name: str, table: pa.Table, *, temporary: bool = True) -> None:
        self.context.register_record_batches(name, [table.to_batches(max_chunksize=256)])

    def execute(self, sql: str | exp.Expr, parameters: Sequence[Any] = ()) -> None:
        self.context.sql(render(sql, self.dialect)).collect()

    def arrow(self, sql: str | exp.Expr, parameters: Sequence[Any] = ()) -> pa.Table:
        found: pa.Table = self.context.sql(render(sql, self.dialect)).to_arrow_table()
        # Arrow cannot sort views of text.
        fields = [
            field.with_type(pa.string()) if pa.types.is_string_view(field.type) else field for field in found.schema
        ]
        return found.cast(pa.schema(fields))


def _postgres() -> Session:
    return open_postgres(postgres.url())


def _spark() -> Session:
    return SparkConnection(spark.session())


def _bigquery() -> Session:
    from tests.googlesql import GoogleSqlSession

    return GoogleSqlSession()


def _sqlite() -> Session:
    return open_sqlite(":memory:")


def _clickhouse() -> Session:
    opened = open_clickhouse("chdb://memory")
    opened.execute("SET max_threads = 1")  # what tests score is small
    return opened


_OPEN: Mapping[str, Callable[[], Session]] = {
    "duckdb": _duckdb,
    "postgres": _postgres,
    "sqlite": _sqlite,
    "clickhouse": _clickhouse,
    "datafusion": _DataFusion,
    "spark": _spark,
    "bigquery": _bigquery,
}

SESSIONS = tuple(_OPEN)
"""The names of the engines, which are those of their dialects."""


@cache
def session(name: str) -> Session:
    """Return the session of an engine."""
    return _OPEN[name]()
