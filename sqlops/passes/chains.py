"""Values that are a monotone function of one other, and where a comparison with them flips."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sqlops.ir.doubles import TOP, Ordinals, doubles, last_where, ordinals
from sqlops.ir.evaluate import evaluate_from
from sqlops.ir.nodes import BoolArray, Call, Case, Constant, Expr, FloatArray
from sqlops.passes.facts import arguments

_EXACT = frozenset(("floor", "ceil", "trunc", "rint", "sign", "float32"))
_ROOT = frozenset(("sqrt",))
_ROUNDED = frozenset(("cbrt", "exp", "expm1", "arctan", "sinh", "tanh", "arcsinh"))
_LOGARITHMS = frozenset(("log", "log1p", "log2", "log10"))
_COMPARISONS = frozenset(("less", "less_equal", "greater", "greater_equal"))

_NEAR = np.concatenate([np.arange(17), 2 ** np.arange(5, 63)])
"""How far from a flip functions are probed that are not known to be monotone to the last digit."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A value as a function of its source.

    IEEE 754 rounds arithmetic and the square root correctly, so with constants they are monotone in floating point as
    they are on paper; roundings and clipping are by definition. Of `exp`, `log` and their like no library proves that:
    where they take part, `flips` looks at the neighbours of every flip, near and far.

    Parameters
    ----------
    value, source : Expr
        Doubles.
    increasing : bool
        Whether the value never falls where the source rises; else it never rises.
    exact : bool
        Whether that is known, not only expected.
    """

    value: Expr
    source: Expr
    increasing: bool
    exact: bool

    @property
    def at_missing(self) -> float:
        """The value where the source is missing."""
        return float(evaluate_from(self.value, self.source, np.array([np.nan]))[0])

    def flips(self, bounds: FloatArray) -> tuple[Ordinals, bool]:
        """Find where comparisons with the value turn.

        Parameters
        ----------
        bounds : ndarray of shape (n,)

        Returns
        -------
        ndarray of int64, shape (n,)
            The ordinal of the last double at which ``value <= bound`` still is what it is at minus infinity: true if
            the value increases, else false. Where it is missing although the source is not, it counts as at minus
            infinity.
        bool
            Whether no neighbour contradicts.
        """

        def before(source: FloatArray, bounds: FloatArray) -> BoolArray:
            value = evaluate_from(self.value, self.source, source)
            held: BoolArray = np.isnan(value) | ((value <= bounds) == self.increasing)
            return held

        flips = last_where(lambda source: before(source, bounds), len(bounds))
        if self.exact:
            return flips, True
        for distance in _NEAR.tolist():
            below = np.where(flips >= distance - TOP, flips - distance, flips)
            above = np.where(flips <= TOP - 1 - distance, flips + 1 + distance, TOP)
            if not (before(doubles(below), bounds) | (below < -TOP)).all():
                return flips, False
            if (before(doubles(above), bounds) & (flips < TOP)).any():
                return flips, False
        return flips, True


def chain_of(value: Expr, present: Collection[int]) -> Chain:
    """Follow a value to its source: as far as it is a monotone function of it.

    Parameters
    ----------
    value : Expr
        A double.
    present : collection of int
        The ids of expressions that are never missing where it matters: only of them may a function be undefined.

    Returns
    -------
    Chain
        Its source is the value itself where there is nothing to follow.
    """
    source, increasing, exact, is_present = value, True, True, False
    while True:
        is_present = is_present or id(source) in present
        step = _step(source)
        if step is None or (step.partial and not is_present):
            return Chain(value, source, increasing, exact)
        is_present = is_present and not step.fills
        source, increasing, exact = step.source, increasing == step.increasing, exact and step.exact


@dataclass(frozen=True, slots=True)
class _Step:
    """One function of a chain; partial: undefined below some value; fills: not missing where its source is."""

    source: Expr
    increasing: bool = True
    exact: bool = True
    partial: bool = False
    fills: bool = False


def _step(value: Expr) -> _Step | None:
    if isinstance(value, Case):
        return _piecewise(value)
    if not isinstance(value, Call):
        return None
    if value.name in ("maximum", "minimum"):
        others = [arg for arg in value.args if not isinstance(arg, Constant)]
        bounded = all(arg.value is not None for arg in value.args if isinstance(arg, Constant))
        return _Step(others[0]) if len(others) == 1 and bounded else None
    if value.name in ("add", "subtract", "multiply", "divide"):
        return _arithmetic(value)
    source = value.args[0]
    if value.name == "negative":
        return _Step(source, increasing=False)
    if value.name in _EXACT | _ROOT:
        return _Step(source, partial=value.name in _ROOT)
    if value.name in _ROUNDED | _LOGARITHMS:
        return _Step(source, exact=False, partial=value.name in _LOGARITHMS)
    return None


def _arithmetic(value: Call) -> _Step | None:
    left, right = value.args
    number, source = (right, left) if isinstance(right, Constant) else (left, right)
    if not isinstance(number, Constant) or not isinstance(number.value, float) or not math.isfinite(number.value):
        return None
    if value.name in ("add", "subtract"):
        return _Step(source, increasing=value.name == "add" or number is right)
    if number.value == 0 or (value.name == "divide" and number is left):
        return None
    return _Step(source, increasing=number.value > 0)


def _piecewise(value: Case) -> _Step | None:
    """Recognise a function that in each of some intervals is a constant or its source: a clip, a fill, an indicator."""
    results = [*(result for _, result in value.branches), value.default]
    conditions = [_compared(condition) for condition, _ in value.branches]
    sources = {id(source): source for source, _ in filter(None, conditions)}
    sources |= {id(result): result for result in results if not isinstance(result, Constant)}
    if None in conditions or len(sources) != 1:
        return None
    (source,) = sources.values()
    if source.type != "double" or value.type != "double":
        return None
    edges = ordinals(np.array([bound for _, bound in filter(None, conditions) if bound is not None], dtype=np.float64))
    around = np.unique(np.clip(np.concatenate([edges - 1, edges, edges + 1, [-TOP, TOP]]), -TOP, TOP))
    values = evaluate_from(value, source, np.append(doubles(around), np.nan)).tolist()
    present, missing = values[:-1], values[-1]
    increasing = all(a <= b for a, b in pairwise(present))
    if not increasing and not all(a >= b for a, b in pairwise(present)):
        return None
    return _Step(source, increasing, fills=not math.isnan(missing))


def _compared(condition: Expr) -> tuple[Expr, float | None] | None:
    """Return what a condition compares with which constant; None for being missing."""
    for refused in arguments(condition, "not"):
        condition = refused
    for source in arguments(condition, "is_missing"):
        return source, None
    if isinstance(condition, Call) and condition.name in _COMPARISONS:
        left, right = condition.args
        number, source = (right, left) if isinstance(right, Constant) else (left, right)
        if isinstance(number, Constant) and isinstance(number.value, float) and not isinstance(source, Constant):
            return source, number.value
    return None
