"""Scalers: each column alone, by the same floating-point operations in the same order as scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend
from sqlops.ir import build
from sqlops.ir.nodes import Expr


def _scale(features: Features, context: Context, step: Callable[[int, Expr], Expr]) -> Result:
    context.require_numbers(features, allow_nan=True)
    context.refuse_float32(features)
    return Transformed(
        tuple(
            Feature(feature.name, step(number, feature.expr), sparse=feature.sparse)
            for number, feature in enumerate(features)
        )
    )


def _divide(feature: Feature, value: Expr, scale: float) -> Expr:
    """Divide by a scale, or multiply by its inverse, as scikit-learn does with sparse matrices."""
    if feature.sparse:
        return build.multiply(value, build.constant(1.0 / float(scale)))
    return build.divide(value, build.constant(scale))


@frontend("StandardScaler", family="Scalers")
def standard_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``(x - mean_) / scale_``."""

    def step(number: int, value: Expr) -> Expr:
        if scaler.with_mean:
            value = build.subtract(value, build.constant(scaler.mean_[number]))
        return _divide(features[number], value, scaler.scale_[number]) if scaler.with_std else value

    return _scale(features, context, step)


@frontend("RobustScaler", family="Scalers")
def robust_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``(x - center_) / scale_``."""

    def step(number: int, value: Expr) -> Expr:
        if scaler.with_centering:
            value = build.subtract(value, build.constant(scaler.center_[number]))
        return _divide(features[number], value, scaler.scale_[number]) if scaler.with_scaling else value

    return _scale(features, context, step)


@frontend("MinMaxScaler", family="Scalers")
def min_max_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``x * scale_ + min_``, clipped to the range where asked."""
    low, high = (build.constant(bound) for bound in scaler.feature_range)

    def step(number: int, value: Expr) -> Expr:
        value = build.multiply(value, build.constant(scaler.scale_[number]))
        value = build.add(value, build.constant(scaler.min_[number]))
        if not scaler.clip:
            return value
        return build.case([(build.call("less", value, low), low), (build.call("greater", value, high), high)], value)

    return _scale(features, context, step)


@frontend("MaxAbsScaler", family="Scalers")
def max_abs_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``x / scale_``, clipped to -1 and 1 where asked."""
    low, high = build.constant(-1.0), build.constant(1.0)

    def step(number: int, value: Expr) -> Expr:
        value = _divide(features[number], value, scaler.scale_[number])
        if not getattr(scaler, "clip", False):
            return value
        return build.case([(build.call("less", value, low), low), (build.call("greater", value, high), high)], value)

    return _scale(features, context, step)
