"""The life of a model, the same on every warehouse: from the first version to the last measurement."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.errors import RegistryError, SourceError
from sqlops.monitoring.windows import moment_sql, parse_window, start_sql
from sqlops.registry.promote import Promotion
from sqlops.warehouse import Warehouse
from sqlops.warehouses.base import Connection
from sqlops.warehouses.duckdb import open_duckdb
from tests.warehouses.conftest import INPUTS, ROWS, Life, put_customers
from tests.warehouses.engines import WAREHOUSES

KEYS = ["customer_id"]


def deploy(wh: Warehouse, life: Life) -> None:
    """Register and deploy two versions; the first is in force."""
    for version, model in enumerate((life.logistic, life.tree), start=1):
        assert wh.register(model, baseline=life.baseline, target="converted").number == version
        wh.deploy("lead_score", version, source="customers", keys=KEYS)


def read(wh: Warehouse, view: str) -> pd.DataFrame:
    return wh.query(f"SELECT * FROM {view} ORDER BY customer_id")


def require_scores(frame: pd.DataFrame, model: CompiledModel, life: Life) -> None:
    """Require that rows are the keys and the model's scores."""
    want = model.score(life.customers[INPUTS])
    assert list(frame.columns) == [*KEYS, *want.columns]
    assert frame["customer_id"].tolist() == life.customers["customer_id"].tolist()
    assert frame["prediction"].tolist() == want["prediction"].tolist()
    for name in want.columns[1:]:
        assert frame[name].to_numpy() == pytest.approx(want[name].to_numpy(), rel=1e-9, abs=0)


def test_versions_come_and_go(wh: Warehouse, life: Life) -> None:
    deploy(wh, life)
    require_scores(read(wh, "lead_score"), life.logistic, life)
    require_scores(read(wh, "lead_score_v1"), life.logistic, life)
    require_scores(read(wh, "lead_score_v2"), life.tree, life)
    assert wh.promote("lead_score", 2) == Promotion("lead_score", 2, 1, changed=True)
    require_scores(read(wh, "lead_score"), life.tree, life)
    assert wh.rollback("lead_score") == Promotion("lead_score", 1, 2, changed=True)
    require_scores(read(wh, "lead_score"), life.logistic, life)
    events = wh.events("lead_score")
    assert events["event"].tolist() == [
        *("registered", "baseline_frozen", "deployed") * 2, "promoted", "rolled_back",
    ]  # fmt: skip
    versions = wh.versions("lead_score")
    assert versions["in_force"].tolist() == [True, False]
    assert versions["baseline_rows"].tolist() == [ROWS, ROWS]
    assert wh.models()["versions"].tolist() == [2]


def test_repeating_changes_nothing(wh: Warehouse, life: Life) -> None:
    deploy(wh, life)
    before = wh.events("lead_score")
    assert wh.register(life.logistic, baseline=life.baseline, target="converted").number == 1
    assert not wh.deploy("lead_score", 1, source="customers", keys=KEYS).changed
    assert not wh.promote("lead_score", 1).changed
    pd.testing.assert_frame_equal(wh.events("lead_score"), before)


def test_a_dry_run_writes_nothing(wh: Warehouse, life: Life) -> None:
    wh.register(life.logistic)
    before = wh.events("lead_score")
    text = wh.deploy("lead_score", 1, source="customers", keys=KEYS, dry_run=True)
    assert "lead_score_v1" in text
    pd.testing.assert_frame_equal(wh.events("lead_score"), before)
    assert wh.connection.locate("lead_score_v1") is None


def test_what_fails_leaves_nothing(wh: Warehouse, life: Life) -> None:
    wh.register(life.logistic)
    before = wh.events("lead_score")
    with pytest.raises(SourceError, match="is not unique"):
        wh.deploy("lead_score", 1, source="customers", keys=["city"])
    with pytest.raises(SourceError, match="does not exist"):
        wh.deploy("lead_score", 1, source="nowhere", keys=KEYS)
    pd.testing.assert_frame_equal(wh.events("lead_score"), before)
    assert wh.connection.locate("lead_score_v1") is None
    assert wh.versions("lead_score")["deployed"].tolist() == [False]


