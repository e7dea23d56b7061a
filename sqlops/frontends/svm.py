"""Support vector machines with kernels that are formulas."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Detected,
    Features,
    Regressed,
    Result,
    as_labels,
    frontend,
    label_type,
)
from sqlops.frontends.coupling import coupled, pair_probability
from sqlops.frontends.kernels import MEASURE, kernel_sums, pair_decisions, polynomial, radial, shifted
from sqlops.ir import build
from sqlops.ir.kernel import Formula, Measure, Span
from sqlops.ir.nodes import Expr

_FAMILY = "Support vector machines"
_KERNELS = ("linear", "poly", "rbf", "sigmoid")
_LIMITS = "kernel: linear, poly, rbf or sigmoid; inputs whose sums overflow"


@frontend("SVR", "NuSVR", family=_FAMILY, limits=_LIMITS)
def svr(model: Any, features: Features, context: Context) -> Result:
    """Translate the kernel sum of a regressor."""
    return Regressed(_one_sum(model, features, context))


@frontend("OneClassSVM", family=_FAMILY, limits=_LIMITS)
def one_class_svm(model: Any, features: Features, context: Context) -> Result:
    """Translate the kernel sum of an outlier detector: an inlier is above zero."""
    (decision,) = _one_sum(model, features, context)
    inlier, outlier = build.constant(1, "bigint"), build.constant(-1, "bigint")
    label = build.case([(build.call("greater", decision, build.constant(0.0)), inlier)], outlier)
    return Detected(label, decision, build.add(decision, build.constant(float(np.ravel(model.offset_)[0]))))


@frontend("SVC", "NuSVC", family=_FAMILY, limits=_LIMITS)
def svc(model: Any, features: Features, context: Context) -> Result:
    """Translate the one-vs-one votes of a classifier, and its decisions in the shape asked for."""
    if model.break_ties and model.decision_function_shape == "ovo":
        raise context.unsupported(model, "break_ties", True, "its predict raises: use decision_function_shape='ovr'")
    sums = _pair_sums(model, features, context)
    classes = as_labels(model.classes_)
    if len(sums) == 1:
        first, second = (build.constant(label, label_type(classes)) for label in classes)
        label = build.case([(build.call("greater", sums[0], build.constant(0.0)), first)], second)
        return Classified(classes, label, _probabilities(model, sums), (build.call("negative", sums[0]),))
    zero, pairs = build.constant(0.0), list(combinations(range(len(classes)), 2))
    second_wins = [build.call("less", score, zero) for score in sums]
    one_vs_rest = pair_decisions(second_wins, [build.call("negative", score) for score in sums], pairs)
    decisions = one_vs_rest if model.decision_function_shape == "ovr" else sums
    scores = one_vs_rest if model.break_ties else _votes(sums, len(classes))
    label = build.first_maximum(scores, classes, label_type(classes), always_present=not model.break_ties)
    return Classified(classes, label, _probabilities(model, sums), decisions)


def _probabilities(model: Any, sums: tuple[Expr, ...]) -> tuple[Expr, ...] | None:
    if model.probability is not True:
        return None
    slopes, offsets = model.probA_.tolist(), model.probB_.tolist()
    pairs = [pair_probability(*parts) for parts in zip(sums, slopes, offsets, strict=True)]
    return coupled(pairs, len(model.classes_))


def _one_sum(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    return _sums(model, features, context, _dense(model._dual_coef_), ())


def _pair_sums(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    """Return one sum per pair of classes, over the support vectors of both, as ``svm_predict_values`` of libsvm."""
    ends = np.cumsum(model._n_support).tolist()
    ranges: list[Span] = list(zip([0, *ends[:-1]], ends, strict=True))
    coefficients = _dense(model._dual_coef_)
    pairs = list(combinations(range(len(ranges)), 2))
    weights = np.zeros((len(pairs), ends[-1]))
    for row, (first, second) in zip(weights, pairs, strict=True):
        for span, other in ((ranges[first], second - 1), (ranges[second], first)):
            row[slice(*span)] = coefficients[other, slice(*span)]
    spans = tuple((ranges[first], ranges[second]) for first, second in pairs) if len(pairs) > 1 else ()
    return _sums(model, features, context, weights, spans)


def _sums(
    model: Any,
    features: Features,
    context: Context,
    weights: npt.NDArray[np.float64],
    spans: tuple[tuple[Span, ...], ...],
) -> tuple[Expr, ...]:
    measure, formula = _kernel(model, context)
    context.require_numbers(features)
    inputs = [feature.expr for feature in features]
    references = _dense(model.support_vectors_)
    return kernel_sums(inputs, references, [measure], formula, weights, np.ravel(model._intercept_), spans)


def _kernel(model: Any, context: Context) -> tuple[Measure, Formula]:
    match model.kernel:
        case "linear":
            return ("product", None), MEASURE
        case "poly":
            return ("product", None), polynomial(model._gamma, model.coef0, model.degree)
        case "rbf":
            return ("euclidean", None), radial(model._gamma)
        case "sigmoid":
            return ("product", None), ("tanh", shifted(model._gamma, model.coef0))
    raise context.unsupported(model, "kernel", model.kernel, f"fit with one of: {', '.join(_KERNELS)}")


def _dense(matrix: Any) -> npt.NDArray[np.float64]:
    dense: npt.NDArray[np.float64] = matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
    return dense


def _votes(sums: tuple[Expr, ...], n_classes: int) -> tuple[Expr, ...]:
    """Return how many pairs each class wins: the first of a pair where its sum is above zero."""
    won: list[list[Expr]] = [[] for _ in range(n_classes)]
    for (first, second), score in zip(combinations(range(n_classes), 2), sums, strict=True):
        condition = build.call("greater", score, build.constant(0.0))
        won[first].append(build.indicator(condition))
        won[second].append(build.case([(condition, build.constant(0.0))], build.constant(1.0)))
    return tuple(build.sum_of(terms) for terms in won)
