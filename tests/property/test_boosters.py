"""Boosters fitted on random data: the libraries' answers at every threshold, ± 1 ulp, missing and by category."""

from __future__ import annotations

import catboost as cb
import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import walk
from tests.property.test_trees import assert_same_answers, data, probes

QUICK = settings(derandomize=True, deadline=None, max_examples=6)
LONG = settings(deadline=None, max_examples=200)
pytestmark = pytest.mark.filterwarnings("ignore")

QUIET = {"verbose": 0, "thread_count": 1, "allow_writing_files": False, "random_seed": 0, "iterations": 6}


def lightgbm(kind, **given):
    given = {"n_estimators": 6, "min_child_samples": 2, "min_data_in_bin": 1, "verbose": -1, "n_jobs": 1, **given}
    return (lgb.LGBMClassifier if kind == "classifier" else lgb.LGBMRegressor)(**given)


def xgboost(kind, **given):
    given = {"n_estimators": 6, "max_depth": 3, "min_child_weight": 0, "n_jobs": 1, **given}
    return (xgb.XGBClassifier if kind == "classifier" else xgb.XGBRegressor)(**given)


def catboost(kind, **given):
    given = {**QUIET, "depth": 3, **given}
    return (cb.CatBoostClassifier if kind == "classifier" else cb.CatBoostRegressor)(**given)


BOOSTERS = {
    "lightgbm": lightgbm,
    "lightgbm, zero as missing": lambda kind: lightgbm(kind, zero_as_missing=True),
    "lightgbm, linear trees": lambda kind: lightgbm(kind, linear_tree=True, linear_lambda=1.0),
    "lightgbm, forest": lambda kind: lightgbm(kind, boosting_type="rf", bagging_freq=1, bagging_fraction=0.7),
    "xgboost": xgboost,
    "xgboost, dart": lambda kind: xgboost(kind, booster="dart", rate_drop=0.5),
    "xgboost, zero is missing": lambda kind: xgboost(kind, missing=0.0),
    "catboost": catboost,
    "catboost, depthwise": lambda kind: catboost(kind, grow_policy="Depthwise", nan_mode="Max"),
}


def check(name, drawn, n_classes):
    X, rng = drawn
    X = np.concatenate([X, X])
    if n_classes:
        y = rng.integers(0, n_classes, len(X))
        y[:n_classes] = np.arange(n_classes)
        model = BOOSTERS[name]("classifier").fit(X, y)
    else:
        model = BOOSTERS[name]("regressor").fit(X, rng.normal(size=len(X)))
    compiled = assert_same_answers(model, X, X)
    rows = probes(X, thresholds(compiled.program))
    report = compiled.verify(rows)
    assert report.ok, str(report)


def thresholds(program, limit=40):
    """Return feature numbers and bounds of the first splits; the columns are named x0, x1, … or Column_0, …"""
    found = []
    names = [column.name for column in program.inputs]
    for node in walk(program.roots()):
        if isinstance(node, TreeEnsemble):
            for at in np.flatnonzero((node.left >= 0) & np.isfinite(node.threshold)):
                expr = node.inputs[node.feature[at]]
                if getattr(expr, "name", None) in names:
                    found.append((names.index(expr.name), float(node.threshold[at])))
    return found[:limit]


@pytest.mark.parametrize("name", BOOSTERS)
@QUICK
@given(drawn=data(missing=True), n_classes=st.sampled_from([0, 2, 3]))
def test_boosters(name, drawn, n_classes):
    check(name, drawn, n_classes)


@pytest.mark.long
@pytest.mark.parametrize("name", BOOSTERS)
@LONG
@given(drawn=data(missing=True), n_classes=st.sampled_from([0, 2, 3]))
def test_boosters_long(name, drawn, n_classes):
    check(name, drawn, n_classes)


@st.composite
def frames(draw):
    """Return categories of text and of numbers, some of them missing, and a number."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_rows, n_categories = draw(st.integers(40, 120)), draw(st.integers(2, 40))
    text = rng.integers(0, n_categories, n_rows)
    frame = pd.DataFrame(
        {
            "text": pd.Categorical([f"it's {code}" for code in text]),
            "number": pd.Categorical(rng.integers(-3, 9, n_rows)),
            "x": rng.normal(size=n_rows).round(2),
        }
    )
    y = rng.normal(size=n_rows) + (text % 3 == 0) * 2.0
    return frame, y, draw(st.booleans())


def by_statistics(**given):
    kinds = ["Borders:TargetBorderCount=3", "Buckets", "BinarizedTargetMeanValue", "Counter"]
    given = {"one_hot_max_size": 1, "simple_ctr": kinds, "combinations_ctr": kinds, **given}
    return catboost("regressor", cat_features=["text", "number"], **given)


CATEGORICAL = {
    "lightgbm": lambda: lightgbm("regressor", min_data_per_group=2, cat_smooth=1.0),
    "lightgbm, one against the rest": lambda: lightgbm("regressor", max_cat_to_onehot=50, min_data_per_group=2),
    "xgboost": lambda: xgboost("regressor", enable_categorical=True, max_cat_to_onehot=1),
    "xgboost, one against the rest": lambda: xgboost("regressor", enable_categorical=True, max_cat_to_onehot=50),
    "catboost": lambda: catboost("regressor", cat_features=["text", "number"], one_hot_max_size=60),
    "catboost, statistics": lambda: by_statistics(),
    "catboost, statistics of combinations": lambda: by_statistics(max_ctr_complexity=3, depth=5),
    "catboost, statistics and some one by one": lambda: by_statistics(one_hot_max_size=12, max_ctr_complexity=3),
}


def check_categories(name, drawn):
    frame, y, missing = drawn
    if missing and not name.startswith("catboost"):
        frame.loc[::5, "text"] = None
        frame.loc[::7, "number"] = None
    assert_same_answers(CATEGORICAL[name]().fit(frame, y), frame, frame)


@pytest.mark.parametrize("name", CATEGORICAL)
@QUICK
@given(drawn=frames())
def test_categories(name, drawn):
    check_categories(name, drawn)


@pytest.mark.long
@pytest.mark.parametrize("name", CATEGORICAL)
@LONG
@given(drawn=frames())
def test_categories_long(name, drawn):
    check_categories(name, drawn)
