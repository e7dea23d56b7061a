"""Decision trees, forests and gradient boosting of scikit-learn.

These estimators round their input to float32 and compare it with a float64 threshold: `float32_bounds` moves each
threshold to the double that splits the unrounded inputs the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Feature,
    Features,
    MultiClassified,
    Regressed,
    Result,
    as_labels,
    frontend,
    label_type,
    rounded,
)
from sqlops.frontends.known_functions import logit
from sqlops.frontends.linear import label_by_score
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.trees import FLOAT32_LIMIT, Tree, float32_bounds, join
from sqlops.schema import Label

_DENSE = np.empty((0, 0), dtype=np.float32)


@frontend("DecisionTreeClassifier", "ExtraTreeClassifier", family="Trees and ensembles")
def tree_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a tree whose leaves hold class shares."""
    require_float32(features, context, allow_nan=takes_missing(model))
    return _classified(model, [model], features)


@frontend("RandomForestClassifier", "ExtraTreesClassifier", family="Trees and ensembles")
def forest_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a forest: class shares added tree by tree, then divided by the number of trees."""
    require_float32(features, context, allow_nan=takes_missing(model.estimators_[0]))
    return _classified(model, model.estimators_, features)


@frontend("DecisionTreeRegressor", "ExtraTreeRegressor", family="Trees and ensembles")
def tree_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a tree whose leaves hold values."""
    require_float32(features, context, allow_nan=takes_missing(model))
    return _regressed(model, [model], features)


@frontend("RandomForestRegressor", "ExtraTreesRegressor", family="Trees and ensembles")
def forest_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a forest: values added tree by tree, then divided by the number of trees."""
    require_float32(features, context, allow_nan=takes_missing(model.estimators_[0]))
    return _regressed(model, model.estimators_, features)


@frontend("GradientBoostingClassifier", family="Trees and ensembles")
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


@frontend("GradientBoostingRegressor", family="Trees and ensembles")
def gradient_boosting_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate boosted trees; every loss of the regressor predicts the raw score."""
    return Regressed(_boosted_scores(model, features, context))


