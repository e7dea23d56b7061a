"""CatBoost: classifier, regressor, ranker and the base class.

Numbers are rounded to float32 and go right above a border, and so do statistics of categories; or categories are
compared by the hash of their text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedOptionError
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
from sqlops.frontends.catboost_model import Categories, Document, Model, border_of, read
from sqlops.frontends.catboost_statistics import number_of_statistic, statistics
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray, Scalar
from sqlops.ir.trees import Tree, join
from sqlops.schema import Label

_FAMILY = "Boosting libraries"
_LIMITS = "no text or embeddings; statistics of categories for one target, with one binarization of it for each type"
MOST_NODES = 4_000_000
"""Symmetric trees of depth d have 2**d leaves each: larger models are refused."""


@frontend("CatBoostClassifier", package="catboost", family=_FAMILY, limits=_LIMITS)
def catboost_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a classifier: what is above the probability threshold, or the class of the largest score."""
    parsed = read(model, features, context)
    scores = _scores(parsed, features, context)
    classes = as_labels(model.classes_)
    threshold = float(model.get_probability_threshold())
    if parsed.loss.startswith(("MultiLogloss", "MultiCrossEntropy")):
        labels = tuple(_of_two(score, (0, 1), threshold) for score in scores)
        return MultiClassified(labels, classes) if len(labels) > 1 else labels[0]
    if len(scores) == 1:
        return _of_two(scores[0], classes, threshold)
    each = parsed.loss.startswith("MultiClassOneVsAll")
    probabilities = tuple(build.sigmoid(score) for score in scores) if each else build.softmax(scores)
    return Classified(classes, build.first_maximum(scores, classes, label_type(classes)), probabilities)


def _of_two(score: Expr, classes: tuple[Label, ...], threshold: float) -> Classified:
    """Return the second class where its probability is above a threshold."""
    border = build.constant(math.log(threshold / (1 - threshold)))
    first, second = (build.constant(label, label_type(classes)) for label in classes)
    label = build.case([(build.call("greater", score, border), second)], first)
    return Classified(classes, label, build.two_class_probabilities(score))


