"""The functions of numpy and scipy.special whose SQL is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.special

from sqlops.frontends.results import is_single, rounded
from sqlops.ir import build
from sqlops.ir.erf import erf, erfc, normal_cdf
from sqlops.ir.nodes import Expr
from sqlops.ir.special import ndtri


@dataclass(frozen=True, slots=True)
class Known:
    """A function that SQL has.

    Parameters
    ----------
    function : callable
        The function itself: it is recognised by identity.
    name : str
        How users write it.
    build : callable
        From the argument to the result.
    exact : bool
        Whether the result is the same in every precision, so that float32 may be computed in doubles.
    rounds : bool
        Whether the result in float32 is that of doubles, rounded. Where it is not, numpy's own float32 function may be
        a few units in the last place away from it.
    bound : callable or None
        For whole numbers: from the largest value of a dtype to the largest magnitude that does not wrap around.
    single : callable or None
        From the argument to the result where the library computes in float32, if that is another formula.
    """

    function: Any
    name: str
    build: Callable[[Expr], Expr]
    exact: bool = False
    rounds: bool = False
    bound: Callable[[int], int] | None = None
    single: Callable[[Expr], Expr] | None = None

    def applied(self, value: Expr, dtype: np.dtype[Any]) -> Expr:
        """Return the result for a value, held in a dtype."""
        if not is_single(dtype) or self.exact:
            return self.build(value)
        result = (self.single or self.build)(value)
        return rounded(result, dtype) if self.rounds else build.total([result], single=True)


def _call(name: str) -> Callable[[Expr], Expr]:
    return lambda value: build.call(name, value)


def _reciprocal(value: Expr) -> Expr:
    return build.divide(build.constant(1.0), value)


def logit(value: Expr) -> Expr:
    """Return ``log(x / (1 - x))``; near 0.5, where that cancels, by way of log1p."""
    one, half, two = build.constant(1.0), build.constant(0.5), build.constant(2.0)
    twice = build.multiply(two, build.subtract(value, half))
    middle = build.subtract(build.call("log1p", twice), build.call("log1p", build.call("negative", twice)))
    outside = build.call("log", build.divide(value, build.subtract(one, value)))
    is_middle = build.all_of(
        [
            build.call("greater_equal", value, build.constant(0.3)),
            build.call("less_equal", value, build.constant(0.65)),
        ]
    )
    is_one = build.call("equal", value, one)
    return build.case([(is_middle, middle), (is_one, build.constant(math.inf))], outside)


def _not(condition: Callable[[Expr], Expr]) -> Callable[[Expr], Expr]:
    return lambda value: build.indicator(build.negate(condition(value)))


def _is_infinite(value: Expr) -> Expr:
    return build.indicator(build.all_of([build.negate(build.is_missing(value)), build.negate(build.is_finite(value))]))


def _log_expit(value: Expr) -> Expr:
    """Return ``log(expit(x))`` without losing what is small, as ``scipy.special.log_expit``."""
    small = build.call("exp", build.call("negative", build.call("absolute", value)))
    share = build.call("log1p", small)
    branches = [(build.call("less", value, build.constant(0.0)), build.subtract(value, share))]
    return build.case(branches, build.call("negative", share))


def _entropy(value: Expr) -> Expr:
    """Return ``-x * log(x)``; 0 of 0, and minus infinity of what is negative."""
    zero = build.constant(0.0)
    branches = [
        (build.equal(value, 0.0), zero),
        (build.call("less", value, zero), build.constant(-math.inf)),
    ]
    return build.case(branches, build.multiply(build.call("negative", value), build.call("log", value)))


def _times(factor: float) -> Callable[[Expr], Expr]:
    return lambda value: build.multiply(value, build.constant(factor))


def _power_of(base: float) -> Callable[[Expr], Expr]:
    """Return ``base ** x``; one to the power of NaN is one."""
    return lambda value: build.constant(1.0) if base == 1 else build.call("power", build.constant(base), value)


_NAMES = (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
    "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "cbrt",
)  # fmt: skip
_SCIPY_NAMES = ("expm1", "log1p", "cbrt")
"""Of which scipy has its own; in float32 it computes these and all below in doubles, and rounds."""
_EXACT_NAMES = ("sign", "floor", "ceil", "trunc", "rint")

KNOWN: tuple[Known, ...] = (
    *(Known(getattr(np, name), f"numpy.{name}", _call(name)) for name in _NAMES),
    *(Known(getattr(np, name), f"numpy.{name}", _call(name), exact=True) for name in _EXACT_NAMES),
    Known(np.absolute, "numpy.abs", _call("absolute"), exact=True, bound=lambda top: top),
    Known(np.fabs, "numpy.fabs", _call("absolute"), exact=True),
    Known(np.negative, "numpy.negative", _call("negative"), exact=True, bound=lambda top: top),
    Known(np.sqrt, "numpy.sqrt", _call("sqrt"), rounds=True),
    Known(np.square, "numpy.square", _call("square"), rounds=True, bound=math.isqrt),
    Known(np.reciprocal, "numpy.reciprocal", _reciprocal, rounds=True, bound=lambda _: 0),
    Known(np.isnan, "numpy.isnan", lambda value: build.indicator(build.is_missing(value)), exact=True),
    Known(np.isfinite, "numpy.isfinite", lambda value: build.indicator(build.is_finite(value)), exact=True),
    Known(np.isinf, "numpy.isinf", _is_infinite, exact=True),
    Known(np.exp2, "numpy.exp2", _power_of(2.0)),
    Known(np.degrees, "numpy.degrees", _times(180.0 / math.pi)),
    Known(np.rad2deg, "numpy.rad2deg", _times(180.0 / math.pi)),
    Known(np.radians, "numpy.radians", _times(math.pi / 180.0)),
    Known(np.deg2rad, "numpy.deg2rad", _times(math.pi / 180.0)),
    Known(np.positive, "numpy.positive", lambda value: value, exact=True),
    Known(np.fix, "numpy.fix", _call("trunc"), exact=True),
    Known(np.logical_not, "numpy.logical_not", lambda value: build.indicator(build.equal(value, 0.0)), exact=True),
    *(Known(getattr(scipy.special, n), f"scipy.special.{n}", _call(n), rounds=True) for n in _SCIPY_NAMES),
    Known(scipy.special.exp2, "scipy.special.exp2", _power_of(2.0), rounds=True),
    Known(scipy.special.exp10, "scipy.special.exp10", _power_of(10.0), rounds=True),
    Known(scipy.special.round, "scipy.special.round", _call("rint"), exact=True),
    Known(scipy.special.entr, "scipy.special.entr", _entropy, rounds=True),
    Known(scipy.special.erf, "scipy.special.erf", erf, rounds=True),
    Known(scipy.special.erfc, "scipy.special.erfc", erfc, rounds=True),
    Known(scipy.special.ndtr, "scipy.special.ndtr", normal_cdf, rounds=True),
    Known(scipy.special.ndtri, "scipy.special.ndtri", ndtri, rounds=True),
    Known(scipy.special.log_expit, "scipy.special.log_expit", _log_expit),
    Known(scipy.special.expit, "scipy.special.expit", build.sigmoid, single=partial(build.sigmoid, single=True)),
    Known(scipy.special.logit, "scipy.special.logit", logit),
)
"""What a FunctionTransformer can apply to each value, beside functions with arguments and nothing at all."""


def known_function(function: Any) -> Known | None:
    """Return what is known of a function, or of a binary one whose first argument is a number."""
    if isinstance(function, partial) and len(function.args) == 1 and not function.keywords:
        return _of_constant(function)
    return next((known for known in KNOWN if known.function is function), None)


def _of_constant(function: partial[Any]) -> Known | None:
    """Return ``function(number, x)``."""
    (number,) = function.args
    builder = next((builder for binary, builder in _BINARY.items() if binary is function.func), None)
    if builder is None or not isinstance(number, int | float) or math.isnan(number):
        return None
    is_choice = function.func in (np.maximum, np.minimum, np.fmax, np.fmin)
    return Known(function, f"numpy.{function.func.__name__}", partial(builder, float(number)), exact=is_choice)


def _arithmetic(operation: str) -> Callable[[float, Expr], Expr]:
    return lambda number, value: build.call(operation, build.constant(number), value)


def _extreme(comparison: str, *, ignores_nan: bool) -> Callable[[float, Expr], Expr]:
    def extreme(number: float, value: Expr) -> Expr:
        bound = build.constant(number)
        absent = [(build.is_missing(value), bound)] if ignores_nan else []
        return build.case([*absent, (build.call(comparison, value, bound), bound)], value)

    return extreme


_BINARY: dict[Any, Callable[[float, Expr], Expr]] = {
    np.add: _arithmetic("add"),
    np.subtract: _arithmetic("subtract"),
    np.multiply: _arithmetic("multiply"),
    np.divide: _arithmetic("divide"),
    np.power: lambda number, value: _power_of(number)(value),
    np.float_power: lambda number, value: _power_of(number)(value),
    np.maximum: _extreme("less", ignores_nan=False),
    np.minimum: _extreme("greater", ignores_nan=False),
    np.fmax: _extreme("less", ignores_nan=True),
    np.fmin: _extreme("greater", ignores_nan=True),
}
"""Binary functions, of which functools.partial gives the first argument."""
