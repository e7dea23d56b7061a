"""Encoding of categories by the mean target."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import TargetEncoder

from tests.conformance.cases import Cases
from tests.conformance.tables import flights, hostile_values, mixed

CASES = Cases("target encoding")

MIXED = ["whole", "flag", "text", "none", "nan", "object_number", "object_flag", "category", "number_category",
         "nullable", "nullable_flag", "single", "number"]  # fmt: skip
TARGETS = {
    "continuous": lambda n: np.random.default_rng(0).normal(size=n),
    "binary": lambda n: np.array(["no", "yes"])[np.random.default_rng(0).integers(0, 2, n)],
    "multiclass": lambda n: np.array(["a", "b", "c c"])[np.random.default_rng(0).integers(0, 3, n)],
}


def of_mixed(target: str, columns: list[str], **options: Any) -> tuple[Any, Any]:
    X = mixed()[columns]
    return TargetEncoder(**options).fit(X, TARGETS[target](len(X))), X


for target in TARGETS:
    for smooth in ("auto", 0.0, 10.0):
        CASES.add(f"{target}, every type, smooth={smooth}")(partial(of_mixed, target, MIXED, smooth=smooth))
CASES.add("given categories")(
    partial(of_mixed, "continuous", ["text", "whole"], categories=[["dd", "a", "q", "b", "c", np.nan], [0, 1, 2, 3, 7]])
)
CASES.add("whole numbers as a continuous target")(partial(of_mixed, "continuous", ["text"], target_type="continuous"))


@CASES.add("flights")
def of_flights() -> tuple[Any, Any]:
    X = flights()[["carrier", "dest", "tailnum", "month"]]
    return TargetEncoder().fit(X, flights()["distance"]), X


@CASES.add("before ridge, fitted with cross fitting")
def before_ridge() -> tuple[Any, Any]:
    X = flights()[["carrier", "dest", "origin"]]
    y = flights()["distance"]
    return make_pipeline(TargetEncoder(cv=3), Ridge()).fit(X, y), X


@CASES.add("hostile values")
def hostile() -> tuple[Any, Any]:
    X = hostile_values()
    return TargetEncoder().fit(X, np.arange(len(X)) * 1.5), X


@CASES.add("an array of objects")
def objects() -> tuple[Any, Any]:
    X = np.array([["a", 1.0], [None, 2.0], ["b", np.nan], ["a", 2.0]] * 5, dtype=object)
    return TargetEncoder().fit(X, np.arange(20) % 3), X


@CASES.add("unseen in every column")
def unseen() -> tuple[Any, Any]:
    X = pd.DataFrame({"a": ["x", "y"] * 5, "b": [1, 2] * 5})
    model = TargetEncoder(smooth=1.0).fit(X, np.arange(10.0))
    return model, pd.DataFrame({"a": ["z", "x", "w"], "b": [3, 1, 9]})
