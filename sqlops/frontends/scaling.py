"""Scalers: each column alone, by the same floating-point operations in the same order as scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Context,
    Feature,
    Features,
    Result,
    Transformed,
    checked_dtype,
    frontend,
    is_single,
    rounded,
)
from sqlops.frontends.results import held_beside
from sqlops.ir import build
from sqlops.ir.nodes import Expr

Number = float | np.floating[Any]
Operation = Callable[[Expr, Expr], Expr]


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that is scaled in place: numpy rounds each result to the column's dtype, whatever that of the other."""

    expr: Expr
    dtype: np.dtype[Any]
    sparse: bool

    def apply(self, operation: Operation, value: Number) -> _Column:
        return replace(self, expr=rounded(operation(self.expr, build.constant(float(value))), self.dtype))

    def divide(self, scale: Number) -> _Column:
        """Divide by a scale, or multiply by its inverse, as scikit-learn does with sparse matrices."""
        return self.apply(build.multiply, 1.0 / scale) if self.sparse else self.apply(build.divide, scale)

    def clip(self, low: Number, high: Number) -> _Column:
        least, most = (build.constant(float(self.dtype.type(bound))) for bound in (low, high))
        branches = [(build.call("less", self.expr, least), least), (build.call("greater", self.expr, most), most)]
        return replace(self, expr=build.case(branches, self.expr))


Step = Callable[[int, _Column], _Column]


def _scale(features: Features, context: Context, step: Step) -> Result:
    context.require_numbers(features, allow_nan=True)
    dtype = context.float_dtype(features)
    scaled = []
    for number, feature in enumerate(features):
        column = step(number, _Column(feature.expr, dtype, feature.sparse))
        scaled.append(Feature(feature.name, column.expr, dtype, sparse=feature.sparse))
    return Transformed(tuple(scaled))


@frontend("StandardScaler", family="Scalers", takes="doubles")
def standard_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``(x - mean_) / scale_``, both rounded to the dtype of X first."""

    def step(number: int, column: _Column) -> _Column:
        if scaler.with_mean:
            column = column.apply(build.subtract, column.dtype.type(scaler.mean_[number]))
        if not scaler.with_std:
            return column
        scale = scaler.scale_[number]
        return column.divide(scale if column.sparse else column.dtype.type(scale))

    return _scale(features, context, step)


@frontend("RobustScaler", family="Scalers", takes="doubles")
def robust_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``(x - center_) / scale_``."""

    def step(number: int, column: _Column) -> _Column:
        if scaler.with_centering:
            column = column.apply(build.subtract, scaler.center_[number])
        return column.divide(scaler.scale_[number]) if scaler.with_scaling else column

    return _scale(features, context, step)


@frontend("MinMaxScaler", family="Scalers", takes="doubles")
def min_max_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``x * scale_ + min_``, clipped to the range where asked."""

    def step(number: int, column: _Column) -> _Column:
        column = column.apply(build.multiply, scaler.scale_[number]).apply(build.add, scaler.min_[number])
        return column.clip(*scaler.feature_range) if scaler.clip else column

    return _scale(features, context, step)


@frontend("MaxAbsScaler", family="Scalers", takes="doubles")
def max_abs_scaler(scaler: Any, features: Features, context: Context) -> Result:
    """Translate ``x / scale_``, clipped to -1 and 1 where asked."""

    def step(number: int, column: _Column) -> _Column:
        column = column.divide(scaler.scale_[number])
        return column.clip(-1.0, 1.0) if scaler.clip else column

    return _scale(features, context, step)


@frontend("Binarizer", family="Scalers")
def binarizer(model: Any, features: Features, context: Context) -> Result:
    """Translate ``x > threshold`` into 1 and 0; the column keeps its dtype."""
    context.require_numbers(features)
    dtype = checked_dtype(features)
    compared = dtype if dtype.kind == "f" else np.dtype(np.float64)
    threshold = build.constant(held_beside(model.threshold, compared))
    return Transformed(
        tuple(
            Feature(f.name, build.indicator(build.call("greater", f.expr, threshold)), dtype, sparse=f.sparse)
            for f in features
        )
    )


_NORMS = {"l1": "absolute", "l2": "square", "max": "absolute"}


@frontend("Normalizer", family="Scalers")
def normalizer(model: Any, features: Features, context: Context) -> Result:
    """Translate the division of each row by its norm; rows of norm zero (dense: nearly zero) stay as they are."""
    context.require_numbers(features)
    dtype = context.float_dtype(features)
    parts = [rounded(build.call(_NORMS[model.norm], feature.expr), dtype) for feature in features]
    sparse = any(feature.sparse for feature in features)
    if model.norm == "max":
        norm = build.call("maximum", *parts) if len(parts) > 1 else parts[0]
    else:
        ones = np.ones((1, len(parts)))
        (norm,) = build.affine(parts, ones, np.zeros(1), single=is_single(dtype) and not sparse)
        norm = norm if model.norm == "l1" else build.call("sqrt", norm)
        norm = norm if sparse else rounded(norm, dtype)  # of sparse rows, Cython keeps it in a double
    least = 0.0 if sparse else 10 * float(np.finfo(dtype).eps)
    comparison = "less_equal" if sparse else "less"
    divisor = build.case([(build.call(comparison, norm, build.constant(least)), build.constant(1.0))], norm)
    return Transformed(
        tuple(Feature(f.name, rounded(build.divide(f.expr, divisor), dtype), dtype, sparse=f.sparse) for f in features)
    )
