"""Feature maps that approximate kernels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, common_dtype, frontend
from sqlops.frontends.kernels import prefixed
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
    context.refuse_float32(features)
    inputs = [feature.expr for feature in features]
    return prefixed(model, _cosines(model, inputs, (2.0 / model.n_components) ** 0.5))


@frontend("SkewedChi2Sampler", family=_FAMILY)
def skewed_chi2_sampler(model: Any, features: Features, context: Context) -> Result:
    """Translate the cosines of random projections of shifted logarithms."""
    context.require_numbers(features)
    context.refuse_float32(features)
    inputs = []
    for feature in features:
        above = build.call("greater", feature.expr, build.constant(-float(model.skewedness)))
        context.require(above, f"{feature.name} is not above -skewedness")
        inputs.append(build.call("log", build.add(feature.expr, build.constant(float(model.skewedness)))))
    return prefixed(model, _cosines(model, inputs, math.sqrt(2.0) / math.sqrt(model.n_components)))


def _cosines(model: Any, inputs: Sequence[Expr], scale: float) -> list[Expr]:
    weights: npt.NDArray[np.float64] = model.random_weights_
    factor = build.constant(scale)
    projections = build.affine(inputs, weights.T, model.random_offset_)
    return [build.multiply(build.call("cos", projection), factor) for projection in projections]


@frontend("AdditiveChi2Sampler", family=_FAMILY)
def additive_chi2_sampler(model: Any, features: Features, context: Context) -> Result:
    """Translate the samples of the kernel's Fourier transform; in a matrix of integers the library drops fractions."""
    context.require_numbers(features)
    context.refuse_float32(features)
    for feature in features:
        nonnegative = build.call("greater_equal", feature.expr, build.constant(0.0))
        context.require(nonnegative, f"{feature.name} is negative")
    interval = float(model.sample_interval or _INTERVALS[model.sample_steps])
    dtype = common_dtype(features)
    kind = dtype.kind
    columns = [
        (f"{feature.name}_sqrt", _where_positive(feature, _root(feature, interval), kind)) for feature in features
    ]
    for step in range(1, model.sample_steps):
        height = math.cosh(math.pi * step * interval)
        for function in ("cos", "sin"):
            for feature in features:
                wave = _wave(feature, function, step, interval, height)
                columns.append((f"{feature.name}_{function}{step}", _where_positive(feature, wave, kind)))
    held = dtype if kind in "iu" else np.dtype(np.float64)
    return Transformed(tuple(Feature(f"additivechi2sampler_{name}", value, held) for name, value in columns))


def _root(feature: Feature, interval: float) -> Expr:
    return build.call("sqrt", build.multiply(feature.expr, build.constant(interval)))


def _wave(feature: Feature, function: str, step: int, interval: float, height: float) -> Expr:
    doubled = build.multiply(build.multiply(build.constant(2.0), feature.expr), build.constant(interval))
    factor = build.call("sqrt", build.divide(doubled, build.constant(height)))
    phase = build.multiply(build.constant(interval), build.call("log", feature.expr))
    return build.multiply(factor, build.call(function, build.multiply(build.constant(float(step)), phase)))


def _where_positive(feature: Feature, value: Expr, kind: str) -> Expr:
    if kind in "iu":
        value = build.call("trunc", value)
    if kind == "b":
        value = build.indicator(build.negate(build.equal(value, 0.0)))
    return build.case([(build.equal(feature.expr, 0.0), build.constant(0.0))], value)


@frontend("PolynomialCountSketch", family=_FAMILY, limits="inputs whose products overflow")
def polynomial_count_sketch(model: Any, features: Features, context: Context) -> Result:
    """Translate the circular convolution of count sketches, which the library computes by Fourier transforms.

    Where a product overflows, the transform spreads NaN over the components.
    """
    context.require_numbers(features)
    context.refuse_float32(features)
    factor = build.constant(math.sqrt(model.gamma))
    inputs = [build.multiply(factor, feature.expr) for feature in features]
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
