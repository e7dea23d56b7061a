"""Sums and products for engines in which a result out of range is an error, as is a product that vanishes.

Numbers are nearly always moderate, so a row is asked for that first, and only one with a huge number is added up the
long way: what is huge in it, scaled down, which is all that counts then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlops.dialects.base import Dialect

LARGEST = 1.7976931348623157e308
MODERATE = 2.0**1000
"""A million terms below this add up to less than the largest double."""

_SMALL = 2.0**650
"""Next to a term that is not moderate, terms below this are lost in rounding."""

_SCALE = 64
_UNDERFLOW = -1075
"""Products up to this power of two are zero."""


def sum_of_columns(dialect: Dialect, terms: Sequence[str], columns: Sequence[str]) -> str:
    """Return a sum of terms, of which some are columns of any size, and the others are moderate."""
    moderate = [f"{dialect.call('absolute', (column,))} < {dialect.double(MODERATE)}" for column in columns]
    huge = [_huge(dialect, column, 1.0, _SCALE) for column in columns]
    return _either(dialect, terms, moderate, huge, _SCALE)


def sum_of_products(dialect: Dialect, columns: Sequence[str], weights: Sequence[float], constant: float) -> str:
    """Return a sum of columns of any size times weights, which are not zero, and a constant last."""
    terms = [product(dialect, column, weight) for column, weight in zip(columns, weights, strict=True)]
    scale = _SCALE + max(0, math.frexp(max(map(abs, weights)))[1])
    moderate, huge = [], []
    for column, weight in zip(columns, weights, strict=True):
        limit = min(MODERATE / abs(weight) if abs(weight) > MODERATE / LARGEST else LARGEST, LARGEST)
        size = dialect.call("absolute", (column,))
        moderate.append(f"{size} <= {dialect.double(limit)}")
        huge.append(_huge(dialect, column, weight, scale))
    if constant != 0:
        terms.append(dialect.double(constant))
    return _either(dialect, terms, moderate, huge, scale)


def product(dialect: Dialect, column: str, weight: float) -> str:
    """Return a column times a weight that is not zero, both moderate; zero where the result would vanish."""
    plain = f"{column} * {dialect.double(weight)}"
    if abs(weight) >= 1:
        return plain
    vanishes = math.ldexp(1.0, -1022) / abs(weight)
    smallest = dialect.double(math.ldexp(vanishes, _UNDERFLOW + 1022 + 1))
    return f"CASE WHEN {dialect.call('absolute', (column,))} < {smallest} THEN 0 ELSE {plain} END"


def _huge(dialect: Dialect, column: str, weight: float, scale: int) -> str:
    """Return a column times a weight over a power of two, where that is not small."""
    limit = min(_SMALL / abs(weight) if abs(weight) > _SMALL / LARGEST else LARGEST, LARGEST)
    factor = math.copysign(max(math.ldexp(abs(weight), -scale), 1 / MODERATE), weight)
    size = dialect.call("absolute", (column,))
    return f"CASE WHEN {size} <= {dialect.double(limit)} THEN 0 ELSE {column} * {dialect.double(factor)} END"


def _either(dialect: Dialect, terms: Sequence[str], moderate: Sequence[str], huge: Sequence[str], scale: int) -> str:
    plain, long = (f"({' + '.join(parts)})" for parts in (terms, huge))
    most = dialect.double(math.ldexp(LARGEST, -scale))
    back = f"CASE WHEN abs{long} <= {most} THEN {dialect.double(2.0**scale)} ELSE {dialect.double(math.inf)} END"
    return f"CASE WHEN {' AND '.join(moderate)} THEN {plain} ELSE {long} * {back} END"
