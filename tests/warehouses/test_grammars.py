"""What a model lives through, told to those who know an engine's SQL best: Google's analyzer, and Spark's parser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import sqlops
from sqlops.warehouse import Warehouse
from tests import spark
from tests.googlesql import GoogleSqlSession
from tests.warehouses import standin
from tests.warehouses.conftest import Life, put_customers
from tests.warehouses.test_life import KEYS, test_monitoring_of_classes_amounts_and_categories

_KINDS = {
    "BIGINT": "TYPE_INT64",
    "BLOB": "TYPE_BYTES",
    "BOOLEAN": "TYPE_BOOL",
    "DOUBLE": "TYPE_DOUBLE",
    "TIMESTAMP": "TYPE_DATETIME",
    "VARCHAR": "TYPE_STRING",
}


class Analyzed(standin.Connection):
    """BigQuery, stood in for by DuckDB; what it holds is the catalog by which each statement is analyzed before."""

    def __init__(self) -> None:
        super().__init__("bigquery")
        self.session = GoogleSqlSession()

    def check(self, text: str, parameters: Mapping[str, Any]) -> None:
        if "INFORMATION_SCHEMA" in text or "@@" in text:
            return
        rows = self.native.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " ORDER BY ordinal_position"
        ).fetchall()
        tables: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column, type_ in rows:
            tables.setdefault((schema, table), {})[column] = _KINDS.get(type_, "TYPE_INT64")
        text = re.sub(r"%\((p\d+)\)s", r"@\1", text).replace("%%", "%")
        self.session.analyze(text, tables, "public", len(parameters))


class Parsed(standin.Connection):
    """Databricks, stood in for by DuckDB; Spark parses each statement before."""

    def __init__(self) -> None:
        super().__init__("databricks")
        self.parser = spark.session()._jsparkSession.sessionState().sqlParser()

    def check(self, text: str, parameters: Mapping[str, Any]) -> None:
        self.parser.parsePlan(text)


def live(wh: Warehouse, life: Life) -> None:
    """Live through everything that writes."""
    put_customers(wh, life.customers)
    for version, model in enumerate((life.logistic, life.tree), start=1):
        wh.register(model, baseline=life.baseline, target="converted")
        wh.deploy("lead_score", version, source="customers", keys=KEYS)
    wh.promote("lead_score", 2)
    wh.refresh("lead_score")
    put_customers(wh, life.customers.head(300).assign(age=30.0))
    wh.refresh("lead_score", prune=True)
    wh.rollback("lead_score")
    wh.monitor("lead_score", timestamp="created_at", window="month", label="converted", slices=["city"])
    wh.monitor("lead_score", timestamp="created_at", window="36 hours")


@pytest.mark.parametrize(
    "opened",
    [
        pytest.param(Analyzed, id="bigquery", marks=pytest.mark.xdist_group("bigquery")),
        pytest.param(Parsed, id="databricks", marks=pytest.mark.xdist_group("spark")),
    ],
)
def test_every_statement_is_understood(opened: Callable[[], standin.Connection], life: Life) -> None:
    native = opened()
    with sqlops.connect(native, dialect=native.grammar) as wh:
        live(wh, life)
    assert len(native.statements) > 200


@pytest.mark.parametrize("task", ["classes", "amount"])
@pytest.mark.xdist_group("bigquery")
def test_every_metric_is_understood(task: str) -> None:
    native = Analyzed()
    with sqlops.connect(native, dialect="bigquery") as wh:
        test_monitoring_of_classes_amounts_and_categories(wh, task)
