"""LightGBM: the wrappers for scikit-learn and native boosters.

The model is read from its own text format. Comparisons are of doubles; the rules for missing values, zeros and
categories are those of ``include/LightGBM/tree.h`` (`Tree::NumericalDecision`, `Tree::CategoricalDecision`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Feature,
    Features,
    Regressed,
    Result,
    as_labels,
    frontend,
    label_type,
)
from sqlops.frontends.categories import category_code, require_same_categories
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.trees import Tree, join, set_bits

ZERO = float(np.float32(1e-35))
"""``kZeroThreshold``: what is as small as this is zero."""

_NONE, _ZERO, _NAN = 0, 1, 2

Fields = Mapping[str, str]


@frontend("LGBMClassifier", package="lightgbm", family="Boosting libraries", limits="no callable objective")
def lgbm_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a classifier: the class of the largest probability, the first of equals."""
    classes = as_labels(model.classes_)
    if callable(model.objective_):
        raise context.unsupported(
            model, "objective", model.objective_, "its predict gives raw scores: compile `booster_` instead"
        )
    if len(classes) < 2:
        raise context.unsupported(model, "classes_", list(classes), "fit on at least two classes")
    scores, outputs = _outputs(model, model.booster_, features, context)
    probabilities = outputs
    if len(outputs) == 1:
        probabilities = (build.subtract(build.constant(1.0), outputs[0]), outputs[0])
    label = build.first_maximum(probabilities, classes, label_type(classes))
    return Classified(classes, label, probabilities, scores if hasattr(model, "decision_function") else None)


