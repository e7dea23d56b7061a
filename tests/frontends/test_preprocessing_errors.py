"""What preprocessing refuses to compile, with the whole message."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import polars
import pytest
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.feature_extraction.image import PatchExtractor
from sklearn.impute import IterativeImputer, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    SplineTransformer,
    StandardScaler,
)

import sqlops
from sqlops.errors import CompileError
from sqlops.frontends.known_functions import KNOWN

FLOAT_HINT = "make it float64 before fitting: X[column].astype('float64')"
FUNCTIONS = ", ".join(sorted(known.name for known in KNOWN))
INSTEAD = (
    f"use one of {FUNCTIONS}, numpy.clip, numpy.round and numpy.nan_to_num (with kw_args), "
    "a functools.partial of them, or None; or compute the column before the model, in the source"
)


def message(model: Any, X: Any) -> str:
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model.fit(X), X)
    return str(caught.value)


def frame(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(columns)


NUMBERS = frame(x=[1.0, 2.0, 4.0])
OBJECTS = frame(x=pd.Series(["a", None, "b"], dtype=object))
BOTH = frame(x=pd.Series(["a", None, np.nan], dtype=object))


def double(X: Any) -> Any:
    return X * 2


def test_a_python_function() -> None:
    model = make_pipeline(FunctionTransformer(double), StandardScaler())
    assert message(model, NUMBERS) == (
        "step 'Pipeline / functiontransformer': FunctionTransformer(func="
        "tests.frontends.test_preprocessing_errors.double) "
        f"is not supported: SQL cannot run Python; {INSTEAD}"
    )


def test_a_lambda() -> None:
    assert message(FunctionTransformer(lambda X: X), NUMBERS) == (
        "step 'FunctionTransformer': FunctionTransformer(func=tests.frontends.test_preprocessing_errors.test_a_lambda."
        f"<locals>.<lambda>) is not supported: SQL cannot run Python; {INSTEAD}"
    )


@pytest.mark.parametrize(
    "function", [functools.partial(np.hypot, 1.0), functools.partial(np.multiply, np.array([2.0])), "add", "partial"]
)
def test_a_partial(function: Any) -> None:
    partials = {"add": functools.partial(double), "partial": functools.partial(np.add, 1.0, out=None)}
    function = partials.get(function, function) if isinstance(function, str) else function
    name = "tests.frontends.test_preprocessing_errors.double" if function.func is double else None
    name = name or f"a partial of numpy.{function.func.__name__}"
    assert message(FunctionTransformer(function), NUMBERS) == (
        f"step 'FunctionTransformer': FunctionTransformer(func={name}) is not supported: SQL cannot run Python; "
        + INSTEAD
    )


@pytest.mark.parametrize(
    ("function", "options", "instead"),
    [
        (np.round, {"decimals": 0.5}, "numpy.round takes decimals, a whole number"),
        (np.nan_to_num, {"nan": [0.0]}, "numpy.nan_to_num takes the numbers nan, posinf and neginf"),
    ],
)
def test_arguments_of_functions_with_options(function: Any, options: dict[str, Any], instead: str) -> None:
    model = FunctionTransformer(function, kw_args=options)
    model.fit = lambda X: model
    assert message(model, NUMBERS) == (
        f"step 'FunctionTransformer': FunctionTransformer(kw_args={options!r}) is not supported; {instead}"
    )


def test_negative_decimals_of_whole_numbers() -> None:
    assert message(FunctionTransformer(np.round, kw_args={"decimals": -1}), frame(x=[11, 26])) == (
        "step 'FunctionTransformer': FunctionTransformer(kw_args={'decimals': -1}) is not supported; "
        "of whole numbers, decimals are 0 or more"
    )


def test_an_unknown_function_of_numpy() -> None:
    assert message(FunctionTransformer(np.spacing), NUMBERS) == (
        "step 'FunctionTransformer': FunctionTransformer(func=numpy.spacing) is not supported: SQL cannot run Python; "
        + INSTEAD
    )


def test_arguments_of_a_function() -> None:
    assert message(FunctionTransformer(np.log, kw_args={"where": True}), NUMBERS) == (
        "step 'FunctionTransformer': FunctionTransformer(kw_args={'where': True}) is not supported; "
        "call numpy.log without them"
    )
    assert message(FunctionTransformer(kw_args={"a": 1}), NUMBERS) == (
        "step 'FunctionTransformer': FunctionTransformer(kw_args={'a': 1}) is not supported; "
        "leave them out: without func nothing takes them"
    )


@pytest.mark.parametrize("bounds", [{}, {"a_min": 3, "a_max": 1}, {"a_min": [0.5]}, {"a_min": 0, "out": None}])
def test_arguments_of_clip(bounds: dict[str, Any]) -> None:
    assert message(FunctionTransformer(np.clip, kw_args=bounds), NUMBERS) == (
        f"step 'FunctionTransformer': FunctionTransformer(kw_args={bounds!r}) is not supported; "
        "numpy.clip takes the numbers a_min and a_max (or min and max), in order"
    )


@pytest.mark.parametrize(
    ("function", "name", "values", "problem"),
    [
        (np.log, "numpy.log", np.array([1, 2], dtype=np.float16),
         "is float16, of which numpy.log is computed in float16"),
        (functools.partial(np.multiply, 2), "numpy.multiply", np.array([1, 2]),
         "is int64, of which numpy.multiply is computed in int64"),
        (functools.partial(np.add, 2.0), "numpy.add", np.array([1, 2], dtype=np.float32),
         "is float32, of which numpy.add is computed in float32"),
        (np.round, "numpy.round", np.array([1, 2], dtype=np.float32), "is float32"),
        (np.nan_to_num, "numpy.nan_to_num", np.array([1, 2], dtype=object), "is object"),
        (np.exp, "numpy.exp", np.array([1, 2], dtype=np.int8), "is int8, of which numpy.exp is computed in float16"),
        (np.square, "numpy.square", np.array([1, 2], dtype=np.float16),
         "is float16, of which numpy.square is computed in float16"),
        (np.reciprocal, "numpy.reciprocal", np.array([1, 2]), "is int64"),
        (np.negative, "numpy.negative", np.array([1, 2], dtype=np.uint8), "is uint8"),
        (np.negative, "numpy.negative", np.array([True, False]), "is boolean"),
        (np.sign, "numpy.sign", np.array([True, False]), "is bool, which numpy.sign does not take"),
        (np.log, "numpy.log", np.array([1.5, 2], dtype=object), "holds Python objects"),
        (np.log, "numpy.log", pd.array([1, None], dtype="Int64"), "has a nullable pandas type"),
        (np.clip, "numpy.clip", np.array([True, False]), "is bool"),
        (np.clip, "numpy.clip", np.array([1, 2], dtype=np.float32), "is float32"),
    ],
)  # fmt: skip
def test_types_that_a_function_does_not_take(function: Any, name: str, values: Any, problem: str) -> None:
    kw_args = {"a_min": 0} if function is np.clip else None
    assert message(FunctionTransformer(function, kw_args=kw_args), frame(x=values)) == (
        f"step 'FunctionTransformer': FunctionTransformer(func={name}) gets column 'x', which {problem}; {FLOAT_HINT}"
    )


def test_a_function_of_text() -> None:
    model = make_column_transformer((FunctionTransformer(np.log), ["x"]))
    X = frame(x=["a", "b"])
    model.transformers_ = [("log", FunctionTransformer(np.log), ["x"])]
    model._transformer_to_input_indices = {"log": [0]}
    model.fit = lambda X: model
    assert message(model, X) == (
        "step 'ColumnTransformer / log': text in column 'x'; encode it in a step before this one"
    )


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()])
def test_none_and_nan_as_categories(encoder: Any) -> None:
    assert message(encoder, BOTH) == (
        f"step '{type(encoder).__name__}': column 'x' has both None and NaN as categories, but SQL has one NULL; "
        "replace one by the other before fitting: X[column].fillna(numpy.nan)"
    )


def test_none_and_nan_in_x() -> None:
    encoder = OneHotEncoder(handle_unknown="ignore").fit(OBJECTS)
    encoder.fit = lambda X: encoder
    assert message(encoder, BOTH) == (
        "step 'OneHotEncoder': column 'x' has both None and NaN in X, and one of them is a category, but SQL has one "
        "NULL; replace one by the other before fitting: X[column].fillna(numpy.nan)"
    )


def test_large_integers_as_categories() -> None:
    assert message(OneHotEncoder(), frame(id=[1, 2**53])) == (
        "step 'OneHotEncoder': category 9007199254740992 of column 'id' is not below 2**53, so a double may "
        "not hold it; "
        "make the column text before fitting: X[column].astype(str)"
    )


def test_codes_that_are_text() -> None:
    assert message(OrdinalEncoder(dtype=str, encoded_missing_value=-1), frame(x=["a", "b"])) == (
        "step 'OrdinalEncoder': OrdinalEncoder(dtype=<class 'str'>) is not supported; "
        "use a number, for example numpy.float64"
    )


def test_none_and_nan_for_an_imputer() -> None:
    assert message(SimpleImputer(strategy="most_frequent"), BOTH) == (
        "step 'SimpleImputer': column 'x' has both None and NaN in X, and one of them is filled, but SQL has one NULL; "
        "replace one by the other before fitting: X[column].fillna(numpy.nan)"
    )


def test_text_for_a_column_of_numbers() -> None:
    X = frame(number=[1.0, np.nan], text=["a", np.nan])
    hint = "impute text and numbers in separate steps of a ColumnTransformer, each with a fill value of its type"
    assert message(make_pipeline(SimpleImputer(strategy="constant", fill_value="?")), X) == (
        "step 'Pipeline / simpleimputer': SimpleImputer(strategy='constant') fills column 'number', "
        "which holds numbers, "
        f"with '?'; {hint}"
    )
    assert message(SimpleImputer(strategy="constant", fill_value=0), X) == (
        f"step 'SimpleImputer': SimpleImputer(strategy='constant') fills column 'text', which holds text, "
        f"with 0; {hint}"
    )


def test_float16_in_a_scaler() -> None:
    X = frame(a=[1.0, 2.0], b=[1.0, 3.0]).astype(np.float16)
    assert message(Pipeline([("the scaler", StandardScaler())]), X) == (
        "step 'Pipeline / the scaler': 'a' and its 1 neighbours are float16, and the step computes in it; "
        "fit on float32 or float64: X.astype('float32'), or in polars X.cast(polars.Float32)"
    )


def test_float16_in_polars() -> None:
    X = polars.DataFrame({"a": [1.0, 2.0], "b": [1.0, 3.0]}, schema={"a": polars.Float16, "b": polars.Float16})
    sqlops.compile(StandardScaler().fit(X), X)
    assert message(Normalizer(), X) == (
        "step 'Normalizer': 'a' and its 1 neighbours are float16, and the step computes in it; "
        "fit on float32 or float64: X.astype('float32'), or in polars X.cast(polars.Float32)"
    )


def test_imputation_at_random() -> None:
    X = frame(a=[1.0, 2.0, np.nan, 5.0], b=[1.0, 3.0, 2.0, 1.0])
    assert message(IterativeImputer(sample_posterior=True, max_iter=1), X) == (
        "step 'IterativeImputer': IterativeImputer(sample_posterior=True) is not supported; "
        "it draws at random: impute with the mean instead"
    )


def test_splines_that_depend_on_other_rows() -> None:
    X = frame(a=[1.0, 2.0, np.nan, 5.0])
    model = SplineTransformer(2, sparse_output=True, handle_missing="zeros", extrapolation="continue")
    assert message(model, X) == (
        "step 'SplineTransformer': SplineTransformer(sparse_output=True) is not supported; set sparse_output=False: "
        "with handle_missing='zeros' and extrapolation='continue' what scikit-learn makes of a missing value depends "
        "on the rows beside it"
    )


def test_images() -> None:
    model = PatchExtractor(patch_size=(2, 2))
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model.fit(np.ones((2, 4, 4))), np.ones((2, 4)))
    assert str(caught.value) == (
        "step 'PatchExtractor': sklearn.PatchExtractor is not supported: it cuts images, which are no table; "
        "extract features of the images before the model, in the source"
    )


def test_nullable_columns_in_a_union() -> None:
    X = frame(whole=pd.array([1, None], dtype="Int64"))
    assert message(FeatureUnion([("keep", "passthrough"), ("impute", SimpleImputer())]), X) == (
        "step 'FeatureUnion': FeatureUnion puts nullable pandas columns into an array of objects: 'whole'; "
        "convert them before fitting: X[column].astype('float64'), or astype('str') for text"
    )


class Other(StandardScaler):
    """A subclass may do anything."""


def test_an_unknown_part() -> None:
    model = ColumnTransformer([("reduce", make_pipeline(Other()), ["x"])])
    assert message(model, NUMBERS) == (
        "step 'ColumnTransformer / reduce / other': tests.Other is not supported; `sqlops supported` lists what is; "
        "a plug-in can add it through the entry point sqlops.frontends"
    )


def test_a_part_that_is_not_fitted() -> None:
    X = frame(x=["a", "b"])
    model = Pipeline([("encode", OneHotEncoder()), ("model", LogisticRegression())])
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model, X)
    assert str(caught.value) == "step 'Pipeline': Pipeline is not fitted; call fit before compiling"


def test_whole_numbers_that_overflow_have_no_answer() -> None:
    X = frame(x=np.array([1, 2], dtype=np.int8))
    model = sqlops.compile(FunctionTransformer(np.square).fit(X), X)
    assert model.score(frame(x=[11.0, -12.0, np.nan]))["x"].fillna(-1).tolist() == [121.0, -1.0, -1.0]
