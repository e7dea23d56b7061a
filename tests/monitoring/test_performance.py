"""Performance equals scikit-learn's."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.monitoring.conftest import Watched, status, values

MONTHS = pd.date_range("2013-01-01", periods=4, freq="MS")


def dated(X: pd.DataFrame, y: object, seed: int = 0) -> pd.DataFrame:
    """Return rows with keys, labels and a month each."""
    month = np.random.default_rng(seed).integers(0, len(MONTHS), len(X))
    return X.assign(id=np.arange(len(X)), y=y, ts=MONTHS[month] + pd.Timedelta(hours=7), month=month)


def per_month(rows: pd.DataFrame, score: object) -> list[float]:
    return [score(part) for _, part in rows.groupby("month")]


def check(written: pd.DataFrame, rows: pd.DataFrame, expected: dict[str, object]) -> None:
    for metric, score in expected.items():
        got = values(written, metric, "y").sort_index().to_numpy()
        np.testing.assert_allclose(got, per_month(rows, score), rtol=1e-9, atol=1e-12, err_msg=metric)


def test_binary_with_ties(warehouse: Watched) -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X[["mean radius", "mean texture"]]
    noisy = pd.Series(np.where(np.random.default_rng(1).random(len(y)) < 0.15, 1 - y, y))
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y)
    model = warehouse.add(tree, X, dated(X, noisy), target=y)
    rows = dated(X, noisy).join(model.score(X))
    assert rows["probability_1"].nunique() < 10, "there are ties"
    check(
        warehouse.monitor(label="y"),
        rows,
        {
            "n": len,
            "auc": lambda r: sk.roc_auc_score(r.y, r.probability_1),
            "log_loss": lambda r: sk.log_loss(r.y, r[["probability_0", "probability_1"]].to_numpy()),
            "brier": lambda r: sk.brier_score_loss(r.y, r.probability_1),
            "accuracy": lambda r: sk.accuracy_score(r.y, r.prediction),
            "precision": lambda r: sk.precision_score(r.y, r.prediction),
            "recall": lambda r: sk.recall_score(r.y, r.prediction),
        },
    )
    frozen = warehouse.frame("SELECT statistic, value FROM sqlops.baselines WHERE column_name = ''")
    by_name = frozen.set_index("statistic")["value"]
    answers = model.score(X)
    assert by_name["auc"] == pytest.approx(sk.roc_auc_score(y, answers["probability_1"]), rel=1e-9)
    assert by_name["log_loss"] == pytest.approx(sk.log_loss(y, tree.predict_proba(X)), rel=1e-9)


def test_log_loss_is_clipped_as_in_sklearn(warehouse: Watched) -> None:
    X = pd.DataFrame({"x": np.arange(60.0)})
    y = (X["x"] > 30).astype(int)
    tree = DecisionTreeClassifier().fit(X, y)
    wrong = y.where(X["x"] > 3, 1)
    warehouse.add(tree, X, dated(X, wrong))
    rows = dated(X, wrong).assign(p=tree.predict_proba(X)[:, 1])
    check(warehouse.monitor(label="y"), rows, {"log_loss": lambda r: sk.log_loss(r.y, r.p, labels=[0, 1])})


@pytest.mark.parametrize("seed", range(3))
def test_random_scores_and_missing_labels(warehouse: Watched, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.integers(0, 12, 600).astype(float), "z": rng.normal(size=600)})
    y = pd.Series(np.where(rng.random(600) < 0.3 + 0.03 * X["x"], "late", "in time"))
    model = warehouse.add(LogisticRegression().fit(X[["x"]], y), X[["x"]], dated(X, y.where(rng.random(600) < 0.8)))
    rows = dated(X, y).join(model.score(X))
    labels = warehouse.frame("SELECT id, y AS known FROM src").set_index("id")["known"]
    known = rows[labels.reindex(rows["id"]).notna().to_numpy()]
    written = warehouse.monitor(label="y")
    check(
        written,
        known,
        {
            "auc": lambda r: sk.roc_auc_score(r.y == "late", r.probability_late),
            "brier": lambda r: sk.brier_score_loss(r.y == "late", r.probability_late),
            "recall": lambda r: sk.recall_score(r.y, r.prediction, pos_label="late"),
        },
    )
    coverage = values(written, "label_coverage").sort_index().to_numpy()
    np.testing.assert_allclose(coverage, known.groupby("month").size() / rows.groupby("month").size())


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_multiclass(warehouse: Watched, load: object) -> None:
    X, y = load(return_X_y=True, as_frame=True)
    X, y = X.iloc[:, :2].set_axis(["a", "b"], axis=1), y.map({0: "x", 1: "y'", 2: "z"})
    model = warehouse.add(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y), X, dated(X, y), target=y)
    rows = dated(X, y).join(model.score(X))
    proba = [output.name for output in model.signature.outputs if output.role == "probability"]
    check(
        warehouse.monitor(label="y"),
        rows,
        {
            "accuracy": lambda r: sk.accuracy_score(r.y, r.prediction),
            "log_loss": lambda r: sk.log_loss(r.y, r[proba].to_numpy(), labels=model.signature.classes),
            "brier": lambda r: sk.brier_score_loss(r.y, r[proba].to_numpy(), labels=model.signature.classes),
            "precision_macro": lambda r: sk.precision_score(r.y, r.prediction, average="macro"),
            "recall_macro": lambda r: sk.recall_score(r.y, r.prediction, average="macro"),
            "auc_ovr_macro": lambda r: sk.roc_auc_score(r.y, r[proba].to_numpy(), multi_class="ovr"),
        },
    )


def test_regression(warehouse: Watched) -> None:
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X = X[["bmi", "bp"]]
    model = warehouse.add(LinearRegression().fit(X, y), X, dated(X, y + 40), target=y)
    rows = dated(X, y + 40).join(model.score(X))
    written = warehouse.monitor(label="y")
    check(
        written,
        rows,
        {
            "mae": lambda r: sk.mean_absolute_error(r.y, r.prediction),
            "rmse": lambda r: sk.root_mean_squared_error(r.y, r.prediction),
            "bias": lambda r: (r.prediction - r.y).mean(),
        },
    )
    assert set(status(written, "bias")) == {"alert"}, "forty is two thirds of the RMSE"


def test_decisions_rank_where_there_are_no_probabilities(warehouse: Watched) -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X[["mean radius", "mean texture"]]
    svm = make_pipeline(StandardScaler(), LinearSVC(random_state=0)).fit(X, y)
    warehouse.add(svm, X, dated(X, y), target=y)
    rows = dated(X, y).assign(decision=svm.decision_function(X))
    written = warehouse.monitor(label="y")
    check(written, rows, {"auc": lambda r: sk.roc_auc_score(r.y, r.decision)})
    assert "log_loss" not in set(written["metric"])
    assert "decision" in set(written["column_name"])


def test_where_sklearn_warns_there_is_no_value(warehouse: Watched) -> None:
    X = pd.DataFrame({"x": np.arange(80.0)})
    y = (X["x"] >= 40).astype(int)
    source = X.assign(id=range(80), y=y, ts=np.where(X["x"] < 40, MONTHS[0], MONTHS[1]))
    warehouse.add(DecisionTreeClassifier().fit(X, y), X, source, target=y)
    written = warehouse.monitor(label="y")
    assert status(written, "auc") == ["insufficient", "insufficient"]
    assert values(written, "auc").isna().all()
    assert status(written, "precision") == ["insufficient", "ok"]
    assert values(written, "precision").isna().tolist() == [True, False]
    assert status(written, "recall") == ["insufficient", "ok"]
    assert status(written, "accuracy") == ["ok", "ok"]


def test_macro_averages_refuse_classes_never_predicted(warehouse: Watched) -> None:
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.iloc[:, :2].set_axis(["a", "b"], axis=1)
    source = X.assign(id=range(150), y=2, ts=MONTHS[0])
    model = warehouse.add(DecisionTreeClassifier(max_depth=1).fit(X, y), X, source, target=y)
    written = warehouse.monitor(label="y")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sk.recall_score(source["y"], model.score(X)["prediction"], average="macro")
    assert caught, "scikit-learn warns here"
    assert status(written, "recall_macro") == ["insufficient"]
    assert values(written, "auc_ovr_macro").isna().all()


def test_rows_that_the_model_refuses_are_counted_and_left_out(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=400)})
    y = (X["x"] + rng.normal(size=400) > 0).astype(int)
    holes = X.assign(x=X["x"].where(rng.random(400) < 0.75))
    model = warehouse.add(LogisticRegression().fit(X, y), X, dated(holes, y), target=y)
    rows = dated(holes, y).join(model.score(holes))
    written = warehouse.monitor(label="y")
    scored = rows[rows["x"].notna()]
    check(written, scored, {"n": len, "auc": lambda r: sk.roc_auc_score(r.y, r.probability_1)})
    refused = values(written, "refused_rate", "probability_1").sort_index()
    np.testing.assert_allclose(refused, rows["x"].isna().groupby(rows["month"]).mean())
    assert set(status(written, "refused_rate")) == {"alert"}


def test_performance_compares_with_the_baseline_where_there_is_one(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=2000)})
    y = (X["x"] + 0.5 * rng.normal(size=2000) > 0).astype(int)
    shuffled = y.where(np.arange(2000) < 1000, rng.permutation(y))
    source = X.assign(id=range(2000), y=shuffled, ts=np.where(np.arange(2000) < 1000, MONTHS[0], MONTHS[1]))
    warehouse.add(LogisticRegression().fit(X, y), X, source, target=y)
    written = warehouse.monitor(label="y")
    for metric in ("auc", "accuracy", "log_loss", "brier", "precision", "recall"):
        assert status(written, metric) == ["ok", "alert"], metric
    auc = written[written["metric"] == "auc"].sort_values("window_start").iloc[1]
    frozen = warehouse.frame("SELECT value, n FROM sqlops.baselines WHERE statistic = 'auc'").iloc[0]
    assert auc["threshold"] == pytest.approx(frozen["value"] - 0.10)
    assert auc["n_reference"] == frozen["n"] == 2000


def test_without_a_target_performance_has_no_verdict(warehouse: Watched) -> None:
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    X = X[["mean radius"]]
    warehouse.add(LogisticRegression().fit(X, y), X, dated(X, 1 - y))
    written = warehouse.monitor(label="y")
    assert set(status(written, "auc")) == {"ok"}
    assert written.loc[written["metric"] == "auc", "threshold"].isna().all()


def test_auc_does_not_depend_on_the_order_of_rows(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.integers(0, 3, 300)})
    y = pd.Series(rng.integers(0, 2, 300))
    warehouse.add(LogisticRegression().fit(X, y), X, dated(X, y))
    before = values(warehouse.monitor(label="y"), "auc")
    warehouse.connection.execute("CREATE OR REPLACE TABLE src AS SELECT * FROM src ORDER BY y DESC, id DESC")
    pd.testing.assert_series_equal(before, values(warehouse.monitor(label="y"), "auc"))
