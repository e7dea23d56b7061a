"""Histogram gradient boosting of scikit-learn: doubles, native missing values, native categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Classified, Context, Features, Regressed, Result, as_labels, frontend
from sqlops.frontends.linear import label_by_score
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.ir.trees import Tree, join, set_bits

_INVERSE_LINKS: dict[str, Callable[[Expr], Expr]] = {
    "IdentityLink": lambda raw: raw,
    "LogLink": lambda raw: build.call("exp", raw),
}


@frontend("HistGradientBoostingClassifier", family="Trees and ensembles", takes="frame")
def hist_gradient_boosting_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate boosted trees; a raw score of exactly zero means the first class."""
    classes = as_labels(model.classes_)
    if len(classes) < 2:
        raise context.unsupported(model, "classes_", list(classes), "fit on at least two classes: it cannot predict")
    scores = _raw_scores(model, features, context)
    label = label_by_score(scores, classes)
    probabilities = build.two_class_probabilities(scores[0]) if len(scores) == 1 else build.softmax(scores)
    return Classified(classes, label, probabilities, scores)


@frontend("HistGradientBoostingRegressor", family="Trees and ensembles", takes="frame")
def hist_gradient_boosting_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate boosted trees and the inverse of the loss's link."""
    (score,) = _raw_scores(model, features, context)
    return Regressed((_INVERSE_LINKS[type(model._loss.link).__name__](score),))


def _raw_scores(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    features = _preprocess(model, features, context)
    context.refuse_text(features)
    bitsets, positions = model._bin_mapper.make_known_categories_bitsets()
    is_categorical = _categorical_after_preprocessing(model)
    known = [
        set_bits(bitsets[positions[number]]) if is_categorical[number] else None for number in range(len(features))
    ]
    base = np.ravel(model._baseline_prediction)
    inputs = [feature.expr for feature in features]
    scores: list[Expr] = []
    for k in range(model.n_trees_per_iteration_):
        trees = [_tree(iteration[k]) for iteration in model._predictors]
        scores += build.elements(join(trees, inputs, base[[k]], known))
    return tuple(scores)


def _preprocess(model: Any, features: Features, context: Context) -> Features:
    """Encode categories as the estimator's own ordinal encoder does; it puts them before the numbers."""
    if model._preprocessor is None:
        return features
    categories = tuple(f for f, is_category in zip(features, model.is_categorical_, strict=True) if is_category)
    numbers = tuple(f for f, is_category in zip(features, model.is_categorical_, strict=True) if not is_category)
    encoder = model._preprocessor.named_transformers_["encoder"]
    return context.transform(encoder, categories, "categories") + numbers


def _categorical_after_preprocessing(model: Any) -> npt.NDArray[np.bool_]:
    mask = model._is_categorical_remapped
    return np.zeros(model.n_features_in_, dtype=bool) if mask is None else mask


def _tree(predictor: Any) -> Tree:
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    is_categorical = nodes["is_categorical"].astype(bool) & ~is_leaf
    return Tree(
        feature=np.where(is_leaf, 0, nodes["feature_idx"]),
        threshold=np.where(is_leaf | is_categorical, 0.0, nodes["num_threshold"]),
        left=np.where(is_leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(is_leaf, -1, nodes["right"].astype(np.int64)),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=nodes["value"].astype(np.float64)[:, np.newaxis],
        category_set=np.where(is_categorical, nodes["bitset_idx"].astype(np.int64), -1),
        category_sets=tuple(set_bits(bitset) for bitset in predictor.raw_left_cat_bitsets),
    )
