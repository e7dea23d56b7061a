"""Tree ensembles by traversal: the node at which each tree stands is a list, and a level is one stage.

The nodes of all trees lie in arrays of the constants relation, level by level, siblings next to each other, so that one
index leads to both: ``child[n] + (x[slot[n]] > threshold[n])``. A leaf is its own child, and compares a zero with
infinity. Trees that have reached a leaf leave the list, where sums are exact in any order. The text is as long as the
trees are deep, however many nodes they have. Splits by category compare an indicator, made once for each set of
categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sqlops.dialects.lists import Lists
from sqlops.ir.nodes import IntArray, TreeEnsemble
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.lists import NODE
from sqlops.lowering.splits import comparisons, condition_of

FIRST_LEAVE, LEAVE_EVERY = 9, 3
"""From this level on, at every so many levels, trees that have reached a leaf are added up and leave the list."""

FRACTIONS = 2.0**10
"""Leaf values that are whole numbers of its reciprocal are told to add without rounding."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """An ensemble in the order of its levels.

    Parameters
    ----------
    order : ndarray of shape (n_nodes,)
        The old numbers of the nodes.
    child : ndarray of shape (n_nodes,)
        The new number of the left child; of a leaf its own.
    depth : int
        How many levels there are below the roots.
    """

    order: IntArray
    child: IntArray
    depth: int


def lower_by_traversal(
    builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write an ensemble as a chain of list functions."""
    lists = builder.dialect.lists
    assert lists is not None
    layout = _layout(operator)
    order, is_leaf = layout.order, operator.left[layout.order] < 0
    compared, slot_of = comparisons(operator)
    row = builder.store(_row(builder, lists, operator, inputs, compared))
    bound = np.where(operator.category_set >= 0, 0.5, operator.threshold)
    child = builder.constant_array(layout.child + lists.first, "bigint")
    slot = builder.constant_array(slot_of[order] + lists.first, "bigint")
    threshold = builder.constant_array(np.where(is_leaf, np.inf, bound[order]), "double")
    nodes = builder.constant_array(np.arange(operator.n_trees) + lists.first, "bigint")
    value = lists.element.format(row.text, lists.element.format(slot.text, NODE))
    goes_right = f"{value} > {lists.element.format(threshold.text, NODE)}"
    step = f"{lists.element.format(child.text, NODE)} + CAST({goes_right} AS {builder.dialect.types['bigint']})"
    values = {
        index: builder.constant_array(np.where(is_leaf, operator.value[order, index], 0.0), "double") for index in used
    }
    may_leave = not operator.single and all(_adds_exactly(operator, index) for index in used)
    parts: dict[int, list[Fragment]] = {index: [] for index in used}
    for level in range(1, layout.depth + 1):
        text = lists.transform.format(nodes.text, NODE, step)
        nodes = builder.store(builder.combine(text, (nodes, row, child, slot, threshold)))
        if may_leave and FIRST_LEAVE <= level < layout.depth and (level - FIRST_LEAVE) % LEAVE_EVERY == 0:
            for index in used:
                parts[index].append(builder.store(_total(builder, lists, nodes, values[index])))
            goes_on = f"{lists.element.format(child.text, NODE)} <> {NODE}"
            nodes = builder.store(
                builder.combine(lists.filter.format(nodes.text, NODE, goes_on), (nodes, child), depth=2)
            )
    bases = {index: float(operator.base[index]) for index in used}
    if may_leave:
        return {
            index: builder.add(
                [
                    Fragment(builder.dialect.double(bases[index])),
                    *parts[index],
                    _total(builder, lists, nodes, values[index]),
                ]
            )
            for index in used
        }
    total = lists.total_single if operator.single else lists.total
    return {index: _total(builder, lists, nodes, values[index], bases[index], total) for index in used}


def _adds_exactly(operator: TreeEnsemble, index: int) -> bool:
    """Whether leaf values add without rounding, so that their order does not matter: class shares of pure leaves do."""
    values = np.append(operator.value[operator.left < 0, index], operator.base[index]) * FRACTIONS
    most = np.abs(values).max() * (operator.n_trees + 1)
    return bool(np.isfinite(most) and most < 2**53 and (values == np.rint(values)).all())


def _layout(operator: TreeEnsemble) -> _Layout:
    level = operator.roots.astype(np.int64)
    number = np.empty(len(operator.left), dtype=np.int64)
    levels, count = [], 0
    while len(level):
        number[level] = np.arange(count, count + len(level))
        levels.append(level)
        count += len(level)
        inner = level[operator.left[level] >= 0]
        level = np.column_stack([operator.left[inner], operator.right[inner]]).ravel().astype(np.int64)
    order = np.concatenate(levels)
    left = operator.left[order]
    child = np.where(left >= 0, number[left], np.arange(count))
    return _Layout(order.astype(np.int32), child.astype(np.int32), len(levels) - 1)


def _row(
    builder: Builder, lists: Lists, operator: TreeEnsemble, inputs: tuple[Fragment, ...], compared: IntArray
) -> Fragment:
    """Return the list of what nodes compare; the last is zero, for leaves.

    A missing value is less than everything, or, as NaN, greater than infinity. Where categories are asked for, one
    stands for the right side.
    """
    dialect = builder.dialect
    values = []
    for node in compared.tolist():
        if operator.category_set[node] >= 0:
            condition, left = condition_of(operator, inputs, dialect, node)
            values.append(
                f"CASE WHEN {condition} THEN {dialect.double(1.0 - left)} ELSE {dialect.double(float(left))} END"
            )
        else:
            missing = dialect.double(-np.inf if operator.missing_left[node] else np.nan)
            values.append(f"coalesce({inputs[operator.feature[node]].text}, {missing})")
    text = lists.literal.format(", ".join([*values, dialect.double(0.0)]))
    return builder.combine(text, [inputs[operator.feature[node]] for node in compared], depth=2)


def _total(
    builder: Builder, lists: Lists, nodes: Fragment, values: Fragment, base: float = 0.0, total: str | None = None
) -> Fragment:
    """Return a base and the values of some nodes, added from first to last; inner nodes have none."""
    reached = lists.transform.format(nodes.text, NODE, lists.element.format(values.text, NODE))
    if base != 0:
        reached = lists.prepend.format(builder.dialect.double(base), reached)
    zero = builder.dialect.double(0.0)
    return builder.combine(f"coalesce({(total or lists.total).format(reached)}, {zero})", (nodes, values), depth=4)
