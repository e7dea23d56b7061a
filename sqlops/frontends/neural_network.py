"""Multi-layer perceptrons."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Classified,
    Context,
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
from sqlops.frontends.matrices import Columns, columns_of
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.schema import Label


@frontend("MLPRegressor", family="Neural networks")
def mlp_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the last layer, or its exponential where the loss is Poisson's."""
    scores, dtype = _last_layer(model, features, context)
    if model.out_activation_ == "exp":
        scores = tuple(rounded(build.call("exp", score), dtype) for score in scores)
    return Regressed(scores, dtype)


@frontend("MLPClassifier", family="Neural networks")
def mlp_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate the softmax of the last layer, or the sigmoid for two classes and for labels that may all hold."""
    scores, dtype = _last_layer(model, features, context)
    single = is_single(dtype)
    classes = as_labels(model.classes_)
    if model.out_activation_ == "softmax":
        probabilities = build.softmax(scores, single=single)
        return Classified(classes, build.first_maximum(probabilities, classes, label_type(classes)), probabilities)
    if model._label_binarizer.y_type_.startswith("multilabel"):
        return MultiClassified(tuple(_of_two(score, (0, 1), single=single) for score in scores), classes)
    if len(classes) == 1:
        return Classified(classes, build.constant(classes[0], label_type(classes)))
    return _of_two(scores[0], classes, single=single)


def _of_two(score: Expr, classes: tuple[Label, ...], *, single: bool) -> Classified:
    """Return the second class where its probability is above a half."""
    probabilities = build.two_class_probabilities(score, single=single)
    first, second = (build.constant(label, label_type(classes)) for label in classes)
    above = build.call("greater", probabilities[1], build.constant(0.5))
    return Classified(classes, build.case([(above, second)], first), probabilities)


def _last_layer(model: Any, features: Features, context: Context) -> Columns:
    context.require_numbers(features)
    exprs, given = columns_of(features)
    dtype = np.result_type(given, *model.coefs_, *model.intercepts_)
    weights = [coefficients.T for coefficients in model.coefs_]
    scores = build.dense_layers(exprs, weights, model.intercepts_, model.activation, single=is_single(dtype))
    return tuple(rounded(score, dtype) for score in scores), dtype
