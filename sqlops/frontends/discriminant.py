"""Discriminant analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    Result,
    as_labels,
    frontend,
    label_type,
    rounded,
)
from sqlops.frontends.linear import classified_by_likelihood, linear_scores
from sqlops.frontends.matrices import Columns, columns_of, named_after, product, shift, sum_of_squares
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend("LinearDiscriminantAnalysis", family="Discriminant analysis")
def linear_discriminant_analysis(model: Any, features: Features, context: Context) -> Result:
    """Translate the linear scores of the classes; of two classes, their difference."""
    return classified_by_likelihood(linear_scores(model, features, context), as_labels(model.classes_))


@frontend("LinearDiscriminantAnalysis", family="Discriminant analysis", method="transform")
def discriminant_projection(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection onto the directions that separate the classes most."""
    if model.solver == "lsqr":
        raise context.unsupported(model, "solver", "lsqr", "it has no transform: fit with solver='svd' or 'eigen'")
    context.require_numbers(features)
    columns = columns_of(features)
    if model.solver == "svd":
        columns = shift(columns, model.xbar_)
    projected = product(columns, model.scalings_.T[: model._max_components])
    return named_after(model, features, projected)


@frontend("QuadraticDiscriminantAnalysis", family="Discriminant analysis")
def quadratic_discriminant_analysis(model: Any, features: Features, context: Context) -> Result:
    """Translate the log posterior of each class: equation (4.12) of The Elements of Statistical Learning."""
    context.require_numbers(features)
    scores = _log_posteriors(model, columns_of(features))
    classes = as_labels(model.classes_)
    label = build.first_maximum(scores, classes, label_type(classes))
    decisions = (build.subtract(scores[1], scores[0]),) if len(scores) == 2 else tuple(scores)
    top = build.call("maximum", *scores)
    likelihoods = [build.subtract(score, top) for score in scores]
    norm = build.call("log", build.sum_of([build.call("exp", value) for value in likelihoods]))
    probabilities = tuple(build.call("exp", build.subtract(value, norm)) for value in likelihoods)
    return Classified(classes, label, probabilities, decisions)


def _log_posteriors(model: Any, columns: Columns) -> Sequence[Expr]:
    determinants = [np.sum(np.log(scaling)) for scaling in model.scalings_]
    priors = np.log(model.priors_)
    scores = []
    for number, (rotation, scaling) in enumerate(zip(model.rotations_, model.scalings_, strict=True)):
        rotated = product(shift(columns, model.means_[number]), (rotation * scaling**-0.5).T)
        distance = rounded(build.add(sum_of_squares(rotated), build.constant(determinants[number])), rotated[1])
        half = rounded(build.multiply(build.constant(-0.5), distance), rotated[1])
        scores.append(build.add(half, build.constant(priors[number])))
    return scores
