"""Kernels that are formulas, and the one operator that sums them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Feature, Features, Transformed
from sqlops.ir import build
from sqlops.ir.kernel import Formula, Kernel, Measure, Span
from sqlops.ir.nodes import Expr

MEASURE: Formula = ("measure", 0)
_DOUBLE = np.dtype(np.float64)


def radial(gamma: float) -> Formula:
    """Return ``exp(-gamma d²)`` of a distance."""
    return ("exp", ("multiply", -float(gamma), ("square", MEASURE)))


def shifted(gamma: float, coef0: float) -> Formula:
    """Return ``gamma xy + coef0`` of an inner product."""
    return ("add", ("multiply", float(gamma), MEASURE), float(coef0))


def polynomial(gamma: float, coef0: float, degree: float) -> Formula:
    """Return ``(gamma xy + coef0) ** degree`` of an inner product."""
    base = shifted(gamma, coef0)
    return base if degree == 1 else ("square", base) if degree == 2 else ("power", base, float(degree))


def kernel_sums(
    inputs: Sequence[Expr],
    references: npt.NDArray[np.float64],
    measures: Sequence[Measure],
    formula: Formula,
    weights: npt.NDArray[np.float64],
    intercept: npt.NDArray[np.float64] | None = None,
    spans: tuple[tuple[Span, ...], ...] = (),
) -> tuple[Expr, ...]:
    """Return ``weights @ kernel(references, row) + intercept``, one expression for each row of weights."""
    weights = np.ascontiguousarray(weights, dtype=np.float64)
    offsets = np.zeros(len(weights)) if intercept is None else np.asarray(intercept, dtype=np.float64)
    rows = np.ascontiguousarray(references, dtype=np.float64)
    return build.elements(Kernel(tuple(inputs), rows, tuple(measures), formula, weights, offsets, spans))


def pairwise(
    model: Any, metric: Any, parameters: Mapping[str, Any], features: Features, context: Context
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
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    gamma = float(given.get("gamma", 1.0 if metric == "chi2" else 1.0 / max(len(features), 1)))
    coef0 = float(given.get("coef0", 1.0))
    if metric in ("chi2", "additive_chi2"):
        for feature in features:
            nonnegative = build.call("greater_equal", feature.expr, build.constant(0.0))
            context.require(nonnegative, f"{feature.name} is negative")
    match metric:
        case "linear":
            return ("product", None), MEASURE
        case "poly" | "polynomial":
            return ("product", None), polynomial(gamma, coef0, float(given.get("degree", 3)))
        case "sigmoid":
            return ("product", None), ("tanh", shifted(gamma, coef0))
        case "cosine":
            return ("cosine", None), MEASURE
        case "rbf":
            return ("expanded", None), radial(gamma)
        case "laplacian":
            return ("manhattan", None), ("exp", ("multiply", -gamma, MEASURE))
        case "chi2":
            return ("chi2", None), ("exp", ("multiply", -gamma, MEASURE))
        case "additive_chi2":
            return ("chi2", None), ("negative", MEASURE)
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
