"""Linear models: one matrix product, and what follows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Classified,
    Context,
    Detected,
    Features,
    MultiClassified,
    Regressed,
    Result,
    as_labels,
    frontend,
    is_single,
    label_type,
    rounded,
)
from sqlops.frontends.matrices import Columns, columns_of, product
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.schema import Label


@frontend(
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lars",
    "LarsCV",
    "Lasso",
    "LassoCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "LinearRegression",
    "MultiTaskElasticNet",
    "MultiTaskElasticNetCV",
    "MultiTaskLasso",
    "MultiTaskLassoCV",
    "OrthogonalMatchingPursuit",
    "OrthogonalMatchingPursuitCV",
    "PassiveAggressiveRegressor",
    "QuantileRegressor",
    "Ridge",
    "RidgeCV",
    "SGDRegressor",
    "TheilSenRegressor",
    family="Linear models",
)
@frontend("LinearSVR", family="Support vector machines")
def linear_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a regressor whose predict is ``X @ coef_.T + intercept_``."""
    return Regressed(*linear_scores(model, features, context))


@frontend("PoissonRegressor", "GammaRegressor", "TweedieRegressor", family="Generalised linear models", takes="doubles")
def generalised_linear_model(model: Any, features: Features, context: Context) -> Result:
    """Translate the inverse of the link, of a linear score: the score itself, or its exponential."""
    scores, dtype = linear_scores(model, features, context)
    link = type(model._base_loss.link).__name__
    if link == "IdentityLink":
        return Regressed(scores, dtype)
    if link != "LogLink":
        raise context.unsupported(model, "link", link, "identity and log links are supported")
    return Regressed(tuple(rounded(build.call("exp", score), dtype) for score in scores), dtype)


@frontend("PassiveAggressiveClassifier", "Perceptron", family="Linear models")
@frontend("LinearSVC", family="Support vector machines")
def linear_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a linear classifier that has decisions but no probabilities."""
    scores, _ = linear_scores(model, features, context)
    classes = as_labels(model.classes_)
    return Classified(classes, label_by_score(scores, classes), decisions=scores)


@frontend("RidgeClassifier", "RidgeClassifierCV", family="Linear models")
def ridge_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate the classifier of one target, or one that decides each label of several by the sign of its score."""
    if not model._label_binarizer.y_type_.startswith("multilabel"):
        return linear_classifier(model, features, context)
    scores, _ = linear_scores(model, features, context)
    targets = tuple(Classified((0, 1), label_by_score((score,), (0, 1)), decisions=(score,)) for score in scores)
    return MultiClassified(targets, as_labels(model.classes_))


@frontend("LogisticRegression", "LogisticRegressionCV", family="Linear models")
def logistic_regression(model: Any, features: Features, context: Context) -> Result:
    """Translate logistic regression: sigmoid of the score for two classes, softmax for more."""
    return classified_by_likelihood(linear_scores(model, features, context), as_labels(model.classes_))


def classified_by_likelihood(columns: Columns, classes: tuple[Label, ...]) -> Classified:
    """Return classes decided by scores that are log-likelihoods, up to a constant: the ratio's for two classes."""
    scores, single = columns[0], is_single(columns[1])
    probabilities = (
        build.two_class_probabilities(scores[0], single=single)
        if len(scores) == 1
        else build.softmax(scores, single=single)
    )
    return Classified(classes, label_by_score(scores, classes), probabilities, scores)


@frontend("SGDClassifier", family="Linear models")
def sgd_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a linear classifier; two of its losses have probabilities, each class's own, divided by their sum.

    Zadrozny and Elkan, "Transforming classifier scores into multiclass probability estimates", SIGKDD 2002.
    """
    scores, dtype = linear_scores(model, features, context)
    classes = as_labels(model.classes_)
    label = label_by_score(scores, classes)
    if model.loss not in ("log_loss", "modified_huber"):
        return Classified(classes, label, decisions=scores)
    if len(scores) == 1:
        return Classified(classes, label, _two_chances(model.loss, scores[0], dtype), scores)
    single = is_single(dtype)
    chance = build.sigmoid if model.loss == "log_loss" else _clipped_to_chance
    return Classified(classes, label, _shares([chance(score, single=single) for score in scores], dtype), scores)


def _two_chances(loss: str, score: Expr, dtype: np.dtype[Any]) -> tuple[Expr, ...]:
    """Return the probabilities of two classes; the modified Huber loss writes them into an array of doubles."""
    if loss == "log_loss":
        return build.two_class_probabilities(score, single=is_single(dtype))
    chance = _clipped_to_chance(score, single=False)
    return build.subtract(build.constant(1.0), chance), chance


def _clipped_to_chance(score: Expr, *, single: bool) -> Expr:
    """Return ``(clip(score, -1, 1) + 1) / 2``."""
    low, one, two = build.constant(-1.0), build.constant(1.0), build.constant(2.0)
    branches = [(build.call("less", score, low), low), (build.call("greater", score, one), one)]
    return build.divide(build.rounded(build.add(build.case(branches, score), one), single=single), two)


def _shares(chances: Sequence[Expr], dtype: np.dtype[Any]) -> tuple[Expr, ...]:
    """Return each chance divided by their sum; equal shares where all are zero."""
    whole = build.total(chances, single=is_single(dtype))
    is_empty = build.equal(whole, 0.0)
    equal_share = rounded(build.constant(1.0 / len(chances)), dtype)
    return tuple(
        build.case([(is_empty, equal_share)], rounded(build.divide(chance, whole), dtype)) for chance in chances
    )


@frontend("SGDOneClassSVM", family="Outlier detection")
def sgd_one_class_svm(model: Any, features: Features, context: Context) -> Result:
    """Translate a linear outlier detector: inliers have a score of at least the offset."""
    context.require_numbers(features)
    (decision,), dtype = product(columns_of(features), model.coef_, -model.offset_)
    inlier = build.call("greater_equal", decision, build.constant(0.0))
    label = build.case([(inlier, build.constant(1, "bigint"))], build.constant(-1, "bigint"))
    score = rounded(build.add(decision, build.constant(model.offset_[0])), dtype)
    return Detected(label, decision, score)


def linear_scores(model: Any, features: Features, context: Context) -> Columns:
    """Return ``X @ coef_.T + intercept_``, and the dtype in which the library holds it."""
    context.require_numbers(features)
    return product(columns_of(features), model.coef_, model.intercept_)


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
