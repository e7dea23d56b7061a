"""FunctionTransformer."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from sqlops.frontends.known_functions import KNOWN
from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, holes, hostile_columns, mixed

CASES = Cases("functions")

POINTS = np.array(
    [0.0, -0.0, 1e-320, 1e-300, 1e-17, 1e-9, 1e-4, 0.1, 0.3, 0.49999999, 0.5, 0.50000001, 0.65, 0.7, 0.75, 1.0,
     1 + 1e-12, 1.5, 2.0, 2.5, 3.5, 10.0, 100.0, 709.0, 710.0, 1e6 + 0.5, 2.0**52 + 1, 1e15, 1e22, 1e300, np.inf]
)  # fmt: skip


def points(X: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield both signs of the places where functions change their ways."""
    values = np.concatenate([POINTS, -POINTS, 1 - POINTS[:8], POINTS[:8] - 1])
    yield pd.DataFrame(dict.fromkeys(X.columns, values))


def fitted(transformer: Any, X: Any) -> tuple[Any, Any]:
    return clone(transformer).fit(X), X


def numbers() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return holes(
        pd.DataFrame({"normal": rng.normal(size=200) * 3, "unit": rng.random(200), "wide": 10 ** rng.normal(size=200)})
    )


# Before numpy 2.4, fix writes into an array of its own with `out=`, which pandas makes read-only: it refuses frames.
OF_FRAMES = [known for known in KNOWN if known.function is not np.fix or np.lib.NumpyVersion(np.__version__) >= "2.4.0"]
for known in OF_FRAMES:
    CASES.add(known.name, probes=points)(
        partial(fitted, FunctionTransformer(known.function, feature_names_out="one-to-one"), numbers())
    )
    if known.function is not np.reciprocal:
        CASES.add(f"{known.name}, integers")(
            partial(fitted, FunctionTransformer(known.function), flights()[["month", "distance"]])
        )
CASES.add("numpy.fix, an array")(partial(fitted, FunctionTransformer(np.fix), numbers().to_numpy()))
for function in (np.log1p, np.sqrt, np.absolute, np.square, np.isnan, np.floor, np.exp):
    CASES.add(f"numpy.{function.__name__}, booleans")(partial(fitted, FunctionTransformer(function), mixed()[["flag"]]))
for known in OF_FRAMES:
    CASES.add(f"{known.name}, float32")(
        partial(
            fitted, FunctionTransformer(known.function), numbers().assign(one=mixed(200)["single"]).astype("float32")
        )
    )
for function in (
    *(partial(function, 2.5) for function in (np.add, np.subtract, np.multiply, np.divide, np.power, np.float_power)),
    *(partial(function, 0.5) for function in (np.maximum, np.minimum, np.fmax, np.fmin)),
    *(partial(np.power, base) for base in (1.0, 0, -2, 0.5)),
):
    name = f"{function.func.__name__} of {function.args[0]}"
    CASES.add(name, probes=points)(partial(fitted, FunctionTransformer(function), numbers()))
CASES.add("maximum of 3, integers")(
    partial(fitted, FunctionTransformer(partial(np.maximum, 3)), flights()[["month", "distance"]])
)
CASES.add("maximum of 3, booleans")(partial(fitted, FunctionTransformer(partial(np.maximum, 3)), mixed()[["flag"]]))
CASES.add("a partial with names", probes=points)(
    partial(fitted, FunctionTransformer(partial(np.clip, a_min=0), kw_args={"a_max": 2}), numbers())
)
for decimals in (0, 2, -1):
    for function in (np.round, np.around):
        transformer = FunctionTransformer(function, kw_args={"decimals": decimals})
        CASES.add(f"numpy.{function.__name__} {decimals}", probes=points)(partial(fitted, transformer, numbers()))
