"""Tree ensembles: how they are put together and measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import BoolArray, Expr, FloatArray, IntArray, TreeEnsemble

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree, its first node the root; fields as in `TreeEnsemble`, children counted within the tree."""

    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    value: FloatArray
    category_set: IntArray | None = None
    category_sets: tuple[FloatArray, ...] = field(default=())


def join(
    trees: Sequence[Tree],
    inputs: Sequence[Expr],
    base: npt.ArrayLike,
    known_categories: Sequence[FloatArray | None] = (),
    *,
    single: bool = False,
) -> TreeEnsemble:
    """Put trees behind each other into one ensemble.

    Parameters
    ----------
    trees : sequence of Tree
    inputs : sequence of Expr
    base : array-like of shape (n_outputs,)
    known_categories : sequence of (ndarray or None), optional
        For each input, all codes seen in training.
    single : bool
        Whether the leaf values are added in float32.

    Returns
    -------
    TreeEnsemble
    """
    sizes = np.array([len(tree.feature) for tree in trees], dtype=np.int64)
    roots = (np.cumsum(sizes) - sizes).astype(np.int32)
    sets: list[FloatArray] = []
    category_set = []
    for tree in trees:
        own = tree.category_set if tree.category_set is not None else np.full(len(tree.feature), -1)
        category_set.append(np.where(own >= 0, own + len(sets), -1))
        sets.extend(tree.category_sets)
    return TreeEnsemble(
        inputs=tuple(inputs),
        roots=roots,
        feature=_concatenate([tree.feature for tree in trees], np.int32),
        threshold=_concatenate([tree.threshold for tree in trees], np.float64),
        left=_concatenate([np.where(t.left >= 0, t.left + r, -1) for t, r in zip(trees, roots, strict=True)], np.int32),
        right=_concatenate(
            [np.where(t.left >= 0, t.right + r, -1) for t, r in zip(trees, roots, strict=True)], np.int32
        ),
        missing_left=_concatenate([tree.missing_left for tree in trees], np.bool_),
        value=_concatenate([tree.value for tree in trees], np.float64),
        base=np.asarray(base, dtype=np.float64),
        category_set=_concatenate(category_set, np.int32),
        category_sets=tuple(sets),
        known_categories=tuple(known_categories),
        single=single,
    )


def _concatenate(arrays: Sequence[npt.NDArray[Any]], dtype: type[_T]) -> npt.NDArray[_T]:
    return np.concatenate(arrays).astype(dtype, copy=False)


def set_bits(words: npt.NDArray[Any]) -> FloatArray:
    """Return the numbers of the bits that are set in 32-bit words, as category codes.

    Parameters
    ----------
    words : ndarray of integers

    Examples
    --------
    >>> import numpy as np
    >>> set_bits(np.array([5, 1])).tolist()
    [0.0, 2.0, 32.0]
    """
    bits = np.unpackbits(np.ascontiguousarray(words).astype("<u4").view(np.uint8), bitorder="little")
    return np.flatnonzero(bits).astype(np.float64)


def depths(ensemble: TreeEnsemble) -> IntArray:
    """Return the number of splits above each node; all levels at once, whatever the depth."""
    result = np.zeros(len(ensemble.feature), dtype=np.int32)
    level = ensemble.roots
    depth = 0
    while len(level):
        result[level] = depth
        inner = level[ensemble.left[level] >= 0]
        level = np.concatenate([ensemble.left[inner], ensemble.right[inner]])
        depth += 1
    return result


