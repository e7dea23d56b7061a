"""Pipelines, column transformers and unions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, hostile_columns, hostile_values, mixed

CASES = Cases("composition")

NUMBERS = ["dep_time", "dep_delay", "distance"]
TEXTS = ["carrier", "origin"]
SOME = ["number", "whole", "flag", "text", "full"]


def fitted(model: Any, X: Any) -> tuple[Any, Any]:
    return model.fit(X), X


def of_flights(*transformers: Any, **options: Any) -> tuple[Any, Any]:
    X = flights()[[*NUMBERS, "month", *TEXTS]]
    return fitted(ColumnTransformer(list(transformers), **options), X)


def of_mixed(*transformers: Any, **options: Any) -> tuple[Any, Any]:
    return fitted(ColumnTransformer(list(transformers), **options), mixed()[SOME])


def scale(columns: Any) -> tuple[str, Any, Any]:
    return "scale", StandardScaler(), columns


def encode(columns: Any) -> tuple[str, Any, Any]:
    return "encode", OneHotEncoder(handle_unknown="ignore"), columns


def every_second(X: pd.DataFrame) -> list[str]:
    return list(X.columns[:3:2])


SELECTIONS = {
    "names": NUMBERS,
    "names in another order": ["distance", "dep_time"],
    "positions": [0, 2],
    "negative positions": [-6, -4],
    "a slice": slice(0, 3),
    "a slice of names": slice("dep_time", "month"),
    "a mask": [True, False, True, True, False, False],
    "an array": np.array([1, 3]),
    "a selector": make_column_selector(dtype_include="number"),
    "a selector by pattern": make_column_selector(pattern="^d"),
    "a callable": every_second,
    "one column twice": ["distance", "distance"],
    "nothing": [],
    "a mask of nothing": [False] * 6,
}
for name, columns in SELECTIONS.items():
    if name != "one column twice":
        CASES.add(f"columns by {name}")(partial(of_flights, scale(columns), encode(TEXTS)))
    else:
        CASES.add(f"columns by {name}")(partial(of_flights, ("twice", MinMaxScaler(), columns[:1]), scale(columns[:1])))

for remainder in ("drop", "passthrough", SimpleImputer(strategy="most_frequent")):
    name = remainder if isinstance(remainder, str) else "an imputer"
    for how, columns in (("names", ["number"]), ("positions", [0]), ("a mask", [True, False, False, False, False])):
        CASES.add(f"remainder: {name}, columns by {how}")(partial(of_mixed, scale(columns), remainder=remainder))
CASES.add("remainder: passthrough, several transformers, out of order")(
    partial(of_mixed, encode(["full"]), ("drop it", "drop", ["text"]), scale(["whole"]), remainder="passthrough")
)
CASES.add("passthrough first, by position")(
    partial(of_mixed, ("keep", "passthrough", [4, 1]), scale(["number"]), ("drop", "drop", slice(2, 4)))
)
CASES.add("one column in two transformers")(partial(of_mixed, scale(["number", "whole"]), encode(["whole", "full"])))
CASES.add("weights")(
    partial(of_mixed, scale(["number"]), encode(["full"]), transformer_weights={"scale": 0.3, "encode": 2})
)
CASES.add("weights of integers and booleans")(
    partial(
        of_mixed,
        ("flag", "passthrough", ["flag"]),
        ("whole", "passthrough", ["whole"]),
        transformer_weights={"flag": 3, "whole": 0.1},
    )
)
for verbose in (True, False, "{feature_name}@{transformer_name}", lambda step, feature: f"{feature} by {step}"):
    name = verbose if isinstance(verbose, bool | str) else "a callable"
    CASES.add(f"verbose names: {name}")(
        partial(
            of_mixed, scale(["number"]), encode(["full"]), remainder="passthrough", verbose_feature_names_out=verbose
        )
    )
for threshold in (0, 1):
    CASES.add(f"sparse_threshold={threshold}")(
        partial(of_flights, scale(["distance"]), encode(TEXTS), sparse_threshold=threshold)
    )
CASES.add("a pipeline in a column transformer")(
    partial(
        of_flights,
        ("numbers", make_pipeline(SimpleImputer(add_indicator=True), RobustScaler()), NUMBERS),
        ("texts", make_pipeline(SimpleImputer(strategy="most_frequent"), encode(TEXTS)[1]), TEXTS),
    )
)
CASES.add("a column transformer in a column transformer")(
    partial(
        of_flights,
        ("inner", make_column_transformer((MinMaxScaler(), ["dep_time"]), remainder="passthrough"), NUMBERS),
        encode(["origin"]),
    )
)
CASES.add("an array")(
    partial(
        fitted,
        make_column_transformer((StandardScaler(), [3, 1]), remainder="passthrough"),
        bundled("iris")[0].to_numpy(),
    )
)


@CASES.add("an array of objects")
def object_array() -> tuple[Any, Any]:
    X = np.array([["a", 1.0, 5], ["b", 2.5, 7], ["a", 4.0, 9]] * 4, dtype=object)
    return fitted(make_column_transformer((OneHotEncoder(), [0]), (StandardScaler(), [1, 2])), X)


@CASES.add("frames between the steps")
def frames() -> tuple[Any, Any]:
    X = mixed()[["number", "single", "flag", "full"]]
    inner = ColumnTransformer(
        [("one", SimpleImputer(), ["number"]), ("hot", OneHotEncoder(sparse_output=False), ["full"])],
        remainder="passthrough",
    ).set_output(transform="pandas")
    outer = make_column_transformer((StandardScaler(), ["one__number"]), remainder="passthrough")
    return fitted(make_pipeline(inner, outer), X)


@CASES.add("text beside numbers, then selected by position")
def text_beside_numbers() -> tuple[Any, Any]:
    X = mixed()[["number", "text", "none", "whole"]]
    first = make_column_transformer((SimpleImputer(), ["number"]), remainder="passthrough")
    second = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [1, 2]), (StandardScaler(), [0, 3]))
    return fitted(make_pipeline(first, second), X)


@CASES.add("an encoder of an array of objects")
def encoder_of_objects() -> tuple[Any, Any]:
    X = mixed()[["number", "text", "none", "whole"]]
    keep = make_column_transformer(("passthrough", ["text", "none"]), ("passthrough", ["whole", "number"]))
    return fitted(make_pipeline(keep, OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)), X)


@CASES.add("nullable columns pass through")
def nullable() -> tuple[Any, Any]:
    X = mixed()[["nullable", "number"]].fillna({"nullable": 2})
    return fitted(make_column_transformer((StandardScaler(), ["number"]), remainder="passthrough"), X)


UNIONS = {
    "two scalers": FeatureUnion([("a", StandardScaler()), ("b", MinMaxScaler())]),
    "passthrough and drop": FeatureUnion([("a", "passthrough"), ("b", "drop"), ("c", RobustScaler())]),
    "drop first": FeatureUnion([("b", "drop"), ("c", RobustScaler())]),
    "weights": FeatureUnion([("a", "passthrough"), ("b", StandardScaler())], transformer_weights={"a": 0.1, "b": -2}),
    "without prefixes": FeatureUnion(
        [("a", StandardScaler()), ("b", OneHotEncoder(max_categories=3, handle_unknown="ignore"))],
        verbose_feature_names_out=False,
    ),
    "nested": make_union(make_pipeline(StandardScaler(), MinMaxScaler()), make_union(RobustScaler(), "passthrough")),
}
for name, union in UNIONS.items():
    CASES.add(f"union: {name}")(partial(fitted, union, bundled("linnerud")[0]))


def with_target(model: Any, name: str) -> tuple[Any, Any]:
    X, y = bundled(name)
    return model.fit(X, y), X


PIPELINES = {
    "passthrough step": Pipeline([("a", "passthrough"), ("b", StandardScaler()), ("c", Ridge())]),
    "None step": Pipeline([("a", StandardScaler()), ("b", None), ("c", LinearRegression())]),
    "only a regressor": Pipeline([("a", LinearRegression())]),
    "nested": Pipeline(
        [("a", Pipeline([("b", StandardScaler()), ("c", MinMaxScaler())])), ("d", Pipeline([("e", Ridge())]))]
    ),
    "union": make_pipeline(make_union(StandardScaler(), "passthrough"), Ridge()),
    "names with slashes and dots": Pipeline([("a.b / c", StandardScaler()), ("'\"", Ridge())]),
}
for name, model in PIPELINES.items():
    CASES.add(f"pipeline: {name}")(partial(with_target, model, "diabetes"))
CASES.add("pipeline: ends in a transformer")(
    partial(fitted, make_pipeline(SimpleImputer(), "passthrough"), mixed()[["number", "whole", "flag"]])
)
CASES.add("pipeline: a single passthrough")(partial(fitted, make_pipeline("passthrough"), mixed()[["number", "text"]]))


@CASES.add("late flights")
def late_flights() -> tuple[Any, Any]:
    frame = flights().dropna(subset="arr_delay")
    X = frame[[*NUMBERS, "month", "carrier", "origin", "dest", "air_time"]]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), [*NUMBERS, "air_time"]),
        (OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20), ["carrier", "origin", "dest", "month"]),
    )
    return make_pipeline(prepare, LogisticRegression(max_iter=300)).fit(X, frame["arr_delay"] > 15), X


@CASES.add("hostile names and values")
def hostile() -> tuple[Any, Any]:
    X = pd.concat([hostile_values(), hostile_columns(43).drop(columns="select")], axis=1)
    encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    prepare = make_column_transformer((encode, ["select"]), remainder=StandardScaler())
    return make_pipeline(prepare, LogisticRegression()).fit(X, np.arange(len(X)) % 2), X


@CASES.add("frames out of FunctionTransformer")
def function_frames() -> tuple[Any, Any]:
    X = mixed()[["whole", "number"]]
    return fitted(make_pipeline(FunctionTransformer(np.sqrt), SimpleImputer(), StandardScaler()), X)
