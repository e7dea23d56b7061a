"""Voting: several estimators, asked in parallel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Classified,
    Context,
    Feature,
    Features,
    Regressed,
    Result,
    Transformed,
    as_labels,
    frontend,
    label_type,
    names_of,
)
from sqlops.frontends.responses import Block, blocks, mean_of, relabelled
from sqlops.ir import build
from sqlops.ir.nodes import Expr

_INTEGER = np.dtype(np.int64)
_FLOAT = np.dtype(np.float64)


@frontend("VotingClassifier", family="Voting and stacking", method="predict", takes="frame")
def voting_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a vote: of labels (hard), or the mean of probabilities (soft)."""
    classes = as_labels(model.classes_)
    if model.voting == "soft":
        probabilities = _average(_answers(model, features, "predict_proba", context), model._weights_not_none)
        return Classified(classes, build.first_maximum(probabilities, classes, label_type(classes)), probabilities)
    labels = [
        context.classify(part, features, name).label
        for name, part in zip(_names(model), model.estimators_, strict=True)
    ]
    votes = _votes(labels, len(classes), model._weights_not_none)
    return Classified(classes, build.first_maximum(votes, classes, label_type(classes), always_present=True))


@frontend("VotingRegressor", family="Voting and stacking", method="predict", takes="frame")
def voting_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of several regressors."""
    return Regressed(_average(_answers(model, features, "predict", context), model._weights_not_none))


@frontend("VotingClassifier", "VotingRegressor", family="Voting and stacking", method="transform", takes="frame")
def voting_transform(model: Any, features: Features, context: Context) -> Result:
    """Translate what the parts give: predictions (labels by number), or probabilities beside each other."""
    is_soft = getattr(model, "voting", "hard") == "soft"
    if is_soft and not model.flatten_transform:
        raise context.unsupported(model, "flatten_transform", False, "set it to True: a table has two dimensions")
    found = _answers(model, features, "predict_proba" if is_soft else "predict", context)
    dtype = _INTEGER if hasattr(model, "voting") and not is_soft else _FLOAT
    names = model.get_feature_names_out(names_of(features) if hasattr(model, "feature_names_in_") else None)
    exprs = [expr for block in found for expr in block]
    return Transformed(tuple(Feature(str(name), expr, dtype) for name, expr in zip(names, exprs, strict=True)))


def _names(model: Any) -> list[str]:
    return [name for name, part in model.estimators if not isinstance(part, str)]


def _answers(model: Any, features: Features, method: str, context: Context) -> list[Block]:
    results = [
        context.translate(part, features, name) for name, part in zip(_names(model), model.estimators_, strict=True)
    ]
    return [block for result in results for block in blocks(result, method, context)]


def _average(found: Sequence[Block], weights: Sequence[float] | None) -> Block:
    """Return the mean as ``numpy.average``: weighted terms are added, then divided by the sum of the weights."""
    if weights is None:
        return mean_of(found)
    factors = [build.constant(float(weight)) for weight in weights]
    total = build.constant(float(np.sum(np.asarray(weights, dtype=np.float64))))
    return tuple(
        build.divide(build.sum_of([build.multiply(t, f) for t, f in zip(column, factors, strict=True)]), total)
        for column in zip(*found, strict=True)
    )


def _votes(labels: Sequence[Expr], n_classes: int, weights: Sequence[float] | None) -> Block:
    """Return the votes for each class: the parts predict classes by number."""
    given = [1.0] * len(labels) if weights is None else [float(weight) for weight in weights]
    return tuple(
        build.sum_of(
            [
                relabelled(label, {other: weight * (other == number) for other in range(n_classes)}, "double")
                for label, weight in zip(labels, given, strict=True)
            ]
        )
        for number in range(n_classes)
    )
