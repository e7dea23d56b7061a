"""What forms of tree ensembles cost on Spark: ``python -m tests.bench.spark``, from which its `TreeCosts` are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

import sqlops
from sqlops import emit
from sqlops.errors import UnsupportedOptionError
from sqlops.lowering import STRATEGIES, lower
from sqlops.warehouses.spark import SparkConnection
from tests import spark

ROWS, COLUMNS, FITTED = 20_000, 20, 5_000
LONGEST_CASE = 400_000
"""Up to so many characters a CASE is tried: planning longer ones takes minutes."""


def models(X: pd.DataFrame, y: pd.Series) -> Iterator[tuple[str, Any]]:
    """Return ensembles of several sizes, fitted."""
    X, y = X[:FITTED], y[:FITTED]
    yield "GradientBoosting 20 x depth 3", GradientBoostingRegressor(n_estimators=20, random_state=0).fit(X, y)
    yield "GradientBoosting 100 x depth 3", GradientBoostingRegressor(random_state=0).fit(X, y)
    yield "LightGBM 50 x 31", lightgbm.LGBMRegressor(n_estimators=50, verbose=-1, n_jobs=1).fit(X, y)
    yield "LightGBM 200 x 31", lightgbm.LGBMRegressor(n_estimators=200, verbose=-1, n_jobs=1).fit(X, y)
    yield "RandomForest 100 x depth 8", RandomForestRegressor(100, max_depth=8, random_state=0).fit(X, y)


def seconds(connection: SparkConnection, text: str) -> float:
    """Return the CPU seconds of a query that reads all of its outputs and returns one row."""
    start = _cpu_seconds()
    connection.rows(f"SELECT sum(prediction) FROM ({text})")
    return _cpu_seconds() - start


def _cpu_seconds() -> float:
    """Return what Java has taken so far, in all of its threads."""
    java: Any = spark.session().sparkContext._jvm
    told = Path("/proc", str(java.java.lang.ProcessHandle.current().pid()), "stat").read_text(encoding="ascii")
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print microseconds per row, and seconds of the first run over a few rows, planning and compiling included."""
    generator = np.random.default_rng(0)
    X = pd.DataFrame(generator.normal(size=(ROWS, COLUMNS)), columns=[f"x{number}" for number in range(COLUMNS)])
    y = X["x0"] * X["x1"] + np.sin(X["x2"]) + X["x3"] + generator.normal(size=ROWS)
    connection = SparkConnection(spark.session())
    dialect = connection.dialect
    for name, rows in (("bench_all", ROWS), ("bench_few", 100)):
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.load(name, pa.Table.from_pandas(X[:rows]), temporary=False)
    for name, fitted in models(X, y):
        program = sqlops.compile(fitted, X[:FITTED]).program
        for strategy in STRATEGIES:
            try:
                plan = lower(program, dialect, strategy)
            except UnsupportedOptionError:  # trees of too many leaves for bitmasks
                continue
            few, all_ = (
                emit.render(emit.select(plan, dialect, emit.Source(emit.table(relation, dialect))), dialect)
                for relation in ("bench_few", "bench_all")
            )
            if strategy == "case" and len(all_) > LONGEST_CASE:
                continue
            planned = seconds(connection, few)
            taken = min(seconds(connection, all_) for _ in range(2)) - min(seconds(connection, few) for _ in range(2))
            print(f"{name:32} {strategy:10} {taken / ROWS * 1e6:8.1f} us/row, first {planned:6.2f} s, {len(all_):,}")


if __name__ == "__main__":
    main()