def test_what_reads_the_stable_view_survives_a_promotion(wh: Warehouse, life: Life) -> None:
    deploy(wh, life)
    wh.connection.execute("CREATE VIEW best AS SELECT customer_id FROM lead_score WHERE probability_1 > 0.5")
    for _ in range(2):
        for version, model in ((2, life.tree), (1, life.logistic)):
            wh.promote("lead_score", version)
            want = life.customers["customer_id"][
                (model.score(life.customers[INPUTS])["probability_1"] > 0.5).to_numpy()
            ]
            assert sorted(wh.query("SELECT customer_id FROM best")["customer_id"]) == want.tolist()


def test_columns_that_would_break_readers(wh: Warehouse, life: Life) -> None:
    deploy(wh, life)
    assert wh.register(life.decision).number == 3
    wh.deploy("lead_score", 3, source="customers", keys=KEYS)
    with pytest.raises(RegistryError, match="what reads 'lead_score' would break: column 'probability_0' would go"):
        wh.promote("lead_score", 3)
    wh.promote("lead_score", 3, allow_breaking=True)
    scores = read(wh, "lead_score")
    want = life.decision.score(life.customers[INPUTS])
    assert scores["prediction"].tolist() == want["prediction"].tolist()
    assert scores["decision"].to_numpy() == pytest.approx(want["decision"].to_numpy(), rel=1e-9)
    assert scores.get("probability_0", pd.Series([None])).isna().all()
    wh.rollback("lead_score")
    scores = read(wh, "lead_score")
    assert scores["probability_1"].notna().all()
    assert scores.get("decision", pd.Series([None])).isna().all()


def test_functions(wh: Warehouse, life: Life) -> None:
    dialect = wh.connection.dialect
    if dialect.functions is None:
        pytest.skip("the engine has no functions")
    deploy(wh, life)
    prefix = "" if dialect.functions.in_schemas else f"{wh.connection.current_schema()}_"
    for version, model in ((1, life.logistic), (2, life.tree)):
        wh.promote("lead_score", version)
        got = wh.query(
            f"SELECT customer_id, {prefix}lead_score_predict({', '.join(INPUTS)}) AS prediction,"
            f" {prefix}lead_score_probability({', '.join(INPUTS)}) AS probability FROM customers ORDER BY customer_id"
        )
        want = model.score(life.customers[INPUTS])
        assert got["prediction"].tolist() == want["prediction"].tolist()
        assert got["probability"].to_numpy() == pytest.approx(want["probability_1"].to_numpy(), rel=1e-9)


def test_refresh_scores_what_is_new_and_what_has_changed(wh: Warehouse, life: Life) -> None:
    deploy(wh, life)
    first = wh.refresh("lead_score")
    assert (first.new, first.changed, first.unchanged, first.removed) == (ROWS, 0, 0, 0)
    again = wh.refresh("lead_score")
    assert (again.new, again.changed, again.unchanged) == (0, 0, ROWS)
    changed = life.customers.set_index("customer_id").drop([1, 2])
    changed.loc[7, "age"] = 90
    put_customers(wh, changed.reset_index())
    second = wh.refresh("lead_score", prune=True)
    assert (second.new, second.changed, second.unchanged, second.removed) == (0, 1, ROWS - 3, 2)
    wh.promote("lead_score", 2)
    third = wh.refresh("lead_score")
    assert (third.new, third.changed, third.unchanged) == (0, ROWS - 2, 0)
    table = wh.query("SELECT * FROM lead_score_scores ORDER BY customer_id")
    assert set(table["model_version"]) == {2}
    view = read(wh, "lead_score")
    for column in view.columns:
        assert table[column].tolist() == view[column].tolist()


def test_monitoring_measures_what_duckdb_measures(wh: Warehouse, life: Life) -> None:
    deploy(wh, life)
    about = {"timestamp": "created_at", "window": "month", "label": "converted", "slices": ["city"]}
    written = wh.monitor("lead_score", **about)
    with WAREHOUSES["duckdb"]() as other:
        other.connection.load("customers", pa.Table.from_pandas(life.customers, preserve_index=False), temporary=False)
        deploy(other, life)
        want = other.monitor("lead_score", **about)
    require_same_metrics(written, want)
    assert "alert" in set(written["status"])
    again = wh.monitor("lead_score", **about, since="2024-03-01")
    assert len(again) < len(written)
    assert len(wh.metrics("lead_score")) == len(written)


