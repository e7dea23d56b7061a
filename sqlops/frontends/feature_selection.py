"""Feature selection: some columns go on as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sklearn.utils import get_tags

from sqlops.frontends.base import Context, Features, Result, Transformed, common_dtype, frontend
from sqlops.frontends.composition import gives_frames
from sqlops.frontends.containers import as_taken


@frontend(
    "GenericUnivariateSelect",
    "SelectFdr",
    "SelectFpr",
    "SelectFwe",
    "SelectKBest",
    "SelectPercentile",
    "VarianceThreshold",
    family="Feature selection",
    takes="frame",
)
def selector(model: Any, features: Features, context: Context) -> Result:
    """Translate a selector into the columns that it keeps."""
    return Transformed(selected(model, features, context))


def selected(model: Any, features: Features, context: Context) -> Features:
    """Return the columns that a `SelectorMixin` keeps, after its check of all of them.

    A selector that allows missing values hands on infinite ones too, and one that is asked for frames hands the
    columns of a pandas frame on without a look.
    """
    frames = gives_frames(model) and not any(feature.polars for feature in features)
    features = as_taken(features, "array")
    if not frames and not get_tags(model).input_tags.allow_nan:
        context.require_numbers(features)
    dtype = common_dtype(features)
    kept = (feature for feature, keep in zip(features, model.get_support(), strict=True) if keep)
    return tuple(feature if frames else replace(feature, dtype=dtype) for feature in kept)
