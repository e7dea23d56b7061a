"""CatBoost: classifier, regressor, ranker and the base class.

The model is read from its JSON. Numbers are rounded to float32 and go right above a border; categories are compared
by the hash of their text, which the library itself computes for the categories that are in X.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from sqlops.errors import UnsupportedOptionError
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
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray, Scalar
from sqlops.ir.trees import Tree, float32_bounds, join

_FAMILY = "Boosting libraries"
_LIMITS = "categories compared one by one (one_hot_max_size), no statistics of them, no text or embeddings"
MOST_NODES = 4_000_000
"""Symmetric trees of depth d have 2**d leaves each: larger models are refused."""

Document = Mapping[str, Any]


@frontend("CatBoostClassifier", package="catboost", family=_FAMILY, limits=_LIMITS)
def catboost_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate a classifier: the second class above the probability threshold, or the class of the largest score."""
    parsed = _parse(model, features, context)
    loss = parsed.loss
    if loss.startswith(("MultiLogloss", "MultiCrossEntropy")):
        raise context.unsupported(model, "loss_function", loss, "fit one classifier per label")
    scores = _scores(parsed, features, context)
    classes = as_labels(model.classes_)
    type_ = label_type(classes)
    if len(scores) == 1:
        threshold = float(model.get_probability_threshold())
        border = build.constant(math.log(threshold / (1 - threshold)))
        first, second = (build.constant(label, type_) for label in classes)
        label = build.case([(build.call("greater", scores[0], border), second)], first)
        return Classified(classes, label, build.two_class_probabilities(scores[0]))
    each = loss.startswith("MultiClassOneVsAll")
    probabilities = tuple(build.sigmoid(score) for score in scores) if each else build.softmax(scores)
    return Classified(classes, build.first_maximum(scores, classes, type_), probabilities)


