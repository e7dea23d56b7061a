"""The bin of a number among thresholds: how many of them it is above."""

from __future__ import annotations

import numpy as np

from sqlops.ir.nodes import FloatArray
from sqlops.lowering.fragments import Builder, Fragment

COMPARED = 3
"""So many levels of the search compare with literals; further ones read the threshold from an array."""


def lower_bin(builder: Builder, value: Fragment, thresholds: FloatArray) -> Fragment:
    """Write a binary search, without a branch: the thresholds lie as a complete tree, the root first.

    Parameters
    ----------
    builder : Builder
    value : Fragment
        A column of doubles.
    thresholds : ndarray of shape (n,)
        Ascending.

    Returns
    -------
    Fragment
        The number of the bin, counted as the engine counts the elements of a list; of a missing value, the one after
        the last.
    """
    first = builder.dialect.needed_lists.first
    depth = max(len(thresholds), 1).bit_length()
    tree = _complete_tree(thresholds, depth)
    found = builder.combine(_compared(builder, value.text, tree, 1, min(depth, COMPARED)), [value], depth=COMPARED)
    if depth > COMPARED:
        found = _searched(builder, value, found, tree, depth)
    missing = len(thresholds) + 1 + first
    number = f"{found.text} - {2**depth - first}"
    return builder.combine(
        f"CASE WHEN {builder.dialect.call('is_missing', (value.text,))} THEN {missing} ELSE {number} END",
        [found, value],
    )


def _complete_tree(thresholds: FloatArray, depth: int) -> FloatArray:
    """Return thresholds so that node ``i`` has the children ``2i`` and ``2i + 1``, filled up with infinity."""
    ascending = np.full(2**depth - 1, np.inf)
    ascending[: len(thresholds)] = thresholds
    tree = np.full(2**depth, np.inf)
    for level in range(depth):
        step = 2 ** (depth - level)
        tree[2**level : 2 ** (level + 1)] = ascending[step // 2 - 1 :: step]
    return tree


def _compared(builder: Builder, text: str, tree: FloatArray, node: int, levels: int) -> str:
    if levels == 0:
        return str(node)
    left, right = (_compared(builder, text, tree, child, levels - 1) for child in (2 * node, 2 * node + 1))
    if np.isposinf(tree[node]):
        return left
    return f"CASE WHEN {text} > {builder.dialect.double(float(tree[node]))} THEN {right} ELSE {left} END"


def _searched(builder: Builder, value: Fragment, found: Fragment, tree: FloatArray, depth: int) -> Fragment:
    dialect, lists, bits = builder.dialect, builder.dialect.needed_lists, builder.dialect.needed_bits
    thresholds = builder.constant_array(tree[lists.first :])
    for _ in range(COMPARED, depth):
        found = builder.store(found)
        threshold = lists.element.format(thresholds.text, found.text)
        is_above = dialect.cast_to(f"{value.text} > {threshold}", "bigint")
        text = bits.either.format(f"({found.text} + {found.text})", is_above)
        found = builder.combine(text, (found, value, thresholds), depth=3)
    return found
