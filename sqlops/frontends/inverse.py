"""The way back through a transformer, for models that predict a transformed target."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import UnsupportedEstimatorError
from sqlops.frontends.base import Context
from sqlops.frontends.composition import is_passthrough
from sqlops.frontends.functions import applied
from sqlops.frontends.quantile import BOUNDS_THRESHOLD
from sqlops.frontends.results import Feature
from sqlops.ir import build
from sqlops.ir.erf import normal_cdf
from sqlops.ir.interpolation import interpolate
from sqlops.ir.nodes import Expr

Array = npt.NDArray[Any]
Values = tuple[Expr, ...]
Inverse = Callable[[Any, Values, Context], Values]


def inverse_transform(transformer: Any, values: Values, context: Context) -> Values:
    """Return ``transformer.inverse_transform`` of columns of doubles.

    Raises
    ------
    UnsupportedEstimatorError
        The transformer is not among those whose inverse is known.
    """
    name = type(transformer).__name__
    inverse = _INVERSES.get(name) if type(transformer).__module__.startswith("sklearn.") else None
    if inverse is None:
        raise UnsupportedEstimatorError(
            f"the inverse of {name} is not supported", step=context.step, hint=f"use one of {', '.join(_INVERSES)}"
        )
    with context.inside(f"inverse of {name}"):
        return inverse(transformer, values, context)


def _not_infinite(values: Values, context: Context) -> None:
    for value in values:
        accepts = build.any_of([build.is_missing(value), build.is_finite(value)])
        context.require(accepts, "the prediction overflows")


def _each(name: str, values: Values, operands: Any) -> Values:
    return tuple(
        build.call(name, value, build.constant(float(operand)))
        for value, operand in zip(values, np.asarray(operands, dtype=np.float64), strict=True)
    )


def _standard(scaler: Any, values: Values, context: Context) -> Values:
    _not_infinite(values, context)
    if scaler.with_std:
        values = _each("multiply", values, scaler.scale_)
    return _each("add", values, scaler.mean_) if scaler.with_mean else values


def _min_max(scaler: Any, values: Values, context: Context) -> Values:
    _not_infinite(values, context)
    return _each("divide", _each("subtract", values, scaler.min_), scaler.scale_)


def _max_abs(scaler: Any, values: Values, context: Context) -> Values:
    _not_infinite(values, context)
    return _each("multiply", values, scaler.scale_)


def _robust(scaler: Any, values: Values, context: Context) -> Values:
    _not_infinite(values, context)
    if scaler.with_scaling:
        values = _each("multiply", values, scaler.scale_)
    return _each("add", values, scaler.center_) if scaler.with_centering else values


def _power(transformer: Any, values: Values, context: Context) -> Values:
    _not_infinite(values, context)
    if transformer.standardize:
        values = inverse_transform(transformer._scaler, values, context)
    back = _box_cox if transformer.method == "box-cox" else _yeo_johnson
    return tuple(back(value, float(exponent)) for value, exponent in zip(values, transformer.lambdas_, strict=True))


def _box_cox(value: Expr, exponent: float) -> Expr:
    """Return ``exp(log1p(exponent * x) / exponent)``, as ``scipy.special.inv_boxcox``."""
    if exponent == 0:
        return build.call("exp", value)
    scaled = build.call("log1p", build.multiply(build.constant(exponent), value))
    return build.call("exp", build.divide(scaled, build.constant(exponent)))


def _yeo_johnson(value: Expr, exponent: float) -> Expr:
    """Return the inverse of Yeo and Johnson (2000), as ``PowerTransformer`` computes it."""
    one = build.constant(1.0)
    mirror = 2 - exponent
    if abs(exponent) < np.spacing(1.0):
        upper = build.subtract(build.call("exp", value), one)
    else:
        grown = build.add(build.multiply(value, build.constant(exponent)), one)
        upper = build.subtract(build.call("power", grown, build.constant(1 / exponent)), one)
    if abs(exponent - 2) > np.spacing(1.0):
        shrunk = build.add(build.multiply(build.constant(-mirror), value), one)
        lower = build.subtract(one, build.call("power", shrunk, build.constant(1 / mirror)))
    else:
        lower = build.subtract(one, build.call("exp", build.call("negative", value)))
    is_positive = build.call("greater_equal", value, build.constant(0.0))
    return build.case([(is_positive, upper)], lower)


def _quantile(transformer: Any, values: Values, context: Context) -> Values:
    _not_infinite(values, context)
    is_normal = transformer.output_distribution == "normal"
    return tuple(
        _normal_quantile(value, transformer.references_, quantiles)
        if is_normal
        else interpolate(value, transformer.references_, quantiles)
        for value, quantiles in zip(values, transformer.quantiles_.T, strict=True)
    )


def _normal_quantile(value: Expr, references: Array, quantiles: Array) -> Expr:
    """Return the quantile of a normal score; shares within a threshold of 0 and 1 are the ends."""
    share, threshold = normal_cdf(value), build.constant(BOUNDS_THRESHOLD)
    below = build.call("less", build.subtract(share, threshold), build.constant(0.0))
    above = build.call("greater", build.add(share, threshold), build.constant(1.0))
    ends = [(below, build.constant(quantiles[0])), (above, build.constant(quantiles[-1]))]
    return build.case(ends, interpolate(share, references, quantiles))


def _function(transformer: Any, values: Values, context: Context) -> Values:
    if transformer.validate:
        for value in values:
            context.require(build.is_finite(value), "the prediction overflows")
    if transformer.inverse_func is None:
        return values
    features = tuple(Feature(f"prediction {number}", value) for number, value in enumerate(values))
    arguments = dict(transformer.inv_kw_args or {})
    return tuple(
        feature.expr for feature in applied(transformer, transformer.inverse_func, arguments, features, context)
    )


def _pipeline(pipeline: Any, values: Values, context: Context) -> Values:
    for _, step in reversed(pipeline.steps):
        if not is_passthrough(step):
            values = inverse_transform(step, values, context)
    return values


_INVERSES: dict[str, Inverse] = {
    "FunctionTransformer": _function,
    "MaxAbsScaler": _max_abs,
    "MinMaxScaler": _min_max,
    "Pipeline": _pipeline,
    "PowerTransformer": _power,
    "QuantileTransformer": _quantile,
    "RobustScaler": _robust,
    "StandardScaler": _standard,
}
