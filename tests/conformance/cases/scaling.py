"""Scalers."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, holes, hostile_columns

CASES = Cases("scaling")

SCALERS = {
    "standard": StandardScaler(),
    "standard without mean": StandardScaler(with_mean=False),
    "standard without std": StandardScaler(with_std=False),
    "standard without either": StandardScaler(with_mean=False, with_std=False),
    "min-max": MinMaxScaler(),
    "min-max range": MinMaxScaler((-3, 7.5)),
    "min-max clip": MinMaxScaler((-1, 2), clip=True),
    "robust": RobustScaler(),
    "robust without centering": RobustScaler(with_centering=False),
    "robust without scaling": RobustScaler(with_scaling=False),
    "robust quantiles, unit variance": RobustScaler(quantile_range=(10, 70), unit_variance=True),
    "max-abs": MaxAbsScaler(),
    "max-abs clip": MaxAbsScaler(clip=True),
}


def on_wine(scaler: Any) -> tuple[Any, Any]:
    X = holes(bundled("wine")[0])
    X["constant"] = 3.7
    return clone(scaler).fit(X), X


def on_wine_full(model: Any) -> tuple[Any, Any]:
    X = bundled("wine")[0]
    return clone(model).fit(X), X


for name, scaler in SCALERS.items():
    CASES.add(f"{name}, missing values, a constant")(partial(on_wine, scaler))


@CASES.add("standard, integers")
def integers() -> tuple[Any, Any]:
    X = flights()[["month", "distance"]]
    return StandardScaler().fit(X), X


@CASES.add("min-max, booleans beside numbers")
def booleans() -> tuple[Any, Any]:
    X = pd.DataFrame({"flag": [True, False, True], "number": [1.0, 2.0, 4.0]})
    return MinMaxScaler().fit(X), X


@CASES.add("robust, an array")
def array() -> tuple[Any, Any]:
    X = bundled("breast_cancer")[0].to_numpy()
    return RobustScaler().fit(X), X


@CASES.add("standard, an array of integers")
def integer_array() -> tuple[Any, Any]:
    X = bundled("digits")[0].to_numpy().astype(np.int64)[:200, :12]
    return StandardScaler().fit(X), X


@CASES.add("standard, hostile names")
def hostile() -> tuple[Any, Any]:
    X = hostile_columns()
    return StandardScaler().fit(X), X


def after_sparse(scaler: Any) -> tuple[Any, Any]:
    X = flights()[["carrier", "dest", "distance"]]
    encode = ColumnTransformer(
        [("encode", OneHotEncoder(handle_unknown="ignore"), ["carrier", "dest"])], remainder="passthrough"
    )
    return make_pipeline(encode, clone(scaler)).fit(X), X


for name in ("standard without mean", "robust without centering", "max-abs"):
    CASES.add(f"{name}, sparse")(partial(after_sparse, SCALERS[name]))


def on_digits(model: Any, as_sparse: bool, dtype: Any = float) -> tuple[Any, Any]:
    X = bundled("digits")[0].iloc[:80, 7:12].to_numpy(dtype=dtype).copy()
    X[0] = 0  # a norm of zero
    if np.dtype(dtype).kind == "f":
        X[1] = [1e-16, 0, 0, -2e-16, 0]  # a norm that is nearly zero
    X = csr_matrix(X) if as_sparse else X
    return clone(model).fit(X), X


for as_sparse in (False, True):
    form = "sparse" if as_sparse else "dense"
    for norm in ("l1", "l2", "max"):
        CASES.add(f"normalizer {norm}, {form}")(partial(on_digits, Normalizer(norm), as_sparse))
    for threshold in (0.0, 7.5):
        CASES.add(f"binarizer {threshold}, {form}")(partial(on_digits, Binarizer(threshold=threshold), as_sparse))
CASES.add("normalizer, integers")(partial(on_digits, Normalizer(), False, np.int32))
CASES.add("binarizer, integers")(partial(on_digits, Binarizer(threshold=3), False, np.int32))
CASES.add("binarizer, booleans")(partial(on_digits, Binarizer(), False, bool))
CASES.add("binarizer below zero")(partial(on_wine_full, Binarizer(threshold=-0.5)))
