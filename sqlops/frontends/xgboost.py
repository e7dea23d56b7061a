"""XGBoost: the wrappers for scikit-learn and native boosters.

XGBoost holds and adds float32. The trees' sums are reproduced in float32, in its order, and so are bit for bit the
same; what an objective makes of them is rounded to float32 after each step, as in ``src/objective``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    MultiClassified,
    Regressed,
    Result,
    as_labels,
    frontend,
)
from sqlops.frontends.single import exponential, plus, reciprocal, single, softmax
from sqlops.frontends.xgboost_categories import Names, code_of_number, encoded, known_codes, names_of_categories
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.ir.trees import FLOAT32_LIMIT, Tree, float32_bounds, join
from sqlops.schema import Label

_FAMILY = "Boosting libraries"
_RELEASES = "XGBoost 2.1, 3.0 (pandas categories with the dtype of X) and 3.2"
Document = Mapping[str, Any]


@frontend("XGBClassifier", "XGBRFClassifier", package="xgboost", family=_FAMILY, limits=_RELEASES)
def xgb_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a classifier: the class of the largest probability, or the second if its own is above one half."""
    parsed = _parse(model.get_booster(), in_place=model.booster != "gblinear")
    if model.n_classes_ < 2:
        raise context.unsupported(model, "n_classes_", model.n_classes_, "fit on at least two classes")
    classes = as_labels(model.classes_)
    scores = _scores(parsed, features, model.missing, context)
    if parsed.n_outputs > 1 and model.n_classes_ == 2:
        labels = tuple(_of_two(positive, (0, 1)) for positive in _converted(scores, parsed.objective))
        return MultiClassified(labels, tuple(range(len(labels))))
    if len(scores) > 1:
        probabilities = softmax(scores)
        best = scores if parsed.objective == "multi:softmax" else probabilities
        return Classified(classes, build.first_maximum(best, classes, "bigint"), probabilities)
    (positive,) = _converted(scores, parsed.objective)
    return _of_two(positive, classes)


def _of_two(positive: Expr, classes: tuple[Label, ...]) -> Classified:
    """Return the second class where its probability is above a half."""
    is_second = build.call("greater", positive, build.constant(0.5))
    label = build.case([(is_second, build.constant(classes[1], "bigint"))], build.constant(classes[0], "bigint"))
    return Classified(classes, label, (single(build.subtract(build.constant(1.0), positive)), positive))