def float32_bounds(thresholds: FloatArray) -> FloatArray:
    """Return doubles that split doubles as the thresholds split their float32 roundings.

    ``float32(x) <= t`` holds exactly where ``x <= bound``: the bound is the midpoint between the largest float32 at or
    below ``t`` and the next one, or the double just below it where the tie rounds up (round half to even).

    Parameters
    ----------
    thresholds : ndarray of float64

    Returns
    -------
    ndarray of float64

    Examples
    --------
    >>> import numpy as np
    >>> bound = float32_bounds(np.array([0.1]))[0]
    >>> float(np.float32(bound)) <= 0.1, float(np.float32(np.nextafter(bound, 1))) <= 0.1
    (True, False)
    """
    thresholds = np.asarray(thresholds, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        below = thresholds.astype(np.float32)
        too_high = below.astype(np.float64) > thresholds
        below = np.where(too_high, np.nextafter(below, np.float32(-np.inf)), below)
        above = np.nextafter(below, np.float32(np.inf))
        low, high = below.astype(np.float64), above.astype(np.float64)
        midpoint = low + (high - low) / 2
        is_even = (below.view(np.uint32) & 1) == 0
        bounds = np.where(is_even, midpoint, np.nextafter(midpoint, -np.inf))
    largest = np.where(np.isposinf(thresholds), np.inf, np.nextafter(FLOAT32_LIMIT, 0))
    return np.where(np.isfinite(low) & np.isfinite(high), bounds, np.where(np.isneginf(low), -FLOAT32_LIMIT, largest))


def as_float32(bounds: FloatArray) -> npt.NDArray[np.float32] | None:
    """Return the float32 thresholds that some bounds stand for, or None where one stands for none.

    Parameters
    ----------
    bounds : ndarray of float64

    Examples
    --------
    >>> import numpy as np
    >>> as_float32(float32_bounds(np.array([0.5, -np.inf]))).tolist()
    [0.5, -inf]
    >>> as_float32(np.array([0.1])) is None
    True
    """
    with np.errstate(over="ignore"):
        nearest = bounds.astype(np.float32)
    candidates = np.where(nearest > bounds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
    return candidates if np.array_equal(float32_bounds(candidates), bounds) else None


FLOAT32_LIMIT = float(np.finfo(np.float32).max) + 2.0**103
"""Doubles from here on round to an infinite float32."""


def evaluate(operator: TreeEnsemble, columns: Sequence[npt.NDArray[Any]], n_rows: int) -> npt.NDArray[Any]:
    """Return the summed leaf values, shape (n_rows, n_outputs)."""
    matrix = np.column_stack(columns) if columns else np.empty((n_rows, 0))
    result = np.repeat(operator.base[np.newaxis, :], n_rows, axis=0)
    for root in operator.roots:
        result += operator.value[find_leaves(operator, int(root), matrix)]
        if operator.single:
            result = result.astype(np.float32).astype(np.float64)
    return result


def error(
    operator: TreeEnsemble, columns: Sequence[npt.NDArray[Any]], errors: Sequence[npt.NDArray[Any]], n_rows: int
) -> npt.NDArray[Any]:
    """Bound the rounding error of the sum over trees, whatever the leaves; sums in float32 are the same everywhere."""
    if operator.single:
        return np.zeros((n_rows, operator.n_outputs))
    largest = np.abs(operator.value).max(axis=0, initial=0.0) + np.abs(operator.base)
    bound = (operator.n_trees + 1) ** 2 * np.finfo(np.float64).eps * largest
    return np.repeat(bound[np.newaxis, :], n_rows, axis=0)


def find_leaves(operator: TreeEnsemble, root: int, matrix: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Return the leaf that each row reaches in the tree of one root."""
    current = np.full(len(matrix), root, dtype=np.int64)
    active = np.flatnonzero(operator.left[current] >= 0)
    while len(active):
        at = current[active]
        is_left = goes_left(operator, at, matrix[active, operator.feature[at]])
        current[active] = np.where(is_left, operator.left[at], operator.right[at])
        active = active[operator.left[current[active]] >= 0]
    return current


def goes_left(operator: TreeEnsemble, nodes: npt.NDArray[Any], values: npt.NDArray[Any]) -> BoolArray:
    """Return whether inner nodes send values of their inputs to the left; NaN is missing.

    Parameters
    ----------
    operator : TreeEnsemble
    nodes, values : ndarrays of shape (n,)
    """
    is_left = values <= operator.threshold[nodes]
    undecided = np.isnan(values)
    for number in np.unique(operator.category_set[nodes]):
        if number < 0:
            continue
        here = operator.category_set[nodes] == number
        is_left[here] = np.isin(values[here], operator.category_sets[number])
        known = operator.known_categories[int(operator.feature[nodes][here][0])]
        assert known is not None
        undecided[here] |= ~np.isin(values[here], known)
    result: BoolArray = np.where(undecided, operator.missing_left[nodes], is_left)
    return result


def leaf_ranges(operator: TreeEnsemble) -> tuple[IntArray, IntArray, IntArray]:
    """Number the leaves of each tree from left to right.

    Returns
    -------
    ndarray of shape (n_nodes,)
        How many leaves there are below each node, one for a leaf.
    ndarray of shape (n_nodes,)
        The number of the first of them.
    ndarray of shape (n_nodes,)
        The number of the node's tree.
    """
    levels = [operator.roots]
    while len(levels[-1]):
        inner = levels[-1][operator.left[levels[-1]] >= 0]
        levels.append(np.concatenate([operator.left[inner], operator.right[inner]]))
    count = np.ones(len(operator.left), dtype=np.int32)
    first = np.zeros(len(operator.left), dtype=np.int32)
    tree = np.zeros(len(operator.left), dtype=np.int32)
    tree[operator.roots] = np.arange(operator.n_trees)
    splits = [level[operator.left[level] >= 0] for level in levels]
    for inner in reversed(splits):
        count[inner] = count[operator.left[inner]] + count[operator.right[inner]]
    for inner in splits:
        left, right = operator.left[inner], operator.right[inner]
        first[left], first[right] = first[inner], first[inner] + count[left]
        tree[left] = tree[right] = tree[inner]
    return count, first, tree
