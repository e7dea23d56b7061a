"""The engines that tests run SQL on: a session is opened when a test needs it, and lasts as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from sqlops.dialects import Dialect
from sqlops.warehouses.duckdb import open_duckdb
from sqlops.warehouses.postgres import open_postgres
from sqlops.warehouses.spark import SparkConnection
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


def _postgres() -> Session:
    return open_postgres(postgres.url())


def _spark() -> Session:
    return SparkConnection(spark.session())


_OPEN: Mapping[str, Callable[[], Session]] = {"duckdb": _duckdb, "postgres": _postgres, "spark": _spark}

SESSIONS = tuple(_OPEN)
"""The names of the engines, which are those of their dialects."""


@cache
def session(name: str) -> Session:
    """Return the session of an engine."""
    return _OPEN[name]()
