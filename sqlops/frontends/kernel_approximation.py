"""Feature maps that approximate kernels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Context,
    Feature,
    Features,
    Result,
    Transformed,
    checked_dtype,
    common_dtype,
    frontend,
    rounded,
)
from sqlops.frontends.kernels import prefixed
from sqlops.frontends.matrices import Columns, columns_of, product
from sqlops.frontends.results import held_beside
from sqlops.ir import build
from sqlops.ir.convolution import Convolution
from sqlops.ir.nodes import Expr

_FAMILY = "Kernel approximation"
_INTERVALS = {1: 0.8, 2: 0.5, 3: 0.4}
"""The sampling intervals of AdditiveChi2Sampler where none is given."""


@frontend("RBFSampler", family=_FAMILY)
def rbf_sampler(model: Any, features: Features, context: Context) -> Result:
    """Translate the cosines of random projections."""
    context.require_numbers(features)
    context.refuse_float16(features)
    return _cosines(model, columns_of(features), (2.0 / model.n_components) ** 0.5)


@frontend("SkewedChi2Sampler", family=_FAMILY, takes="doubles")
def skewed_chi2_sampler(model: Any, features: Features, context: Context) -> Result:
    """Translate the cosines of random projections of shifted logarithms."""
    context.require_numbers(features)
    dtype = checked_dtype(features)
    dtype = dtype if dtype == np.float32 else np.dtype(np.float64)
    skewedness = build.constant(held_beside(model.skewedness, dtype))
    logarithms = []
    for feature in features:
        above = build.call("greater", feature.expr, build.call("negative", skewedness))
        context.require(above, f"{feature.name} is not above -skewedness")
        shifted = rounded(build.add(feature.expr, skewedness), dtype)
        logarithms.append(rounded(build.call("log", shifted), dtype))
    return _cosines(model, (tuple(logarithms), dtype), np.sqrt(2.0) / np.sqrt(model.n_components))


def _cosines(model: Any, columns: Columns, factor: float) -> Result:
    projections, dtype = product(columns, model.random_weights_.T, model.random_offset_)
    height = build.constant(held_beside(factor, dtype))
    cosines = [rounded(build.call("cos", projection), dtype) for projection in projections]
    return prefixed(model, [rounded(build.multiply(cosine, height), dtype) for cosine in cosines], dtype)


@frontend("AdditiveChi2Sampler", family=_FAMILY)
def additive_chi2_sampler(model: Any, features: Features, context: Context) -> Result:
    """Translate the samples of the kernel's Fourier transform; in a matrix of integers the library drops fractions."""
    context.require_numbers(features)
    context.refuse_float16(features)
    for feature in features:
        nonnegative = build.call("greater_equal", feature.expr, build.constant(0.0))
        context.require(nonnegative, f"{feature.name} is negative")
    interval = model.sample_interval or _INTERVALS[model.sample_steps]
    held = common_dtype(features)
    held = np.dtype(np.float64) if held.kind in "Ob" else held
    dtype = held if held.kind == "f" else np.dtype(np.float64)
    columns = [(f"{feature.name}_sqrt", _held(feature, _root(feature, interval, dtype), held)) for feature in features]
    for step in range(1, model.sample_steps):
        height = math.cosh(math.pi * step * interval)
        for function in ("cos", "sin"):
            for feature in features:
                wave = _wave(feature, function, step, interval, height, dtype)
                columns.append((f"{feature.name}_{function}{step}", _held(feature, wave, held)))
    return Transformed(tuple(Feature(f"additivechi2sampler_{name}", value, held) for name, value in columns))


def _root(feature: Feature, interval: float, dtype: np.dtype[Any]) -> Expr:
    return _apply("sqrt", *_times((feature.expr, dtype), interval))


def _wave(feature: Feature, function: str, step: int, interval: float, height: float, dtype: np.dtype[Any]) -> Expr:
    """Return a wave; its height, a number of numpy, makes doubles of what is divided by it."""
    doubled = rounded(build.multiply(build.constant(2.0), feature.expr), dtype)
    width = _times((doubled, dtype), interval)[0]
    factor = build.call("sqrt", build.divide(width, build.constant(height)))
    logarithm = rounded(build.call("log", feature.expr), dtype)
    phase = _times(_times((logarithm, dtype), interval), step)
    return build.multiply(factor, _apply(function, *phase))


def _apply(function: str, argument: Expr, dtype: np.dtype[Any]) -> Expr:
    return rounded(build.call(function, argument), dtype)


def _times(value: tuple[Expr, np.dtype[Any]], factor: float) -> tuple[Expr, np.dtype[Any]]:
    """Return a product, and the dtype in which numpy computes it."""
    expr, dtype = value
    result = np.result_type(dtype, factor)
    return rounded(build.multiply(expr, build.constant(held_beside(factor, dtype))), result), result


def _held(feature: Feature, value: Expr, dtype: np.dtype[Any]) -> Expr:
    """Return a value as an array of a dtype holds it; zeros stay what they are."""
    if dtype.kind in "iu":
        value = build.call("trunc", value)
    if feature.dtype.kind == "b":
        value = build.indicator(build.negate(build.equal(value, 0.0)))
    return build.case([(build.equal(feature.expr, 0.0), build.constant(0.0))], rounded(value, dtype))


@frontend("PolynomialCountSketch", family=_FAMILY, limits="inputs whose products overflow")
def polynomial_count_sketch(model: Any, features: Features, context: Context) -> Result:
    """Translate the circular convolution of count sketches, which the library computes by Fourier transforms.

    Where a product overflows, the transform spreads NaN over the components.
    """
    context.require_numbers(features)
    factor = np.sqrt(model.gamma)  # a number of numpy: beside it, float32 becomes double
    dtype = np.result_type(common_dtype(features), factor)
    inputs = [rounded(build.multiply(build.constant(float(factor)), feature.expr), dtype) for feature in features]
    if model.coef0 != 0:
        inputs.append(build.constant(math.sqrt(model.coef0)))
    size = build.sum_of([build.call("absolute", cell) for cell in inputs])
    overflows = build.negate(build.is_finite(build.call("power", size, build.constant(float(model.degree)))))
    hashes = zip(model.indexHash_, model.bitHash_, strict=True)
    sketches = tuple(_sketch(index, sign, model.n_components) for index, sign in hashes)
    values = build.elements(Convolution(tuple(inputs), sketches))
    return prefixed(model, [build.case([(overflows, build.MISSING)], value) for value in values])


def _sketch(index: npt.NDArray[np.int64], sign: npt.NDArray[np.int64], n_components: int) -> npt.NDArray[np.float64]:
    """Return the matrix that adds each input, with its sign, to its component."""
    matrix = np.zeros((n_components, len(index)))
    matrix[index, np.arange(len(index))] = sign
    return matrix
