"""Functions of one number that are given on intervals, as one tree that searches the interval."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sqlops.ir import build, trees
from sqlops.ir.nodes import Expr, FloatArray


def just_below(edges: npt.ArrayLike) -> FloatArray:
    """Return the doubles next below: ``x <= just_below(edge)`` is ``x < edge``."""
    return np.nextafter(np.asarray(edges, dtype=np.float64), -np.inf)


def steps(value: Expr, edges: npt.ArrayLike, levels: npt.ArrayLike) -> tuple[Expr, ...]:
    """Return what holds on the interval of a value: ``levels[k]`` for ``edges[k - 1] < value <= edges[k]``.

    Parameters
    ----------
    value : Expr
    edges : array-like of shape (n,)
        Increasing.
    levels : array-like of shape (n + 1, n_outputs)
        A missing value is given those of the first interval.

    Returns
    -------
    tuple of Expr
        One per column of levels.
    """
    bounds = np.asarray(edges, dtype=np.float64)
    table = np.asarray(levels, dtype=np.float64)
    n_splits = len(bounds)
    feature = np.zeros(2 * n_splits + 1, dtype=np.int32)
    threshold = np.zeros(len(feature))
    left = np.full(len(feature), -1, dtype=np.int32)
    right = np.full(len(feature), -1, dtype=np.int32)
    values = np.zeros((len(feature), table.shape[1]))
    pending = [(0, 0, n_splits)]
    made = 1
    while pending:
        node, first, last = pending.pop()
        if first == last:
            values[node] = table[first]
            continue
        middle = (first + last) // 2
        threshold[node] = bounds[middle]
        left[node], right[node] = made, made + 1
        pending += [(made, first, middle), (made + 1, middle + 1, last)]
        made += 2
    missing_left = np.ones(len(feature), dtype=bool)
    tree = trees.Tree(feature, threshold, left, right, missing_left, values)
    return build.elements(trees.join([tree], [value], np.zeros(table.shape[1])))
