"""Regressors of a transformed target."""

from __future__ import annotations

from typing import Any

from sqlops.frontends.base import Context, Features, Regressed, Result, frontend
from sqlops.frontends.inverse import inverse_transform


@frontend(
    "TransformedTargetRegressor",
    family="Composition",
    limits="transformer: a scaler, PCA, PowerTransformer, QuantileTransformer, or known functions",
    takes="frame",
)
def transformed_target(model: Any, features: Features, context: Context) -> Result:
    """Translate the regressor, and the way back from what it predicts."""
    result = context.regressed(model.regressor_, features)
    return Regressed(*inverse_transform(model.transformer_, (result.values, result.dtype), context))
