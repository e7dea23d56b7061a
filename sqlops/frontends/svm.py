"""Support vector machines with kernels that are formulas, by way of m2cgen."""

from __future__ import annotations

import copy
from itertools import combinations
from typing import Any

from sqlops.frontends import m2cgen_ast
from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    Regressed,
    Result,
    as_labels,
    frontend,
    label_type,
)
from sqlops.ir import build
from sqlops.ir.nodes import Expr

_KERNELS = ("linear", "poly", "rbf", "sigmoid")


@frontend(
    "SVR", family="Support vector machines", limits="kernel: linear, poly, rbf or sigmoid; inputs whose sums overflow"
)
def svr(model: Any, features: Features, context: Context) -> Result:
    """Translate the kernel sum of a regressor."""
    return Regressed(_kernel_sums(model, features, context))


@frontend(
    "SVC",
    family="Support vector machines",
    limits="kernel: linear, poly, rbf or sigmoid; probability=False; inputs whose sums overflow",
)
def svc(model: Any, features: Features, context: Context) -> Result:
    """Translate the one-vs-one votes of a classifier, and its decisions in the shape asked for."""
    if model.probability is True:
        raise context.unsupported(model, "probability", True, "fit with probability=False: decisions are supported")
    sums = _kernel_sums(model, features, context)
    classes = as_labels(model.classes_)
    if len(sums) == 1:
        first, second = (build.constant(label, label_type(classes)) for label in classes)
        label = build.case([(build.call("less", sums[0], build.constant(0.0)), first)], second)
        return Classified(classes, label, decisions=sums)
    one_vs_rest = _one_vs_rest(sums, len(classes))
    decisions = one_vs_rest if model.decision_function_shape == "ovr" else sums
    breaks_ties = model.break_ties and model.decision_function_shape == "ovr"
    scores = one_vs_rest if breaks_ties else _votes(sums, len(classes), "greater")
    label = build.first_maximum(scores, classes, label_type(classes), always_present=not breaks_ties)
    return Classified(classes, label, decisions=decisions)


def _kernel_sums(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    if model.kernel not in _KERNELS:
        raise context.unsupported(model, "kernel", model.kernel, f"fit with one of: {', '.join(_KERNELS)}")
    context.require_numbers(features)
    plain = copy.copy(model)
    if model._sparse:
        plain.support_vectors_ = model.support_vectors_.toarray()
        plain.dual_coef_ = model.dual_coef_.toarray()
    n_terms = max(plain.support_vectors_.shape)
    return m2cgen_ast.outputs(plain, [feature.expr for feature in features], n_terms)


def _votes(sums: tuple[Expr, ...], n_classes: int, comparison: str) -> tuple[Expr, ...]:
    """Return how many pairs each class wins: the first of a pair where its sum is above (or at) zero."""
    won: list[list[Expr]] = [[] for _ in range(n_classes)]
    for (first, second), score in zip(combinations(range(n_classes), 2), sums, strict=True):
        condition = build.call(comparison, score, build.constant(0.0))
        won[first].append(build.indicator(condition))
        won[second].append(build.case([(condition, build.constant(0.0))], build.constant(1.0)))
    return tuple(build.sum_of(terms) for terms in won)


def _one_vs_rest(sums: tuple[Expr, ...], n_classes: int) -> tuple[Expr, ...]:
    """Return votes plus bounded confidences, as ``sklearn.utils.multiclass._ovr_decision_function``."""
    confidences: list[list[Expr]] = [[] for _ in range(n_classes)]
    for (first, second), score in zip(combinations(range(n_classes), 2), sums, strict=True):
        confidences[first].append(score)
        confidences[second].append(build.call("negative", score))
    votes = _votes(sums, n_classes, "greater_equal")
    return tuple(build.add(vote, _bounded(build.sum_of(terms))) for vote, terms in zip(votes, confidences, strict=True))


def _bounded(total: Expr) -> Expr:
    size = build.add(build.call("absolute", total), build.constant(1.0))
    return build.divide(total, build.multiply(build.constant(3.0), size))
