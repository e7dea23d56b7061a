"""Polars frames, to compile, score and verify."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars
from sklearn.preprocessing import OneHotEncoder

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
