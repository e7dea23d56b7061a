"""The way back through a transformer, for models that predict a transformed target."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import UnsupportedEstimatorError
from sqlops.frontends.base import Context
from sqlops.frontends.composition import is_passthrough
from sqlops.frontends.functions import applied
from sqlops.frontends.matrices import Columns, columns_of, product
from sqlops.frontends.quantile import BOUNDS_THRESHOLD
from sqlops.frontends.results import Feature, rounded
from sqlops.ir import build
from sqlops.ir.erf import normal_cdf
from sqlops.ir.interpolation import interpolate
from sqlops.ir.nodes import Expr

Array = npt.NDArray[Any]
Inverse = Callable[[Any, Columns, Context], Columns]


def inverse_transform(transformer: Any, columns: Columns, context: Context) -> Columns:
    """Return ``transformer.inverse_transform`` of columns of doubles, or of float32.

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
        return inverse(transformer, columns, context)


def _not_infinite(columns: Columns, context: Context) -> None:
    for value in columns[0]:
        accepts = build.any_of([build.is_missing(value), build.is_finite(value)])
        context.require(accepts, "the prediction overflows")


def _held(values: Iterable[Expr], dtype: np.dtype[Any]) -> Columns:
    """Return values that are stored in an array of a dtype."""
    return tuple(rounded(value, dtype) for value in values), dtype


def _each(name: str, columns: Columns, operands: Any) -> Columns:
    values, dtype = columns
    numbers = np.asarray(operands, dtype=np.float64).tolist()
    changed = (build.call(name, value, build.constant(number)) for value, number in zip(values, numbers, strict=True))
    return _held(changed, dtype)


def _standard(scaler: Any, columns: Columns, context: Context) -> Columns:
    _not_infinite(columns, context)
    if scaler.with_std:
        columns = _each("multiply", columns, scaler.scale_)
    return _each("add", columns, scaler.mean_) if scaler.with_mean else columns


def _min_max(scaler: Any, columns: Columns, context: Context) -> Columns:
    _not_infinite(columns, context)
    return _each("divide", _each("subtract", columns, scaler.min_), scaler.scale_)


def _max_abs(scaler: Any, columns: Columns, context: Context) -> Columns:
    _not_infinite(columns, context)
    return _each("multiply", columns, scaler.scale_)


def _robust(scaler: Any, columns: Columns, context: Context) -> Columns:
    _not_infinite(columns, context)
    if scaler.with_scaling:
        columns = _each("multiply", columns, scaler.scale_)
    return _each("add", columns, scaler.center_) if scaler.with_centering else columns


def _power(transformer: Any, columns: Columns, context: Context) -> Columns:
    _not_infinite(columns, context)
    if transformer.standardize:
        columns = inverse_transform(transformer._scaler, columns, context)
    back = _box_cox if transformer.method == "box-cox" else _yeo_johnson
    values, dtype = columns
    exponents = transformer.lambdas_.tolist()
    return _held((back(value, exponent) for value, exponent in zip(values, exponents, strict=True)), dtype)


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


def _quantile(transformer: Any, columns: Columns, context: Context) -> Columns:
    _not_infinite(columns, context)
    values, dtype = columns
    is_normal = transformer.output_distribution == "normal"
    found = (
        _normal_quantile(value, transformer.references_, quantiles)
        if is_normal
        else interpolate(value, transformer.references_, quantiles)
        for value, quantiles in zip(values, transformer.quantiles_.T, strict=True)
    )
    return _held(found, dtype)


def _normal_quantile(value: Expr, references: Array, quantiles: Array) -> Expr:
    """Return the quantile of a normal score; shares within a threshold of 0 and 1 are the ends."""
    share, threshold = normal_cdf(value), build.constant(BOUNDS_THRESHOLD)
    below = build.call("less", build.subtract(share, threshold), build.constant(0.0))
    above = build.call("greater", build.add(share, threshold), build.constant(1.0))
    ends = [(below, build.constant(quantiles[0])), (above, build.constant(quantiles[-1]))]
    return build.case(ends, interpolate(share, references, quantiles))


def _function(transformer: Any, columns: Columns, context: Context) -> Columns:
    values, dtype = columns
    if transformer.validate:
        _require_finite(values, context)
    if transformer.inverse_func is None:
        return columns
    features = tuple(Feature(f"prediction {number}", value, dtype) for number, value in enumerate(values))
    arguments = dict(transformer.inv_kw_args or {})
    return columns_of(applied(transformer, transformer.inverse_func, arguments, features, context))


def _require_finite(values: Iterable[Expr], context: Context) -> None:
    for value in values:
        context.require(build.is_finite(value), "the prediction overflows")


def _pipeline(pipeline: Any, columns: Columns, context: Context) -> Columns:
    for _, step in reversed(pipeline.steps):
        if not is_passthrough(step):
            columns = inverse_transform(step, columns, context)
    return columns


def _principal(model: Any, columns: Columns, context: Context) -> Columns:
    """Return the way back from components: as many columns as there were."""
    _require_finite(columns[0], context)
    components = model.components_
    if model.whiten:
        components = np.sqrt(model.explained_variance_[:, np.newaxis]) * components
    return product(columns, components.T, model.mean_)


_INVERSES: dict[str, Inverse] = {
    "FunctionTransformer": _function,
    "IncrementalPCA": _principal,
    "MaxAbsScaler": _max_abs,
    "MinMaxScaler": _min_max,
    "PCA": _principal,
    "Pipeline": _pipeline,
    "PowerTransformer": _power,
    "QuantileTransformer": _quantile,
    "RobustScaler": _robust,
    "StandardScaler": _standard,
}
