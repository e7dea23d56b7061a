"""FunctionTransformer with functions whose SQL is known."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special

from sqlops.errors import UnsupportedOptionError, UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr

_FLOAT = np.dtype(np.float64)

EXACT_INTEGERS = 2**53
"""Whole numbers from here on are not all doubles, and are read as doubles anyway."""


@dataclass(frozen=True, slots=True)
class _Known:
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
        Whether the result in float32 is that of doubles, rounded.
    bound : callable or None
        For whole numbers: from the largest value of a dtype to the largest magnitude that does not wrap around.
    """

    function: Any
    name: str
    build: Callable[[Expr], Expr]
    exact: bool = False
    rounds: bool = False
    bound: Callable[[int], int] | None = None


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


_NAMES = (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan",
    "sinh", "cosh", "tanh", "arcsinh", "cbrt",
)  # fmt: skip
_EXACT_NAMES = ("sign", "floor", "ceil", "trunc", "rint")

_WRAPPED = {np.negative: "u", np.reciprocal: "iu"}
"""Kinds of whole numbers of which a function gives something else than of the same doubles."""

KNOWN: tuple[_Known, ...] = (
    *(_Known(getattr(np, name), f"numpy.{name}", _call(name)) for name in _NAMES),
    *(_Known(getattr(np, name), f"numpy.{name}", _call(name), exact=True) for name in _EXACT_NAMES),
    _Known(np.absolute, "numpy.abs", _call("absolute"), exact=True, bound=lambda top: top),
    _Known(np.fabs, "numpy.fabs", _call("absolute"), exact=True),
    _Known(np.negative, "numpy.negative", _call("negative"), exact=True, bound=lambda top: top),
    _Known(np.sqrt, "numpy.sqrt", _call("sqrt"), rounds=True),
    _Known(np.square, "numpy.square", _call("square"), rounds=True, bound=math.isqrt),
    _Known(np.reciprocal, "numpy.reciprocal", _reciprocal, rounds=True, bound=lambda _: 0),
    _Known(np.isnan, "numpy.isnan", lambda value: build.indicator(build.is_missing(value)), exact=True),
    _Known(np.isfinite, "numpy.isfinite", lambda value: build.indicator(build.is_finite(value)), exact=True),
    _Known(np.isinf, "numpy.isinf", _is_infinite, exact=True),
    _Known(scipy.special.expit, "scipy.special.expit", build.sigmoid),
    _Known(scipy.special.logit, "scipy.special.logit", logit),
)
"""What a FunctionTransformer can apply, beside numpy.clip and nothing at all."""


@frontend("FunctionTransformer", family="Functions", limits="known functions of numpy and scipy.special; no Python")
def function_transformer(transformer: Any, features: Features, context: Context) -> Result:
    """Translate a known function, applied to each column."""
    if transformer.validate:
        context.require_numbers(features)
        dtype = _checked_dtype(features)
        features = tuple(Feature(f.name, f.expr, dtype, sparse=f.sparse) for f in features)
    function, kw_args = transformer.func, dict(transformer.kw_args or {})
    if function is not None:
        features = applied(transformer, function, kw_args, features, context)
    elif kw_args:
        raise context.unsupported(transformer, "kw_args", kw_args, "leave them out: without func nothing takes them")
    if transformer.feature_names_out is not None:
        names = transformer.get_feature_names_out(names_of(features))
        features = tuple(
            Feature(str(name), f.expr, f.dtype, f.missing, f.sparse) for name, f in zip(names, features, strict=True)
        )
    return Transformed(features)


def _checked_dtype(features: Features) -> np.dtype[Any]:
    """Return the dtype in which ``check_array`` gives back a matrix."""
    dtype = np.result_type(*(feature.dtype for feature in features)) if features else _FLOAT
    nullable = any(feature.missing == "na" for feature in features)
    return _FLOAT if dtype == np.dtype(object) or nullable else dtype


def applied(
    transformer: Any, function: Any, kw_args: Mapping[str, Any], features: Features, context: Context
) -> Features:
    """Return a known function of each column; any other is an error."""
    if function is np.clip:
        return _clipped(transformer, kw_args, features, context)
    known = next((known for known in KNOWN if known.function is function), None)
    if known is None:
        raise _unknown(function, context)
    if kw_args:
        raise context.unsupported(transformer, "kw_args", kw_args, f"call {known.name} without them")
    return tuple(_apply(known, feature, context) for feature in features)


def _unknown(function: Any, context: Context) -> UnsupportedOptionError:
    plain = function.func if isinstance(function, functools.partial) else function
    name = getattr(plain, "__qualname__", None) or getattr(plain, "__name__", None) or repr(plain)
    module = getattr(plain, "__module__", None)
    called = f"{module}.{name}" if module else name
    what = "a partial of " if isinstance(function, functools.partial) else ""
    return UnsupportedOptionError(
        f"FunctionTransformer(func={what}{called}) is not supported: SQL cannot run Python",
        step=context.step,
        hint=f"use one of {', '.join(sorted(known.name for known in KNOWN))}, numpy.clip (with kw_args), or None; "
        "or compute the column before the model, in the source",
    )


