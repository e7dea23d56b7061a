"""Imputation of each column from the others, in rounds."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, holes

CASES = Cases("iterative imputation")


def some_missing(X: pd.DataFrame) -> list[pd.DataFrame]:
    """Return rows of X in which any columns but one are missing."""
    rng = np.random.default_rng(0)
    gone = rng.random((60, X.shape[1])) < 0.5
    gone[np.arange(60), rng.integers(0, X.shape[1], 60)] = False
    full = X.ffill().bfill()
    return [full.iloc[rng.integers(0, len(full), 60)].reset_index(drop=True).mask(gone)]


def fitted(estimator: Any = None, complete: bool = False, empty: bool = False, **options: Any) -> tuple[Any, Any]:
    X = holes(bundled("iris")[0])
    if complete:
        X["petal width (cm)"] = bundled("iris")[0]["petal width (cm)"]
    if empty:
        X.insert(1, "empty", np.nan)
    estimator = Ridge() if estimator is None else estimator
    options = {"max_iter": 3, "random_state": 0} | options
    return IterativeImputer(estimator, **options).fit(X), X


def add(name: str, **options: Any) -> None:
    CASES.add(name, probes=some_missing)(partial(fitted, **options))


for order in ("ascending", "descending", "roman", "arabic", "random"):
    add(f"order {order}", imputation_order=order)
for strategy in ("mean", "median", "most_frequent", "constant"):
    add(f"starts with {strategy}", initial_strategy=strategy, max_iter=1)
for skip in (False, True):
    add(f"skip_complete={skip}", skip_complete=skip, complete=True, max_iter=2)
for keep in (False, True):
    add(f"an empty column, keep={keep}", keep_empty_features=keep, empty=True, add_indicator=True)
add("within bounds", min_value=1.0, max_value=[5.0, 3.5, 2.0, 2.2])
add("with indicators", add_indicator=True)
add("two neighbours", n_nearest_features=2)
add("no rounds", max_iter=0)
add("a tree", estimator=DecisionTreeRegressor(max_depth=3, random_state=0), max_iter=2)
add("a forest", estimator=RandomForestRegressor(3, max_depth=2, random_state=0), max_iter=1)
add("a pipeline", estimator=make_pipeline(StandardScaler(), LinearRegression()))


@CASES.add("float32, a tree")
def single() -> tuple[Any, Any]:
    X = holes(bundled("iris")[0]).astype(np.float32)
    return IterativeImputer(DecisionTreeRegressor(max_depth=3), max_iter=2, random_state=0).fit(X), X


@CASES.add("missing_values is a number")
def number() -> tuple[Any, Any]:
    X = holes(bundled("iris")[0]).fillna(-1)
    return IterativeImputer(Ridge(), missing_values=-1, max_iter=2, random_state=0).fit(X), X


@CASES.add("as it comes", probes=some_missing)
def as_it_comes() -> tuple[Any, Any]:
    X = holes(bundled("iris")[0])
    return IterativeImputer().fit(X), X


@CASES.add("one column", made=False)
def one_column() -> tuple[Any, Any]:
    X = flights()[["dep_delay"]]
    return IterativeImputer(Ridge()).fit(X), X


@CASES.add("in a pipeline")
def in_a_pipeline() -> tuple[Any, Any]:
    X, y = bundled("breast_cancer")
    X = holes(X.iloc[:, :5])
    steps = IterativeImputer(Ridge(), max_iter=2, random_state=0), StandardScaler(), LogisticRegression()
    return make_pipeline(*steps).fit(X, y), X
