"""Meta-estimators nested at random: whatever is put into whatever, the SQL gives the estimator's answers."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import (
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    RandomForestClassifier,
    RandomTreesEmbedding,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import sqlops
from sqlops.artifacts.run import run_in_duckdb
from sqlops.parity import bounds_of, compare, expected_outputs

EVERYDAY, LONG = range(6), range(6, 60)
LOGISTIC = LogisticRegression(max_iter=60)


def scoring(part: Any) -> Any:
    """Return a part that has scores: a vote of labels, which has none, is replaced."""
    return part if hasattr(part, "predict_proba") or hasattr(part, "decision_function") else LOGISTIC


def classifier(rng: np.random.Generator, depth: int, is_binary: bool) -> Any:
    """Return a classifier of up to some levels of meta-estimators."""
    part = partial(classifier, rng, depth - 1, is_binary)
    bases = [
        lambda: LOGISTIC,
        lambda: DecisionTreeClassifier(max_depth=int(rng.integers(1, 4)), random_state=0),
        lambda: make_pipeline(StandardScaler(), LinearSVC()),
        lambda: RandomForestClassifier(n_estimators=3, max_depth=2, random_state=0),
    ]
    if depth == 0:
        return bases[rng.integers(len(bases))]()
    metas = [
        lambda: (
            GridSearchCV(FixedThresholdClassifier(scoring(part())), {"threshold": ["auto"]}, cv=2)
            if is_binary
            else GridSearchCV(part(), {}, cv=2)
        ),
        lambda: StackingClassifier([("a", part()), ("b", part())], LOGISTIC, cv=2, passthrough=bool(rng.integers(2))),
        lambda: VotingClassifier([("a", part()), ("b", part()), ("c", LOGISTIC)], weights=[2, 1, 1]),
        lambda: OneVsRestClassifier(scoring(part())),
        lambda: OneVsOneClassifier(scoring(part())),
        lambda: CalibratedClassifierCV(scoring(part()), method=str(rng.choice(["sigmoid", "isotonic"])), cv=2),
        lambda: BaggingClassifier(part(), n_estimators=2, max_features=0.8, random_state=0),
        lambda: make_pipeline(SelectFromModel(DecisionTreeClassifier(random_state=0), threshold="0.1*mean"), part()),
        lambda: make_pipeline(RandomTreesEmbedding(n_estimators=2, max_depth=2, random_state=0), LOGISTIC),
    ]
    return metas[rng.integers(len(metas))]()


def regressor(rng: np.random.Generator, depth: int) -> Any:
    """Return a regressor of up to some levels of meta-estimators."""
    part = partial(regressor, rng, depth - 1)
    bases = [LinearRegression, Ridge, lambda: DecisionTreeRegressor(max_depth=3, random_state=0)]
    if depth == 0:
        return bases[rng.integers(len(bases))]()
    metas = [
        lambda: GridSearchCV(part(), {}, cv=2),
        lambda: StackingRegressor([("a", part()), ("b", part())], Ridge(), cv=2),
        lambda: VotingRegressor([("a", part()), ("b", part())], weights=[1, 3]),
        lambda: BaggingRegressor(part(), n_estimators=2, max_features=0.7, random_state=0),
        lambda: TransformedTargetRegressor(part(), transformer=MinMaxScaler()),
        lambda: AdaBoostRegressor(part(), n_estimators=3, random_state=0),
        lambda: make_pipeline(RFE(Ridge(), n_features_to_select=4), part()),
    ]
    return metas[rng.integers(len(metas))]()


def fitted(seed: int) -> tuple[Any, Any]:
    """Return a random composition, fitted on every other row, and all rows."""
    rng = np.random.default_rng(seed)
    kind = ("three", "two", "numbers")[seed % 3]
    X, y = (load_diabetes if kind == "numbers" else load_iris)(return_X_y=True, as_frame=True)
    if kind == "two":
        X, y = X[50:], y[50:] > 1
    model = regressor(rng, 2) if kind == "numbers" else classifier(rng, 2, kind == "two")
    return model.fit(X[::2], y[::2]), X


@pytest.mark.parametrize("seed", [*EVERYDAY, *(pytest.param(seed, marks=pytest.mark.long) for seed in LONG)])
def test_nested_meta_estimators(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator, X = fitted(seed)
        model = sqlops.compile(estimator, X)
        expected = expected_outputs(estimator, X, model.signature)
    scores = run_in_duckdb(model.plan("duckdb"), model.signature, X)
    inputs = {column.name: X[column.name].to_numpy(dtype=np.float64) for column in model.signature.inputs}
    got = {name: scores[name].to_numpy() for name in scores.columns}
    report = compare(expected, got, model.signature, bounds_of(model.program, inputs))
    assert report.ok, f"{estimator}\n{report}"