@pytest.mark.parametrize("task", ["classes", "amount"])
def test_monitoring_of_classes_amounts_and_categories(wh: Warehouse, task: str) -> None:
    """Each template there is besides those of two classes; categories that are numbers, missing values."""
    rng = np.random.default_rng(1)
    rows = pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "x": np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(size=ROWS).round(2)),
            "kind": rng.choice(["a", "b'c"], ROWS),
            "grade": pd.Categorical(rng.choice([1.5, 2.0, 3.0], ROWS)),
            "at": pd.Timestamp("1999-12-30") + pd.to_timedelta(np.arange(ROWS) * 7, unit="h"),
        }
    )
    rows["classes"] = np.digitize(rows["x"].fillna(0) + rng.normal(0, 0.5, ROWS), [-0.5, 0.7])
    rows["amount"] = rows["x"].fillna(0) * 3 + rng.normal(0, 0.5, ROWS)
    X = rows[["x", "grade"]]
    estimator = LogisticRegression() if task == "classes" else LinearRegression()
    columns = make_column_transformer((SimpleImputer(), ["x"]), (OneHotEncoder(), ["grade"]))
    model = sqlops.compile(make_pipeline(columns, estimator).fit(X, rows[task]), X, name="m")

    def measured(warehouse: Warehouse) -> pd.DataFrame:
        table = pa.Table.from_pandas(rows.astype({"grade": float}), preserve_index=False)
        warehouse.connection.load("things", table, temporary=False)
        warehouse.register(model, baseline=rows[["x", "grade", task]].head(150), target=task)
        warehouse.deploy("m", 1, source="things", keys=["id"])
        slices = ["kind", ("kind", "CASE WHEN x > 0 THEN 'up' END")]
        return warehouse.monitor("m", timestamp="at", window="5 weeks", label=task, slices=slices)

    written = measured(wh)
    with WAREHOUSES["duckdb"]() as other:
        want = measured(other)
    require_same_metrics(written, want)


def test_windows_begin_where_duckdb_says(wh: Warehouse, life: Life) -> None:
    windows = ["hour", "day", "week", "quarter", "year", "36 hours", "2 weeks", "5 months"]

    def starts(connection: Connection, type_: str) -> dict[str, list[str]]:
        dialect = connection.dialect
        moment = moment_sql(dialect.identifier("created_at"), type_, dialect)
        columns = ", ".join(start_sql(moment, parse_window(window), dialect) for window in windows)
        rows = connection.rows(f"SELECT {columns} FROM customers ORDER BY customer_id")
        return {
            window: [str(pd.Timestamp(row[at]).tz_localize(None)) for row in rows] for at, window in enumerate(windows)
        }

    with open_duckdb(":memory:") as other:
        other.load("customers", pa.Table.from_pandas(life.customers, preserve_index=False), temporary=False)
        want = starts(other, "TIMESTAMP")
    types = wh.connection.columns("customers")
    assert types is not None
    assert starts(wh.connection, types["created_at"]) == want


def require_same_metrics(written: pd.DataFrame, want: pd.DataFrame) -> None:
    said = [c for c in want.columns if c not in ("run_id", "computed_at", "value", "threshold", "sampling_bound")]
    pd.testing.assert_frame_equal(sort(written)[said], sort(want)[said], check_dtype=False)
    for column in ("value", "threshold", "sampling_bound"):
        got = sort(written)[column].to_numpy(dtype=float)
        assert got == pytest.approx(sort(want)[column].to_numpy(dtype=float), rel=1e-9, abs=1e-12, nan_ok=True)


def sort(metrics: pd.DataFrame) -> pd.DataFrame:
    keys = ["metric", "column_name", "slice_key", "slice_value", "window_start"]
    return metrics.sort_values(keys).reset_index(drop=True)
