"""Pooling of columns: numpy's reductions of a row, in the dtype in which numpy computes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from sqlops.frontends.results import is_single, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr

Dtype = np.dtype[Any]
Pool = Callable[[Sequence[Expr], Dtype], Expr]
"""From the columns of a cluster and the dtype of the result to the result."""


def pool_of(function: Any) -> Pool | None:
    """Return how a function pools columns; None if that is unknown."""
    if isinstance(function, partial) and not function.args and set(function.keywords) <= {"ddof"}:
        pool = next((pool for known, pool in _OF_DEGREES.items() if known is function.func), None)
        ddof = function.keywords.get("ddof", 0)
        return partial(pool, ddof=ddof) if pool and isinstance(ddof, int | float) else None
    return next((pool for known, pool in _POOLS.items() if known is function), None)


def mean(values: Sequence[Expr], dtype: Dtype) -> Expr:
    """Return the mean."""
    return rounded(build.divide(_sum(values, dtype), build.constant(float(len(values)))), dtype)


def _sum(values: Sequence[Expr], dtype: Dtype) -> Expr:
    return build.total(values, single=is_single(dtype))


def _product(values: Sequence[Expr], dtype: Dtype) -> Expr:
    result, *rest = values
    for value in rest:
        result = rounded(build.multiply(result, value), dtype)
    return result


def _largest(values: Sequence[Expr], dtype: Dtype) -> Expr:
    return build.call("maximum", *values)


def _least(values: Sequence[Expr], dtype: Dtype) -> Expr:
    return build.call("minimum", *values)


def _range(values: Sequence[Expr], dtype: Dtype) -> Expr:
    return rounded(build.subtract(_largest(values, dtype), _least(values, dtype)), dtype)


def _variance(values: Sequence[Expr], dtype: Dtype, ddof: float = 0) -> Expr:
    """Return the squared differences from the mean, over ``n - ddof``; without a degree left, divided by zero."""
    center = mean(values, dtype)
    differences = [rounded(build.subtract(value, center), dtype) for value in values]
    squares = [rounded(build.call("square", value), dtype) for value in differences]
    return rounded(build.divide(_sum(squares, dtype), build.constant(max(len(values) - ddof, 0.0))), dtype)


def _deviation(values: Sequence[Expr], dtype: Dtype, ddof: float = 0) -> Expr:
    return rounded(build.call("sqrt", _variance(values, dtype, ddof)), dtype)


def _length(values: Sequence[Expr], dtype: Dtype) -> Expr:
    squares = [rounded(build.call("square", value), dtype) for value in values]
    return rounded(build.call("sqrt", _sum(squares, dtype)), dtype)


def _median(values: Sequence[Expr], dtype: Dtype) -> Expr:
    """Return the median by a sorting network: neighbours are put in order, in turns of odd and even ones."""
    ordered = list(values)
    for turn in range(len(ordered)):
        for at in range(turn % 2, len(ordered) - 1, 2):
            pair = ordered[at], ordered[at + 1]
            ordered[at : at + 2] = [build.call("minimum", *pair), build.call("maximum", *pair)]
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    total = rounded(build.add(ordered[middle - 1], ordered[middle]), dtype)
    return rounded(build.divide(total, build.constant(2.0)), dtype)


_POOLS: dict[Any, Pool] = {
    np.mean: mean,
    np.average: mean,
    np.median: _median,
    np.max: _largest,
    np.amax: _largest,
    np.min: _least,
    np.amin: _least,
    np.ptp: _range,
    np.sum: _sum,
    np.prod: _product,
    np.var: _variance,
    np.std: _deviation,
    np.linalg.norm: _length,
    np.nanmean: mean,
    np.nanmedian: _median,
    np.nanmax: _largest,
    np.nanmin: _least,
    np.nansum: _sum,
    np.nanprod: _product,
    np.nanvar: _variance,
    np.nanstd: _deviation,
}
_OF_DEGREES: dict[Any, Callable[..., Expr]] = {np.var: _variance, np.std: _deviation}

WRAPPING = (np.sum, np.nansum, np.prod, np.nanprod, np.ptp)
"""What may overflow a dtype of whole numbers."""
