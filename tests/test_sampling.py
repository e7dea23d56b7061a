import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

import sqlops
from sqlops.sampling import ROWS


def frame(n_rows=5000):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=n_rows), "b": rng.normal(size=n_rows), "c": rng.choice(list("xyz"), n_rows)})
    X.loc[17, "a"] = np.nan
    X.loc[4321, "c"] = "rare"
    return X


def test_missing_values_categories_and_extremes_are_in_the_sample():
    X = frame()
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["c"]), remainder="passthrough")
    model = sqlops.compile(make_pipeline(encoder, HistGradientBoostingRegressor(max_iter=5)).fit(X, X["b"]), X)
    inputs = model.sample.inputs
    assert len(model.sample) >= ROWS
    assert np.isnan(inputs["a"]).sum() >= 2
    assert {"x", "y", "z", "rare", "sqlops: never seen", None} <= set(inputs["c"].tolist())
    assert {X["b"].min(), X["b"].max()} <= set(inputs["b"].tolist())
    assert np.isinf(inputs["b"]).any()


def test_rows_at_thresholds_are_in_the_sample():
    X = frame()[["b"]]
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, X["b"].abs() > 1)
    values = sqlops.compile(tree, X).sample.inputs["b"]
    for threshold in tree.tree_.threshold[tree.tree_.children_left >= 0]:
        near = values[np.abs(values - threshold) < 1e-6]
        assert {True, False} == set((near.astype(np.float32) <= threshold).tolist())


def test_a_small_frame_still_gives_enough_rows():
    X = frame().head(30)[["b"]]
    model = sqlops.compile(LogisticRegression().fit(X, X["b"] > 0), X)
    assert len(model.sample) >= ROWS


def test_refused_rows_are_recorded_as_missing():
    X = frame()[["b"]]
    model = sqlops.compile(LogisticRegression().fit(X, X["b"] > 0), X)
    refused = ~np.isfinite(model.sample.inputs["b"])
    assert refused.sum() == 2
    assert np.isnan(model.sample.expected["probability_True"][refused]).all()
    assert set(model.sample.expected["prediction"][refused].tolist()) == {None}


def test_the_sample_is_the_same_every_time():
    X = frame()[["a", "b"]]
    tree = DecisionTreeClassifier(random_state=0).fit(X, X["b"] > 0)
    first, second = sqlops.compile(tree, X).sample, sqlops.compile(tree, X).sample
    for name in first.inputs:
        np.testing.assert_array_equal(first.inputs[name], second.inputs[name])
