"""Models on tables: mixed columns with missing and unseen values, prepared in a ColumnTransformer, then a model."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import sqlops

QUICK = settings(derandomize=True, deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
ROWS = 40

SCALERS = (
    "passthrough",
    StandardScaler(),
    MinMaxScaler(clip=True),
    MaxAbsScaler(),
    RobustScaler(),
    Normalizer(),
    Normalizer("max"),
    PowerTransformer(),
    QuantileTransformer(n_quantiles=7),
    QuantileTransformer(n_quantiles=20, output_distribution="normal"),
    KBinsDiscretizer(3, encode="ordinal", strategy="uniform"),
    KBinsDiscretizer(4, encode="onehot-dense", strategy="quantile"),
    SplineTransformer(3, degree=2),
    SplineTransformer(4, extrapolation="periodic"),
    SplineTransformer(3, degree=1, extrapolation="linear"),
    PolynomialFeatures(2),
)
ENCODERS = (
    OneHotEncoder(handle_unknown="ignore"),
    OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5, sparse_output=False),
    OneHotEncoder(drop="first", handle_unknown="ignore"),
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2),
    TargetEncoder(smooth=2.0),
)
MODELS = (
    Ridge(),
    LogisticRegression(max_iter=50),
    DecisionTreeRegressor(max_depth=5, random_state=0),
    DecisionTreeClassifier(max_depth=4, random_state=0),
)


@st.composite
def tables(draw: Any) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray, np.ndarray]:
    """Return rows to fit on and rows to score, with categories that were not seen, and a target of each kind."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = draw(st.sampled_from(["float64", "float64", "float32"]))
    kinds = [
        lambda: rng.normal(size=2 * ROWS),
        lambda: rng.normal(size=2 * ROWS) * 10.0 ** draw(st.integers(-9, 9)),
        lambda: rng.integers(-3, 4, 2 * ROWS) / 4,
        lambda: np.full(2 * ROWS, 2.5),
        lambda: rng.lognormal(size=2 * ROWS),
    ]
    numbers = pd.DataFrame(
        {f"number {n}": kinds[draw(st.integers(0, len(kinds) - 1))]() for n in range(draw(st.integers(1, 3)))}
    ).astype(dtype)
    numbers = numbers.mask(rng.random(numbers.shape) < draw(st.sampled_from([0.0, 0.2])))
    words = ["a", "b", "it's", "", "größe", "nan", "e", "f"]
    texts = pd.DataFrame({f"text {n}": rng.choice(words, 2 * ROWS) for n in range(draw(st.integers(1, 2)))}).astype(
        draw(st.sampled_from(["str", "object", "category"]))
    )
    texts.iloc[:ROWS] = texts.iloc[:ROWS].where(texts.iloc[:ROWS].isin(words[:6]), "a")
    texts = texts.mask(rng.random(texts.shape) < draw(st.sampled_from([0.0, 0.1])))
    X = pd.concat([numbers, texts], axis=1)
    values = rng.normal(size=ROWS)
    classes = np.array(["no", "yes", "maybe"])[rng.integers(0, draw(st.integers(2, 3)), ROWS)]
    classes[:2] = "no", "yes"
    return X.iloc[:ROWS], X.iloc[ROWS:].reset_index(drop=True), values, classes


def check(table: Any, scaler: Any, encoder: Any, model: Any, indicator: bool) -> None:
    X, unseen, values, classes = table
    numbers = [name for name in X if name.startswith("number")]
    texts = [name for name in X if name.startswith("text")]
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=indicator), scaler), numbers), (encoder, texts)
    )
    pipeline = make_pipeline(prepare, model)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            pipeline.fit(X, classes if hasattr(model, "predict_proba") else values)
        except ValueError:
            assume(False)
        compiled = sqlops.compile(pipeline, X)
        for frame in (X, unseen):
            report = compiled.verify(frame)
            assert report.ok, str(report)


EXAMPLE = {
    "table": tables(),
    "scaler": st.sampled_from(SCALERS),
    "encoder": st.sampled_from(ENCODERS),
    "model": st.sampled_from(MODELS),
    "indicator": st.booleans(),
}


@QUICK
@given(**EXAMPLE)
def test_models_on_tables(table: Any, scaler: Any, encoder: Any, model: Any, indicator: bool) -> None:
    check(table, scaler, encoder, model, indicator)


@pytest.mark.long
@LONG
@given(**EXAMPLE)
def test_models_on_tables_long(table: Any, scaler: Any, encoder: Any, model: Any, indicator: bool) -> None:
    check(table, scaler, encoder, model, indicator)
