"""Cross decomposition: partial least squares and canonical correlation."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Features, Regressed, Result, frontend
from sqlops.frontends.matrices import Columns, cast, columns_of, named_after, product, scale, shift

_DOUBLE = np.dtype(np.float64)


@frontend("PLSRegression", "PLSCanonical", "CCA", family="Cross decomposition", takes="doubles")
def partial_least_squares(model: Any, features: Features, context: Context) -> Result:
    """Translate the regression of the centred columns."""
    context.require_numbers(features)
    return Regressed(*product(_centred(model, features), model.coef_, model.intercept_))


@frontend("PLSRegression", "PLSCanonical", "CCA", family="Cross decomposition", method="transform", takes="doubles")
def latent_scores(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection onto the latent variables of X."""
    context.require_numbers(features)
    centred = _centred(model, features)
    standard = cast(scale(centred, model._x_std), centred[1])
    return named_after(model, features, product(standard, model.x_rotations_.T))


@frontend("PLSSVD", family="Cross decomposition", method="transform")
def singular_scores(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection onto the singular vectors of the cross-covariance."""
    context.require_numbers(features)
    columns = (columns_of(features)[0], _DOUBLE)
    standard = scale(shift(columns, model._x_mean), model._x_std)
    return named_after(model, features, product(standard, model.x_weights_.T))


def _centred(model: Any, features: Features) -> Columns:
    """Return ``X - mean`` as it is computed in place, in the dtype of X."""
    exprs, given = columns_of(features)
    dtype = given if given.kind == "f" else _DOUBLE
    return cast(shift((exprs, dtype), model._x_mean), dtype)
