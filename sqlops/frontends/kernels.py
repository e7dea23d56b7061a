"""Kernels that are formulas, and the one operator that sums them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Feature, Features, Transformed, checked_dtype, is_single
from sqlops.frontends.results import held_beside
from sqlops.ir import build
from sqlops.ir.kernel import Formula, Kernel, Measure, Span
from sqlops.ir.nodes import Expr

MEASURE: Formula = ("measure", 0)
_DOUBLE = np.dtype(np.float64)


def radial(gamma: float, dtype: np.dtype[Any] = _DOUBLE) -> Formula:
    """Return ``exp(-gamma d²)`` of a distance."""
    return decreasing(gamma, in_dtype(("square", MEASURE), dtype), dtype)


def decreasing(gamma: float, distance: Formula, dtype: np.dtype[Any] = _DOUBLE) -> Formula:
    """Return ``exp(-gamma * distance)``."""
    return in_dtype(("exp", in_dtype(("multiply", -held_beside(gamma, dtype), distance), dtype)), dtype)


def shifted(gamma: float, coef0: float, dtype: np.dtype[Any] = _DOUBLE) -> Formula:
    """Return ``gamma xy + coef0`` of an inner product."""
    slope, shift = held_beside(gamma, dtype), held_beside(coef0, dtype)
    return in_dtype(("add", in_dtype(("multiply", slope, in_dtype(MEASURE, dtype)), dtype), shift), dtype)


def polynomial(gamma: float, coef0: float, degree: float, dtype: np.dtype[Any] = _DOUBLE) -> Formula:
    """Return ``(gamma xy + coef0) ** degree`` of an inner product."""
    base = shifted(gamma, coef0, dtype)
    if degree == 1:
        return base
    return in_dtype(("square", base) if degree == 2 else ("power", base, held_beside(degree, dtype)), dtype)


def in_dtype(formula: Formula, dtype: np.dtype[Any]) -> Formula:
    """Return a formula rounded to float32, where that is the dtype."""
    return ("float32", formula) if is_single(dtype) else formula


def kernel_sums(
    inputs: Sequence[Expr],
    references: npt.NDArray[np.float64],
    measures: Sequence[Measure],
    formula: Formula,
    weights: npt.NDArray[np.float64],
    intercept: npt.NDArray[np.float64] | None = None,
    spans: tuple[tuple[Span, ...], ...] = (),
    **options: Any,
) -> tuple[Expr, ...]:
    """Return ``weights @ kernel(references, row) + intercept``, one expression for each row of weights."""
    weights = np.ascontiguousarray(weights, dtype=np.float64)
    offsets = np.zeros(len(weights)) if intercept is None else np.asarray(intercept, dtype=np.float64)
    rows = np.ascontiguousarray(references, dtype=np.float64)
    return build.elements(Kernel(tuple(inputs), rows, tuple(measures), formula, weights, offsets, spans, **options))


def compared_in(features: Features, references: Any) -> np.dtype[Any]:
    """Return the dtype that ``check_pairwise_arrays`` makes of rows and references: float32 if both are."""
    return np.dtype(np.float32 if checked_dtype(features) == references.dtype == np.float32 else np.float64)


def kernel_dtype(metric: Any, compared: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype of a kernel between rows of some dtype: Manhattan distances are doubles always."""
    return _DOUBLE if metric == "laplacian" else compared


def pairwise(
    model: Any,
    metric: Any,
    parameters: Mapping[str, Any],
    features: Features,
    context: Context,
    dtype: np.dtype[Any] = _DOUBLE,
) -> tuple[Measure, Formula]:
    """Return a kernel of ``sklearn.metrics.pairwise.pairwise_kernels`` as a formula over one measure.

    Parameters
    ----------
    model : estimator
        Whose option `metric` is, for the error.
    metric : str or callable
    parameters : mapping of str to float or None
        gamma, degree and coef0; None, or none, is the default of the kernel.
    features : tuple of Feature
    context : Context
        A row with a negative value is refused where the kernel refuses it.
    dtype : numpy dtype
        What the kernel is computed in, see `kernel_dtype`. An inner product is left for the caller to round.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    gamma = given.get("gamma", 1.0 if metric == "chi2" else 1.0 / max(len(features), 1))
    coef0 = given.get("coef0", 1.0)
    if metric in ("chi2", "additive_chi2"):
        for feature in features:
            nonnegative = build.call("greater_equal", feature.expr, build.constant(0.0))
            context.require(nonnegative, f"{feature.name} is negative")
    match metric:
        case "linear":
            return ("product", None), MEASURE
        case "poly" | "polynomial":
            return ("product", None), polynomial(gamma, coef0, given.get("degree", 3), dtype)
        case "sigmoid":
            return ("product", None), in_dtype(("tanh", shifted(gamma, coef0, dtype)), dtype)
        case "cosine":
            return ("cosine", None), MEASURE
        case "rbf":
            return ("expanded", None), radial(gamma, dtype)
        case "laplacian":
            return ("manhattan", None), decreasing(gamma, MEASURE)
        case "chi2":
            return ("chi2", None), decreasing(gamma, in_dtype(MEASURE, dtype), dtype)
        case "additive_chi2":
            return ("chi2", None), ("negative", in_dtype(MEASURE, dtype))
    name = "metric" if hasattr(model, "metric") else "kernel"
    raise context.unsupported(model, name, metric, "use a kernel by name: rbf, poly, linear, sigmoid, cosine, …")


def pair_decisions(
    second_wins: Sequence[Expr], confidences: Sequence[Expr], pairs: Sequence[tuple[int, int]]
) -> tuple[Expr, ...]:
    """Return one decision per class from one per pair: votes plus bounded sums of confidences.

    ``sklearn.utils.multiclass._ovr_decision_function``: a confidence speaks for the second class of its pair.
    """
    n_classes = pairs[-1][1] + 1
    votes: list[list[Expr]] = [[] for _ in range(n_classes)]
    sums: list[list[Expr]] = [[] for _ in range(n_classes)]
    for (first, second), wins, confidence in zip(pairs, second_wins, confidences, strict=True):
        votes[first].append(build.indicator(build.negate(wins)))
        votes[second].append(build.indicator(wins))
        sums[first].append(build.call("negative", confidence))
        sums[second].append(confidence)
    return tuple(
        build.add(build.sum_of(won), _bounded(build.sum_of(terms))) for won, terms in zip(votes, sums, strict=True)
    )


def _bounded(total: Expr) -> Expr:
    size = build.add(build.call("absolute", total), build.constant(1.0))
    return build.divide(total, build.multiply(build.constant(3.0), size))


def prefixed(model: Any, values: Sequence[Expr], dtype: np.dtype[Any] = _DOUBLE) -> Transformed:
    """Name columns by the class in lower case, as ``ClassNamePrefixFeaturesOutMixin`` does."""
    prefix = type(model).__name__.lower()
    return Transformed(tuple(Feature(f"{prefix}{number}", value, dtype) for number, value in enumerate(values)))