@frontend("CatBoostRegressor", package="catboost", family=_FAMILY, limits=_LIMITS)
def catboost_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a regressor; Poisson and Tweedie predict exponents, and RMSEWithUncertainty a mean and a variance."""
    scores = _scores(read(model, features, context), features, context)
    kind = model._get_default_prediction_type()
    if kind == "Exponent":
        return Regressed(tuple(build.call("exp", score) for score in scores))
    if kind == "RMSEWithUncertainty":
        mean, log_deviation = scores
        return Regressed((mean, build.call("exp", build.multiply(build.constant(2.0), log_deviation))))
    return Regressed(scores)


@frontend("CatBoostRanker", "CatBoost", package="catboost", family=_FAMILY, limits=_LIMITS)
def catboost(model: Any, features: Features, context: Context) -> Result:
    """Translate the base class or a ranker, which predict raw scores."""
    return Regressed(_scores(read(model, features, context), features, context))


@dataclass(frozen=True)
class _Inputs:
    """What the trees compare: the features, a category as the number of the one it is compared with, then statistics.

    Parameters
    ----------
    exprs : sequence of Expr
    known : sequence of (ndarray or None)
        For each, the numbers of its categories, -1 for all others.
    codes : sequence of mapping of int to float
        For each categorical feature, the numbers of categories by their hashes.
    first_statistic : int
    """

    exprs: Sequence[Expr]
    known: Sequence[FloatArray | None]
    codes: Sequence[Mapping[int, float]]
    first_statistic: int


def _scores(model: Model, features: Features, context: Context) -> tuple[Expr, ...]:
    """Return the raw scores."""
    if sum(_size(tree) for tree in model.trees) > MOST_NODES:
        raise UnsupportedOptionError(
            f"{len(model.trees)} trees of this depth have more than {MOST_NODES:,} nodes",
            step=context.step,
            hint="fit shallower or fewer trees",
        )
    inputs = _inputs(model, features, context)
    trees = [_tree(tree, model, inputs) for tree in model.trees]
    sums = build.elements(join(trees, inputs.exprs, np.zeros(len(model.bias)), inputs.known)) if trees else ()
    sums = sums or (build.constant(0.0),) * len(model.bias)
    return tuple(_scaled(total, model.scale, float(bias)) for total, bias in zip(sums, model.bias, strict=True))


def _inputs(model: Model, features: Features, context: Context) -> _Inputs:
    by_category = {own.at for own in model.categories}
    context.refuse_text(tuple(feature for at, feature in enumerate(features) if at not in by_category))
    exprs: list[Expr] = [feature.expr for feature in features]
    known: list[FloatArray | None] = [None] * len(features)
    codes = [{value: float(code) for code, value in enumerate(own.compared)} for own in model.categories]
    for own, numbers in zip(model.categories, codes, strict=True):
        exprs[own.at] = _category(own, numbers, context)
        known[own.at] = np.arange(-1.0, len(numbers))
    more = statistics(model, features, context)
    return _Inputs([*exprs, *more], [*known, *(None for _ in more)], codes, len(exprs))


def _scaled(total: Expr, scale: float, bias: float) -> Expr:
    scaled = build.multiply(total, build.constant(scale))
    return build.add(scaled, build.constant(bias)) if bias else scaled


def _category(own: Categories, codes: Mapping[int, float], context: Context) -> Expr:
    """Return the number of a category; -1 for one that no split names."""
    entries: dict[Scalar, Scalar] = {value: codes[known] for value, known in own.hashes.items() if known in codes}
    unknown = len(codes) - len(set(entries.values()))
    if unknown:
        raise UnsupportedOptionError(
            f"{unknown} of the {len(codes)} categories that the trees compare '{own.feature.name}' with are not in X, "
            "and the model keeps only their hashes",
            step=context.step,
            hint="pass the X it was fitted on",
        )
    return build.lookup(own.feature.expr, entries, missing=math.nan, default=-1.0, type_="double")


def _splits(tree: Document) -> Iterable[Document]:
    if "splits" in tree or "leaf_values" in tree:
        yield from tree.get("splits") or ()
        return
    pending = [tree]
    while pending:
        node = pending.pop()
        if "split" in node:
            yield node["split"]
            pending += [node["left"], node["right"]]


def _size(tree: Document) -> int:
    """Return the number of nodes."""
    n_splits = sum(1 for _ in _splits(tree))
    return 2 ** (n_splits + 1) - 1 if "leaf_values" in tree else 2 * n_splits + 1


@dataclass(frozen=True)
class _Split:
    """A split as a tree node holds it; its true side is the right one, or the left one for a category."""

    feature: int
    threshold: float
    missing_left: bool
    category: float


def _split(split: Document, model: Model, inputs: _Inputs) -> _Split:
    match split["split_type"]:
        case "OneHotFeature":
            own = split["cat_feature_index"]
            return _Split(model.categories[own].at, 0.0, False, inputs.codes[own][split["value"]])
        case "OnlineCtr":
            statistic = number_of_statistic(model, split["split_index"])
            return _Split(inputs.first_statistic + statistic, split["border"], True, -1.0)
    about = model.floats[split["float_feature_index"]]
    return _Split(about["flat_feature_index"], *border_of(about, split["border"]), -1.0)


def _tree(tree: Document, model: Model, inputs: _Inputs) -> Tree:
    if "leaf_values" in tree:
        return _symmetric(tree, model, inputs)
    return _nested(tree, model, inputs)


def _symmetric(tree: Document, model: Model, inputs: _Inputs) -> Tree:
    """Return a tree that asks the same question on each level; bit i of a leaf's number is the answer on level i."""
    splits = [_split(split, model, inputs) for split in tree.get("splits") or ()]
    depth, width = len(splits), len(model.bias)
    level = np.repeat(np.arange(depth), 2 ** np.arange(depth))
    path = np.arange(2**depth - 1) - (2**level - 1)
    below = 2 ** (level + 1) - 1 + path
    leaves = np.reshape(tree["leaf_values"], (2**depth, width))
    asked = [splits[at] for at in level]
    return _as_tree(asked, below, below + 2**level, np.concatenate([np.zeros((2**depth - 1, width)), leaves]))


def _nested(root: Document, model: Model, inputs: _Inputs) -> Tree:
    """Return a tree of nested nodes: the inner ones first, then the leaves."""
    inner, leaves, pending = [], [], [root]
    while pending:
        node = pending.pop()
        if "split" in node:
            inner.append(node)
            pending += [node["left"], node["right"]]
        else:
            leaves.append(node)
    number = {id(node): at for at, node in enumerate([*inner, *leaves])}
    false = np.array([number[id(node["left"])] for node in inner], dtype=np.int64)
    true = np.array([number[id(node["right"])] for node in inner], dtype=np.int64)
    width = len(model.bias)
    values = np.array([leaf["value"] for leaf in leaves], dtype=np.float64).reshape(len(leaves), width)
    asked = [_split(node["split"], model, inputs) for node in inner]
    return _as_tree(asked, false, true, np.concatenate([np.zeros((len(inner), width)), values]))


def _as_tree(splits: Sequence[_Split], false: Any, true: Any, value: FloatArray) -> Tree:
    """Return a tree whose inner nodes come first."""
    n_leaves = len(value) - len(splits)
    by_category = np.array([split.category >= 0 for split in splits], dtype=bool)
    sets = [split.category for split in splits if split.category >= 0]
    end = np.full(n_leaves, -1)
    numbers = np.where(by_category, np.cumsum(by_category) - 1, -1)
    return Tree(
        feature=np.array([split.feature for split in splits] + [0] * n_leaves, dtype=np.int32),
        threshold=np.array([split.threshold for split in splits] + [0.0] * n_leaves),
        left=np.concatenate([np.where(by_category, true, false), end]).astype(np.int32),
        right=np.concatenate([np.where(by_category, false, true), end]).astype(np.int32),
        missing_left=np.array([split.missing_left for split in splits] + [False] * n_leaves),
        value=value,
        category_set=np.concatenate([numbers, end]).astype(np.int32),
        category_sets=tuple(np.array([code]) for code in sets),
    )
