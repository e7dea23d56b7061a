"""Quantile transformation: interpolation between the quantiles of the training data."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, rounded
from sqlops.ir import build, special
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.piecewise import just_below, steps

BOUNDS_THRESHOLD = 1e-7
"""scikit-learn's BOUNDS_THRESHOLD: with normal output, values this near to an end of the range are at the end."""


@frontend("QuantileTransformer", family="Scalers", takes="doubles")
def quantile_transformer(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of the interpolations from below and from above, then the normal quantile where asked."""
    context.require_numbers(features, allow_nan=True)
    dtype = context.float_dtype(features)
    made = []
    for number, feature in enumerate(features):
        value = feature.expr
        if feature.sparse and not model.ignore_implicit_zeros:
            negative = build.call("less", value, build.constant(0.0))
            context.require(build.negate(negative), f"{feature.name} is negative, but was sparse in fit")
        result = _transformed(value, model.quantiles_[:, number], model, dtype)
        if feature.sparse:
            result = build.case([(build.equal(value, 0.0), build.constant(0.0))], result)
        made.append(Feature(feature.name, result, dtype, sparse=feature.sparse))
    return Transformed(tuple(made))


def _transformed(value: Expr, quantiles: FloatArray, model: Any, dtype: np.dtype[Any]) -> Expr:
    result = rounded(_interpolated(value, quantiles, model.references_), dtype)
    low, high = (build.constant(float(end)) for end in (quantiles[0], quantiles[-1]))
    zero, one = build.constant(0.0), build.constant(1.0)
    if model.output_distribution == "uniform":
        ends = [(build.call("equal", value, low), zero), (build.call("equal", value, high), one)]
        return build.case(ends, result)
    near = build.constant(float(dtype.type(BOUNDS_THRESHOLD)))
    below = build.call("less", rounded(build.subtract(value, near), dtype), low)
    above = build.call("greater", rounded(build.add(value, near), dtype), high)
    least, most = (
        float(scipy.special.ndtri(p))
        for p in (BOUNDS_THRESHOLD - np.spacing(1), 1 - (BOUNDS_THRESHOLD - np.spacing(1)))
    )
    quantile = rounded(special.ndtri(result), dtype)
    clipped = build.case(
        [
            (build.call("less", quantile, build.constant(least)), build.constant(least)),
            (build.call("greater", quantile, build.constant(most)), build.constant(most)),
        ],
        quantile,
    )
    bounds = [(below, build.constant(least)), (above, build.constant(most))]
    return rounded(build.case(bounds, clipped), dtype)


def _interpolated(value: Expr, quantiles: FloatArray, references: FloatArray) -> Expr:
    """Return ``(interp(x, q, r) - interp(-x, -q[::-1], -r[::-1])) / 2`` as numpy computes it.

    Between two quantiles both run along the same segment, one from each end. At a quantile that occurs several times
    one gives the last of its references and the other the first.
    """
    knots, first = np.unique(quantiles.astype(np.float64), return_index=True)
    last = np.append(first[1:], len(quantiles)) - 1
    at_knot = 0.5 * (references[last] + references[first])
    bounds = (build.constant(float(knots[0])), build.constant(float(knots[-1])))
    ends = [
        (build.call("less", value, bounds[0]), build.constant(float(references[0]))),
        (build.call("greater", value, bounds[1]), build.constant(float(references[-1]))),
        (build.call("equal", value, bounds[1]), build.constant(float(at_knot[-1]))),
    ]
    if len(knots) == 1:
        return build.case(ends, build.MISSING)
    low, high = references[last[:-1]], references[first[1:]]
    segments = np.column_stack([knots[:-1], low, knots[1:], high, (high - low) / np.diff(knots), at_knot[:-1]])
    start, base, stop, top, slope, held = steps(value, just_below(knots[1:-1]), segments)
    upwards = build.add(build.multiply(slope, build.subtract(value, start)), base)
    downwards = build.add(build.multiply(slope, build.subtract(stop, value)), build.call("negative", top))
    between = build.multiply(build.constant(0.5), build.subtract(upwards, downwards))
    return build.case([*ends, (build.call("equal", value, start), held)], between)
