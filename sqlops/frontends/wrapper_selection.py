"""Feature selection by way of an estimator: the columns that were found best, and what is predicted from them."""

from __future__ import annotations

from typing import Any

from sqlops.frontends.base import Context, Features, Result, Transformed, frontend
from sqlops.frontends.containers import as_framed
from sqlops.frontends.feature_selection import selected

_FAMILY = "Feature selection"


@frontend("SelectFromModel", "SequentialFeatureSelector", family=_FAMILY, takes="frame")
def selector(model: Any, features: Features, context: Context) -> Result:
    """Translate a selector into the columns that it keeps."""
    return Transformed(selected(model, features, context))


@frontend("RFE", "RFECV", family=_FAMILY, method="transform", takes="frame")
def elimination(model: Any, features: Features, context: Context) -> Result:
    """Translate recursive elimination into the columns that were left."""
    return Transformed(selected(model, features, context))


@frontend("RFE", "RFECV", family=_FAMILY, method="predict", takes="frame")
def elimination_predict(model: Any, features: Features, context: Context) -> Result:
    """Translate the estimator that was fitted on the columns that were left."""
    kept = as_framed(selected(model, features, context), model)
    return context.translate(model.estimator_, kept)
