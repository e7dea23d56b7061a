"""Values that follow from which of a few values a column has: indicators, codes, and what is computed of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sqlops.ir.evaluate import evaluate_from
from sqlops.ir.nodes import Call, Case, Constant, Element, Expr, FloatArray, Input, Lookup, Operator, Scalar
from sqlops.ir.program import children

_OTHER_TEXT = "\x00another value"
_OTHER_NUMBER = float(np.nextafter(-1.2345e-67, 0))
"""Stand for every value that is not told apart; a Program that holds them as constants is left alone."""


@dataclass(frozen=True, slots=True)
class Finite:
    """How an expression depends on one other.

    Parameters
    ----------
    key : Expr
        What it is computed from.
    points : tuple of scalar
        The values of the key that are told apart; all others, but missing, have one result.
    is_key : bool
        Whether it is the key itself, perhaps with some values replaced: what reads it may tell more values apart.
    """

    key: Expr
    points: tuple[Scalar, ...]
    is_key: bool


def find_finite(order: Iterable[Expr | Operator]) -> dict[int, Finite]:
    """Return, by id, the expressions that depend on one key only, by telling a few of its values apart.

    Parameters
    ----------
    order : iterable of nodes
        Every node after those it reads.
    """
    found: dict[int, Finite] = {}
    for node in order:
        if isinstance(node, Operator | Constant):
            continue
        dependence = _dependence(node, found)
        if dependence is not None:
            found[id(node)] = dependence
        elif node.type in ("double", "text"):
            found[id(node)] = Finite(node, (), is_key=True)
    return found


def _dependence(node: Expr, found: Mapping[int, Finite]) -> Finite | None:
    """Return how a node depends on a key, or None if it can only be a key itself."""
    if isinstance(node, Input | Element):
        return None
    parts = [child for child in children(node) if isinstance(child, Expr) and not isinstance(child, Constant)]
    if any(id(part) not in found for part in parts):
        return None
    read = [found[id(part)] for part in parts]
    if len({id(part.key) for part in read}) != 1:
        return None
    keys = [part for part in parts if found[id(part)].is_key]
    compared = _compared(node, keys) if keys else []
    if compared is None:
        return None
    points = dict.fromkeys(point for part in read for point in part.points) | dict.fromkeys(compared)
    if _OTHER_TEXT in points or _OTHER_NUMBER in points:
        return None
    is_key = isinstance(node, Case) and any(part is value for part in keys for value in _values(node))
    return Finite(read[0].key, tuple(points), is_key)


def _compared(node: Expr, keys: Sequence[Expr]) -> list[Scalar] | None:
    """Return the values with which a node compares a key that it reads; None if it asks more of it than equality."""
    match node:
        case Call(name="equal" | "is_in", args=(key, *others)):
            values = [other.value for other in others if isinstance(other, Constant)]
            return values if key is keys[0] and len(values) == len(others) else None
        case Lookup():
            return [value for value, _ in node.entries]
        case Call(name="is_missing"):
            return []
        case Case():
            return [] if all(any(key is value for value in _values(node)) for key in keys) else None
    return None


def _values(node: Case) -> list[Expr]:
    return [*(value for _, value in node.branches), node.default]


def results(value: Expr, dependence: Finite) -> FloatArray:
    """Return what an expression is at each point of its key, then where the key is missing, then elsewhere.

    Parameters
    ----------
    value : Expr
        A double.
    dependence : Finite
        How it depends on its key.

    Returns
    -------
    ndarray of shape (n_points + 2,)
    """
    if dependence.key.type == "text":
        keys = np.empty(len(dependence.points) + 2, dtype=object)
        keys[:] = [*dependence.points, None, _OTHER_TEXT]
    else:
        keys = np.array([*dependence.points, np.nan, _OTHER_NUMBER], dtype=np.float64)
    return evaluate_from(value, dependence.key, keys).astype(np.float64)
