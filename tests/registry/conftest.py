"""Leads with hostile column names, two models over them, and a warehouse with both registered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.warehouse import Warehouse

AMOUNT, COUNT = 'a b"c', "select"


def make_leads(n_rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({AMOUNT: rng.normal(size=n_rows), COUNT: rng.integers(0, 5, size=n_rows)})


def make_labels(leads: pd.DataFrame) -> pd.Series:
    return (leads.sum(axis=1) > 2).astype(int).rename("converted")


@pytest.fixture(scope="session")
def leads() -> pd.DataFrame:
    return make_leads()


@pytest.fixture(scope="session")
def logistic(leads: pd.DataFrame) -> CompiledModel:
    return sqlops.compile(LogisticRegression().fit(leads, make_labels(leads)), leads, name="lead_score")


@pytest.fixture(scope="session")
def tree(leads: pd.DataFrame) -> CompiledModel:
    fitted = DecisionTreeClassifier(max_depth=4, random_state=0).fit(leads, make_labels(leads))
    return sqlops.compile(fitted, leads, name="lead_score")


@pytest.fixture(scope="session")
def regression(leads: pd.DataFrame) -> CompiledModel:
    return sqlops.compile(LinearRegression().fit(leads, leads[AMOUNT] * 2), leads, name="lead_score")


@pytest.fixture(scope="session")
def files(
    tmp_path_factory: pytest.TempPathFactory, leads: pd.DataFrame, logistic: CompiledModel, tree: CompiledModel
) -> dict[str, Path]:
    """Database files to copy: with the leads only, with two registered versions, and with both deployed."""
    directory = tmp_path_factory.mktemp("files")
    made = {name: directory / f"{name}.duckdb" for name in ("empty", "registered", "deployed")}
    table = pa.Table.from_pandas(leads).add_column(0, "lead_id", pa.array(range(1, len(leads) + 1)))
    with sqlops.connect(made["empty"]) as wh:
        wh.connection.execute("CREATE SCHEMA crm")
        wh.connection.load("crm.leads", table, temporary=False)
    shutil.copy(made["empty"], made["registered"])
    with sqlops.connect(made["registered"]) as wh:
        wh.register(logistic)
        wh.register(tree)
    shutil.copy(made["registered"], made["deployed"])
    with sqlops.connect(made["deployed"]) as wh:
        wh.deploy("lead_score", 1, source="crm.leads", keys=["lead_id"])
        wh.deploy("lead_score", 2, source="crm.leads", keys=["lead_id"])
    return made


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leads.duckdb"


@pytest.fixture
def empty(path: Path, files: dict[str, Path]) -> Iterator[Warehouse]:
    """A database with the leads and no registry."""
    shutil.copy(files["empty"], path)
    with sqlops.connect(path) as warehouse:
        yield warehouse


@pytest.fixture
def wh(path: Path, files: dict[str, Path]) -> Iterator[Warehouse]:
    """A database with the leads and two registered versions."""
    shutil.copy(files["registered"], path)
    with sqlops.connect(path) as warehouse:
        yield warehouse


@pytest.fixture
def deployed(path: Path, files: dict[str, Path]) -> Iterator[Warehouse]:
    """A database with both versions deployed, the first in force."""
    shutil.copy(files["deployed"], path)
    with sqlops.connect(path) as warehouse:
        yield warehouse


def relations(wh: Warehouse) -> list[str]:
    """Return every table, view and function of a database that is not DuckDB's own."""
    rows = wh.connection.rows(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables()"
        " UNION ALL SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
        " UNION ALL SELECT schema_name || '.' || function_name || '()' FROM duckdb_functions() WHERE NOT internal"
        " UNION ALL SELECT schema_name || '.' FROM duckdb_schemas() WHERE NOT internal"
    )
    return sorted(row[0] for row in rows)


def events(wh: Warehouse) -> list[tuple[object, str]]:
    """Return version and event of everything that happened."""
    frame = wh.events("lead_score")
    return list(zip(frame["version"].tolist(), frame["event"].tolist(), strict=True))


def state(wh: Warehouse) -> dict[str, object]:
    """Return everything that a database holds, to see whether something was written."""
    names = [
        row[0]
        for row in wh.connection.rows("SELECT schema_name || '.' || table_name FROM duckdb_tables() ORDER BY ALL")
    ]
    return {"relations": relations(wh), **{name: wh.connection.rows(f"FROM {name} ORDER BY ALL") for name in names}}