CASES.add("numpy.round 1, integers and numbers")(
    partial(fitted, FunctionTransformer(np.round, kw_args={"decimals": 1}), mixed()[["whole", "number"]])
)
for options in ({}, {"nan": -1.5, "posinf": 7, "neginf": -1e3}):
    for dtype in (np.float64, np.float32):
        transformer = FunctionTransformer(np.nan_to_num, kw_args=options)
        CASES.add(f"numpy.nan_to_num {options} {dtype.__name__}")(partial(fitted, transformer, numbers().astype(dtype)))
    CASES.add(f"numpy.nan_to_num {options}, integers and numbers")(
        partial(fitted, FunctionTransformer(np.nan_to_num, kw_args=options), mixed()[["whole", "number"]])
    )
CASES.add("numpy.nan_to_num, integers")(partial(fitted, FunctionTransformer(np.nan_to_num), flights()[["month"]]))
for function in (np.absolute, np.negative, np.square, np.sign):
    X = pd.DataFrame({"small": np.array([1, -2, 11, 3], dtype=np.int8)})
    CASES.add(f"numpy.{function.__name__}, int8")(partial(fitted, FunctionTransformer(function), X))

CASES.add("nothing")(partial(fitted, FunctionTransformer(), mixed()[["number", "text", "none"]]))
CASES.add("nothing, validated")(partial(fitted, FunctionTransformer(validate=True), mixed()[["whole", "flag"]]))
CASES.add("numpy.log1p, validated")(
    partial(fitted, FunctionTransformer(np.log1p, validate=True), mixed()[["whole", "flag"]])
)
CASES.add("numpy.sqrt, validated objects")(
    partial(fitted, FunctionTransformer(np.sqrt, validate=True), mixed()[["object_number"]].fillna(1.5).astype(object))
)
CASES.add("numpy.log1p, validated, nullable")(
    partial(fitted, FunctionTransformer(np.log1p, validate=True), mixed()[["nullable"]].fillna(1))
)
for options in ({"a_min": 0, "a_max": 2}, {"min": -0.5, "max": None}, {"a_min": None, "a_max": 1.5}):
    CASES.add(f"numpy.clip {options}", probes=points)(
        partial(fitted, FunctionTransformer(np.clip, kw_args=options), numbers())
    )
    CASES.add(f"numpy.clip {options}, integers")(
        partial(fitted, FunctionTransformer(np.clip, kw_args=options), flights()[["month"]])
    )
CASES.add("an array")(partial(fitted, FunctionTransformer(np.cbrt), numbers().to_numpy()))
CASES.add("hostile names, named by a function")(
    partial(
        fitted,
        FunctionTransformer(np.tanh, feature_names_out=lambda _, names: [f"column {n}" for n in range(len(names))]),
        hostile_columns(),
    )
)


@CASES.add("numpy.log1p, a scaler and a classifier")
def pipeline() -> tuple[Any, Any]:
    X, y = bundled("breast_cancer")
    return make_pipeline(FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression()).fit(X, y), X


@CASES.add("numpy.log refuses in the next step what is not positive")
def logarithm() -> tuple[Any, Any]:
    X = bundled("diabetes")[0][["age", "bmi"]]
    return make_pipeline(FunctionTransformer(np.log), StandardScaler()).fit(X.abs()), X


@CASES.add("expit and logit after each other", probes=points)
def round_trip() -> tuple[Any, Any]:
    X = bundled("diabetes")[0][["age", "bmi"]]
    return make_pipeline(FunctionTransformer(expit), FunctionTransformer(logit)).fit(X), X


@CASES.add("float32: numpy.log1p, a scaler and a classifier")
def single_pipeline() -> tuple[Any, Any]:
    X, y = bundled("breast_cancer")
    X = X.iloc[:150, :8].astype(np.float32)
    steps = FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression()
    return make_pipeline(*steps).fit(X, y[:150]), X


@CASES.add("float32: numpy.log1p and a tree")
def single_tree() -> tuple[Any, Any]:
    X, y = bundled("breast_cancer")
    X = X.iloc[:150, :8].astype(np.float32)
    steps = FunctionTransformer(np.log1p), DecisionTreeClassifier(max_depth=4, random_state=0)
    return make_pipeline(*steps).fit(X, y[:150]), X
