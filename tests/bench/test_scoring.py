"""The benchmark at a small size: nested CASE scores as the library does, and a run gives JSON and tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from xgboost import XGBClassifier

from tests.bench import nested
from tests.bench.common import StoppedError, each, machine
from tests.bench.data import frame_of_mixed, frame_of_numbers, numbers
from tests.bench.models import MODELS, mixed_preparation
from tests.bench.report import markdown, terminal
from tests.bench.scoring import main
from tests.bench.suite import SUBJECTS

TREES = {
    "forest": RandomForestClassifier(3, max_depth=3, random_state=0),
    "gradient_boosting": GradientBoostingClassifier(n_estimators=3, random_state=0),
    "hist": HistGradientBoostingClassifier(max_iter=3, random_state=0),
    "lightgbm": LGBMClassifier(n_estimators=3, num_leaves=5, verbose=-1, n_jobs=1),
    "xgboost": XGBClassifier(n_estimators=3, max_depth=3, n_jobs=1),
}


def scores(model: Any, X: pd.DataFrame) -> np.ndarray:
    with duckdb.connect() as connection:
        connection.register("frame", X.assign(id=range(len(X))))
        connection.execute("CREATE TABLE given AS SELECT * FROM frame")
        query = f"SELECT probability_1 FROM ({nested.score(model, 'given')}) ORDER BY id"
        return np.asarray(connection.execute(query).fetchnumpy()["probability_1"])


@pytest.mark.parametrize("name", TREES)
def test_nested_case_scores_as_the_library(name: str) -> None:
    X, (_, y) = frame_of_numbers(500, seed=0), numbers(500)
    model = TREES[name].fit(X, y)
    # New rows: XGBoost's thresholds are training values rounded to single precision, and CASE compares doubles.
    X = frame_of_numbers(500)
    # XGBoost adds in single precision; the others differ in the order of a balanced sum, and in exp.
    tolerance = 1e-6 if name == "xgboost" else 1e-12
    np.testing.assert_allclose(scores(model, X), model.predict_proba(X)[:, 1], rtol=tolerance)


def test_nested_case_of_the_mixed_pipeline_scores_as_the_library() -> None:
    X, (_, y) = frame_of_mixed(500), numbers(500)
    model = make_pipeline(mixed_preparation(X), TREES["forest"]).fit(X, y)
    # A balanced sum of a forest's shares rounds otherwise than the library's.
    np.testing.assert_allclose(scores(model, X), model.predict_proba(X)[:, 1], rtol=1e-12)


def test_each_subject_has_a_model() -> None:
    assert list(SUBJECTS) == list(MODELS)


def test_what_a_process_of_its_own_yields() -> None:
    assert list(each(iter, [1, 2], limit=60)) == [1, 2]


def test_a_process_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(StoppedError, match="not in 0 s"):
        list(each(iter, [1, 2], limit=0))


def test_a_run_gives_json_and_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quick = ["--rows", "2000", "--repeat", "1", "--threads", "1", "--model", "logistic", "--profile"]
    assert main([*quick, "--out", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    (model,) = results["models"]
    # The benchmark's own tolerance: libm and DuckDB have an exp of their own.
    assert model["parity"] == {"rows": 2000, "differ": 0, "largest": pytest.approx(0, abs=1e-9)}
    assert set(model["sql"]["1"]) == {"wall_s", "cpu_s", "plan_s", "plan_cpu_s", "peak_mb", "one_row_ms"}
    assert set(model["round_trip"]["1"]) == {"wall_s", "cpu_s", "peak_mb"}
    assert {operator["operator"] for operator in model["operators"]} >= {"TABLE_SCAN", "PROJECTION"}
    written = (tmp_path / "bench.md").read_text(encoding="utf-8")
    assert written == markdown(results)
    assert "| StandardScaler + LogisticRegression |" in written
    printed = capsys.readouterr().out.splitlines()
    assert printed[1] == "One thread, CPU seconds, 2,000 rows"
    assert printed[3].startswith("logistic ")
    assert max(map(len, printed)) <= 80


def test_what_was_stopped_and_what_grew_is_reported() -> None:
    sql = {"wall_s": 1.0, "cpu_s": 2.0, "plan_s": 0.5, "plan_cpu_s": 0.5, "peak_mb": 300, "one_row_ms": 7.0}
    stopped = {"stopped": "run: not in 120 s", "plan_cpu_s": 10.0}
    forest = {
        "model": "forest",
        "title": "a forest",
        "rows": 1000,
        "install": {"compile_s": 1.0, "deploy_s": 2.0, "view_kb": 3.0},
        "sql": {"1": sql, "2": sql},
        "round_trip": {n: {"wall_s": 1.0, "cpu_s": 0.5, "peak_mb": 400} for n in ("1", "2")},
        "parity": {"rows": 1000, "differ": 0, "largest": 0.0},
        "case": {"1": {**sql, "cpu_s": 6.5}, "2": stopped, "parity": {"differ": 3}},
    }
    point = {**sql, **forest["install"], "rows": 1000, "trees": 10}  # type: ignore[dict-item]
    grown = {"rows": {"model": "forest", "memory_limit": "1GB", "measured": [point]}, "threads": 2}
    grown["trees"] = {"model": "grown_forest", "rows": 1000, "measured": [point]}
    results = {"rows": 1000, "repeat": 3, "threads": [2, 1], **machine(), "models": [forest], "growth": grown}
    lines = markdown(results).splitlines()
    assert "| a forest | 2 | 0.5 | 4 | 1 | 1 | 1 | ≤ 2 | **no** |" in lines
    assert "| a forest | 1.5 | 6 | 4 | 0.5 | 0.5 | 1 | run ≥ 3, plan ≥ 10 | yes, **no** | 3 |" in lines
    assert "| a forest | 1.5 | run: not in 120 s | – | 0.5 | 10 | 20 |" in lines
    assert "| 1,000 | 2 | 1 | 1,000 | 300 |" in lines
    assert "| 10 | 2 | 1 | 0.2 | 500 | 3 | 3 | 300 |" in lines
    assert terminal(results).splitlines()[2].split() == ["forest", "2", "0.5", "4", "2", "no", "4", "1", "300", "7"]
