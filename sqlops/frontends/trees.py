"""Decision trees, forests and gradient boosting of scikit-learn.

These estimators round their input to float32 and compare it with a float64 threshold: `float32_bounds` moves each
threshold to the double that splits the unrounded inputs the same way.
"""

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
from sqlops.frontends.linear import label_by_score
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.trees import FLOAT32_LIMIT, Tree, float32_bounds, join

_DENSE = np.empty((0, 0), dtype=np.float32)


@frontend("DecisionTreeClassifier", "ExtraTreeClassifier", family="Trees and ensembles", limits="one output only")
def tree_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a tree whose leaves hold class shares."""
    _require_one_output(model, context)
    _require_float32(features, context, allow_nan=model._support_missing_values(_DENSE))
    return _classified(model, _forest([model], features, len(model.classes_)))


@frontend("RandomForestClassifier", "ExtraTreesClassifier", family="Trees and ensembles", limits="one output only")
def forest_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a forest: class shares added tree by tree, then divided by the number of trees."""
    _require_one_output(model, context)
    _require_float32(features, context, allow_nan=model.estimators_[0]._support_missing_values(_DENSE))
    return _classified(model, _mean(model, _forest(model.estimators_, features, len(model.classes_))))


@frontend("DecisionTreeRegressor", "ExtraTreeRegressor", family="Trees and ensembles")
def tree_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a tree whose leaves hold values."""
    _require_float32(features, context, allow_nan=model._support_missing_values(_DENSE))
    return Regressed(_forest([model], features, model.n_outputs_))


@frontend("RandomForestRegressor", "ExtraTreesRegressor", family="Trees and ensembles")
def forest_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a forest: values added tree by tree, then divided by the number of trees."""
    _require_float32(features, context, allow_nan=model.estimators_[0]._support_missing_values(_DENSE))
    return Regressed(_mean(model, _forest(model.estimators_, features, model.n_outputs_)))


@frontend("GradientBoostingClassifier", family="Trees and ensembles", limits="init: default or 'zero'")
def gradient_boosting_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate boosted trees; a raw score of exactly zero means the second class."""
    scores = _boosted_scores(model, features, context)
    classes = as_labels(model.classes_)
    label = label_by_score(scores, classes, tie_is_second=True)
    if len(scores) > 1:
        return Classified(classes, label, build.softmax(scores), scores)
    is_exponential = model.loss == "exponential"
    score = build.multiply(build.constant(2.0), scores[0]) if is_exponential else scores[0]
    return Classified(classes, label, build.two_class_probabilities(score), scores)


@frontend("GradientBoostingRegressor", family="Trees and ensembles", limits="init: default or 'zero'")
def gradient_boosting_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate boosted trees; every loss of the regressor predicts the raw score."""
    return Regressed(_boosted_scores(model, features, context))


def _boosted_scores(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    if model.init_ != "zero" and not type(model.init_).__name__.startswith("Dummy"):
        raise context.unsupported(model, "init", model.init_, "fit with init=None or init='zero'")
    _require_float32(features, context, allow_nan=False)
    base = model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))[0]
    inputs = [feature.expr for feature in features]
    scores: list[Expr] = []
    for k in range(model.estimators_.shape[1]):
        trees = [
            _tree(stage.tree_, model.learning_rate * stage.tree_.value[:, :1, 0]) for stage in model.estimators_[:, k]
        ]
        scores += build.elements(join(trees, inputs, base[[k]]))
    return tuple(scores)


def _require_one_output(model: Any, context: Context) -> None:
    if model.n_outputs_ > 1:
        raise context.unsupported(model, "n_outputs_", model.n_outputs_, "fit one classifier per output")


def _require_float32(features: Features, context: Context, *, allow_nan: bool) -> None:
    """Check a matrix as ``check_array(dtype=float32)`` does: what overflows float32 counts as infinite."""
    context.refuse_text(features)
    for feature in features:
        fits = build.call("less", build.call("absolute", feature.expr), build.constant(FLOAT32_LIMIT))
        if allow_nan:
            context.require(
                build.any_of([build.is_missing(feature.expr), fits]),
                f"{feature.name} is infinite or overflows float32",
            )
        else:
            context.require(fits, f"{feature.name} is missing, infinite or overflows float32")


def _forest(models: Any, features: Features, n_outputs: int) -> tuple[Expr, ...]:
    trees = [_tree(model.tree_, _leaf_values(model.tree_, n_outputs)) for model in models]
    return build.elements(join(trees, [feature.expr for feature in features], np.zeros(n_outputs)))


def _leaf_values(tree: Any, n_outputs: int) -> FloatArray:
    """Return class shares, or one value per target, of every node."""
    values: FloatArray = tree.value[:, 0, :] if tree.n_outputs == 1 else tree.value[:, :, 0]
    return values[:, :n_outputs]


def _tree(tree: Any, value: FloatArray) -> Tree:
    is_leaf = tree.children_left < 0
    return Tree(
        feature=np.where(is_leaf, 0, tree.feature),
        threshold=float32_bounds(np.where(is_leaf, 0.0, tree.threshold)),
        left=np.where(is_leaf, -1, tree.children_left),
        right=np.where(is_leaf, -1, tree.children_right),
        missing_left=tree.missing_go_to_left.astype(bool),
        value=value,
    )


def _mean(model: Any, sums: tuple[Expr, ...]) -> tuple[Expr, ...]:
    count = build.constant(float(len(model.estimators_)))
    return tuple(build.divide(total, count) for total in sums)


def _classified(model: Any, probabilities: tuple[Expr, ...]) -> Classified:
    classes = as_labels(model.classes_)
    label = build.first_maximum(probabilities, classes, label_type(classes), always_present=True)
    return Classified(classes, label, probabilities)
