"""Drift against the frozen baseline, and what chance is allowed to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

from sqlops.monitoring.chi_square import critical_value
from tests.monitoring.conftest import Watched, status, values

MONTHS = pd.date_range("2013-01-01", periods=4, freq="MS")


def numbers(warehouse: Watched, baseline: object, current: object, **options: object) -> pd.DataFrame:
    """Monitor one numeric input ``x`` in one window."""
    X, now = pd.DataFrame({"x": baseline}), pd.DataFrame({"x": current})
    plain = pd.DataFrame({"x": np.arange(20.0)})
    tree = DecisionTreeRegressor(max_depth=2).fit(plain, plain["x"])
    warehouse.add(tree, plain, now.assign(id=range(len(now)), ts=MONTHS[0]), baseline=X)
    return warehouse.monitor(**options)


def categories(warehouse: Watched, baseline: list[object], current: list[object]) -> pd.DataFrame:
    """Monitor one categorical input ``x`` in one window."""
    X = pd.DataFrame({"x": pd.Series(baseline, dtype=object)})
    present = X.dropna()
    encoder = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LinearRegression())
    now = pd.DataFrame({"x": current, "id": range(len(current)), "ts": MONTHS[0]})
    warehouse.add(encoder.fit(present, np.arange(len(present))), present, now, baseline=X)
    return warehouse.monitor()


def psi(p: np.ndarray, q: np.ndarray) -> float:
    kept = (p > 0) | (q > 0)
    p, q = np.maximum(p[kept], 1e-4), np.maximum(q[kept], 1e-4)
    return float(((p - q) * np.log(p / q)).sum())


def one(frame: pd.DataFrame, metric: str, column: str = "x") -> pd.Series:
    (row,) = [r for _, r in frame[(frame["metric"] == metric) & (frame["column_name"] == column)].iterrows()]
    return row


@pytest.mark.parametrize("degrees", [1, 2, 9, 12, 53])
def test_critical_values_are_scipy_s(degrees: int) -> None:
    assert critical_value(degrees) == pytest.approx(stats.chi2.ppf(0.95, degrees), rel=1e-12)


def test_psi_of_a_number(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    reference, current = rng.normal(size=3000), rng.normal(0.4, 1.3, size=1000)
    current[:50] = np.nan
    row = one(numbers(warehouse, reference, current), "psi")
    edges = np.sort(reference)[np.arange(1, 11) * 300 - 1]

    def shares(x: np.ndarray) -> np.ndarray:
        known = x[~np.isnan(x)]
        inside = np.searchsorted(edges, known)
        below = known < reference.min()
        counts = [np.isnan(x).sum(), below.sum(), *np.bincount(inside[~below], minlength=11)]
        return np.array(counts) / len(x)

    p, q = shares(reference), shares(current)
    assert row["value"] == pytest.approx(psi(p, q), rel=1e-9)
    n_bins = ((p > 0) | (q > 0)).sum()
    bound = stats.chi2.ppf(0.95, n_bins - 1) * (1 / 1000 + 1 / 3000)
    assert row["sampling_bound"] == pytest.approx(bound, rel=1e-9)
    assert (row["n_reference"], row["n_current"], row["status"]) == (3000, 1000, "alert")
    assert row["threshold"] == 0.25


def test_psi_is_under_its_bound_in_95_of_100_windows_without_drift(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x": rng.normal(size=20_000)})
    tree = DecisionTreeRegressor(max_depth=2).fit(X, X["x"])
    hours = pd.Timestamp("2013-01-01") + pd.to_timedelta(np.arange(40_000) // 200, unit="h")
    warehouse.add(tree, X, pd.DataFrame({"x": rng.normal(size=40_000), "id": range(40_000), "ts": hours}))
    written = warehouse.monitor(window="hour")
    rows = written[(written["metric"] == "psi") & (written["column_name"] == "x")]
    assert len(rows) == 200
    assert 0.88 <= (rows["value"] <= rows["sampling_bound"]).mean() <= 0.99
    assert "alert" not in set(rows["status"])


def test_moments_and_rates(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    reference, current = rng.normal(10, 2, 500), rng.normal(11.5, 4, 400)
    current[::4] = np.nan
    frame = numbers(warehouse, reference, current)
    known = current[~np.isnan(current)]
    assert one(frame, "mean")["value"] == pytest.approx(known.mean(), rel=1e-12)
    assert one(frame, "mean")["threshold"] == pytest.approx(reference.mean() + 0.5 * reference.std(ddof=1), rel=1e-12)
    assert one(frame, "mean")["n_current"] == 300
    assert one(frame, "sd")["value"] == pytest.approx(known.std(ddof=1), rel=1e-12)
    assert one(frame, "null_rate")["value"] == 0.25
    outside = ((known < reference.min()) | (known > reference.max())).sum()
    assert one(frame, "out_of_range_rate")["value"] == pytest.approx(outside / 400, rel=1e-12)
    assert [one(frame, m)["status"] for m in ("mean", "sd", "null_rate", "out_of_range_rate")] == ["alert"] * 4
    assert frame.loc[frame["metric"] == "n_rows", "value"].tolist() == [400]
    bound = 1.96 * np.sqrt(reference.var(ddof=1) / 500 + known.var(ddof=1) / 300)
    assert one(frame, "mean")["sampling_bound"] == pytest.approx(bound, rel=1e-12)
    kurtosis = (((reference - reference.mean()) / reference.std(ddof=1)) ** 4).mean()
    frozen = warehouse.frame("SELECT value FROM sqlops.baselines WHERE column_name = 'x' AND statistic = 'kurtosis'")
    assert frozen["value"][0] == pytest.approx(kurtosis, rel=1e-12)


def test_disjoint_categories_are_the_largest_drift_not_none(warehouse: Watched) -> None:
    frame = categories(warehouse, ["a", "b"] * 200, ["c", "d"] * 200)
    expected = psi(np.array([0.5, 0.5, 0]), np.array([0, 0, 1.0]))
    assert one(frame, "psi")["value"] == pytest.approx(expected, rel=1e-9)
    assert one(frame, "psi")["status"] == "alert"
    assert one(frame, "unseen_rate")["value"] == 1.0
    assert one(frame, "unseen_rate")["status"] == "alert"


def test_an_empty_bin_and_a_new_category_stay_finite(warehouse: Watched) -> None:
    frame = categories(warehouse, ["a"] * 300 + ["b"] * 3, ["a"] * 299 + ["new"])
    row = one(frame, "psi")
    expected = psi(np.array([300 / 303, 3 / 303, 0]), np.array([299 / 300, 0, 1 / 300]))
    assert row["value"] == pytest.approx(expected, rel=1e-9)
    assert one(frame, "unseen_rate")["value"] == pytest.approx(1 / 300, rel=1e-12)
    assert one(frame, "unseen_rate")["status"] == "ok", "one row is chance"


def test_only_fifty_categories_have_bins_but_rare_ones_are_not_unseen(warehouse: Watched) -> None:
    reference = [f"c{i:03}" for i in range(80) for _ in range(100 - i)]
    frame = categories(warehouse, reference, ["c000"] * 100 + ["c079"] * 50 + ["never"] * 50 + [None] * 50)
    bins = warehouse.frame("SELECT * FROM sqlops.baseline_bins WHERE column_name = 'x'")
    assert bins["kind"].value_counts().to_dict() == {"category": 50, "other": 30, "missing": 1, "unseen": 1}
    assert bins["share"].sum() == pytest.approx(1, rel=1e-12)
    assert bins.loc[bins["kind"] == "other", "bin"].nunique() == 1
    assert one(frame, "unseen_rate")["value"] == 50 / 250
    assert one(frame, "null_rate")["value"] == 50 / 250


def test_flags_and_grades_keep_their_values(warehouse: Watched) -> None:
    frame = numbers(warehouse, [0.0] * 30 + [1.0] * 970, [0.0] * 500 + [1.0] * 500)
    assert one(frame, "psi")["value"] == pytest.approx(psi(np.array([0.03, 0.97]), np.array([0.5, 0.5])), rel=1e-12)
    bins = warehouse.frame("SELECT kind, upper_edge FROM sqlops.baseline_bins WHERE column_name = 'x' ORDER BY bin")
    assert bins.loc[bins["kind"] == "range", "upper_edge"].tolist() == [0.0, 1.0]


def test_tied_quantiles_are_merged(warehouse: Watched) -> None:
    reference = np.r_[np.zeros(500), np.arange(1.0, 501.0)]
    numbers(warehouse, reference, reference)
    bins = warehouse.frame("SELECT * FROM sqlops.baseline_bins WHERE column_name = 'x' AND kind = 'range' ORDER BY bin")
    assert bins["upper_edge"].tolist() == [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]
    assert bins["n"].tolist() == [500, 100, 100, 100, 100, 100]


@pytest.mark.parametrize(
    ("baseline", "current", "expected"),
    [
        ([5.0] * 200, [5.0] * 200, {"psi": "ok", "mean": "ok", "sd": "ok"}),
        ([0.1] * 200, [0.1] * 777, {"psi": "ok", "mean": "ok", "sd": "ok"}),
        ([5.0] * 200, [6.0] * 200, {"psi": "alert", "mean": "alert", "sd": "ok", "out_of_range_rate": "alert"}),
        ([np.nan] * 200, [np.nan] * 200, {"psi": "ok", "mean": "insufficient", "null_rate": "ok"}),
        ([np.nan] * 200, [1.0] * 200, {"psi": "alert", "mean": "insufficient", "null_rate": "alert"}),
        ([1.0, 2.0] * 100, [np.nan] * 200, {"psi": "alert", "mean": "insufficient", "null_rate": "alert"}),
        ([], [1.0] * 200, {"psi": "insufficient", "mean": "insufficient", "null_rate": "insufficient"}),
        ([1.0, np.inf, -np.inf] * 70, [1.0, np.inf, -np.inf] * 70, {"psi": "ok", "mean": "ok"}),
        ([1e308, -1e308, 1.0] * 70, [1e308, -1e308, 1.0] * 70, {"psi": "ok", "mean": "ok", "sd": "ok"}),
        ([1.0, 2.0] * 100, [1.0, 2.0], {"psi": "insufficient", "mean": "insufficient", "null_rate": "insufficient"}),
    ],
    ids=["constant", "inexact constant", "constant moved", "missing", "missing filled", "values lost", "empty baseline",
         "infinite", "huge", "tiny window"],
)  # fmt: skip
def test_awkward_columns(
    warehouse: Watched, baseline: list[float], current: list[float], expected: dict[str, str]
) -> None:
    frame = numbers(warehouse, np.array(baseline, dtype=float), np.array(current, dtype=float))
    assert {metric: one(frame, metric)["status"] for metric in expected} == expected
    finite = frame["value"].dropna()
    assert np.isfinite(finite).all()


def test_one_all_missing_window_breaks_no_other(warehouse: Watched) -> None:
    X = pd.DataFrame({"x": np.arange(300.0)})
    tree = DecisionTreeRegressor(max_depth=2).fit(X, X["x"])
    source = pd.DataFrame({"x": np.tile(np.arange(300.0), 3), "id": range(900), "ts": np.repeat(MONTHS[:3], 300)})
    source.loc[300:599, "x"] = np.nan
    warehouse.add(tree, X, source)
    written = warehouse.monitor()
    assert status(written, "psi", "x") == ["ok", "alert", "ok"]
    assert status(written, "mean", "x") == ["ok", "insufficient", "ok"]
    assert values(written, "mean", "x").isna().tolist() == [False, True, False]


def test_every_type_of_input_and_multiclass_scores(warehouse: Watched) -> None:
    rng = np.random.default_rng(0)
    n = 600
    X = pd.DataFrame(
        {
            "text": rng.choice(["a", "b"], n),
            "flag": rng.random(n) < 0.5,
            "level": pd.Categorical(rng.integers(1, 4, n)),
            "count": rng.integers(0, 100, n),
        }
    )
    y = rng.choice([3, 5, 9], n)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(X, y)
    now = X.assign(id=range(n), ts=MONTHS[0])
    now["level"] = now["level"].astype("float64")
    warehouse.add(model, X, now)
    written = warehouse.monitor()
    ranges = written[written["metric"] == "psi"].set_index("column_name")["value"]
    assert set(ranges.index) == {
        "text", "flag", "level", "count", "prediction", "probability_3", "probability_5", "probability_9"
    }  # fmt: skip
    assert ranges.abs().max() < 1e-12, "the same rows, so no drift in any form"
    bins = warehouse.frame("SELECT column_name, category FROM sqlops.baseline_bins WHERE kind = 'category'")
    found = {name: sorted(part["category"]) for name, part in bins.groupby("column_name")}
    assert found["flag"] == ["false", "true"]
    assert found["level"] == ["1", "2", "3"]
    assert set(found["prediction"]) <= {"3", "5", "9"}


def test_a_version_without_a_baseline_is_still_measured(warehouse: Watched) -> None:
    import sqlops
    from sqlops.registry.deploy import deploy
    from sqlops.registry.versions import register

    X = pd.DataFrame({"x": np.arange(100.0)})
    register(warehouse.connection, "sqlops", sqlops.compile(LinearRegression().fit(X, X["x"]), X, name="m"))
    warehouse.table("src", X.assign(id=range(100), ts=MONTHS[0]))
    deploy(warehouse.connection, "sqlops", "m", 1, source="src", keys=["id"])
    written = warehouse.monitor(label="x")
    assert one(written, "mean")["value"] == pytest.approx(49.5, rel=1e-12)
    assert one(written, "mean")["status"] == "insufficient"
    assert one(written, "mae")["status"] == "ok"
