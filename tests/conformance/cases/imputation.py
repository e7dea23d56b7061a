"""Imputers and indicators of missing values."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, holes, hostile_values, mixed

CASES = Cases("imputation")

NUMBERS = ["dep_time", "dep_delay", "air_time", "distance"]
TEXTS = ["carrier", "tailnum", "dest"]


def fitted(transformer: Any, X: Any) -> tuple[Any, Any]:
    return clone(transformer).fit(X), X


def of_flights(columns: list[str], **options: Any) -> tuple[Any, Any]:
    return fitted(SimpleImputer(**options), flights()[columns])


def of_mixed(columns: list[str], **options: Any) -> tuple[Any, Any]:
    return fitted(SimpleImputer(**options), mixed()[columns])


def with_empty(**options: Any) -> tuple[Any, Any]:
    X = holes(bundled("iris")[0])
    X.insert(1, "empty", np.nan)
    return fitted(SimpleImputer(**options), X)


def first_quartile(values: Any) -> float:
    return float(np.quantile(values, 0.25))


for strategy in ("mean", "median", "most_frequent", "constant", first_quartile):
    name = strategy if isinstance(strategy, str) else "callable"
    CASES.add(f"numbers, {name}")(partial(of_flights, NUMBERS, strategy=strategy))
    CASES.add(f"numbers, {name}, indicator")(partial(of_flights, NUMBERS, strategy=strategy, add_indicator=True))
    if name != "callable":
        for keep in (False, True):
            CASES.add(f"an empty column, {name}, keep={keep}")(
                partial(with_empty, strategy=strategy, keep_empty_features=keep, add_indicator=True)
            )

for strategy in ("most_frequent", "constant"):
    CASES.add(f"text, {strategy}")(partial(of_flights, TEXTS, strategy=strategy, add_indicator=True))
    CASES.add(f"a category, {strategy}")(partial(of_mixed, ["category"], strategy=strategy))
    for column in ("none", "nan"):
        for missing in (np.nan, None):
            if column == "nan" and missing is None:
                continue
            CASES.add(f"objects with {column}, {strategy}, missing_values={missing}")(
                partial(of_mixed, [column], strategy=strategy, missing_values=missing)
            )
        CASES.add(f"objects with {column}, {strategy}, missing_values=NA")(
            partial(of_mixed, [column], strategy=strategy, missing_values=pd.NA, add_indicator=True)
        )

for fill in (-1, 2.5, np.float64(1e300), -0.0):
    CASES.add(f"constant {fill!r}")(partial(of_flights, NUMBERS, strategy="constant", fill_value=fill))
for fill in ("", "it's", "nan", "größe\n"):
    CASES.add(f"constant text {fill!r}")(partial(of_flights, TEXTS, strategy="constant", fill_value=fill))

CASES.add("text beside numbers, most_frequent")(
    partial(of_flights, ["carrier", "tailnum", "air_time", "distance"], strategy="most_frequent", add_indicator=True)
)
CASES.add("booleans beside numbers, mean")(partial(of_mixed, ["flag", "number"], strategy="mean"))
CASES.add("objects of numbers, median")(partial(of_mixed, ["object_number"], strategy="median"))
CASES.add("objects of numbers, most_frequent, None")(
    partial(of_mixed, ["object_number"], strategy="most_frequent", missing_values=None)
)
CASES.add("objects of booleans, mean")(partial(of_mixed, ["object_flag"], strategy="mean"))
CASES.add("nullable columns, mean")(partial(of_mixed, ["nullable", "nullable_flag"], strategy="mean"))
CASES.add("nullable columns, most_frequent, NA")(
    partial(of_mixed, ["nullable", "nullable_flag"], strategy="most_frequent", missing_values=pd.NA)
)
CASES.add("float32, median")(partial(of_mixed, ["single"], strategy="median", add_indicator=True))
CASES.add("float32 beside float64, mean")(partial(of_mixed, ["single", "number"], strategy="mean"))


@CASES.add("nullable text, NA")
def nullable_text() -> tuple[Any, Any]:
    X = mixed()[["text"]].astype("string")
    return fitted(SimpleImputer(strategy="most_frequent", missing_values=pd.NA), X)


@CASES.add("missing_values is a number, mean")
def number_as_missing() -> tuple[Any, Any]:
    return fitted(SimpleImputer(missing_values=0, add_indicator=True), bundled("digits")[0].iloc[:200, :20])


@CASES.add("missing_values is a number, integers, most_frequent")
def integer_as_missing() -> tuple[Any, Any]:
    X = flights()[["month", "distance"]]
    return fitted(SimpleImputer(missing_values=1, strategy="most_frequent"), X)


@CASES.add("missing_values is a float32")
def single_as_missing() -> tuple[Any, Any]:
    X = mixed()[["single"]].fillna(0.1)
    return fitted(SimpleImputer(missing_values=0.1, strategy="median"), X)


@CASES.add("missing_values is text")
def text_as_missing() -> tuple[Any, Any]:
    X = mixed()[["full"]].replace("v", "?")
    return fitted(SimpleImputer(missing_values="?", strategy="most_frequent", add_indicator=True), X)


@CASES.add("missing_values is text, None goes through")
def none_goes_through() -> tuple[Any, Any]:
    X = mixed()[["none"]]
    return fitted(SimpleImputer(missing_values="p", strategy="constant", fill_value="filled"), X)


@CASES.add("hostile values")
def hostile() -> tuple[Any, Any]:
    return fitted(SimpleImputer(strategy="most_frequent"), hostile_values())


@CASES.add("an array of objects with None and NaN, NA")
def object_array() -> tuple[Any, Any]:
    X = np.array([["a", 1.0], [None, 2.0], ["b", np.nan], ["a", 2.0]] * 5, dtype=object)
    return fitted(SimpleImputer(strategy="most_frequent", missing_values=pd.NA), X)


@CASES.add("nothing missing in fit, then a scaler")
def nothing_missing() -> tuple[Any, Any]:
    return fitted(make_pipeline(SimpleImputer(), StandardScaler()), bundled("linnerud")[0])


for features in ("missing-only", "all"):
    for error_on_new in (True, False):
        CASES.add(f"indicator, features={features}, error_on_new={error_on_new}")(
            partial(fitted, MissingIndicator(features=features, error_on_new=error_on_new), flights()[NUMBERS])
        )
CASES.add("indicator, text")(partial(fitted, MissingIndicator(), flights()[TEXTS]))
CASES.add("indicator, None")(partial(fitted, MissingIndicator(missing_values=None), mixed()[["none"]]))
CASES.add("indicator, sparse")(partial(fitted, MissingIndicator(sparse=True), flights()[NUMBERS]))
CASES.add("indicator, a number")(
    partial(fitted, MissingIndicator(missing_values=0), bundled("digits")[0].iloc[:99, :9])
)
