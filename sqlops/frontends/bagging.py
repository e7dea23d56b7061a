"""Bagging: one estimator fitted on many samples of rows and columns."""

from __future__ import annotations

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
from sqlops.frontends.responses import Block, blocks, in_one_array, mean_of, relabelled
from sqlops.frontends.trees import is_tree, require_tree_inputs, sum_of_trees
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray

_FAMILY = "Trees and ensembles"
_LIMITS = "with n_jobs the library adds in groups: labels may differ where classes tie up to rounding"


@frontend("BaggingClassifier", family=_FAMILY, limits=_LIMITS)
def bagging_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of probabilities; parts without them vote."""
    features = in_one_array(features, numeric=False)
    classes = as_labels(model.classes_)
    if all(is_tree(part) for part in model.estimators_):
        require_tree_inputs(model.estimators_, features, context, model.estimators_features_)
        shares = [_class_shares(part, len(classes)) for part in model.estimators_]
        sums = sum_of_trees(model.estimators_, shares, features, model.estimators_features_)
        count = build.constant(float(len(model.estimators_)))
        probabilities: Block = tuple(build.divide(total, count) for total in sums)
        decisions = None
    else:
        results = _parts(model, features, context)
        shares_of = [
            _shares(part, result, len(classes), context)
            for part, result in zip(model.estimators_, results, strict=True)
        ]
        probabilities = mean_of(shares_of)
        has_decisions = all(hasattr(part, "decision_function") for part in model.estimators_)
        decisions = mean_of([blocks(r, "decision_function", context)[0] for r in results]) if has_decisions else None
    return Classified(
        classes, build.first_maximum(probabilities, classes, label_type(classes)), probabilities, decisions
    )


@frontend("BaggingRegressor", family=_FAMILY)
def bagging_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of regressors."""
    features = in_one_array(features, numeric=False)
    if all(is_tree(part) for part in model.estimators_):
        require_tree_inputs(model.estimators_, features, context, model.estimators_features_)
        values = [part.tree_.value[:, :, 0] for part in model.estimators_]
        sums = sum_of_trees(model.estimators_, values, features, model.estimators_features_)
        count = build.constant(float(len(model.estimators_)))
        return Regressed(tuple(build.divide(total, count) for total in sums))
    found = [blocks(result, "predict", context)[0] for result in _parts(model, features, context)]
    return Regressed(mean_of(found))


def _parts(model: Any, features: Features, context: Context) -> list[Result]:
    return [
        context.translate(part, tuple(features[column] for column in columns), f"estimators_[{at}]")
        for at, (part, columns) in enumerate(zip(model.estimators_, model.estimators_features_, strict=True))
    ]


def _class_shares(part: Any, n_classes: int) -> FloatArray:
    """Return the class shares of a tree's nodes; a sample may have missed some classes."""
    shares = np.zeros((part.tree_.node_count, n_classes))
    shares[:, part.classes_] = part.tree_.value[:, 0, : len(part.classes_)]
    return shares


def _shares(part: Any, result: Result, n_classes: int, context: Context) -> Block:
    """Return one share for each class: probabilities, or 1 for the class that is predicted."""
    if not isinstance(result, Classified):
        raise context.unsupported(part, "estimator", part, "bag classifiers of one target")
    if not hasattr(part, "predict_proba"):
        return tuple(
            relabelled(result.label, {other: float(other == number) for other in range(n_classes)}, "double")
            for number in range(n_classes)
        )
    (found,) = blocks(result, "predict_proba", context)
    shares: list[Expr] = [build.constant(0.0)] * n_classes
    for number, share in zip(result.classes, found, strict=True):
        shares[int(number)] = share
    return tuple(shares)
