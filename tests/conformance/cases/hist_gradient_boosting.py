"""Histogram gradient boosting."""

from functools import partial

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import (
    breast_cancer,
    categories,
    diabetes,
    flights,
    iris,
    labelled,
    two_of_three,
    wine,
    with_missing,
)

CASES = Cases("hist gradient boosting")
QUICK = {"max_iter": 25, "random_state": 0}

CLASSIFIERS = {
    "defaults": HistGradientBoostingClassifier(**QUICK),
    "early stop": HistGradientBoostingClassifier(max_iter=60, early_stopping=True, random_state=0),
    "few bins": HistGradientBoostingClassifier(max_bins=8, max_leaf_nodes=5, **QUICK),
    "regularised": HistGradientBoostingClassifier(l2_regularization=5, learning_rate=0.5, max_depth=3, **QUICK),
}
for name, estimator in CLASSIFIERS.items():
    CASES.add(f"{name} (wine)")(partial(fitted, estimator, wine))
    CASES.add(f"{name} (breast cancer)")(partial(fitted, estimator, breast_cancer))
for loss in ("squared_error", "absolute_error", "poisson", "gamma"):
    CASES.add(f"{loss} (diabetes)")(partial(fitted, HistGradientBoostingRegressor(loss=loss, **QUICK), diabetes))
CASES.add("quantile (diabetes)")(
    partial(fitted, HistGradientBoostingRegressor(loss="quantile", quantile=0.8, **QUICK), diabetes)
)
CASES.add("monotonic (diabetes)")(
    partial(fitted, HistGradientBoostingRegressor(monotonic_cst={"bmi": 1}, **QUICK), diabetes)
)
CASES.add("interactions (iris)")(
    partial(fitted, HistGradientBoostingClassifier(interaction_cst="no_interactions", **QUICK), iris)
)
for data, name in ((iris, "three classes"), (two_of_three, "two classes"), (breast_cancer, "breast cancer")):
    CASES.add(f"missing values in training ({name})", methods=["predict", "predict_proba", "decision_function"])(
        partial(fitted, HistGradientBoostingClassifier(**QUICK), partial(with_missing, data))
    )
for kind in ("text", "bool", "negative"):
    CASES.add(f"classes {kind}")(partial(fitted, HistGradientBoostingClassifier(**QUICK), partial(labelled, kind)))


@CASES.add("categories by dtype (flights)")
def by_dtype():
    X, y = categories()
    return HistGradientBoostingClassifier(categorical_features="from_dtype", **QUICK).fit(X, y), X


@CASES.add("categories by name: text and integers (flights)")
def by_name():
    X, y = flights()
    names = ["carrier", "dest", "origin", "month"]
    return HistGradientBoostingClassifier(categorical_features=names, **QUICK).fit(X, y), X


@CASES.add("categories by mask, negative and missing (array)")
def by_mask():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(-3, 30, 500), rng.normal(size=500), rng.integers(0, 4, 500)]).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) % 3 == 0) | (X[:, 1] > 1)
    return HistGradientBoostingClassifier(categorical_features=[True, False, True], **QUICK).fit(X, y), X


@CASES.add("categories of booleans, and a regression (flights)")
def booleans():
    X, y = flights()
    X = pd.DataFrame({"late": y, "month": X["month"], "origin": X["origin"].astype("category")})
    target = X["month"] * np.where(y, 2.0, 1.0)
    model = HistGradientBoostingRegressor(categorical_features=["late", "origin"], **QUICK)
    return model.fit(X, target), X


@CASES.add("infinities in training")
def infinities():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    X[:40, 0], X[40:80, 1], X[80:120, 2] = np.inf, -np.inf, np.nan
    return HistGradientBoostingClassifier(**QUICK).fit(X, (X[:, 0] > 0) | np.isnan(X[:, 2])), X
