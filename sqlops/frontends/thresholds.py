"""Classifiers of two classes with another threshold than one half or zero."""

from __future__ import annotations

from typing import Any

from sqlops.frontends.base import Classified, Context, Features, Result, frontend, label_type
from sqlops.frontends.responses import binary_score, chosen_method
from sqlops.ir import build
from sqlops.schema import Label


@frontend("FixedThresholdClassifier", family="Searches and thresholds", takes="frame")
def fixed_threshold(model: Any, features: Features, context: Context) -> Result:
    """Translate a classifier whose score is compared with a given threshold."""
    part = getattr(model, "estimator_", model.estimator)
    method = _response_method(model, part, context)
    automatic = 0.5 if method == "predict_proba" else 0.0
    threshold = automatic if isinstance(model.threshold, str) else float(model.threshold)
    return _thresholded(part, method, threshold, model.pos_label, features, context)


@frontend(
    "TunedThresholdClassifierCV",
    family="Searches and thresholds",
    limits="a score that equals the threshold up to rounding: either class",
    takes="frame",
)
def tuned_threshold(model: Any, features: Features, context: Context) -> Result:
    """Translate a classifier whose score is compared with the threshold that was found best."""
    part = model.estimator_
    method = _response_method(model, part, context)
    pos_label = model._curve_scorer._get_pos_label()
    return _thresholded(part, method, float(model.best_threshold_), pos_label, features, context)


def _response_method(model: Any, part: Any, context: Context) -> str:
    automatic = ("predict_proba", "decision_function")
    return chosen_method(part, automatic if model.response_method == "auto" else (model.response_method,), context)


def _thresholded(
    part: Any, method: str, threshold: float, pos_label: Label | None, features: Features, context: Context
) -> Classified:
    """Return the positive class where its score reaches the threshold; scores are those of the part."""
    result = context.classify(part, features)
    score = binary_score(part, result, method, context, pos_label)
    is_first = pos_label is not None and pos_label == result.classes[0]
    positive, negative = result.classes if is_first else result.classes[::-1]
    type_ = label_type(result.classes)
    reached = build.call("greater_equal", score, build.constant(threshold))
    label = build.case([(reached, build.constant(positive, type_))], build.constant(negative, type_))
    return Classified(result.classes, label, result.probabilities, result.decisions)
