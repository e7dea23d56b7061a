"""Small frames of any types with missing values, through encoders, imputers and scalers with any options."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

import sqlops
from sqlops.errors import InvalidNameError, UnsupportedTypeError

BOUNDED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
ROWS = 8

numbers = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.0, 0.1, 1e-300, 1e300, 5e-324]), st.integers(-3, 3).map(float)
)
texts = st.one_of(
    st.sampled_from(["a", "b", "", " ", "it's", "nan"]), st.text(max_size=4).filter(lambda t: "\0" not in t)
)
missing = st.booleans()


def column(draw: Any, kind: str) -> pd.Series[Any]:
    """Draw a column of a kind; some values are missing where the kind can hold that."""
    if kind in ("int", "int8"):
        return pd.Series(draw(st.lists(st.integers(-5, 5), min_size=ROWS, max_size=ROWS)), dtype=kind)
    if kind == "bool":
        return pd.Series(draw(st.lists(st.booleans(), min_size=ROWS, max_size=ROWS)), dtype=bool)
    values = {"float": numbers, "Int64": st.integers(-3, 3), "boolean": st.booleans()}.get(kind, texts)
    pool = draw(st.lists(values, min_size=1, max_size=4))
    chosen = draw(st.lists(st.sampled_from(pool), min_size=ROWS, max_size=ROWS))
    gone = draw(st.lists(missing, min_size=ROWS, max_size=ROWS))
    absent = np.nan if kind == "object of nan" else None
    dtype = {"float": float, "str": "str", "Int64": "Int64", "boolean": "boolean", "category": "category"}.get(
        kind, object
    )
    return pd.Series([absent if g else v for v, g in zip(chosen, gone, strict=True)], dtype=dtype)


@st.composite
def frames(draw: Any, kinds: tuple[str, ...], most: int = 3) -> pd.DataFrame:
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=most))
    return pd.DataFrame({f"column {number}": column(draw, kind) for number, kind in enumerate(chosen)})


NUMBERS = ("int", "bool", "float", "Int64", "boolean")
TEXTS = ("str", "object of nan", "object of None", "category")

encoders = st.one_of(
    st.builds(
        OneHotEncoder,
        drop=st.sampled_from([None, "first", "if_binary"]),
        handle_unknown=st.sampled_from(["error", "ignore", "infrequent_if_exist", "warn"]),
        min_frequency=st.sampled_from([None, 2, 0.3]),
        max_categories=st.sampled_from([None, 1, 2, 3]),
        sparse_output=st.booleans(),
        feature_name_combiner=st.just(lambda name, value: f"{name} {str(value).encode().hex()} {type(value).__name__}"),
    ),
    st.builds(
        OrdinalEncoder,
        encoded_missing_value=st.sampled_from([np.nan, -2, 50]),
        min_frequency=st.sampled_from([None, 2, 0.3]),
        max_categories=st.sampled_from([None, 1, 2, 3]),
    ),
    st.builds(
        OrdinalEncoder,
        handle_unknown=st.just("use_encoded_value"),
        unknown_value=st.sampled_from([-1, 60, np.nan]),
        max_categories=st.sampled_from([None, 2]),
    ),
)
imputers = st.builds(
    SimpleImputer,
    strategy=st.sampled_from(["mean", "median", "most_frequent", "constant"]),
    add_indicator=st.booleans(),
    keep_empty_features=st.booleans(),
)
text_imputers = st.builds(
    SimpleImputer,
    strategy=st.sampled_from(["most_frequent", "constant"]),
    missing_values=st.sampled_from([np.nan, None, pd.NA, "a"]),
    fill_value=st.sampled_from([None, "filled", ""]),
    add_indicator=st.booleans(),
)
scalers = st.one_of(
    st.builds(StandardScaler, with_mean=st.booleans(), with_std=st.booleans()),
    st.builds(MinMaxScaler, feature_range=st.sampled_from([(0, 1), (-3, 0.1)]), clip=st.booleans()),
    st.builds(RobustScaler, with_centering=st.booleans(), with_scaling=st.booleans(), unit_variance=st.booleans()),
    st.builds(MaxAbsScaler),
)
functions = st.builds(
    FunctionTransformer,
    st.sampled_from([None, np.log1p, np.sqrt, np.square, np.tanh, np.floor, np.absolute, np.cbrt]),
    feature_names_out=st.just("one-to-one"),
)


def check(model: Any, X: pd.DataFrame, other: pd.DataFrame) -> None:
    """Compare on the rows of fit and on others of the same types; what scikit-learn does not fit is no example."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            model.fit(X)
            model.transform(X)
        except (ValueError, TypeError):
            assume(False)
        assume(len(model.get_feature_names_out()) > 0)
        try:
            compiled = sqlops.compile(model, X)
        except (UnsupportedTypeError, InvalidNameError) as error:
            known = ("SQL has one NULL", "which holds", "rename one of them")
            refused = any(reason in str(error) for reason in known)
            if not refused:
                raise
            return
        for frame in (X, other):
            report = compiled.verify(frame)
            assert report.ok, str(report)


def rows(X: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of X with the columns shuffled against each other."""
    rng = np.random.default_rng(0)
    return pd.DataFrame({name: X[name].iloc[rng.permutation(len(X))].reset_index(drop=True) for name in X})


@BOUNDED
@given(encoders, frames((*NUMBERS, *TEXTS)))
def test_encoders(encoder: Any, X: pd.DataFrame) -> None:
    half = X.iloc[: ROWS // 2].reset_index(drop=True)
    check(encoder, half, X)


@BOUNDED
@given(imputers, frames(("float", "int", "Int64", "boolean", "bool")))
def test_imputers_of_numbers(imputer: Any, X: pd.DataFrame) -> None:
    check(imputer, X, rows(X))


@BOUNDED
@given(text_imputers, frames(TEXTS))
def test_imputers_of_text(imputer: Any, X: pd.DataFrame) -> None:
    check(imputer, X, rows(X))


@BOUNDED
@given(st.sampled_from(["missing-only", "all"]), st.booleans(), frames((*NUMBERS, "str")))
def test_indicators(features: str, error_on_new: bool, X: pd.DataFrame) -> None:
    half = X.iloc[: ROWS // 2].reset_index(drop=True)
    check(MissingIndicator(features=features, error_on_new=error_on_new), half, X)


@BOUNDED
@given(st.lists(st.one_of(imputers, scalers, functions), min_size=1, max_size=4), frames(("float", "int")))
def test_pipelines_of_numbers(steps: list[Any], X: pd.DataFrame) -> None:
    check(make_pipeline(*steps), X, rows(X))


@BOUNDED
@given(encoders, imputers, scalers, frames(NUMBERS, 2), frames(TEXTS, 2), st.sampled_from(["drop", "passthrough"]))
def test_column_transformers(
    encoder: Any, imputer: Any, scaler: Any, left: pd.DataFrame, right: pd.DataFrame, remainder: str
) -> None:
    right = right.add_prefix("text ")
    X = pd.concat([left, right], axis=1)
    X["rest"] = np.arange(ROWS) / 3
    numeric = make_pipeline(imputer, make_union(scaler, "passthrough"))
    model = make_column_transformer((numeric, list(left.columns)), (encoder, list(right.columns)), remainder=remainder)
    check(model, X, rows(X))