def _apply(known: _Known, feature: Feature, context: Context) -> Feature:
    result = _result_dtype(known, feature, context)
    if feature.dtype.kind == "b":
        with np.errstate(all="ignore"):
            no, yes = (build.constant(float(value)) for value in known.function(np.array([False, True])))
        absent = known.build(build.MISSING)
        branches = [(build.equal(feature.expr, 1.0), yes), (build.is_missing(feature.expr), absent)]
        return Feature(feature.name, build.case(branches, no), result)
    if feature.dtype.kind in "iu" and known.bound is not None and result.kind in "iu":
        context.require(_does_not_wrap(known.bound, feature), f"{feature.name} overflows {feature.dtype}")
    value = rounded(known.build(feature.expr), result) if known.rounds else known.build(feature.expr)
    return Feature(feature.name, value, result, sparse=feature.sparse)


def _does_not_wrap(bound: Callable[[int], int], feature: Feature) -> Expr:
    """Return whether whole-number arithmetic stays within the dtype; a value outside it was never held in it."""
    info = np.iinfo(feature.dtype)
    limit, lowest = bound(int(info.max)), max(-int(info.min), int(info.max))
    if limit >= EXACT_INTEGERS:
        return build.TRUE
    size = build.call("absolute", feature.expr)
    within = build.call("less_equal", size, build.constant(float(limit)))
    beyond = build.call("greater", size, build.constant(float(lowest)))
    return build.any_of([build.is_missing(feature.expr), within, beyond])


def _result_dtype(known: _Known, feature: Feature, context: Context) -> np.dtype[Any]:
    """Return the dtype that numpy would give the result, or raise if doubles cannot follow it."""
    if feature.expr.type == "text":
        context.refuse_text((feature,))
    held = feature.dtype
    problem = ""
    if feature.missing == "na":
        problem = "has a nullable pandas type"
    elif held.kind == "O":
        problem = "holds Python objects"
    elif held.kind == "b" and known.function is np.negative:
        problem = "is boolean"
    elif held.kind in _WRAPPED.get(known.function, ""):
        problem = f"is {held}"
    if not problem:
        try:
            with np.errstate(all="ignore"):
                result: np.dtype[Any] = known.function(np.ones(1, dtype=held)).dtype
        except TypeError:
            problem = f"is {held}, which {known.name} does not take"
        else:
            follows = known.exact or (known.rounds and result == np.float32)
            if held.kind == "b" or result == _FLOAT or result.kind not in "f" or follows:
                return result
            problem = f"is {held}, of which {known.name} is computed in {result}"
    raise UnsupportedTypeError(
        f"FunctionTransformer(func={known.name}) gets column {feature.name!r}, which {problem}",
        step=context.step,
        hint="make it float64 before fitting: X[column].astype('float64')",
    )


def _clipped(transformer: Any, kw_args: Mapping[str, Any], features: Features, context: Context) -> Features:
    """Apply ``numpy.clip``; pandas, which does it for a frame, swaps bounds in the wrong order, so they are refused."""
    left = {key: value for key, value in kw_args.items() if key not in ("a_min", "a_max", "min", "max")}
    low, high = (kw_args.get(f"a_{side}", kw_args.get(side)) for side in ("min", "max"))
    plain = all(
        bound is None or (isinstance(bound, int | float | np.number) and not math.isnan(float(bound)))
        for bound in (low, high)
    )
    if left or not plain or (low is None and high is None) or (low is not None and high is not None and low > high):
        raise context.unsupported(
            transformer,
            "kw_args",
            dict(kw_args),
            "numpy.clip takes the numbers a_min and a_max (or min and max), in order",
        )
    return tuple(_clip(feature, low, high, context) for feature in features)


def _clip(feature: Feature, low: float | None, high: float | None, context: Context) -> Feature:
    known = _Known(np.clip, "numpy.clip", _call("absolute"))
    if (feature.dtype.kind == "f" and feature.dtype != _FLOAT) or feature.dtype.kind in "bO" or feature.missing == "na":
        kind = "a nullable pandas type" if feature.missing == "na" else str(feature.dtype)
        raise UnsupportedTypeError(
            f"FunctionTransformer(func={known.name}) gets column {feature.name!r}, which is {kind}",
            step=context.step,
            hint="make it float64 before fitting: X[column].astype('float64')",
        )
    branches = []
    for name, bound in (("less", low), ("greater", high)):
        if bound is not None:
            end = build.constant(float(bound))
            branches.append((build.call(name, feature.expr, end), end))
    stays_whole = feature.dtype.kind in "iu" and all(isinstance(bound, int | None) for bound in (low, high))
    dtype = feature.dtype if stays_whole else _FLOAT
    return Feature(feature.name, build.case(branches, feature.expr), dtype, sparse=feature.sparse)
