"""Polars frames, to compile, score and verify."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, OneHotEncoder, StandardScaler

import sqlops
from sqlops.frames import as_given


def test_polars_frames_are_scored_and_verified() -> None:
    X = polars.DataFrame({"text": ["a", None, "b", "a"], "whole": [1, 2, None, 1]})
    model = sqlops.compile(OneHotEncoder(handle_unknown="ignore").fit(X), X)
    scores = model.score(X)
    assert scores["text_None"].tolist() == [0, 1, 0, 0]
    assert scores["whole_nan"].tolist() == [0, 0, 1, 0]
    assert model.verify(X).ok
    pd.testing.assert_frame_equal(model.score(X.to_pandas()), scores)


def test_a_polars_column_of_texts_stays_one_where_all_are_missing() -> None:
    frame = pd.DataFrame({"text": np.array([np.nan], dtype=object), "number": [np.nan]})
    assert as_given(frame, "polars").schema == {"text": polars.String, "number": polars.Float64}


def test_float32_columns_of_a_table_are_read_exactly() -> None:
    X = np.array([[0.1, 2.5], [0.3, 1e-3], [7.7, -4.0]], dtype=np.float32)
    model = sqlops.compile(OneHotEncoder(handle_unknown="ignore").fit(X), X)
    assert model.score(X).to_numpy().sum() == 6
    assert model.verify(X).ok


def test_small_integers_beside_a_null_are_float32_out_of_polars() -> None:
    X = polars.DataFrame({"small": [1, None, 3, 4], "single": [0.1, 0.2, 0.3, 0.7]})
    X = X.cast({"small": polars.Int16, "single": polars.Float32})
    estimator = make_pipeline(SimpleImputer(strategy="constant", fill_value=0.1), Normalizer())
    assert estimator.fit_transform(X).dtype == np.float32
    model = sqlops.compile(estimator, X)
    assert model.verify(X).ok
    assert model.verify(X.drop_nulls()).ok


def test_nothing_is_lost_in_a_polars_frame_of_every_type() -> None:
    dtypes = [polars.Float32, polars.Float64, polars.Int8, polars.UInt16, polars.Int64, polars.Boolean, polars.Float16]
    X = polars.DataFrame({str(dtype): polars.Series([0, 1, 0, 3]).cast(dtype) for dtype in dtypes})
    for columns in ([0], [0, 2], [0, 3], [0, 4], [0, 5], [0, 1], [5, 6], [2, 5], [0, 6], range(7)):
        given = X[:, list(columns)]
        assert sqlops.compile(StandardScaler().fit(given), given).verify(given).ok
        if np.asarray(given).dtype != np.float16:
            assert sqlops.compile(Normalizer().fit(given), given).verify(given).ok
