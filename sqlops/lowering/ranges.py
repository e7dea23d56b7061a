"""Sums and products for engines in which a result out of range is an error, in some also a product that vanishes.

Numbers are nearly always moderate, so a row is asked for that first, and only one with a huge number is added up the
long way: what is huge in it, scaled down, which is all that counts then.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from sqlops.dialects.base import Dialect
from sqlops.lowering.lists import add

LARGEST = 1.7976931348623157e308
MODERATE = 2.0**900
"""Terms below this add up to less than half the distance between the largest doubles: they make none overflow."""

_SMALL = 2.0**600
"""Next to a term that is not moderate, terms below this are lost in rounding."""

_SCALE = 64
_SHARE = 2.0**-16
"""Of so many terms together none overflows."""

_LARGEST_SCALE = 1022
"""The largest power of two that is a double, as is its reciprocal without loss."""

_SMALLEST = -1074
"""All doubles are whole multiples of two to this power."""

_WHOLE = 2**53


def with_constant(dialect: Dialect, name: str, arg: str, constant: float) -> str | None:
    """Return a function of a printed argument and a constant, guarded no more than that one needs; None for others."""
    size = abs(constant)
    right = dialect.double(constant)
    if name in ("add", "subtract") and size < MODERATE:
        return f"({arg} {'+' if name == 'add' else '-'} {right})"
    if name not in ("multiply", "divide") or not 1 / MODERATE < size < MODERATE:
        return None
    plain = f"{arg} {'*' if name == 'multiply' else '/'} {right}"
    factor = Fraction(size) if name == "multiply" else 1 / Fraction(size)
    if factor >= 1:
        most = dialect.double(float(Fraction(LARGEST) / factor) * (1 - 2**-50))
        infinity = dialect.double(math.copysign(math.inf, constant))
        return f"CASE WHEN {dialect.call('absolute', (arg,))} > {most} THEN {arg} * {infinity} ELSE {plain} END"
    if not dialect.refuses_vanishing:
        return f"({plain})"
    return f"CASE WHEN {dialect.call('absolute', (arg,))} <= {_vanishing(dialect, factor)} THEN 0 ELSE {plain} END"


def ratio(dialect: Dialect, left: str, right: str) -> str:
    """Return a quotient of printed numbers that may be of any size."""
    refuses = dialect.refuses_overflow or dialect.refuses_zero
    return dialect.call("divide", (left, right)) if refuses else f"{left} / {right}"


def times(dialect: Dialect, left: str, right: str) -> str:
    """Return a product of printed numbers that may be of any size."""
    return dialect.call("multiply", (left, right)) if dialect.refuses_overflow else f"{left} * {right}"


def added(dialect: Dialect, terms: Sequence[str]) -> str:
    """Return a sum of printed numbers that may be of any size.

    Where a division says infinity by itself, terms are scaled down, and there once each: what is below 1e-300 loses
    its last digits.
    """
    if not dialect.refuses_overflow:
        return add(terms)
    if "divide" in dialect.repeated or len(terms) < 2:
        return sum_of_columns(dialect, terms, terms)
    share = dialect.double(_SHARE)
    return dialect.call("divide", (add([f"{term} * {share}" for term in terms]), share))


def sum_of_columns(dialect: Dialect, terms: Sequence[str], columns: Sequence[str]) -> str:
    """Return a sum of terms, of which some are columns of any size, and the others are moderate."""
    if len(columns) < 2:
        return f"({' + '.join(terms)})"
    moderate = [f"{dialect.call('absolute', (column,))} < {dialect.double(MODERATE)}" for column in columns]
    huge = [_huge(dialect, column, 1.0, _SCALE) for column in columns]
    return _either(dialect, terms, moderate, huge, _SCALE)


def sum_of_products(dialect: Dialect, columns: Sequence[str], weights: Sequence[float], constant: float) -> str:
    """Return a sum of columns of any size times weights, which are not zero, and a constant last."""
    terms = [product(dialect, column, weight) for column, weight in zip(columns, weights, strict=True)]
    scale = _SCALE + max(0, math.frexp(max(abs(weight) for weight in (1.0, *weights) if math.isfinite(weight)))[1])
    moderate, huge = [], []
    for column, weight in zip(columns, weights, strict=True):
        if not math.isfinite(weight):
            huge.append(f"{column} * {dialect.double(weight)}")
            continue
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
    if not abs(weight) < 1 or not dialect.refuses_vanishing:
        return plain
    largest = _vanishing(dialect, Fraction(abs(weight)))
    return f"CASE WHEN {dialect.call('absolute', (column,))} <= {largest} THEN 0 ELSE {plain} END"


def _vanishing(dialect: Dialect, factor: Fraction) -> str:
    """Return the largest number that a factor below one makes zero of: half the smallest double is rounded to that."""
    units = int(1 / (2 * factor))
    size = math.ldexp(float(units), _SMALLEST)
    return dialect.double(size if units < _WHOLE else math.nextafter(size, math.inf))


def _huge(dialect: Dialect, column: str, weight: float, scale: int) -> str:
    """Return a column times a weight over a power of two, where that is not small."""
    factor = math.ldexp(weight, -scale)
    text = f"{column} * {dialect.double(math.copysign(max(abs(factor), 1 / MODERATE), weight))}"
    if abs(factor) >= 1 / MODERATE and not dialect.refuses_vanishing:
        return text
    is_lost = abs(weight) <= _SMALL / LARGEST
    if abs(factor) < 1 / MODERATE and not is_lost:
        steps = (1 / _SMALL, math.ldexp(weight * _SMALL, -scale))
        text = f"{column} * {' * '.join(map(dialect.double, steps))}"
    limit = LARGEST if is_lost else min(_SMALL / abs(weight), LARGEST)
    size = dialect.call("absolute", (column,))
    return f"CASE WHEN {size} <= {dialect.double(limit)} THEN 0 ELSE {text} END"


def _either(dialect: Dialect, terms: Sequence[str], moderate: Sequence[str], huge: Sequence[str], scale: int) -> str:
    plain, long = (f"({' + '.join(parts)})" for parts in (terms, huge))
    whole = _scaled_up(dialect, long, scale)
    return f"CASE WHEN {' AND '.join(moderate)} THEN {plain} ELSE {whole} END" if moderate else plain


def _scaled_up(dialect: Dialect, long: str, scale: int) -> str:
    """Return a printed sum times a power of two, infinite where that is out of range."""
    first = min(scale, _LARGEST_SCALE)
    rest = 2.0 ** (scale - first)
    if "divide" not in dialect.repeated:
        quotient = dialect.call("divide", (long, dialect.double(2.0**-first)))
        return quotient if rest == 1 else dialect.call("divide", (quotient, dialect.double(1 / rest)))
    most = dialect.double(math.ldexp(LARGEST, -scale))
    back = f"CASE WHEN abs{long} <= {most} THEN {dialect.double(2.0**first)} ELSE {dialect.double(math.inf)} END"
    return f"{long} * {back}" if rest == 1 else f"{long} * {back} * {dialect.double(rest)}"
