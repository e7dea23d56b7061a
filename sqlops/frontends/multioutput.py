"""Several targets: one estimator for each, alone or in a chain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from sqlops.frontends.base import (
    Classified,
    Context,
    Feature,
    Features,
    MultiClassified,
    Regressed,
    Result,
    frontend,
)
from sqlops.frontends.responses import binary_score, blocks, chosen_method, in_one_array, relabelled
from sqlops.schema import Label

_FAMILY = "Multiclass and multioutput"
_T = TypeVar("_T")


@frontend("MultiOutputRegressor", family=_FAMILY, takes="frame")
def multi_output_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate one regressor for each target."""
    values = [context.regress(part, features, f"estimators_[{at}]") for at, part in enumerate(model.estimators_)]
    return Regressed(tuple(value for (value,) in values))


@frontend("MultiOutputClassifier", family=_FAMILY, takes="frame")
def multi_output_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate one classifier for each target."""
    targets = [context.classify(part, features, f"estimators_[{at}]") for at, part in enumerate(model.estimators_)]
    return MultiClassified(tuple(targets))


@frontend("RegressorChain", family=_FAMILY)
def regressor_chain(model: Any, features: Features, context: Context) -> Result:
    """Translate regressors each of which also sees the predictions of those before it."""
    found = [blocks(result, "predict", context)[0][0] for _, result in _links(model, features, "predict", context)]
    return Regressed(tuple(_in_order(model, found)))


@frontend("ClassifierChain", family=_FAMILY)
def classifier_chain(model: Any, features: Features, context: Context) -> Result:
    """Translate classifiers each of which also sees what those before it gave."""
    links = _links(model, features, model.chain_method_, context)
    targets = [_target(part, result, context) for part, result in links]
    return MultiClassified(tuple(_in_order(model, targets)), tuple(range(len(targets))))


def _links(model: Any, features: Features, method: Any, context: Context) -> list[tuple[Any, Result]]:
    context.require_numbers(features)
    features = in_one_array(features)
    dtype = np.result_type(*(feature.dtype for feature in features), np.float64)
    features = tuple(replace(feature, dtype=dtype) for feature in features)
    links: list[tuple[Any, Result]] = []
    for at, part in enumerate(model.estimators_):
        result = context.translate(part, features, f"estimators_[{at}]")
        links.append((part, result))
        chosen = method if isinstance(method, str) else chosen_method(part, method, context)
        score = binary_score(part, result, chosen, context)
        features = (*features, Feature(f"chain_{model.order_[at]}", score))
    return links


def _target(part: Any, result: Result, context: Context) -> Classified:
    """Return one target as a label of two classes; in the chain's array of floats whole numbers stay whole."""
    if not isinstance(result, Classified):
        raise context.unsupported(part, "estimator", part, "use classifiers of one target in a chain")
    classes = result.classes
    if any(isinstance(label, str) or int(label) != label for label in classes):
        raise context.unsupported(part, "classes_", list(classes), "number the classes of each target from 0")
    whole: tuple[Label, ...] = tuple(int(label) for label in classes)
    label = relabelled(result.label, dict(zip(classes, whole, strict=True)), "bigint")
    has_two = len(classes) == 2
    return Classified(whole, label, result.probabilities if has_two else None, result.decisions if has_two else None)


def _in_order(model: Any, found: list[_T]) -> list[_T]:
    """Return what the links give in the order of the targets."""
    place = {int(target): at for at, target in enumerate(model.order_)}
    return [found[place[target]] for target in range(len(found))]