@frontend("CatBoostRegressor", package="catboost", family=_FAMILY, limits=_LIMITS)
def catboost_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate a regressor; Poisson and Tweedie predict exponents, and RMSEWithUncertainty a mean and a variance."""
    scores = _scores(_parse(model, features, context), features, context)
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
    return Regressed(_scores(_parse(model, features, context), features, context))


@dataclass(frozen=True)
class _Model:
    """What is in a model's JSON.

    Parameters
    ----------
    loss : str
    trees : sequence of dict
        Symmetric ones are lists of splits, others nested.
    scale : float
    bias : sequence of float
    floats, categories : sequence of dict
        What is said of float features and of categorical features, in their own order.
    hashes : mapping of str to int
        Of the categories in X, as the splits hold them.
    """

    loss: str
    trees: Sequence[Document]
    scale: float
    bias: Sequence[float]
    floats: Sequence[Document]
    categories: Sequence[Document]
    hashes: Mapping[str, int]


def _parse(model: Any, features: Features, context: Context) -> _Model:
    for kind in ("text", "embedding"):
        positions = getattr(model, f"get_{kind}_feature_indices")()
        if positions:
            names = [features[at].name for at in positions]
            raise context.unsupported(model, f"{kind}_features", names, "turn them into numbers before fitting")
    texts = {_as_text(value) for at in model.get_cat_feature_indices() for value in context.values_of(features[at])}
    document = _document(model, sorted(texts), context)
    about = document["features_info"]
    scale, bias = document["scale_and_bias"]
    return _Model(
        loss=str(document["model_info"]["params"]["loss_function"]["type"]),
        trees=document.get("oblivious_trees") or document.get("trees", []),
        scale=float(scale),
        bias=bias,
        floats=about.get("float_features", []),
        categories=about.get("categorical_features", []),
        hashes={item["value"]: _signed(item["hash"]) for item in about.get("cat_features_hash", [])},
    )


def _document(model: Any, texts: Sequence[str], context: Context) -> Document:
    """Return the model as JSON, with the hashes of some texts: those of a pool are written with a model."""
    from catboost import CatBoostError, Pool

    by_category = set(model.get_cat_feature_indices())
    names = model.feature_names_
    columns = {name: texts if at in by_category else [0.0] * len(texts) for at, name in enumerate(names)}
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        try:
            pool = Pool(pd.DataFrame(columns), cat_features=sorted(by_category)) if texts else None
            model.save_model(str(path), format="json", pool=pool)
        except CatBoostError as error:
            raise UnsupportedOptionError(
                f"CatBoost cannot write the model as JSON: {error}",
                step=context.step,
                hint="fit without infinite values and on its own features",
            ) from error
        document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def _as_text(value: Any) -> str:
    """Return how CatBoost writes a category: booleans are numbers."""
    return value if isinstance(value, str) else str(int(value))


def _signed(code: int) -> int:
    return code - 2**32 if code >= 2**31 else code


def _scores(model: _Model, features: Features, context: Context) -> tuple[Expr, ...]:
    """Return the raw scores."""
    for tree in model.trees:
        for split in _splits(tree):
            if split["split_type"] not in ("FloatFeature", "OneHotFeature"):
                raise UnsupportedOptionError(
                    f"splits on statistics of categories ({split['split_type']}) are not supported",
                    step=context.step,
                    hint="fit with one_hot_max_size at least the number of categories, or encode them before",
                )
    codes = _category_codes(model)
    inputs: list[Expr] = [feature.expr for feature in features]
    known: list[FloatArray | None] = [None] * len(features)
    for own, about in zip(codes, model.categories, strict=True):
        at = about["flat_feature_index"]
        inputs[at] = _category(features[at], own, model, context)
        known[at] = np.arange(-1.0, len(own))
    context.refuse_text(tuple(f for f, about in zip(features, known, strict=True) if about is None))
    if sum(_size(tree) for tree in model.trees) > MOST_NODES:
        raise UnsupportedOptionError(
            f"{len(model.trees)} trees of this depth have more than {MOST_NODES:,} nodes",
            step=context.step,
            hint="fit shallower or fewer trees",
        )
    trees = [_tree(tree, model, codes) for tree in model.trees]
    sums = build.elements(join(trees, inputs, np.zeros(len(model.bias)), known)) if trees else ()
    sums = sums or (build.constant(0.0),) * len(model.bias)
    return tuple(_scaled(total, model.scale, float(bias)) for total, bias in zip(sums, model.bias, strict=True))


def _scaled(total: Expr, scale: float, bias: float) -> Expr:
    scaled = build.multiply(total, build.constant(scale))
    return build.add(scaled, build.constant(bias)) if bias else scaled


def _category_codes(model: _Model) -> list[dict[int, float]]:
    """Return, for each categorical feature, a number for each hash that its splits name."""
    return [{value: float(code) for code, value in enumerate(about.get("values", []))} for about in model.categories]


def _category(feature: Feature, codes: Mapping[int, float], model: _Model, context: Context) -> Expr:
    """Return the number of a category; -1 for one that no split names."""
    if feature.expr.type == "text":
        context.require(build.negate(build.is_missing(feature.expr)), f"{feature.name} is missing")
    else:
        whole = build.call("equal", build.call("trunc", feature.expr), feature.expr)
        is_whole = build.all_of([build.is_finite(feature.expr), whole])
        context.require(is_whole, f"{feature.name} is missing or no whole number")
    values = context.values_of(feature)
    entries: dict[Scalar, Scalar] = {}
    for value in values:
        code = codes.get(model.hashes[_as_text(value)])
        if code is not None:
            entries[value] = code
    unknown = len(codes) - len(set(entries.values()))
    if unknown:
        raise UnsupportedOptionError(
            f"{unknown} of the {len(codes)} categories that the trees compare '{feature.name}' with are not in X, "
            "and the model keeps only their hashes",
            step=context.step,
            hint="pass the X it was fitted on",
        )
    return build.lookup(feature.expr, entries, missing=math.nan, default=-1.0, type_="double")


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


def _split(split: Document, model: _Model, codes: Sequence[Mapping[int, float]]) -> _Split:
    if split["split_type"] == "OneHotFeature":
        own = split["cat_feature_index"]
        return _Split(model.categories[own]["flat_feature_index"], 0.0, False, codes[own][split["value"]])
    about = model.floats[split["float_feature_index"]]
    bound = float(float32_bounds(np.array([split["border"]]))[0])
    return _Split(about["flat_feature_index"], bound, about["nan_value_treatment"] != "AsTrue", -1.0)


def _tree(tree: Document, model: _Model, codes: Sequence[Mapping[int, float]]) -> Tree:
    if "leaf_values" in tree:
        return _symmetric(tree, model, codes)
    return _nested(tree, model, codes)


def _symmetric(tree: Document, model: _Model, codes: Sequence[Mapping[int, float]]) -> Tree:
    """Return a tree that asks the same question on each level; bit i of a leaf's number is the answer on level i."""
    splits = [_split(split, model, codes) for split in tree.get("splits") or ()]
    depth, width = len(splits), len(model.bias)
    level = np.repeat(np.arange(depth), 2 ** np.arange(depth))
    path = np.arange(2**depth - 1) - (2**level - 1)
    below = 2 ** (level + 1) - 1 + path
    leaves = np.reshape(tree["leaf_values"], (2**depth, width))
    asked = [splits[at] for at in level]
    return _as_tree(asked, below, below + 2**level, np.concatenate([np.zeros((2**depth - 1, width)), leaves]))


def _nested(root: Document, model: _Model, codes: Sequence[Mapping[int, float]]) -> Tree:
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
    asked = [_split(node["split"], model, codes) for node in inner]
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
