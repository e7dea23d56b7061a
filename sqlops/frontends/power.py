"""Power transformations: Yeo-Johnson and Box-Cox."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend("PowerTransformer", family="Scalers", takes="doubles")
def power_transformer(model: Any, features: Features, context: Context) -> Result:
    """Translate the transformation by the fitted exponents, then the standardization where asked."""
    context.require_numbers(features, allow_nan=True)
    dtype = context.float_dtype(features)
    made = []
    for feature, exponent in zip(features, model.lambdas_, strict=True):
        if model.method == "box-cox":
            not_positive = build.call("less_equal", feature.expr, build.constant(0.0))
            context.require(build.negate(not_positive), f"{feature.name} is not positive")
            value = box_cox(feature.expr, float(exponent))
        else:
            value = yeo_johnson(feature.expr, exponent, np.result_type(dtype, exponent))
        made.append(Feature(feature.name, rounded(value, dtype), dtype))
    result = tuple(made)
    return Transformed(context.transform(model._scaler, result) if model.standardize else result)


def box_cox(value: Expr, exponent: float) -> Expr:
    """Return ``(value ** exponent - 1) / exponent``, or the logarithm, as `scipy.special.boxcox`."""
    log = build.call("log", value)
    if abs(exponent) < 1e-19:
        return log
    scaled = build.multiply(build.constant(exponent), log)
    plain = build.divide(build.call("expm1", scaled), build.constant(exponent))
    raised = build.call("exp", build.subtract(scaled, build.constant(math.log(abs(exponent)))))
    signed = build.multiply(build.constant(math.copysign(1.0, exponent)), raised)
    large = build.subtract(signed, build.constant(1.0 / exponent))
    return build.case([(build.call("greater_equal", scaled, build.constant(709.78)), large)], plain)


def yeo_johnson(value: Expr, exponent: np.floating[Any], dtype: np.dtype[Any]) -> Expr:
    """Return the transformation of Yeo and Johnson (2000), as `scipy.stats.yeojohnson` computes it in a dtype."""
    eps = np.finfo(dtype).eps
    positive = _raised(value, exponent, dtype, straight=bool(abs(exponent) < eps))
    mirrored = _raised(build.call("negative", value), 2 - exponent, dtype, straight=bool(abs(exponent - 2) <= eps))
    is_positive = build.call("greater_equal", value, build.constant(0.0))
    return build.case([(is_positive, positive)], build.call("negative", mirrored))


def _raised(value: Expr, exponent: np.floating[Any], dtype: np.dtype[Any], *, straight: bool) -> Expr:
    log = rounded(build.call("log1p", value), dtype)
    if straight:
        return log
    power = build.constant(float(exponent))
    scaled = rounded(build.multiply(power, log), dtype)
    return rounded(build.divide(rounded(build.call("expm1", scaled), dtype), power), dtype)