@frontend("LGBMRegressor", "LGBMRanker", package="lightgbm", family="Boosting libraries")
def lgbm_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a regressor or a ranker; with a callable objective they predict the raw score."""
    return Regressed(_outputs(model, model.booster_, features, context)[1])


@frontend("Booster", package="lightgbm", family="Boosting libraries")
def booster(model: Any, features: Features, context: Context) -> Result:
    """Translate a native booster: one value per row, or one per class."""
    return Regressed(_outputs(model, model, features, context)[1])


def _outputs(
    model: Any, booster: Any, features: Features, context: Context
) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
    """Return the raw scores and what the objective makes of them."""
    if getattr(model, "pred_early_stop", False):
        raise context.unsupported(model, "pred_early_stop", True, "predict with all trees")
    features = _encoded(features, booster.pandas_categorical or [], context)
    context.refuse_text(features)
    header, trees = _read(booster.model_to_string())
    per_iteration = int(header["num_tree_per_iteration"])
    scores = tuple(_score(trees[k::per_iteration], features) for k in range(per_iteration))
    means = scores
    if "average_output" in header:
        count = build.constant(float(len(trees) // per_iteration))
        means = tuple(build.divide(score, count) for score in scores)
    return scores, _converted(means, header.get("objective", "custom"))


def _encoded(features: Features, categories: Sequence[Sequence[Any]], context: Context) -> Features:
    """Turn pandas categories into their numbers; what was not among them in training is missing."""
    require_same_categories(features, len(categories), context)
    rest = iter(categories)
    return tuple(
        Feature(feature.name, category_code(feature, next(rest))) if feature.is_category else feature
        for feature in features
    )


def _sigmoid(score: Expr, steepness: float) -> Expr:
    one = build.constant(1.0)
    power = build.call("exp", build.multiply(score, build.constant(-steepness)))
    return build.divide(one, build.add(one, power))


def _signed_square(score: Expr) -> Expr:
    return build.multiply(build.call("sign", score), build.call("square", score))


_CONVERSIONS: dict[str, Callable[[Expr], Expr]] = {
    "poisson": lambda score: build.call("exp", score),
    "gamma": lambda score: build.call("exp", score),
    "tweedie": lambda score: build.call("exp", score),
    "cross_entropy": lambda score: _sigmoid(score, 1.0),
    "cross_entropy_lambda": lambda score: build.call("log1p", build.call("exp", score)),
}
"""What an objective makes of each raw score; of those that are not here, nothing."""


def _converted(scores: tuple[Expr, ...], objective: str) -> tuple[Expr, ...]:
    """Apply ``ObjectiveFunction::ConvertOutput`` of an objective, given as the model spells it with its options."""
    name, *options = objective.split()
    if name == "multiclass":
        return build.softmax(scores)
    if name in ("binary", "multiclassova"):
        steepness = next(float(option.partition(":")[2]) for option in options if option.startswith("sigmoid:"))
        return tuple(_sigmoid(score, steepness) for score in scores)
    if "sqrt" in options:
        return tuple(_signed_square(score) for score in scores)
    convert = _CONVERSIONS.get(name)
    return tuple(convert(score) for score in scores) if convert else scores


def _read(text: str) -> tuple[Fields, list[Fields]]:
    """Return the header of a model and its trees, each as keys and values."""
    header, *trees = text.partition("\nend of trees")[0].split("\nTree=")
    return _fields(header), [_fields(tree) for tree in trees]


def _fields(section: str) -> Fields:
    return {key: value for key, _, value in (line.partition("=") for line in section.splitlines())}


def _array(tree: Fields, name: str, dtype: type[np.generic]) -> npt.NDArray[Any]:
    return np.array(tree.get(name, "").split(), dtype=dtype)


@dataclass(frozen=True)
class _Inputs:
    """The columns that trees compare: one for each feature and way of treating missing values in use."""

    features: Features
    numbers: dict[tuple[int, str], int]

    def number(self, feature: int, kind: str) -> int:
        return self.numbers.setdefault((feature, kind), len(self.numbers))

    def exprs(self) -> list[Expr]:
        return [_input(self.features[feature].expr, kind) for feature, kind in self.numbers]


def _input(value: Expr, kind: str) -> Expr:
    if kind == "category":
        return build.call("trunc", value)
    if kind == "zero is missing":
        is_zero = build.call("less_equal", build.call("absolute", value), build.constant(ZERO))
        return build.case([(is_zero, build.MISSING)], value)
    return value


def _score(trees: Sequence[Fields], features: Features) -> Expr:
    """Return the sum of the trees of one class."""
    inputs = _Inputs(features, {})
    read = [_tree(fields, inputs) for fields in trees]
    exprs = inputs.exprs()
    known = _known_categories(read, len(exprs))
    if any(fields.get("is_linear") == "1" for fields in trees):
        return build.sum_of(
            [_linear_tree(fields, tree, exprs, known, features) for fields, tree in zip(trees, read, strict=True)]
        )
    return build.elements(join(read, exprs, [0.0], known))[0] if read else build.constant(0.0)


def _known_categories(trees: Sequence[Tree], n_inputs: int) -> list[FloatArray | None]:
    """Return, for each input compared by category, the codes in any set: all others go right together."""
    members: list[list[FloatArray]] = [[] for _ in range(n_inputs)]
    for tree in trees:
        assert tree.category_set is not None
        for node in np.flatnonzero(tree.category_set >= 0):
            members[tree.feature[node]].append(tree.category_sets[tree.category_set[node]])
    return [np.unique(np.concatenate(sets)) if sets else None for sets in members]


def _tree(fields: Fields, inputs: _Inputs) -> Tree:
    """Return a tree: the inner nodes first, then the leaves."""
    value = _array(fields, "leaf_value", np.float64)
    n_leaves = len(value)
    n_inner = n_leaves - 1
    if n_leaves == 1:
        return _as_tree(np.zeros(0, np.int64), np.zeros(0), np.zeros((2, 0), np.int64), np.zeros(0, bool), value)
    kinds = _array(fields, "decision_type", np.int64)
    is_category = (kinds & 1).astype(bool)
    default_left = (kinds & 2).astype(bool)
    missing_type = (kinds >> 2) & 3
    threshold = _array(fields, "threshold", np.float64)
    bound = np.where(is_category, 0.0, _outside_zero(threshold))
    missing_left = np.where(missing_type == _NONE, bound >= 0, default_left) & ~is_category
    names = np.where(is_category, "category", np.where(missing_type == _ZERO, "zero is missing", "as it is"))
    split = _array(fields, "split_feature", np.int64)
    feature = np.array([inputs.number(int(at), str(kind)) for at, kind in zip(split, names, strict=True)])
    children = np.stack([_array(fields, "left_child", np.int64), _array(fields, "right_child", np.int64)])
    children = np.where(children < 0, n_inner + ~children, children)
    words = _array(fields, "cat_threshold", np.int64)
    ends = _array(fields, "cat_boundaries", np.int64)
    sets = tuple(set_bits(words[start:end]) for start, end in pairwise(ends))
    category = np.where(is_category, threshold, -1).astype(np.int64)
    return _as_tree(feature, bound, children, missing_left, value, category, sets)


def _as_tree(
    feature: npt.NDArray[Any],
    threshold: FloatArray,
    children: npt.NDArray[Any],
    missing_left: npt.NDArray[np.bool_],
    leaf_value: FloatArray,
    category_set: npt.NDArray[Any] | None = None,
    category_sets: tuple[FloatArray, ...] = (),
) -> Tree:
    n_inner, n_leaves = len(feature), len(leaf_value)
    leaves = np.full(n_leaves, -1)
    return Tree(
        feature=np.concatenate([feature, np.zeros(n_leaves)]).astype(np.int32),
        threshold=np.concatenate([threshold, np.zeros(n_leaves)]),
        left=np.concatenate([children[0], leaves]).astype(np.int32),
        right=np.concatenate([children[1], leaves]).astype(np.int32),
        missing_left=np.concatenate([missing_left, np.zeros(n_leaves, bool)]),
        value=np.concatenate([np.zeros(n_inner), leaf_value])[:, np.newaxis],
        category_set=np.concatenate([leaves[:0] if category_set is None else category_set, leaves]).astype(np.int32),
        category_sets=category_sets,
    )


def _outside_zero(threshold: FloatArray) -> FloatArray:
    """Move thresholds among the values that count as zero to the end on which zero goes the same way."""
    moved = np.where(threshold >= 0, ZERO, np.nextafter(-ZERO, -np.inf))
    return np.where((threshold >= -ZERO) & (threshold < ZERO), moved, threshold)


def _linear_tree(
    fields: Fields, tree: Tree, exprs: list[Expr], known: list[FloatArray | None], features: Features
) -> Expr:
    """Return a tree whose leaves are linear: a leaf with a missing feature falls back to its constant value."""
    value = _array(fields, "leaf_value", np.float64)
    n_inner = len(value) - 1
    numbered = np.concatenate([np.zeros(n_inner), np.arange(len(value))])[:, np.newaxis]
    (leaf,) = build.elements(join([replace(tree, value=numbered)], exprs, [0.0], known))
    counts = _array(fields, "num_features", np.int64)
    ends = np.cumsum(counts)
    used, coefficients = _array(fields, "leaf_features", np.int64), _array(fields, "leaf_coeff", np.float64)
    constants = _array(fields, "leaf_const", np.float64)
    values = []
    for number, (start, end) in enumerate(zip(ends - counts, ends, strict=True)):
        inputs = [features[at].expr for at in used[start:end]]
        products = [
            build.multiply(build.constant(float(weight)), x)
            for weight, x in zip(coefficients[start:end], inputs, strict=True)
        ]
        total = build.sum_of([build.constant(float(constants[number])), *products])
        any_missing = build.any_of([build.is_missing(x) for x in inputs])
        values.append(build.case([(any_missing, build.constant(float(value[number])))], total))
    branches = [(build.equal(leaf, float(number)), value) for number, value in enumerate(values[:-1])]
    return build.case(branches, values[-1])
