"""FunctionTransformer with functions whose SQL is known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedOptionError, UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of
from sqlops.frontends.containers import as_taken
from sqlops.frontends.function_options import WITH_OPTIONS
from sqlops.frontends.known_functions import KNOWN, Known, known_function
from sqlops.ir import build
from sqlops.ir.nodes import Expr

_FLOAT = np.dtype(np.float64)

EXACT_INTEGERS = 2**53
"""Whole numbers from here on are not all doubles, and are read as doubles anyway."""


_WRAPPED = {np.negative: "u", np.reciprocal: "iu"}
"""Kinds of whole numbers of which a function gives something else than of the same doubles."""


@frontend(
    "FunctionTransformer",
    family="Functions",
    limits="known functions of numpy and scipy.special; no Python",
    takes="frame",
)
def function_transformer(transformer: Any, features: Features, context: Context) -> Result:
    """Translate a known function, applied to each column."""
    if transformer.validate:
        features = as_taken(features, "array")
        context.require_numbers(features)
        dtype = _checked_dtype(features)
        features = tuple(Feature(f.name, f.expr, dtype, sparse=f.sparse) for f in features)
    function, kw_args = transformer.func, dict(transformer.kw_args or {})
    if function is not None:
        features = applied(transformer, function, kw_args, as_taken(features, "array"), context)
    elif kw_args:
        raise context.unsupported(transformer, "kw_args", kw_args, "leave them out: without func nothing takes them")
    if transformer.feature_names_out is not None:
        names = transformer.get_feature_names_out(names_of(features))
        features = tuple(replace(f, name=str(name)) for name, f in zip(names, features, strict=True))
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
    if isinstance(function, functools.partial) and not function.args:
        return applied(transformer, function.func, {**function.keywords, **kw_args}, features, context)
    with_options = next((apply for taken, apply in WITH_OPTIONS.items() if taken is function), None)
    if with_options is not None:
        return with_options(transformer, kw_args, features, context)
    known = known_function(function)
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
        hint=f"use one of {', '.join(sorted(known.name for known in KNOWN))}, numpy.clip, numpy.round and "
        "numpy.nan_to_num (with kw_args), a functools.partial of them, or None; "
        "or compute the column before the model, in the source",
    )


def _apply(known: Known, feature: Feature, context: Context) -> Feature:
    result = _result_dtype(known, feature, context)
    if feature.dtype.kind == "b":
        with np.errstate(all="ignore"):
            no, yes = (build.constant(float(value)) for value in known.function(np.array([False, True])))
        absent = known.build(build.MISSING)
        branches = [(build.equal(feature.expr, 1.0), yes), (build.is_missing(feature.expr), absent)]
        return Feature(feature.name, build.case(branches, no), result)
    if feature.dtype.kind in "iu" and known.bound is not None and result.kind in "iu":
        context.require(_does_not_wrap(known.bound, feature), f"{feature.name} overflows {feature.dtype}")
    return Feature(feature.name, known.applied(feature.expr, result), result, sparse=feature.sparse)


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


def _result_dtype(known: Known, feature: Feature, context: Context) -> np.dtype[Any]:
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
            if isinstance(known.function, functools.partial):
                follows = result == _FLOAT or (known.exact and result.kind in "iu")
            else:
                follows = held.kind == "b" or result in (_FLOAT, np.float32) or result.kind not in "f" or known.exact
            if follows:
                return result
            problem = f"is {held}, of which {known.name} is computed in {result}"
    raise UnsupportedTypeError(
        f"FunctionTransformer(func={known.name}) gets column {feature.name!r}, which {problem}",
        step=context.step,
        hint="make it float64 before fitting: X[column].astype('float64')",
    )
