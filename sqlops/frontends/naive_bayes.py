"""Naive Bayes: a joint log-likelihood for each class."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    Result,
    as_labels,
    common_dtype,
    frontend,
    is_single,
    label_type,
    rounded,
)
from sqlops.frontends.matrices import Array, Columns, columns_of, product, scale, shift
from sqlops.ir import build
from sqlops.ir.nodes import Expr, Scalar

_FAMILY = "Naive Bayes"
_DOUBLE = np.dtype(np.float64)


@frontend("GaussianNB", family=_FAMILY)
def gaussian_nb(model: Any, features: Features, context: Context) -> Result:
    """Translate the log densities of independent normal distributions."""
    context.require_numbers(features)
    columns = columns_of(features)
    with np.errstate(divide="ignore"):
        joint = [_log_density(model, number, columns) for number in range(len(model.classes_))]
    return _by_likelihood(model, (tuple(expr for expr, _ in joint), joint[0][1]))


def _log_density(model: Any, number: int, columns: Columns) -> tuple[Expr, np.dtype[Any]]:
    variance = model.var_[number, :]
    exprs, dtype = shift(columns, model.theta_[number, :])
    squares = tuple(rounded(build.call("square", expr), dtype) for expr in exprs)
    terms, dtype = scale((squares, dtype), variance)
    distance = build.total(terms, single=is_single(dtype))
    constant = build.constant(-0.5 * np.sum(np.log(2.0 * np.pi * variance)))
    half = rounded(build.multiply(build.constant(0.5), distance), dtype)
    density = rounded(build.subtract(constant, half), dtype)
    return rounded(build.add(density, build.constant(np.log(model.class_prior_[number]))), dtype), dtype


@frontend("MultinomialNB", family=_FAMILY)
def multinomial_nb(model: Any, features: Features, context: Context) -> Result:
    """Translate counts times the log probabilities of their features."""
    context.require_numbers(features)
    weights = _weights(model, model.feature_log_prob_, features, context)
    return _by_likelihood(model, product(columns_of(features), weights, model.class_log_prior_))


@frontend("ComplementNB", family=_FAMILY)
def complement_nb(model: Any, features: Features, context: Context) -> Result:
    """Translate counts times the weights from the other classes; priors matter to a single class only."""
    context.require_numbers(features)
    weights = _weights(model, model.feature_log_prob_, features, context)
    prior = model.class_log_prior_ if len(model.classes_) == 1 else 0.0
    return _by_likelihood(model, product(columns_of(features), weights, prior))


@frontend("BernoulliNB", family=_FAMILY)
def bernoulli_nb(model: Any, features: Features, context: Context) -> Result:
    """Translate the log probabilities of what is there and of what is not, of columns split at a threshold."""
    context.require_numbers(features)
    exprs, dtype = columns_of(features)
    if model.binarize is not None:
        bound = rounded(build.constant(model.binarize), common_dtype(features))
        exprs = tuple(build.indicator(build.call("greater", expr, bound)) for expr in exprs)
    with np.errstate(divide="ignore", invalid="ignore"):
        absent = np.log(1 - np.exp(model.feature_log_prob_))
        weights = _weights(model, model.feature_log_prob_ - absent, features, context)
        intercept = model.class_log_prior_ + absent.sum(axis=1)
    return _by_likelihood(model, product((exprs, dtype), weights, intercept))


@frontend("CategoricalNB", family=_FAMILY)
def categorical_nb(model: Any, features: Features, context: Context) -> Result:
    """Translate a table of log probabilities per column; a category beyond the table is refused."""
    context.require_numbers(features)
    terms: list[list[Expr]] = [[] for _ in model.classes_]
    for feature, table in zip(features, model.feature_log_prob_, strict=True):
        category = build.call("trunc", feature.expr)
        bounds = (build.constant(0.0), build.constant(float(table.shape[1] - 1)))
        known = [build.call("greater_equal", category, bounds[0]), build.call("less_equal", category, bounds[1])]
        context.require(build.all_of(known), f"{feature.name} is a category that was not there in fit")
        for number, row in enumerate(table):
            terms[number].append(_table(category, row))
    priors = [build.constant(prior) for prior in model.class_log_prior_]
    joint = tuple(build.sum_of([*parts, prior]) for parts, prior in zip(terms, priors, strict=True))
    return _by_likelihood(model, (joint, _DOUBLE))


def _table(category: Expr, values: Array) -> Expr:
    entries: dict[Scalar, Scalar] = {float(number): value for number, value in enumerate(values.tolist())}
    return build.lookup(category, entries, missing=None, default=None, type_="double")


def _weights(model: Any, weights: Array, features: Features, context: Context) -> Array:
    """Return weights, or raise where the library's own sums depend on how X holds its zeros."""
    if any(feature.sparse for feature in features) and not np.isfinite(weights).all():
        raise context.unsupported(
            model, "alpha", model.alpha, "some probabilities are zero: fit with a larger alpha, or on a dense X"
        )
    return weights


def _by_likelihood(model: Any, joint: Columns) -> Result:
    """Return the class of the largest joint log-likelihood, and the likelihoods divided by their sum."""
    scores, dtype = joint
    single = is_single(dtype)
    classes = as_labels(model.classes_)
    whole = build.log_sum_exp(scores, single=single)
    logs = [rounded(build.subtract(score, whole), dtype) for score in scores]
    probabilities = tuple(rounded(build.call("exp", value), dtype) for value in logs)
    return Classified(classes, build.first_maximum(scores, classes, label_type(classes)), probabilities)