def _boosted_scores(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    require_float32(features, context, allow_nan=False)
    inputs = [feature.expr for feature in features]
    n_scores = model.estimators_.shape[1]
    is_constant = model.init_ == "zero" or type(model.init_).__name__.startswith("Dummy")
    base = np.zeros(n_scores)
    if is_constant:
        base = model._raw_predict_init(np.zeros((1, model.n_features_in_), dtype=np.float32))[0]
    scores: list[Expr] = []
    for k in range(n_scores):
        trees = [
            as_tree(stage.tree_, model.learning_rate * stage.tree_.value[:, :1, 0]) for stage in model.estimators_[:, k]
        ]
        scores += build.elements(join(trees, inputs, base[[k]]))
    if is_constant:
        return tuple(scores)
    initial = _initial_scores(model, features, context)
    return tuple(build.add(start, score) for start, score in zip(initial, scores, strict=True))


def _initial_scores(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    """Return the raw scores of an estimator that boosting starts from; it gets the features as float32."""
    single = np.dtype(np.float32)
    features = tuple(Feature(feature.name, rounded(feature.expr, single), single) for feature in features)
    link = type(model._loss.link).__name__
    if link == "IdentityLink":
        return context.regress(model.init_, features, "init")
    shares = context.classify(model.init_, features, "init").probabilities
    if shares is None:
        raise context.unsupported(model, "init", model.init_, "start from a classifier that has probabilities")
    eps = float(np.finfo(np.float64).eps)
    low, high = build.constant(eps), build.constant(1 - eps)
    clipped = [build.call("minimum", build.call("maximum", share, low), high) for share in shares]
    if link == "MultinomialLogit":
        logs = build.sum_of([build.call("log", share) for share in clipped])
        mean = build.call("exp", build.divide(logs, build.constant(float(len(clipped)))))
        return tuple(build.call("log", build.divide(share, mean)) for share in clipped)
    score = logit(clipped[1])
    return (build.multiply(build.constant(0.5), score) if link == "HalfLogitLink" else score,)


def require_float32(features: Features, context: Context, *, allow_nan: bool) -> None:
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


def takes_missing(tree: Any) -> bool:
    """Whether a fitted tree routes missing values; else it refuses them."""
    return bool(tree._support_missing_values(_DENSE))


def as_tree(tree: Any, value: FloatArray, columns: npt.NDArray[np.int64] | None = None) -> Tree:
    """Return a tree of scikit-learn with other values in its nodes.

    Parameters
    ----------
    tree : sklearn.tree._tree.Tree
    value : ndarray of shape (n_nodes, n_outputs)
    columns : ndarray, optional
        Where the tree was fitted on some columns: which of the inputs they are.
    """
    is_leaf = tree.children_left < 0
    feature = np.where(is_leaf, 0, tree.feature)
    return Tree(
        feature=feature if columns is None else np.where(is_leaf, 0, np.asarray(columns)[feature]),
        threshold=float32_bounds(np.where(is_leaf, 0.0, tree.threshold)),
        left=np.where(is_leaf, -1, tree.children_left),
        right=np.where(is_leaf, -1, tree.children_right),
        missing_left=tree.missing_go_to_left.astype(bool),
        value=value,
    )


def is_tree(estimator: Any) -> bool:
    """Whether an estimator is one tree of scikit-learn with one target."""
    names = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
    return type(estimator).__name__ in names and type(estimator).__module__.startswith("sklearn.")


def require_tree_inputs(
    models: Sequence[Any], features: Features, context: Context, columns: Sequence[Any] | None = None
) -> None:
    """Check what several trees check, each on its own columns if it was fitted on some."""
    for at, model in enumerate(models):
        selected = features if columns is None else tuple(features[column] for column in columns[at])
        require_float32(selected, context, allow_nan=takes_missing(model))


def sum_of_trees(
    models: Sequence[Any],
    values: Sequence[FloatArray],
    features: Features,
    columns: Sequence[Any] | None = None,
) -> tuple[Expr, ...]:
    """Return the values of the leaves that are reached, added tree by tree, as one operator.

    Parameters
    ----------
    models : sequence of fitted trees
    values : sequence of ndarray of shape (n_nodes, n_outputs)
    features : tuple of Feature
    columns : sequence of ndarray, optional
        For each tree the features it was fitted on.
    """
    trees = [
        as_tree(model.tree_, value, None if columns is None else columns[at])
        for at, (model, value) in enumerate(zip(models, values, strict=True))
    ]
    return build.elements(join(trees, [feature.expr for feature in features], np.zeros(values[0].shape[1])))


def _regressed(model: Any, models: Sequence[Any], features: Features) -> Regressed:
    sums = sum_of_trees(models, [part.tree_.value[:, :, 0] for part in models], features)
    return Regressed(_over_trees(sums, len(models)))


def _over_trees(sums: tuple[Expr, ...], n_trees: int) -> tuple[Expr, ...]:
    count = build.constant(float(n_trees))
    return tuple(build.divide(total, count) for total in sums)


def _classified(model: Any, models: Sequence[Any], features: Features) -> Result:
    if model.n_outputs_ == 1:
        return _target(as_labels(model.classes_), 0, models, features)
    targets = [_target(as_labels(classes), k, models, features) for k, classes in enumerate(model.classes_)]
    return MultiClassified(tuple(targets))


def _target(classes: tuple[Label, ...], number: int, models: Sequence[Any], features: Features) -> Classified:
    shares = [model.tree_.value[:, number, : len(classes)] for model in models]
    probabilities = _over_trees(sum_of_trees(models, shares, features), len(models))
    label = build.first_maximum(probabilities, classes, label_type(classes), always_present=True)
    return Classified(classes, label, probabilities)
