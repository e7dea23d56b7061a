"""Every case on every engine: the estimator's answers, on its data and on rows made to probe it."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from sqlops.compiler import features_of
from sqlops.frames import as_frame, form_of
from sqlops.frontends.base import Context
from sqlops.parity import bounds_of, compare
from sqlops.schema import Role
from tests.conformance.cases import Case
from tests.conformance.conftest import prepare
from tests.conformance.engines import ENGINES


def test_engine_gives_the_estimators_answers(case: Case, engine: str) -> None:
    prepared = prepare(case)
    parts = [ENGINES[engine](prepared.model, frame) for frame in prepared.frames if len(frame)]
    got = {name: np.concatenate([part[name] for part in parts]) for name in prepared.expected}
    bounds = bounds_of(prepared.model.program, prepared.inputs)
    report = compare(prepared.expected, got, prepared.model.signature, bounds)
    assert report.ok, str(report)


def test_some_row_is_scored(case: Case) -> None:
    """A case in which every row is refused would prove nothing."""
    expected = prepare(case).expected
    assert any((values == values).any() and not all(v is None for v in values) for values in expected.values())


def test_names_are_those_of_the_estimator(case: Case) -> None:
    model = prepare(case).model
    if model.signature.task != "transform" or not hasattr(model.estimator, "get_feature_names_out"):
        return
    columns = [column.name for column in model.signature.inputs]
    try:
        names = model.estimator.get_feature_names_out(columns)
    except AttributeError:  # a part of it, a FunctionTransformer, has no names
        return
    given = [output.label for output in model.signature.outputs if output.role is Role.FEATURE]
    # scikit-learn names only the first half of what split_sign=True gives.
    assert given[: len(names) if getattr(model.estimator, "split_sign", False) else None] == list(names)


def test_dtypes_are_those_of_the_estimator(case: Case) -> None:
    """What later steps compute in follows from the dtype that a frontend says its columns are held in."""
    prepared = prepare(case)
    model, X = prepared.model, prepared.X
    if model.signature.task != "transform":
        return
    columns = model.signature.inputs
    features = features_of(as_frame(X, [column.name for column in columns]), columns, form_of(X))
    result = Context().translate(model.estimator, features, method="transform")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        answer = model.estimator.transform(X)
    answer = answer.to_pandas() if form_of(answer) == "polars" else answer
    is_frame = isinstance(answer, pd.DataFrame)
    width = answer.shape[1] if len(answer.shape) == 2 else 1
    held = list(answer.dtypes) if is_frame else [getattr(answer, "dtype", None)] * width
    for feature, dtype in zip(result.features, held, strict=True):
        if isinstance(dtype, np.dtype) and feature.expr.type == "double":
            # pandas keeps whole numbers where clipping to a fraction changed none of them, and makes doubles elsewhere.
            clips = is_frame and getattr(model.estimator, "func", None) is np.clip
            is_wider = clips and dtype.kind in "iu" and feature.dtype == np.float64
            assert is_wider or feature.dtype == dtype, f"{feature.name}: {feature.dtype}, not {dtype}"
