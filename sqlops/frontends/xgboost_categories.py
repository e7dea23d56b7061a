"""How XGBoost numbers categories, and which numbers are in no set of its trees.

From 3.1 on a model stores the categories of training. Before, the number of a category is its place in the dtype of the
frame that is predicted: the one of X is taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features
from sqlops.frontends.categories import category_code, require_same_categories
from sqlops.frontends.single import single
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.trees import Tree

INVALID = -1.0
"""The code of what is no category of any set: it goes left, whatever the side of missing values."""

Names = Sequence[Sequence[Any]]
"""For each feature, its categories in the order of their numbers; empty where it is none or has numbers of its own."""


def names_of_categories(features: Features, types: Sequence[str], stored: Names, context: Context) -> Names:
    """Return the categories of each feature, those in the model or those of X.

    Parameters
    ----------
    features : tuple of Feature
    types : sequence of str
        What the model says of each feature, "c" for categories; empty if it says nothing.
    stored : sequence of sequence
        The categories in the model; empty if it stores none.
    context : Context
    """
    if any(feature.is_category for feature in features):
        _require_types(features, types, stored, context)
    if any(map(len, stored)):
        return stored
    return [_of_dtype(feature, context) if feature.is_category else () for feature in features]


def _require_types(features: Features, types: Sequence[str], stored: Names, context: Context) -> None:
    numbers = [
        repr(feature.name)
        for feature, type_ in zip(features, types or [""] * len(features), strict=True)
        if feature.is_category and type_ != "c"
    ]
    if numbers:
        raise UnsupportedTypeError(
            f"pandas categories in {', '.join(numbers)}, which had none in training",
            step=context.step,
            hint="pass the X it was fitted on",
        )
    require_same_categories(features, sum(map(bool, stored)) or list(types).count("c"), context)


def _of_dtype(feature: Feature, context: Context) -> Sequence[Any]:
    column = context.column_of(feature)
    return () if column is None else column.cat.categories.tolist()


def encoded(features: Features, names: Names, context: Context, *, stored: bool) -> Features:
    """Turn pandas categories into their numbers.

    XGBoost refuses what is not among the categories that a model stores; where it stores none, that is in no set.
    """
    result = []
    for feature, own in zip(features, names or [()] * len(features), strict=True):
        if feature.is_category:
            if stored:
                is_known = build.any_of([build.is_missing(feature.expr), build.is_in(feature.expr, own)])
                context.require(is_known, f"{feature.name} is of an unseen category")
            feature = Feature(feature.name, category_code(feature, own, unseen=INVALID), is_category=True)
        result.append(feature)
    return tuple(result)


def code_of_number(value: Expr, known: FloatArray) -> Expr:
    """Return the category code that XGBoost makes of a number; those in no set are one."""
    rounded = single(value)
    code = build.case(
        [(build.call("less", rounded, build.constant(0.0)), build.constant(INVALID))], build.call("trunc", rounded)
    )
    return build.lookup(code, {float(k): float(k) for k in known}, missing=math.nan, default=INVALID, type_="double")


def known_codes(trees: Sequence[Tree], features: Features, names: Names, context: Context) -> list[FloatArray | None]:
    """Return, for each feature that is split by category, its codes, those in any set, and the one of all others.

    Raises
    ------
    UnsupportedTypeError
        A set has a number that is none of the categories of X.
    """
    members: list[list[FloatArray]] = [[np.arange(len(own), dtype=np.float64)] for own in names]
    for tree in trees:
        assert tree.category_set is not None
        for node in np.flatnonzero(tree.category_set >= 0):
            members[tree.feature[node]].append(tree.category_sets[tree.category_set[node]])
    for feature, own, sets in zip(features, names, members, strict=True):
        largest = max((codes.max(initial=-1.0) for codes in sets), default=-1.0)
        if feature.is_category and largest >= len(own):
            raise UnsupportedTypeError(
                f"the dtype of '{feature.name}' has {len(own)} categories, and the trees know of number {largest:.0f}",
                step=context.step,
                hint="pass the X it was fitted on, with its dtypes",
            )
    return [np.unique(np.concatenate([[INVALID], *sets])) if len(sets) > 1 else None for sets in members]