@frontend("XGBRegressor", "XGBRFRegressor", "XGBRanker", package="xgboost", family=_FAMILY, limits=_RELEASES)
def xgb_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a regressor or a ranker."""
    parsed = _parse(model.get_booster(), in_place=model.booster != "gblinear")
    scores = _scores(parsed, features, model.missing, context)
    return Regressed(_converted(scores, parsed.objective))


@frontend("Booster", package="xgboost", family=_FAMILY, limits=f"{_RELEASES}; DMatrix with missing=nan; all iterations")
def booster(model: Any, features: Features, context: Context) -> Result:
    """Translate a native booster: one value per row, or one per class or target."""
    parsed = _parse(model, in_place=False, all_iterations=True)
    return Regressed(_converted(_scores(parsed, features, math.nan, context), parsed.objective))


@dataclass(frozen=True)
class _Model:
    """What is in a model's JSON.

    Parameters
    ----------
    objective : str
    base : ndarray of float32, shape (n_outputs,)
        The margin to which the trees are added.
    trees : sequence of dict
        Those of the iterations in use.
    outputs : sequence of int
        To which output each tree is added.
    weights : ndarray of float32 or None
        Of each tree, for DART.
    linear : ndarray of float32, shape (n_features + 1, n_outputs), or None
        Coefficients and bias, for gblinear.
    types : sequence of str
        Of each feature, "c" for categories; empty where nothing is known.
    categories : sequence
        For each feature, the categories of training; empty where it has none, and before XGBoost 3.1.
    in_place : bool
        Whether prediction reads the rows where they are, instead of making a DMatrix, which refuses infinities.
    """

    objective: str
    base: npt.NDArray[np.float32]
    trees: Sequence[Document]
    outputs: Sequence[int]
    weights: npt.NDArray[np.float32] | None
    linear: npt.NDArray[np.float32] | None
    types: Sequence[str]
    categories: Names
    in_place: bool

    @property
    def n_outputs(self) -> int:
        return len(self.base)


def _parse(booster: Any, *, in_place: bool, all_iterations: bool = False) -> _Model:
    document = json.loads(booster.save_raw("json"))
    learner = document["learner"]
    objective, grown = learner["objective"]["name"], learner["gradient_booster"]
    base = _base_margin(booster, document)
    if grown["name"] == "gblinear":
        linear = _singles(grown["model"]["weights"]).reshape(-1, len(base))
        return _Model(objective, base, (), (), None, linear, (), (), in_place)
    trees = grown.get("gbtree", grown)["model"]
    best = learner["attributes"].get("best_iteration")
    used = len(trees["trees"])
    if best is not None and not all_iterations:
        used = trees["iteration_indptr"][int(best) + 1]
    weights = _singles(grown["weight_drop"][:used]) if "weight_drop" in grown else None
    encodings = trees.get("cats", {}).get("enc", ())
    return _Model(
        objective,
        base,
        trees["trees"][:used],
        trees["tree_info"][:used],
        weights,
        None,
        learner["feature_types"],
        [_categories(encoding) for encoding in encodings],
        in_place,
    )


def _singles(values: npt.ArrayLike) -> npt.NDArray[np.float32]:
    return np.atleast_1d(np.asarray(values, dtype=np.float32))


def _categories(encoding: Document) -> Sequence[Any]:
    """Return the categories of one feature: numbers, or strings given as bytes and where each starts."""
    values = encoding["values"]
    if "offsets" not in encoding:
        return list(values)
    data = np.array(values, dtype=np.int8).tobytes()
    ends = encoding["offsets"]
    return [data[start:end].decode() for start, end in pairwise(ends)]


_NO_TREES = {
    "model": {
        "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "0"},
        "iteration_indptr": [0],
        "tree_info": [],
        "trees": [],
    },
    "name": "gbtree",
}


def _base_margin(booster: Any, document: Document) -> npt.NDArray[np.float32]:
    """Return what the booster answers without its trees: the base score as a margin, by the library's own ``logf``."""
    learner = document["learner"]
    # A model without trees and with this flag would count as not fitted yet.
    parameters = {**learner["learner_model_param"], "boost_from_average": "0"}
    bare_learner = {**learner, "learner_model_param": parameters, "gradient_booster": _NO_TREES}
    bare = type(booster)()
    bare.load_model(bytearray(json.dumps({**document, "learner": bare_learner}).encode()))
    row = np.zeros((1, booster.num_features()), dtype=np.float32)
    return _singles(np.ravel(bare.inplace_predict(row, predict_type="margin", validate_features=False)))


def _sigmoid(margin: Expr) -> Expr:
    power = build.call("minimum", build.call("negative", margin), build.constant(float(np.float32(88.7))))
    return reciprocal(plus(exponential(power), build.constant(1.0)))


def _hinge(margin: Expr) -> Expr:
    return build.indicator(build.call("greater", margin, build.constant(0.0)))


_CONVERSIONS: dict[str, Callable[[Expr], Expr]] = {
    "binary:logistic": _sigmoid,
    "reg:logistic": _sigmoid,
    "binary:hinge": _hinge,
    "count:poisson": exponential,
    "reg:gamma": exponential,
    "reg:tweedie": exponential,
    "survival:cox": exponential,
    "survival:aft": exponential,
}
"""``PredTransform`` of the objectives that have one for each output by itself."""


def _converted(scores: tuple[Expr, ...], objective: str) -> tuple[Expr, ...]:
    if objective == "multi:softprob":
        return softmax(scores)
    if objective == "multi:softmax":
        return (build.first_maximum(scores, range(len(scores)), "double"),)
    convert = _CONVERSIONS.get(objective)
    return tuple(convert(score) for score in scores) if convert else scores


def _scores(model: _Model, features: Features, missing: float, context: Context) -> tuple[Expr, ...]:
    """Return the margins."""
    names = names_of_categories(features, model.types, model.categories, context)
    features = encoded(features, names, context, stored=names is model.categories)
    context.refuse_text(features)
    if not model.in_place:
        for feature in features:
            fits = build.call("less", build.call("absolute", feature.expr), build.constant(FLOAT32_LIMIT))
            context.require(
                build.any_of([build.is_missing(feature.expr), fits]),
                f"{feature.name} is infinite or overflows float32",
            )
    values = [_without(feature.expr, missing) for feature in features]
    if model.linear is not None:
        # All outputs start from the base score of the first: `GBLinear::PredictBatchInternal`.
        return tuple(_linear(values, model.linear[:, k], model.base[0]) for k in range(model.n_outputs))
    return _tree_scores(model, features, names, values, context)


