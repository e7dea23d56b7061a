"""A warehouse in memory with a watched model in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

import sqlops
from sqlops.monitoring.baseline import freeze
from sqlops.monitoring.run import metrics, monitor
from sqlops.registry.deploy import deploy
from sqlops.registry.versions import register
from sqlops.warehouses.duckdb import DuckDBConnection, open_duckdb

SCHEMA = "sqlops"


@dataclass
class Watched:
    connection: DuckDBConnection

    def table(self, name: str, frame: pd.DataFrame) -> None:
        self.connection.load(name, pa.Table.from_pandas(frame, preserve_index=False), temporary=False)

    def add(
        self,
        estimator: Any,
        X: pd.DataFrame,
        source: pd.DataFrame | None,
        *,
        keys: tuple[str, ...] = ("id",),
        target: Any = None,
        baseline: pd.DataFrame | None = None,
        name: str = "m",
        **compiled: Any,
    ) -> Any:
        """Register, freeze (with ``y`` as target), and deploy over the table ``src``."""
        model = sqlops.compile(estimator, X, name=name, **compiled)
        version = register(self.connection, SCHEMA, model)
        frame = X if baseline is None else baseline
        if target is not None:
            frame = frame.assign(y=target)
        with self.connection.transaction():
            freeze(self.connection, SCHEMA, model, version.number, frame, None if target is None else "y")
        if source is not None:
            self.table("src", source)
            deploy(self.connection, SCHEMA, name, version.number, source="src", keys=list(keys))
        return model

    def monitor(self, name: str = "m", **arguments: Any) -> Any:
        return monitor(self.connection, SCHEMA, name, **({"timestamp": "ts"} | arguments))

    def metrics(self, name: str = "m") -> pd.DataFrame:
        return metrics(self.connection, SCHEMA, name)

    def frame(self, query: str) -> pd.DataFrame:
        return self.connection.frame(query)


@pytest.fixture
def warehouse() -> Iterator[Watched]:
    with open_duckdb(":memory:") as connection:
        yield Watched(connection)


def values(frame: pd.DataFrame, metric: str, column: str | None = None, key: str = "") -> pd.Series:
    """Return the values of a metric by window (and slice value)."""
    chosen = frame[(frame["metric"] == metric) & (frame["slice_key"] == key)]
    if column is not None:
        chosen = chosen[chosen["column_name"] == column]
    index = ["window_start", "slice_value"] if key else ["window_start"]
    return chosen.set_index(index)["value"]


def status(frame: pd.DataFrame, metric: str, column: str | None = None) -> list[str]:
    """Return the statuses of a metric in the order of windows."""
    chosen = frame[(frame["metric"] == metric) & (frame["slice_key"] == "")]
    if column is not None:
        chosen = chosen[chosen["column_name"] == column]
    return chosen.sort_values("window_start")["status"].tolist()
