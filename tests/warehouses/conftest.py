"""Customers, three models of them, and a warehouse of each engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.warehouse import Warehouse
from tests.warehouses.engines import SLOW, WAREHOUSES

ROWS = 400
INPUTS = ["age", "income", "city", "flag"]


@dataclass(frozen=True)
class Life:
    """What a model lives through: its source, and its versions.

    Parameters
    ----------
    customers : DataFrame
        With keys, inputs, time and label.
    logistic, tree : CompiledModel
        Two versions with the same outputs.
    decision : CompiledModel
        A version without probabilities.
    """

    customers: pd.DataFrame
    logistic: CompiledModel
    tree: CompiledModel
    decision: CompiledModel

    @property
    def baseline(self) -> pd.DataFrame:
        """The rows of training, with the label."""
        return self.customers[[*INPUTS, "converted"]]


def make_customers() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    customers = pd.DataFrame(
        {
            "customer_id": np.arange(ROWS),
            "age": rng.normal(40, 10, ROWS).round(1),
            "income": rng.lognormal(10, 1, ROWS).round(2),
            "city": rng.choice(["Aarhus", "Bonn", "O'Fallon"], ROWS),
            "flag": rng.random(ROWS) < 0.3,
            "created_at": pd.Timestamp("2024-01-15") + pd.to_timedelta(np.arange(ROWS) * 5, unit="h"),
        }
    )
    late = customers["created_at"] > "2024-03-01"
    customers.loc[late, "age"] += 15
    customers["converted"] = (customers["age"] + customers["income"] / 1e4 + rng.normal(0, 5, ROWS) > 47).astype(int)
    return customers


@pytest.fixture(scope="session")
def life() -> Life:
    customers = make_customers()
    X, y = customers[INPUTS], customers["converted"]
    columns = make_column_transformer(
        (StandardScaler(), ["age", "income"]), (OneHotEncoder(), ["city"]), remainder="passthrough"
    )
    fitted = [
        make_pipeline(columns, estimator).fit(X, y)
        for estimator in (
            LogisticRegression(),
            DecisionTreeClassifier(max_depth=5, random_state=0),
            LinearSVC(random_state=0),
        )
    ]
    return Life(customers, *(sqlops.compile(each, X, name="lead_score") for each in fitted))


def _parameters() -> list[Any]:
    long = {name: [pytest.mark.long] for name in SLOW}
    return [pytest.param(name, marks=[pytest.mark.xdist_group(name), *long.get(name, ())]) for name in WAREHOUSES]


@pytest.fixture(params=_parameters())
def wh(request: pytest.FixtureRequest, life: Life) -> Iterator[Warehouse]:
    """A warehouse with the customers in it."""
    with WAREHOUSES[request.param]() as warehouse:
        put_customers(warehouse, life.customers)
        yield warehouse


def put_customers(warehouse: Warehouse, customers: pd.DataFrame) -> None:
    """Make these the customers, whatever reads the table, and by what every engine has."""
    connection = warehouse.connection
    table = pa.Table.from_pandas(customers, preserve_index=False)
    if connection.locate("customers") is None:
        connection.load("customers", table, temporary=False)
    elif connection.dialect.transactional:
        connection.load("other_customers", table)
        connection.execute("DELETE FROM customers")
        connection.execute("INSERT INTO customers SELECT * FROM other_customers")
    else:
        connection.execute("DROP TABLE customers")
        connection.load("customers", table, temporary=False)
