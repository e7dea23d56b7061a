"""Stacking: what several estimators give is the input of a last one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from sklearn.base import is_classifier

from sqlops.frontends.base import (
    Classified,
    Context,
    Feature,
    Features,
    MultiClassified,
    Result,
    Transformed,
    as_labels,
    common_dtype,
    frontend,
    label_type,
)
from sqlops.frontends.containers import as_taken
from sqlops.frontends.responses import blocks, relabelled
from sqlops.frontends.results import Regressed
from sqlops.schema import Label

_FLOAT = np.dtype(np.float64)


@frontend("StackingClassifier", family="Voting and stacking", method="predict", takes="frame")
def stacking_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate the stack and its last classifier, which was fitted on classes by number."""
    result = context.translate(model.final_estimator_, _stacked(model, features, context), "final_estimator")
    if isinstance(model._label_encoder, list):
        return _multilabel(model, result, context)
    if not isinstance(result, Classified):
        raise context.unsupported(model, "final_estimator", model.final_estimator_, "use a classifier of one target")
    classes = as_labels(model.classes_)
    return replace(_decoded(result, classes), classes=tuple(classes[int(number)] for number in result.classes))


@frontend("StackingRegressor", family="Voting and stacking", method="predict", takes="frame")
def stacking_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the stack and its last regressor."""
    return Regressed(context.regress(model.final_estimator_, _stacked(model, features, context), "final_estimator"))


@frontend("StackingClassifier", "StackingRegressor", family="Voting and stacking", method="transform", takes="frame")
def stacking_transform(model: Any, features: Features, context: Context) -> Result:
    """Translate the stack alone."""
    return Transformed(_stacked(model, features, context))


def _stacked(model: Any, features: Features, context: Context) -> Features:
    """Return what the parts give, without the first of two probabilities, and the features if they are passed on."""
    names = [name for name, part in model.estimators if not isinstance(part, str)]
    stacked: list[Feature] = []
    are_labels = is_classifier(model) and set(model.stack_method_) == {"predict"}
    dtype = np.dtype(np.int64) if are_labels else _FLOAT
    for name, part, method in zip(names, model.estimators_, model.stack_method_, strict=True):
        found = blocks(context.translate(part, features, name), method, context)
        drops_first = method == "predict_proba" and (len(found) > 1 or len(model.classes_) == 2)
        exprs = [expr for block in found for expr in (block[1:] if drops_first else block)]
        prefix = f"{type(model).__name__.lower()}_{name}"
        labels = [prefix] if len(exprs) == 1 else [f"{prefix}{number}" for number in range(len(exprs))]
        stacked += [Feature(label, expr, dtype) for label, expr in zip(labels, exprs, strict=True)]
    if model.passthrough:
        features = as_taken(features, "array")
        dtype = np.result_type(common_dtype(features), _FLOAT)
        stacked = [replace(feature, dtype=dtype) for feature in (*stacked, *features)]
    return tuple(stacked)


def _decoded(result: Classified, classes: tuple[Label, ...]) -> Classified:
    label = relabelled(result.label, dict(enumerate(classes)), label_type(classes))
    return Classified(classes, label, result.probabilities, result.decisions)


def _multilabel(model: Any, result: Result, context: Context) -> Result:
    """Return several targets; as the library has it, predict_proba is the probability of the first class of each."""
    if not isinstance(result, MultiClassified):
        raise context.unsupported(model, "final_estimator", model.final_estimator_, "use a classifier of many labels")
    found: list[Classified] = []
    for target, encoder in zip(result.targets, model._label_encoder, strict=True):
        decoded = _decoded(target, as_labels(encoder.classes_))
        first = decoded.probabilities[:1] if decoded.probabilities and result.labels is None else None
        found.append(replace(decoded, probabilities=first))
    return MultiClassified(tuple(found), tuple(range(len(found))))
