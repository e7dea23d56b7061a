"""Models on float32: what numpy rounds after each operation, SQL on doubles rounds too."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, holes

CASES = Cases("float32")

SCALERS = {
    "standard": StandardScaler(),
    "standard without mean": StandardScaler(with_mean=False),
    "min-max": MinMaxScaler((0.1, 0.7), clip=True),
    "max-abs": MaxAbsScaler(clip=True),
    "robust": RobustScaler(quantile_range=(10, 80), unit_variance=True),
}


def fitted(model: Any, as_array: bool = False) -> tuple[Any, Any]:
    X = bundled("wine")[0].iloc[:, :5].astype(np.float32)
    X["constant"] = np.float32(3.7)
    X = X.to_numpy() if as_array else X
    return clone(model).fit(X), X


for name, scaler in SCALERS.items():
    CASES.add(name)(partial(fitted, scaler))
    CASES.add(f"{name}, an array")(partial(fitted, scaler, as_array=True))


@CASES.add("scalers, missing values")
def missing() -> tuple[Any, Any]:
    X = holes(bundled("wine")[0]).astype(np.float32)
    return make_pipeline(RobustScaler(), MinMaxScaler(clip=True), StandardScaler()).fit(X), X


def sparse(model: Any) -> tuple[Any, Any]:
    X = csr_matrix(bundled("digits")[0].iloc[:99, 8:14].to_numpy(dtype=np.float32))
    return clone(model).fit(X), X


for name in ("standard without mean", "max-abs"):
    CASES.add(f"{name}, sparse")(partial(sparse, SCALERS[name]))

for norm in ("l1", "l2", "max"):
    CASES.add(f"normalizer {norm}")(partial(fitted, Normalizer(norm)))
    CASES.add(f"normalizer {norm}, sparse")(partial(sparse, Normalizer(norm)))
for threshold in (0.0, 1.1, np.float64(1.1)):
    CASES.add(f"binarizer {threshold!r}")(partial(fitted, Binarizer(threshold=threshold)))
for function in (np.square, np.sqrt, np.reciprocal, np.floor, np.absolute, np.negative):
    CASES.add(f"numpy.{function.__name__}")(
        partial(fitted, FunctionTransformer(function, feature_names_out="one-to-one"))
    )
CASES.add("weights in a union")(
    partial(
        fitted,
        FeatureUnion(
            [("a", "passthrough"), ("b", StandardScaler()), ("c", MinMaxScaler())],
            transformer_weights={"a": 0.1, "b": np.float64(0.1), "c": 3},
        ),
    )
)


@CASES.add("beside doubles and integers", made=False)
def beside() -> tuple[Any, Any]:
    X = bundled("wine")[0].iloc[:, :4].astype({"alcohol": np.float32, "ash": np.float32, "malic_acid": np.int16})
    pairs = [("small", MinMaxScaler(), ["alcohol", "malic_acid"]), ("wide", StandardScaler(), ["ash"])]
    return ColumnTransformer(pairs, remainder="passthrough").fit(X), X


@CASES.add("imputer, scaler, tree")
def tree() -> tuple[Any, Any]:
    X, y = bundled("wine")
    X = holes(X).astype(np.float32)
    steps = SimpleImputer(), StandardScaler(), Normalizer("max"), DecisionTreeClassifier(random_state=0)
    return make_pipeline(*steps).fit(X, y), X


@CASES.add("float16 in a tree")
def half() -> tuple[Any, Any]:
    X, y = bundled("iris")
    X = X.astype(np.float16)
    return DecisionTreeClassifier(max_depth=4, random_state=0).fit(X, y), X
