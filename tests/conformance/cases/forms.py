"""The forms in which X is given: polars, lists, arrays and columns of any dtype, sparse matrices, single rows."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from scipy.sparse import csc_array, csr_array, csr_matrix
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_selection import SelectKBest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, holes

CASES = Cases("forms")


def polars_flights() -> pl.DataFrame:
    columns = ["carrier", "origin", "tailnum", "month", "distance", "air_time", "dep_delay"]
    frame = pl.from_pandas(flights()[columns].head(400))
    return frame.with_columns(pl.col("origin").cast(pl.Categorical), late=pl.col("dep_delay") > 10)


TEXTS = ["carrier", "origin", "tailnum"]
NUMBERS = ["month", "distance", "air_time"]


def of_polars(model: Any, columns: list[str]) -> tuple[Any, Any]:
    X = polars_flights().select(columns)
    y = np.arange(len(X)) % 3 * 1.5
    return model.fit(X, y), X


MODELS = {
    "scaler": (StandardScaler(), NUMBERS),
    "imputer": (SimpleImputer(strategy="median", add_indicator=True), NUMBERS),
    "imputer of text": (SimpleImputer(strategy="most_frequent", missing_values=None), TEXTS),
    "indicator": (MissingIndicator(features="all"), NUMBERS),
    "one-hot": (OneHotEncoder(handle_unknown="ignore", max_categories=9), [*TEXTS, "late"]),
    "one-hot, error": (OneHotEncoder(), ["origin", "carrier", "month"]),
    "ordinal": (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2), TEXTS),
    "target": (TargetEncoder(), [*TEXTS, "month"]),
    "bins": (KBinsDiscretizer(3, encode="ordinal"), ["month", "distance"]),
    "boosting": (HistGradientBoostingRegressor(max_iter=5), ["origin", "month", "distance", "air_time"]),
}
for name, (model, columns) in MODELS.items():
    CASES.add(f"polars, {name}")(partial(of_polars, model, columns))


@CASES.add("polars, a pipeline")
def polars_pipeline() -> tuple[Any, Any]:
    X = polars_flights().drop("dep_delay", "late")
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = make_pipeline(
        SimpleImputer(strategy="constant", missing_values=None, fill_value="none"),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10),
    )
    prepare = make_column_transformer((numbers, NUMBERS), (texts, TEXTS))
    return make_pipeline(prepare, LogisticRegression(max_iter=200)).fit(X, np.arange(len(X)) % 2), X


for output in ("pandas", "polars"):

    @CASES.add(f"set_output({output!r})")
    def between(output: str = output) -> tuple[Any, Any]:
        X = flights()[["carrier", "month", "distance", "air_time"]].head(200)
        encode = OneHotEncoder(handle_unknown="ignore", sparse_output=False, max_categories=5)
        prepare = make_column_transformer(
            (encode, ["carrier"]), (MinMaxScaler(), make_column_selector(dtype_include="number"))
        )
        model = make_pipeline(prepare, SimpleImputer(), SelectKBest(k=4), PolynomialFeatures(2, interaction_only=True))
        return model.set_output(transform=output).fit(X, np.arange(len(X)) % 2), X

    @CASES.add(f"set_output({output!r}), text between the steps")
    def text_between(output: str = output) -> tuple[Any, Any]:
        X = flights()[["carrier", "tailnum", "distance"]].head(200)
        keep = make_column_transformer((StandardScaler(), ["distance"]), remainder="passthrough")
        keep.set_output(transform=output)
        hot = OneHotEncoder(handle_unknown="ignore", max_categories=6)
        encode = make_column_transformer((hot, ["remainder__carrier", "remainder__tailnum"]), remainder="passthrough")
        return make_pipeline(keep, encode).fit(X), X


@CASES.add("lists of numbers")
def lists() -> tuple[Any, Any]:
    X = [[1, 2.5], [3, 0.5], [-1, 7.25], [4, 4.0]] * 3
    return make_pipeline(StandardScaler(), PolynomialFeatures(2)).fit(X), X


@CASES.add("lists of whole numbers")
def whole_lists() -> tuple[Any, Any]:
    X = [[1, 2], [3, 0], [-1, 7], [4, 4]] * 3
    return MinMaxScaler().fit(X), X


@CASES.add("lists of texts beside numbers")
def mixed_lists() -> tuple[Any, Any]:
    X = [["a", 1, 2.5], ["b", 3, 0.5], ["a", 1, 1.5], ["c", 2, 2.5]] * 3
    return OneHotEncoder(handle_unknown="ignore").fit(X), X


DTYPES = ("int8", "int32", "uint16", "uint64", "float16", "float32", "bool", "Int16", "UInt8", "Float32", "boolean")
for dtype in DTYPES:

    @CASES.add(f"a column of {dtype}")
    def column(dtype: str = dtype) -> tuple[Any, Any]:
        values = pd.array([True, False, True, False] * 9) if dtype.startswith("bool") else [1, 2, 3, 4] * 9
        X = pd.DataFrame({"column": pd.Series(values).astype(dtype), "other": np.arange(36.0)})
        model = make_pipeline(SimpleImputer(), DecisionTreeClassifier(max_depth=3, random_state=0))
        return model.fit(X, np.arange(36) % 4), X

    @CASES.add(f"an encoder of {dtype}")
    def encoded(dtype: str = dtype) -> tuple[Any, Any]:
        values = pd.array([True, False, True, False] * 3) if dtype.startswith("bool") else [1, 2, 3, 4] * 3
        X = pd.DataFrame({"column": pd.Series(values).astype(dtype)})
        return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(X), X


for form in (csr_matrix, csr_array, csc_array):

    @CASES.add(f"{form.__name__}, linear model")
    def sparse(form: Any = form) -> tuple[Any, Any]:
        X, y = bundled("digits")
        X = form(X.iloc[:200, 8:20].to_numpy())
        steps = StandardScaler(with_mean=False), PolynomialFeatures(2, interaction_only=True), Ridge()
        return make_pipeline(*steps).fit(X, y[:200]), X


@CASES.add("a sparse matrix with missing values")
def sparse_missing() -> tuple[Any, Any]:
    X = csr_matrix(holes(bundled("iris")[0]).to_numpy())
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(with_mean=False)).fit(X), X


ONE = pd.DataFrame({"a": [0.5], "b": [3.0], "c": [-2.0]})
for name, model in {
    "standard": StandardScaler(),
    "imputer": SimpleImputer(add_indicator=True),
    "polynomial": PolynomialFeatures(2),
    "one-hot": OneHotEncoder(handle_unknown="ignore"),
    "ridge": Ridge(),
}.items():

    @CASES.add(f"one row, {name}")
    def one_row(model: Any = model) -> tuple[Any, Any]:
        return model.fit(ONE, [1.0]), ONE


@CASES.add("transformers that get no columns")
def no_columns() -> tuple[Any, Any]:
    X = bundled("iris")[0]
    parts = [(str(number), part, []) for number, part in enumerate((StandardScaler(), OneHotEncoder(), "passthrough"))]
    return ColumnTransformer([*parts, ("rest", MinMaxScaler(), [1, 2])]).fit(X), X
