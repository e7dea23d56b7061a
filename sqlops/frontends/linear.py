"""Linear models."""

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
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.schema import Label


@frontend("LinearRegression", "Ridge", "Lasso", "ElasticNet", family="Linear models")
def linear_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a regressor whose predict is ``X @ coef_.T + intercept_``."""
    return Regressed(linear_scores(model, features, context))


@frontend("LogisticRegression", family="Linear models")
def logistic_regression(model: Any, features: Features, context: Context) -> Result:
    """Translate logistic regression: sigmoid of the score for two classes, softmax for more."""
    scores = linear_scores(model, features, context)
    classes = as_labels(model.classes_)
    probabilities = build.two_class_probabilities(scores[0]) if len(scores) == 1 else build.softmax(scores)
    return Classified(classes, label_by_score(scores, classes), probabilities, scores)


@frontend("LinearSVC", family="Support vector machines")
def linear_svc(model: Any, features: Features, context: Context) -> Result:
    """Translate a linear classifier that has decisions but no probabilities."""
    scores = linear_scores(model, features, context)
    classes = as_labels(model.classes_)
    return Classified(classes, label_by_score(scores, classes), decisions=scores)


def linear_scores(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    """Return ``X @ coef_.T + intercept_``."""
    context.require_numbers(features)
    context.refuse_float32(features)
    coef = np.atleast_2d(model.coef_)
    intercept = np.broadcast_to(np.ravel(model.intercept_), coef.shape[:1])
    return build.affine([feature.expr for feature in features], coef, intercept)


def label_by_score(scores: tuple[Expr, ...], classes: tuple[Label, ...], *, tie_is_second: bool = False) -> Expr:
    """Return the class of a score: the second if one score is above zero, or the class of the largest of several.

    Parameters
    ----------
    scores : tuple of Expr
    classes : tuple
    tie_is_second : bool
        Whether a single score of exactly zero means the second class.
    """
    type_ = label_type(classes)
    if len(scores) > 1:
        return build.first_maximum(scores, classes, type_)
    first, second = (build.constant(label, type_) for label in (classes * 2)[:2])
    comparison = "greater_equal" if tie_is_second else "greater"
    return build.case([(build.call(comparison, scores[0], build.constant(0.0)), second)], first)
