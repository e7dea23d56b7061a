"""Feature selection by way of an estimator: the columns that were found best, and what is predicted from them."""

from __future__ import annotations

from typing import Any

from sqlops.frontends.base import Context, Features, Result, Transformed, frontend
from sqlops.frontends.composition import gives_frames
from sqlops.frontends.responses import in_one_array

_FAMILY = "Feature selection"


@frontend("SelectFromModel", "SequentialFeatureSelector", family=_FAMILY)
def selector(model: Any, features: Features, context: Context) -> Result:
    """Translate a selector into the columns that it keeps."""
    return Transformed(_selected(model, features, context))


@frontend("RFE", "RFECV", family=_FAMILY, method="transform")
def elimination(model: Any, features: Features, context: Context) -> Result:
    """Translate recursive elimination into the columns that were left."""
    return Transformed(_selected(model, features, context))


@frontend("RFE", "RFECV", family=_FAMILY, method="predict")
def elimination_predict(model: Any, features: Features, context: Context) -> Result:
    """Translate the estimator that was fitted on the columns that were left."""
    return context.translate(model.estimator_, _selected(model, features, context))


def _selected(model: Any, features: Features, context: Context) -> Features:
    """Return the columns that a `SelectorMixin` keeps, after its check of all of them.

    A selector whose estimator takes missing values takes infinite ones too.
    """
    from sklearn.utils import get_tags

    if not gives_frames(model):
        if not get_tags(model).input_tags.allow_nan:
            context.require_numbers(features)
        features = in_one_array(features, numeric=False)
    return tuple(feature for feature, kept in zip(features, model.get_support(), strict=True) if kept)
