"""Calibration of classifiers: sigmoid, isotonic, temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlops.frontends.base import Classified, Context, Features, Result, as_labels, frontend, label_type
from sqlops.frontends.responses import Block, binary_score, chosen_method, mean_of
from sqlops.ir import build
from sqlops.ir.interpolation import interpolate
from sqlops.ir.nodes import Expr
from sqlops.schema import Label

EPSILON = 1e-12
"""What temperature scaling adds to a probability before it takes the logarithm."""


@frontend(
    "CalibratedClassifierCV",
    family="Calibration",
    limits="temperature: decisions of three and more classes are never taken for probabilities",
    takes="frame",
)
def calibrated_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate pairs of classifier and calibrators, whose probabilities are averaged."""
    classes = as_labels(model.classes_)
    found = []
    for number, pair in enumerate(model.calibrated_classifiers_):
        with context.inside(f"calibrated_classifiers_[{number}]"):
            found.append(_calibrated(pair, classes, features, context))
    probabilities = mean_of(found)
    return Classified(classes, build.first_maximum(probabilities, classes, label_type(classes)), probabilities)


def _calibrated(pair: Any, classes: Sequence[Label], features: Features, context: Context) -> Block:
    """Return the probabilities of one pair; what rounding puts above one is one."""
    result = context.classify(pair.estimator, features)
    method = chosen_method(pair.estimator, ("decision_function", "predict_proba"), context)
    known = result.probabilities if method == "predict_proba" else result.decisions
    is_binary = len(result.classes) <= 2
    scores = (binary_score(pair.estimator, result, method, context),) if is_binary else known
    assert scores is not None
    if pair.method == "temperature":
        return _tempered(pair.calibrators[0], scores, method, len(classes))
    place = {label: number for number, label in enumerate(classes)}
    if len(classes) == 2:
        positive = _one_calibrated(pair.calibrators[0], scores[0], context)
        return build.subtract(build.constant(1.0), positive), _at_most_one(positive)
    shares: list[Expr] = [build.constant(0.0)] * len(classes)
    for label, score, calibrator in zip(result.classes, scores, pair.calibrators, strict=False):
        shares[place[label]] = _one_calibrated(calibrator, score, context)
    return tuple(_at_most_one(share) for share in _normalised(shares))


def _one_calibrated(calibrator: Any, score: Expr, context: Context) -> Expr:
    if type(calibrator).__name__ == "_SigmoidCalibration":
        scaled = build.multiply(build.constant(float(calibrator.a_)), score)
        return build.sigmoid(build.call("negative", build.add(scaled, build.constant(float(calibrator.b_)))))
    context.require(build.is_finite(score), "the score that isotonic regression gets is infinite")
    return interpolate(score, calibrator.X_thresholds_, calibrator.y_thresholds_)


def _normalised(shares: Sequence[Expr]) -> Block:
    """Return shares that add up to one: equal ones where all are zero."""
    total = build.sum_of(shares)
    is_zero = build.call("equal", total, build.constant(0.0))
    equal = build.constant(1 / len(shares))
    return tuple(build.case([(is_zero, equal)], build.divide(share, total)) for share in shares)


def _at_most_one(share: Expr) -> Expr:
    one = build.constant(1.0)
    above = build.all_of(
        [build.call("greater", share, one), build.call("less_equal", share, build.constant(1.0 + 1e-05))]
    )
    return build.case([(above, one)], share)


def _tempered(calibrator: Any, scores: Block, method: str, n_classes: int) -> Block:
    """Return the softmax of logits times the inverse temperature (``_TemperatureScaling``)."""
    if len(scores) == 1 and method == "predict_proba" and n_classes == 2:
        scores = (build.subtract(build.constant(1.0), scores[0]), scores[0])
    elif len(scores) == 1:
        scores = (build.call("negative", scores[0]), scores[0])
    if method == "predict_proba":
        scores = tuple(build.call("log", build.add(score, build.constant(EPSILON))) for score in scores)
    beta = build.constant(float(calibrator.beta_))
    return build.softmax([build.multiply(beta, score) for score in scores])
