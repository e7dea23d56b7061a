"""AdaBoost: SAMME for classes (Zhu et al. 2009), R2 for numbers (Drucker 1997)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

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
from sqlops.frontends.linear import label_by_score
from sqlops.frontends.responses import Block, in_one_array, relabelled
from sqlops.frontends.trees import is_tree, require_tree_inputs, sum_of_trees
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray

_FAMILY = "Trees and ensembles"


@frontend("AdaBoostClassifier", family=_FAMILY)
def adaboost_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate weighted votes of classifiers; the other classes share a vote against."""
    features = _checked(features, context)
    classes = as_labels(model.classes_)
    if len(classes) == 1:
        label = build.constant(classes[0], label_type(classes))
        return Classified(classes, label, (build.constant(1.0),), (build.constant(0.0),))
    total = build.constant(float(np.sum(model.estimator_weights_)))
    scores = tuple(build.divide(votes, total) for votes in _votes(model, features, context))
    n_classes = len(classes)
    if n_classes == 2:
        negative = build.call("negative", scores[0])
        decision = build.add(negative, scores[1])
        halves = (build.call("negative", decision), decision)
        logits = [build.divide(half, build.constant(2.0)) for half in halves]
        return Classified(classes, label_by_score((decision,), classes), build.softmax(logits), (decision,))
    logits = [build.divide(score, build.constant(float(n_classes - 1))) for score in scores]
    return Classified(classes, label_by_score(scores, classes), build.softmax(logits), scores)


def _checked(features: Features, context: Context) -> Features:
    """Return the features as the array that AdaBoost makes of them, in which nothing may be missing."""
    features = in_one_array(features, numeric=False)
    for feature in features:
        is_text = feature.expr.type == "text"
        accepts = build.negate(build.is_missing(feature.expr)) if is_text else build.is_finite(feature.expr)
        context.require(accepts, f"{feature.name} is missing or infinite")
    return features


def _votes(model: Any, features: Features, context: Context) -> Block:
    weights = [float(weight) for weight in model.estimator_weights_[: len(model.estimators_)]]
    if all(is_tree(part) for part in model.estimators_):
        require_tree_inputs(model.estimators_, features, context)
        values = [_vote_of_leaves(model, part, weight) for part, weight in zip(model.estimators_, weights, strict=True)]
        return sum_of_trees(model.estimators_, values, features)
    labels = [context.classify(part, features, f"estimators_[{at}]").label for at, part in enumerate(model.estimators_)]
    classes = as_labels(model.classes_)
    against = -1 / (len(classes) - 1)
    return tuple(
        build.sum_of(
            [
                relabelled(label, {o: weight if o == own else against * weight for o in classes}, "double")
                for label, weight in zip(labels, weights, strict=True)
            ]
        )
        for own in classes
    )


def _vote_of_leaves(model: Any, part: Any, weight: float) -> FloatArray:
    """Return the vote of each node of a tree: its weight for the class it predicts."""
    predicted = part.classes_.take(np.argmax(part.tree_.value[:, 0, :], axis=1))
    n_classes = len(model.classes_)
    votes: FloatArray = np.where(predicted[:, np.newaxis] == model.classes_, weight, -1 / (n_classes - 1) * weight)
    return votes


@frontend("AdaBoostRegressor", family=_FAMILY)
def adaboost_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the weighted median of regressors.

    It is the smallest prediction at or below which predictions of at least half the weight lie: what the library finds
    by sorting them and adding up weights.
    """
    features = _checked(features, context)
    values = [context.regress(part, features, f"estimators_[{at}]")[0] for at, part in enumerate(model.estimators_)]
    weights = [float(weight) for weight in model.estimator_weights_[: len(values)]]
    return Regressed((_weighted_median(values, weights),))


def _weighted_median(values: list[Expr], weights: list[float]) -> Expr:
    if len(values) == 1:
        return values[0]
    half = build.constant(0.5 * math.fsum(weights))
    candidates = []
    for value in values:
        below = [
            build.constant(weight)
            if other is value
            else build.case([(build.call("less_equal", other, value), build.constant(weight))], build.constant(0.0))
            for other, weight in zip(values, weights, strict=True)
        ]
        reached = build.call("greater_equal", build.sum_of(below), half)
        candidates.append(build.case([(reached, value)], build.constant(math.inf)))
    return build.call("minimum", *candidates)
