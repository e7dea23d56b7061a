"""Isotonic regression: straight lines between knots."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, Regressed, Result, Transformed, frontend
from sqlops.frontends.matrices import cast, columns_of
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.ir.piecewise import just_below, steps

Array = npt.NDArray[Any]


@frontend("IsotonicRegression", family="Isotonic regression")
def isotonic_regression(model: Any, features: Features, context: Context) -> Result:
    """Translate the interpolation between the knots."""
    return Regressed((_interpolated(model, features, context),))


@frontend("IsotonicRegression", family="Isotonic regression", method="transform")
def isotonic_column(model: Any, features: Features, context: Context) -> Result:
    """Translate the same as a column for the next step."""
    value = _interpolated(model, features, context)
    return Transformed((Feature(model.get_feature_names_out()[0], value, model.X_thresholds_.dtype),))


def _interpolated(model: Any, features: Features, context: Context) -> Expr:
    if len(features) != 1:
        raise UnsupportedTypeError(
            f"IsotonicRegression takes one column, not {len(features)}", step=context.step, hint="pass that column"
        )
    knots, values = model.X_thresholds_, model.y_thresholds_
    (x,), dtype = cast(columns_of(features), knots.dtype)
    context.require_numbers((Feature(features[0].name, x, dtype),))
    if len(values) == 1:
        return build.constant(values[0])
    low, high = build.constant(model.X_min_), build.constant(model.X_max_)
    below, above = build.call("less", x, low), build.call("greater", x, high)
    if model.out_of_bounds == "clip":
        return interpolate(build.case([(below, low), (above, high)], x), knots, values)
    if model.out_of_bounds == "raise":
        context.require(build.negate(build.any_of([below, above])), f"{features[0].name} is out of bounds")
        return interpolate(x, knots, values)
    return build.case([(below, build.MISSING), (above, build.MISSING)], interpolate(x, knots, values))


def interpolate(x: Expr, knots: Array, values: Array) -> Expr:
    """Return the value at x of the line through knots and values, as ``scipy.interpolate.interp1d`` computes it.

    In float32 scipy takes the interval that ends at a knot for the knot itself; in doubles numpy takes the one that
    starts there.

    Parameters
    ----------
    x : Expr
        Within the knots.
    knots, values : ndarray of shape (n,)
        At least two, in ascending order of knots, of one dtype.
    """
    single = knots.dtype == np.float32
    slopes = (values[1:] - values[:-1]) / (knots[1:] - knots[:-1])
    if single:
        bounds, pieces = knots[1:-1], (slopes, knots[:-1], values[:-1])
    else:
        bounds, pieces = just_below(knots[1:]), (np.append(slopes, 0.0), knots, values)
    slope, start, base = steps(x, bounds, np.column_stack(pieces))
    run = build.rounded(build.subtract(x, start), single=single)
    rise = build.rounded(build.multiply(slope, run), single=single)
    return build.rounded(build.add(rise, base), single=single)
