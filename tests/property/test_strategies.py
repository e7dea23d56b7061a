"""Trees as CASE, bitmasks and traversal: the same answers, to the last bit, on random models and at every threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, RobustScaler

import sqlops
from sqlops.lowering import STRATEGIES
from tests.property.test_boosters import thresholds
from tests.property.test_trees import data, probes

QUICK = settings(derandomize=True, deadline=None, max_examples=6)
LONG = settings(deadline=None, max_examples=200)


def shifted():
    """Return trees whose thresholds move through a scaler."""
    return make_pipeline(RobustScaler(), GradientBoostingClassifier(n_estimators=6, random_state=0))


MODELS = {
    "forest": lambda: RandomForestClassifier(7, max_leaf_nodes=60, random_state=0),
    "boosting, missing": lambda: HistGradientBoostingClassifier(max_iter=6, min_samples_leaf=2),
    "boosting, shifted thresholds": shifted,
}


def agree(estimator, X, rows):
    """Compare the strategies with each other, and one with the library."""
    scores = [sqlops.compile(estimator, X, strategy=strategy).score(rows) for strategy in STRATEGIES]
    for other in scores[1:]:
        pd.testing.assert_frame_equal(other, scores[0], check_exact=True)
    report = sqlops.compile(estimator, X).verify(rows)
    assert report.ok, str(report)


def check(name, drawn, n_classes):
    X, rng = drawn
    X = np.concatenate([X, X])
    if "shifted" in name:
        X = rng.normal(size=X.shape) * 10.0 ** rng.integers(-3, 4, X.shape[1])
    elif "missing" not in name:
        X = np.nan_to_num(X)
    y = rng.integers(0, n_classes, len(X))
    y[:n_classes] = np.arange(n_classes)
    estimator = MODELS[name]().fit(X, y)
    program = sqlops.compile(estimator, X).program
    agree(estimator, X, probes(X, thresholds(program)))


@pytest.mark.parametrize("name", MODELS)
@QUICK
@given(drawn=data(missing=True), n_classes=st.integers(2, 3))
def test_random_models(name, drawn, n_classes):
    check(name, drawn, n_classes)


@pytest.mark.long
@pytest.mark.parametrize("name", MODELS)
@LONG
@given(drawn=data(missing=True), n_classes=st.integers(2, 3))
def test_more_random_models(name, drawn, n_classes):
    check(name, drawn, n_classes)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_categories(n_classes):
    rng = np.random.default_rng(n_classes)
    kinds = ["a", "b", "it's", "ü", "e", "f"]
    X = pd.DataFrame({"kind": rng.choice(kinds, 300), "shop": rng.choice(kinds[:3], 300), "size": rng.normal(size=300)})
    y = (X["size"] + X["kind"].isin(["b", "ü"]) + rng.normal(size=300) / 4 > 0.5).astype(int) * (n_classes - 1)
    y[:3] = [0, 1, n_classes - 1]
    rows = X.assign(kind=rng.choice([*kinds, "unseen"], 300))
    encoded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["kind", "shop"]), remainder="passthrough"
    )
    forest = RandomForestClassifier(7, max_leaf_nodes=60, random_state=0)
    agree(make_pipeline(encoded, forest).fit(X, y), X, rows)
    typed = X.astype({"kind": "category", "shop": "category"})
    native = HistGradientBoostingClassifier(max_iter=6, categorical_features="from_dtype").fit(typed, y)
    missing = typed.assign(kind=typed["kind"].where(rng.random(300) < 0.8))
    agree(native, typed, missing)
