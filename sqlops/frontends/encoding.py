"""Encoders of categories: one-hot and ordinal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of
from sqlops.ir import build
from sqlops.ir.nodes import Expr, Scalar

EXACT_INTEGERS = 2**53
"""Whole numbers from here on are not all doubles, and engines compare doubles."""


@dataclass(frozen=True, slots=True)
class Categories:
    """The categories of one column, as positions in `categories_`.

    Parameters
    ----------
    key : Expr
        The column.
    positions : dict of scalar to int
        Where each value that the column can hold is.
    values : dict of int to scalar
        The value at each such position.
    missing : int or None
        Where missing is; None where it is unknown to the encoder.
    count : int
        How many categories there are, with those that the column cannot hold.
    """

    key: Expr
    positions: dict[Scalar, int]
    values: dict[int, Scalar]
    missing: int | None
    count: int

    def matches(self, positions: Sequence[int]) -> Expr:
        """Return whether the value is at one of some positions."""
        values = [self.values[position] for position in positions if position in self.values]
        conditions = [build.equal(self.key, values[0]) if len(values) == 1 else build.is_in(self.key, values)]
        if self.missing in positions:
            conditions.append(build.is_missing(self.key))
        return build.any_of(conditions)


def _categories(values: Sequence[Any], feature: Feature, context: Context) -> Categories:
    positions: dict[Scalar, int] = {}
    absent: dict[str, int] = {}
    for position, value in enumerate(values):
        plain = value.item() if isinstance(value, np.generic) else value
        if plain is None:
            absent["none"] = position
        elif isinstance(plain, float) and math.isnan(plain):
            absent["nan"] = position
        elif isinstance(plain, str) is not (feature.expr.type == "text"):
            continue
        elif isinstance(plain, str):
            positions[plain] = position
        elif isinstance(plain, int) and abs(plain) >= EXACT_INTEGERS:
            raise UnsupportedTypeError(
                f"category {plain} of column {feature.name!r} is not below 2**53, so a double may not hold it",
                step=context.step,
                hint="make the column text before fitting: X[column].astype(str)",
            )
        elif isinstance(plain, int | float):
            positions[float(plain)] = position
    at = {position: value for value, position in positions.items()}
    return Categories(feature.expr, positions, at, _missing_position(absent, feature, context), len(values))


def _missing_position(absent: dict[str, int], feature: Feature, context: Context) -> int | None:
    """Return which category NULL is, given how the column holds missing values in Python."""
    if len(absent) == 2 or (absent and feature.missing == "both"):
        what = "as categories" if len(absent) == 2 else "in X, and one of them is a category"
        raise UnsupportedTypeError(
            f"column {feature.name!r} has both None and NaN {what}, but SQL has one NULL",
            step=context.step,
            hint="replace one by the other before fitting: X[column].fillna(numpy.nan)",
        )
    if feature.missing == "unknown":
        return next(iter(absent.values()), None)
    if feature.missing == "na" and feature.expr.type == "double":
        return absent.get("nan")
    return absent.get(feature.missing)


def columns_of(
    encoder: Any, features: Features, context: Context, *, handle_unknown: str | None = None
) -> list[Categories]:
    """Return the categories of every column, and give missing outputs to the rows that the encoder refuses.

    Parameters
    ----------
    encoder : object
        With ``categories_``.
    features : tuple of Feature
    context : Context
    handle_unknown : str, optional
        For an encoder that has no such option.
    """
    handle_unknown = handle_unknown or encoder.handle_unknown
    columns = []
    for feature, values in zip(features, encoder.categories_, strict=True):
        column = _categories(values, feature, context)
        columns.append(column)
        if handle_unknown == "error":
            known = column.matches(range(column.count))
            context.require(known, f"{feature.name} is a category that was not there in fit")
        elif feature.expr.type == "double" and feature.dtype.kind in "fiu":
            context.require_numbers((feature,), allow_nan=True)
    return columns


def _infrequent(encoder: Any, number: int) -> Sequence[int] | None:
    """Return the positions of a column's infrequent categories, or None where there are none."""
    if not getattr(encoder, "_infrequent_enabled", False) or encoder._infrequent_indices[number] is None:
        return None
    return [int(position) for position in encoder._infrequent_indices[number]]


def _check_dtype(encoder: Any, context: Context) -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.dtype(encoder.dtype)
    if dtype.kind not in "fiubO":
        raise context.unsupported(encoder, "dtype", encoder.dtype, "use a number, for example numpy.float64")
    return dtype


@frontend("OneHotEncoder", family="Encoders")
def one_hot_encoder(encoder: Any, features: Features, context: Context) -> Result:
    """Translate each category that is kept into an indicator."""
    dtype = _check_dtype(encoder, context)
    names = encoder.get_feature_names_out(names_of(features))
    exprs = [
        build.indicator(condition)
        for number, column in enumerate(columns_of(encoder, features, context))
        for condition in _indicated(encoder, number, column)
    ]
    return Transformed(
        tuple(
            Feature(str(name), expr, dtype, sparse=encoder.sparse_output)
            for name, expr in zip(names, exprs, strict=True)
        )
    )


def _indicated(encoder: Any, number: int, column: Categories) -> list[Expr]:
    """Return the conditions of a column's indicators, in order: infrequent ones last, a dropped one left out."""
    infrequent = _infrequent(encoder, number)
    rare = frozenset(infrequent or ())
    frequent = [position for position in range(column.count) if position not in rare]
    conditions = [column.matches([position]) for position in frequent]
    if infrequent is not None:
        takes_unknown = encoder.handle_unknown in ("infrequent_if_exist", "warn")
        conditions.append(build.negate(column.matches(frequent)) if takes_unknown else column.matches(infrequent))
    dropped = None if encoder._drop_idx_after_grouping is None else encoder._drop_idx_after_grouping[number]
    return [condition for position, condition in enumerate(conditions) if position != dropped]


@frontend("OrdinalEncoder", family="Encoders")
def ordinal_encoder(encoder: Any, features: Features, context: Context) -> Result:
    """Translate each column into a lookup of its codes."""
    dtype = _check_dtype(encoder, context)
    names = encoder.get_feature_names_out(names_of(features))
    unknown = None if encoder.handle_unknown == "error" else _as_dtype(encoder.unknown_value, dtype)
    made = []
    for number, column in enumerate(columns_of(encoder, features, context)):
        codes = _codes(encoder, number, column.count, dtype)
        expr = build.lookup(
            column.key,
            {value: codes[position] for value, position in column.positions.items()},
            missing=unknown if column.missing is None else codes[column.missing],
            default=unknown,
            type_="double",
        )
        made.append(Feature(str(names[number]), expr, dtype))
    return Transformed(tuple(made))


def _codes(encoder: Any, number: int, count: int, dtype: np.dtype[Any]) -> list[Scalar]:
    """Return the code of each position: infrequent categories share the one after the frequent ones."""
    infrequent = _infrequent(encoder, number)
    nan_at = encoder._missing_indices.get(number)
    codes = list(range(count))
    if infrequent is not None:
        rare = {*infrequent, nan_at}
        code_of = {position: code for code, position in enumerate(p for p in codes if p not in rare)}
        codes = [code_of.get(position, len(code_of)) for position in codes]
    return [
        _as_dtype(encoder.encoded_missing_value if position == nan_at else code, dtype)
        for position, code in enumerate(codes)
    ]


def _as_dtype(value: Any, dtype: np.dtype[Any]) -> Scalar:
    """Return a number as an array of a dtype would hold it."""
    return float(np.array([value]).astype(dtype)[0])
