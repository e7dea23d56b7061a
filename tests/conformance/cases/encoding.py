"""Encoders of categories."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from tests.conformance.cases import Cases
from tests.conformance.tables import flights, hostile_columns, hostile_values, mixed

CASES = Cases("encoding")

FLIGHTS = ["carrier", "origin", "tailnum", "month"]
MIXED = ["whole", "flag", "text", "none", "nan", "full", "object_number", "object_flag", "category", "number_category",
         "nullable", "nullable_flag", "single", "number"]  # fmt: skip
SOME = ["text", "none", "flag", "nullable"]


def fitted(encoder: Any, X: Any) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clone(encoder).fit(X), X


def one_hot(columns: list[str], **options: Any) -> tuple[Any, Any]:
    source = flights() if columns[0] in FLIGHTS else mixed()
    return fitted(OneHotEncoder(**options), source[columns])


def ordinal(columns: list[str], **options: Any) -> tuple[Any, Any]:
    source = flights() if columns[0] in FLIGHTS else mixed()
    return fitted(OrdinalEncoder(**options), source[columns])


UNKNOWN = ("error", "ignore", "infrequent_if_exist", "warn")
for unknown in UNKNOWN:
    CASES.add(f"one-hot, handle_unknown={unknown}")(
        partial(one_hot, ["carrier", "origin", "month"], handle_unknown=unknown)
    )
    CASES.add(f"one-hot, every type, handle_unknown={unknown}")(partial(one_hot, MIXED, handle_unknown=unknown))
    for drop in ("first", "if_binary"):
        CASES.add(f"one-hot, drop={drop}, handle_unknown={unknown}")(
            partial(one_hot, ["text", "full", "flag", "none"], drop=drop, handle_unknown=unknown)
        )
        CASES.add(f"one-hot, drop={drop}, max_categories=2, handle_unknown={unknown}")(
            partial(one_hot, ["text", "full", "nan", "whole"], drop=drop, max_categories=2, handle_unknown=unknown)
        )
    for limit in ({"min_frequency": 20}, {"min_frequency": 0.05}, {"max_categories": 4}, {"max_categories": 1}):
        CASES.add(f"one-hot, {limit}, handle_unknown={unknown}")(
            partial(one_hot, ["carrier", "origin"], handle_unknown=unknown, **limit)
        )
        CASES.add(f"one-hot, some types, {limit}, handle_unknown={unknown}")(
            partial(one_hot, SOME, handle_unknown=unknown, **limit)
        )

CASES.add("one-hot, drop an array")(partial(one_hot, ["full", "flag", "whole"], drop=["v", True, 7]))
CASES.add("one-hot, drop NaN and None")(partial(one_hot, ["nan", "none", "text"], drop=[np.nan, None, "b"]))
CASES.add("one-hot, drop an array, max_categories")(partial(one_hot, ["carrier"], drop=["UA"], max_categories=3))
CASES.add("one-hot, dense")(partial(one_hot, ["carrier"], sparse_output=False))
for dtype in (np.float32, np.int8, bool, int):
    CASES.add(f"one-hot, dtype={np.dtype(dtype)}")(partial(one_hot, ["carrier"], dtype=dtype, handle_unknown="ignore"))
CASES.add("one-hot, a name combiner")(
    partial(one_hot, ["text", "whole"], feature_name_combiner=lambda feature, category: f"{feature} is {category!r}")
)
CASES.add("one-hot, given categories")(
    partial(one_hot, ["text", "whole"], categories=[["dd", "a", "q", "b", "c", np.nan], [0, 1, 2, 3, 5, 7]])
)
CASES.add("one-hot, given categories, ignore")(
    partial(one_hot, ["text", "whole", "none"], categories=[["a", "zz"], [1, 5], [None, "p"]], handle_unknown="ignore")
)
CASES.add("one-hot, given categories that numbers cannot be")(
    partial(one_hot, ["object_number"], categories=[["a", "b"]], handle_unknown="ignore")
)
CASES.add("one-hot, tail numbers")(partial(one_hot, ["tailnum"], min_frequency=4, handle_unknown="infrequent_if_exist"))

NAN = float("nan")
for unknown in ({}, {"handle_unknown": "use_encoded_value", "unknown_value": -1},
                {"handle_unknown": "use_encoded_value", "unknown_value": NAN}):  # fmt: skip
    for missing in (NAN, -7, 100):
        CASES.add(f"ordinal, {unknown}, encoded_missing_value={missing}")(
            partial(ordinal, MIXED, encoded_missing_value=missing, **unknown)
        )
    for limit in ({"min_frequency": 9}, {"min_frequency": 0.2}, {"max_categories": 2}, {"max_categories": 1}):
        CASES.add(f"ordinal, {unknown}, {limit}")(partial(ordinal, SOME, encoded_missing_value=-3, **unknown, **limit))
    CASES.add(f"ordinal, flights, {unknown}")(partial(ordinal, ["carrier", "origin", "month"], **unknown))
for dtype in (np.float32, np.int16, np.int64):
    CASES.add(f"ordinal, dtype={np.dtype(dtype)}")(
        partial(
            ordinal,
            ["carrier", "tailnum"],
            dtype=dtype,
            encoded_missing_value=-2,
            handle_unknown="use_encoded_value",
            unknown_value=-1,
        )
    )
CASES.add("ordinal, dtype=int8 wraps around")(partial(ordinal, ["tailnum"], dtype=np.int8, encoded_missing_value=-2))
CASES.add("ordinal, given categories")(
    partial(ordinal, ["text", "whole"], categories=[["dd", "c", "b", "a", np.nan], [0, 1, 2, 3, 7]])
)
CASES.add("ordinal, None is a category among others")(partial(ordinal, ["none"], categories=[[None, "r", "q", "p"]]))


@CASES.add("one-hot, hostile values")
def hostile_one_hot() -> tuple[Any, Any]:
    X = hostile_values()
    return fitted(OneHotEncoder(handle_unknown="ignore", feature_name_combiner=_numbered()), X)


def _numbered() -> Any:
    numbers: dict[Any, int] = {}
    return lambda feature, category: (
        f"{feature}_{numbers.setdefault(str(category) + type(category).__name__, len(numbers))}"
    )


@CASES.add("ordinal, hostile values")
def hostile_ordinal() -> tuple[Any, Any]:
    return fitted(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), hostile_values())


@CASES.add("ordinal, hostile names")
def hostile_names() -> tuple[Any, Any]:
    X = hostile_columns().round(1)
    return fitted(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), X)


@CASES.add("one-hot, an array of text")
def text_array() -> tuple[Any, Any]:
    return fitted(OneHotEncoder(handle_unknown="ignore"), np.array([["a", "x"], ["b", "y"], ["nan", "x"]] * 4))


@CASES.add("ordinal, an array of objects")
def object_array() -> tuple[Any, Any]:
    X = np.array([["a", 1.0, None], ["b", np.nan, "x"], [None, 2.0, "y"]] * 4, dtype=object)
    return fitted(OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), X)


@CASES.add("ordinal, large integers")
def large_integers() -> tuple[Any, Any]:
    X = pd.DataFrame({"id": [2**53 - 1, -(2**53) + 1, 0, 2**40] * 3})
    return fitted(OrdinalEncoder(), X)
