"""Columns of pandas categories, which boosters turn into numbers themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features
from sqlops.ir import build
from sqlops.ir.nodes import Expr


def category_code(feature: Feature, categories: Sequence[Any], *, unseen: float = math.nan) -> Expr:
    """Return the position of a value among the categories of training; missing stays missing.

    Parameters
    ----------
    feature : Feature
    categories : sequence
    unseen : float
        The code of every other value.
    """
    codes = {category: float(code) for code, category in enumerate(categories)}
    return build.lookup(feature.expr, codes, missing=math.nan, default=unseen, type_="double")


def require_same_categories(features: Features, expected: int, context: Context) -> None:
    """Raise if another number of columns holds categories than in training."""
    names = [repr(feature.name) for feature in features if feature.is_category]
    if len(names) != expected:
        raise UnsupportedTypeError(
            f"{len(names)} columns are pandas categoricals ({', '.join(names) or 'none'}), {expected} were in training",
            step=context.step,
            hint="pass the X it was fitted on",
        )
