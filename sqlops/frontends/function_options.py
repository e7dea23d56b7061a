"""Functions of numpy that take arguments: clip, round and nan_to_num."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, common_dtype
from sqlops.ir import build

_DOUBLE = np.dtype(np.float64)

WithOptions = Callable[[Any, Mapping[str, Any], Features, Context], Features]
"""From (transformer, kw_args, features, context) to columns."""


def _refuse(name: str, feature: Feature, context: Context) -> None:
    """Raise if a column is neither double nor whole numbers: numpy, pandas and SQL would each do something else."""
    if (
        (feature.dtype.kind == "f" and feature.dtype != _DOUBLE)
        or feature.dtype.kind in "bO"
        or feature.missing == "na"
    ):
        kind = "a nullable pandas type" if feature.missing == "na" else str(feature.dtype)
        raise UnsupportedTypeError(
            f"FunctionTransformer(func={name}) gets column {feature.name!r}, which is {kind}",
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
    _refuse("numpy.clip", feature, context)
    branches = []
    for name, bound in (("less", low), ("greater", high)):
        if bound is not None:
            end = build.constant(float(bound))
            branches.append((build.call(name, feature.expr, end), end))
    stays_whole = feature.dtype.kind in "iu" and all(isinstance(bound, int | None) for bound in (low, high))
    dtype = feature.dtype if stays_whole else _DOUBLE
    return Feature(feature.name, build.case(branches, feature.expr), dtype, sparse=feature.sparse)


def _rounded(transformer: Any, kw_args: Mapping[str, Any], features: Features, context: Context) -> Features:
    """Apply ``numpy.round``: scaled by a power of ten, rounded to even, and scaled back."""
    decimals = kw_args.get("decimals", 0)
    if set(kw_args) - {"decimals"} or not isinstance(decimals, int):
        raise context.unsupported(transformer, "kw_args", dict(kw_args), "numpy.round takes decimals, a whole number")
    return tuple(_round(feature, decimals, transformer, context) for feature in features)


def _round(feature: Feature, decimals: int, transformer: Any, context: Context) -> Feature:
    _refuse("numpy.round", feature, context)
    if feature.dtype.kind in "iu":
        if decimals < 0:
            raise context.unsupported(
                transformer, "kw_args", {"decimals": decimals}, "of whole numbers, decimals are 0 or more"
            )
        return feature
    value, power = feature.expr, build.constant(10.0 ** abs(decimals))
    scale, scale_back = (build.multiply, build.divide) if decimals >= 0 else (build.divide, build.multiply)
    return replace(feature, expr=scale_back(build.call("rint", scale(value, power)), power))


def _filled(transformer: Any, kw_args: Mapping[str, Any], features: Features, context: Context) -> Features:
    """Apply ``numpy.nan_to_num``, which makes one array of all columns."""
    ends = {"nan": kw_args.get("nan", 0.0), "posinf": kw_args.get("posinf"), "neginf": kw_args.get("neginf")}
    plain = all(value is None or isinstance(value, int | float) for value in ends.values()) and ends["nan"] is not None
    if set(kw_args) - {*ends, "copy"} or not plain:
        raise context.unsupported(
            transformer, "kw_args", dict(kw_args), "numpy.nan_to_num takes the numbers nan, posinf and neginf"
        )
    for feature in features:
        if feature.dtype != np.float32:
            _refuse("numpy.nan_to_num", feature, context)
    dtype = common_dtype(features)
    held = dtype if dtype.kind == "f" else _DOUBLE  # of whole numbers, pandas makes doubles where one is missing
    largest = np.finfo(held).max
    most, least = (largest if ends["posinf"] is None else ends["posinf"]), ends["neginf"]
    nan, top, bottom = (
        build.constant(float(held.type(value))) for value in (ends["nan"], most, -largest if least is None else least)
    )
    return tuple(
        replace(
            feature,
            expr=build.case(
                [
                    (build.is_missing(feature.expr), nan),
                    (build.equal(feature.expr, math.inf), top),
                    (build.equal(feature.expr, -math.inf), bottom),
                ],
                feature.expr,
            ),
            dtype=dtype,
        )
        for feature in features
    )


WITH_OPTIONS: dict[Any, WithOptions] = {
    np.clip: _clipped,
    np.round: _rounded,
    np.around: _rounded,
    np.nan_to_num: _filled,
}
