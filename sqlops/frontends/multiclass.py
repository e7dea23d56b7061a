"""Several classes from classifiers (or regressors) of two: one against the rest, one against one, output codes."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    MultiClassified,
    Regressed,
    Result,
    as_labels,
    frontend,
    label_type,
)
from sqlops.frontends.responses import Block, binary_score, chosen_method, in_one_array, relabelled
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.schema import Label

_FAMILY = "Multiclass and multioutput"


def _translated(parts: list[Any], features: Features, context: Context) -> list[Result]:
    """Translate the classifiers of two classes; where all rows, or none, were of a class, a constant stands in."""
    return [
        _constant(float(part.y_[0]))
        if type(part).__name__ == "_ConstantPredictor"
        else context.translate(part, features, f"estimators_[{at}]")
        for at, part in enumerate(parts)
    ]


def _constant(value: float) -> Classified:
    constant, rest = build.constant(value), build.constant(1.0 - value)
    label = build.constant(int(value), "bigint")
    return Classified((0, 1), label, (rest, constant), (constant,))


@frontend("OneVsRestClassifier", family=_FAMILY, takes="frame")
def one_vs_rest(model: Any, features: Features, context: Context) -> Result:
    """Translate one score for each class (or label), the largest of which wins."""
    parts = list(model.estimators_)
    results = _translated(parts, features, context)
    scores = _scores(parts, results, context)
    threshold = build.constant(_threshold(parts[0]))
    decisions = _columns(parts, results, "decision_function", context)
    positives = _columns(parts, results, "predict_proba", context)
    if model.multilabel_:
        return _multilabel(scores, threshold, decisions, positives)
    classes = as_labels(model.classes_)
    type_ = label_type(classes)
    if len(classes) == 1:
        return Classified(classes, build.constant(classes[0], type_))
    if len(parts) == 1:
        negative, positive = (build.constant(value, type_) for value in classes)
        label = build.case([(build.call("greater", scores[0], threshold), positive)], negative)
    else:
        label = build.first_maximum(scores, classes, type_)
    return Classified(classes, label, _normalised(positives) if positives else None, decisions)


def _multilabel(
    scores: tuple[Expr, ...], threshold: Expr, decisions: Block | None, positives: Block | None
) -> MultiClassified:
    targets = []
    for at, score in enumerate(scores):
        yes, no = build.constant(1, "bigint"), build.constant(0, "bigint")
        label = build.case([(build.call("greater", score, threshold), yes)], no)
        shares = (build.subtract(build.constant(1.0), positives[at]), positives[at]) if positives else None
        targets.append(Classified((0, 1), label, shares, (decisions[at],) if decisions else None))
    return MultiClassified(tuple(targets), tuple(range(len(scores))))


def _scores(parts: list[Any], results: list[Result], context: Context) -> Block:
    """Return what ``_predict_binary`` gives: decisions before probabilities; of a regressor its prediction."""
    return tuple(_score(part, result, context) for part, result in zip(parts, results, strict=True))


def _score(part: Any, result: Result, context: Context) -> Expr:
    if isinstance(result, Regressed):
        return result.values[0]
    method = chosen_method(part, ("decision_function", "predict_proba"), context)
    return binary_score(part, result, method, context)


def _threshold(part: Any) -> float:
    """Return what a score must exceed, as ``_threshold_for_binary_predict``."""
    from sklearn.base import is_classifier

    return 0.0 if is_classifier(part) and hasattr(part, "decision_function") else 0.5


def _columns(parts: list[Any], results: list[Result], method: str, context: Context) -> Block | None:
    """Return the score of the positive class for each part, if all of them have the method."""
    if not all(hasattr(part, method) for part in parts):
        return None
    return tuple(binary_score(part, result, method, context) for part, result in zip(parts, results, strict=True))


def _normalised(positives: Block) -> Block:
    """Return probabilities that add up to one; where all are zero they stay."""
    if len(positives) == 1:
        positives = (build.subtract(build.constant(1.0), positives[0]), positives[0])
    total = build.sum_of(positives)
    is_zero = build.call("equal", total, build.constant(0.0))
    return tuple(build.case([(is_zero, share)], build.divide(share, total)) for share in positives)


@frontend("OneVsOneClassifier", family=_FAMILY)
def one_vs_one(model: Any, features: Features, context: Context) -> Result:
    """Translate votes for each class, ties broken by the sums of confidences (``_ovr_decision_function``)."""
    if model.pairwise_indices_ is not None:
        raise context.unsupported(model, "estimator", model.estimator, "use one whose kernel is not precomputed")
    features = in_one_array(features)
    context.refuse_text(features)
    parts = list(model.estimators_)
    results = _translated(parts, features, context)
    confidences = _scores(parts, results, context)
    n_classes = len(model.classes_)
    votes: list[list[Expr]] = [[] for _ in range(n_classes)]
    sums: list[list[Expr]] = [[] for _ in range(n_classes)]
    for (i, j), result, confidence in zip(combinations(range(n_classes), 2), results, confidences, strict=True):
        sums[i].append(build.call("negative", confidence))
        sums[j].append(confidence)
        votes[i].append(_vote(result, 0))
        votes[j].append(_vote(result, 1))
    decisions = tuple(_decision(own, total) for own, total in zip(votes, sums, strict=True))
    classes = as_labels(model.classes_)
    type_ = label_type(classes)
    if n_classes > 2:
        return Classified(classes, build.first_maximum(decisions, classes, type_), decisions=decisions)
    above = build.call("greater", decisions[1], build.constant(_threshold(parts[0])))
    label = build.case([(above, build.constant(classes[1], type_))], build.constant(classes[0], type_))
    return Classified(classes, label, decisions=decisions[1:])


def _vote(result: Result, number: int) -> Expr:
    """Return 1 where a part predicts the first (0) or second (1) of its classes; a regressor must do so exactly."""
    if isinstance(result, Classified):
        return relabelled(result.label, {value: float(value == number) for value in (0, 1)}, "double")
    assert isinstance(result, Regressed)
    return build.indicator(build.equal(result.values[0], float(number)))


def _decision(votes: list[Expr], confidences: list[Expr]) -> Expr:
    total = build.sum_of(confidences)
    size = build.add(build.call("absolute", total), build.constant(1.0))
    return build.add(build.sum_of(votes), build.divide(total, build.multiply(build.constant(3.0), size)))


@frontend(
    "OutputCodeClassifier",
    family=_FAMILY,
    limits="codes at the same distance up to rounding: either of the classes",
    takes="frame",
)
def output_code(model: Any, features: Features, context: Context) -> Result:
    """Translate the class whose code is nearest to the scores.

    Squared distances are compared, as ``|scores|² - 2 scores · code + |code|²``: where that overflows or cancels, it
    does so in the library too (``pairwise_distances_argmin``).
    """
    parts = list(model.estimators_)
    results = _translated(parts, features, context)
    scores = _scores(parts, results, context)
    classes: tuple[Label, ...] = as_labels(model.classes_)
    size = build.sum_of([build.call("square", score) for score in scores])
    nearness = []
    for code in model.code_book_:
        terms = [build.multiply(score, build.constant(float(bit))) for score, bit in zip(scores, code, strict=True)]
        middle = build.multiply(build.constant(-2.0), build.sum_of(terms))
        distance = build.add(build.add(size, middle), build.constant(float(code @ code)))
        nearness.append(build.call("negative", build.call("maximum", build.constant(0.0), distance)))
    return Classified(classes, build.first_maximum(nearness, classes, label_type(classes)))