def _without(value: Expr, missing: float) -> Expr:
    """Return a value, missing where its float32 equals the number that stands for missing."""
    marker = np.float32(missing)
    if np.isnan(marker):
        return value
    if np.isinf(marker):
        name, bound = ("greater_equal", FLOAT32_LIMIT) if marker > 0 else ("less_equal", -FLOAT32_LIMIT)
        return build.case([(build.call(name, value, build.constant(bound)), build.MISSING)], value)
    below, above = float32_bounds(np.array([np.nextafter(marker, np.float32(-np.inf)), marker], dtype=np.float64))
    is_marker = build.all_of(
        [build.call("greater", value, build.constant(below)), build.call("less_equal", value, build.constant(above))]
    )
    return build.case([(is_marker, build.MISSING)], value)


def _linear(values: Sequence[Expr], weights: npt.NDArray[np.float32], base: np.float32) -> Expr:
    """Return the bias and the products, added one by one in float32; a missing value adds nothing."""
    total: Expr = build.constant(float(weights[-1] + base))
    for value, weight in zip(values, weights[:-1], strict=True):
        product = single(build.multiply(single(value), build.constant(float(weight))))
        total = plus(total, build.case([(build.is_missing(value), build.constant(0.0))], product))
    return total


def _tree_scores(
    model: _Model, features: Features, names: Names, values: list[Expr], context: Context
) -> tuple[Expr, ...]:
    factors = np.ones(len(model.trees), np.float32) if model.weights is None else model.weights
    trees = [_tree(tree, model, k, factor) for tree, k, factor in zip(model.trees, model.outputs, factors, strict=True)]
    known = known_codes(trees, features, names, context)
    inputs = [
        value if codes is None or feature.is_category else code_of_number(value, codes)
        for feature, value, codes in zip(features, values, known, strict=True)
    ]
    if any(tree.value.shape[1] > 1 for tree in trees):
        return build.elements(join(trees, inputs, model.base, known, single=True))
    scores: list[Expr] = []
    for k in range(model.n_outputs):
        own = [tree for tree, output in zip(trees, model.outputs, strict=True) if output == k]
        base = float(model.base[k])
        scores += build.elements(join(own, inputs, [base], known, single=True)) if own else [build.constant(base)]
    return tuple(scores)


def _tree(tree: Document, model: _Model, output: int, factor: np.float32) -> Tree:
    """Return a tree that goes left where XGBoost does, or by category, where the set's members go: to the right."""
    left, right = np.array(tree["left_children"], np.int64), np.array(tree["right_children"], np.int64)
    is_leaf = left < 0
    condition = _singles(tree["split_conditions"])
    default_left = np.array(tree["default_left"]).astype(bool)
    category_set = np.full(len(left), -1)
    category_set[tree.get("categories_nodes", [])] = np.arange(len(tree.get("categories_nodes", [])))
    by_category = category_set >= 0
    smaller = np.nextafter(np.where(is_leaf | by_category, np.float32(0), condition), np.float32(-np.inf))
    codes = np.array(tree.get("categories", []), dtype=np.float64)
    spans = zip(tree.get("categories_segments", []), tree.get("categories_sizes", []), strict=True)
    value = _leaf_values(tree, left, right, condition)
    if model.weights is not None:
        value = _dropped(value, model.base[[output]] if value.shape[1] == 1 else model.base, factor, model.in_place)
    return Tree(
        feature=np.where(is_leaf, 0, tree["split_indices"]).astype(np.int32),
        threshold=float32_bounds(smaller.astype(np.float64)),
        left=np.where(is_leaf, -1, np.where(by_category, right, left)).astype(np.int32),
        right=np.where(is_leaf, -1, np.where(by_category, left, right)).astype(np.int32),
        missing_left=default_left ^ by_category,
        value=value.astype(np.float64),
        category_set=category_set.astype(np.int32),
        category_sets=tuple(codes[start : start + size] for start, size in spans),
    )


def _leaf_values(
    tree: Document, left: npt.NDArray[Any], right: npt.NDArray[Any], condition: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Return what leaves add: kept as split conditions, or, for several outputs, as vectors of their own."""
    width = int(tree["tree_param"]["size_leaf_vector"])
    if width <= 1:
        return condition[:, np.newaxis]
    if "leaf_weights" not in tree:
        return _singles(tree["base_weights"]).reshape(-1, width)
    vectors = _singles(tree["leaf_weights"]).reshape(-1, width)
    values = np.zeros((len(left), width), np.float32)
    values[left < 0] = vectors[right[left < 0]]
    return values


def _dropped(
    value: npt.NDArray[np.float32], base: npt.NDArray[np.float32], factor: np.float32, in_place: bool
) -> npt.NDArray[np.float32]:
    """Return the leaf values of DART times the tree's weight, with the roundings of its two ways to predict."""
    if in_place:  # `GBTree::InplacePredict` adds the base to each tree and takes it away again
        value = (value + base) - base
    return value * factor
