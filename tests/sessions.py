"""The engines that tests run SQL on: a session is opened when a test needs it, and lasts as long as the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from sqlops.dialects import Dialect
from sqlops.warehouses.duckdb import open_duckdb


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


def _bigquery() -> Session:
    from tests.googlesql import GoogleSqlSession

    return GoogleSqlSession()


_OPEN: Mapping[str, Callable[[], Session]] = {"bigquery": _bigquery, "duckdb": _duckdb}

SESSIONS = tuple(_OPEN)
"""The names of the engines, which are those of their dialects."""


@cache
def session(name: str) -> Session:
    """Return the session of an engine."""
    return _OPEN[name]()
