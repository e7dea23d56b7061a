"""Tree ensembles by traversal: the node at which each tree stands is a list, and a level is one stage.

The nodes of all trees are records of the constants relation, level by level, siblings next to each other, so that one
number leads to both: the left child's, which is even, or the next. A leaf is its own child, and compares a zero with
infinity. Trees that have reached a leaf leave the list, where sums are exact in any order. The text is as long as the
trees are deep, however many nodes they have. Splits by category compare an indicator, made once for each set of
categories.

Where every threshold stands for a float32, rows and thresholds are float32: half the memory to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.dialects.bits import Bits
from sqlops.dialects.lists import Lists
from sqlops.ir.nodes import FloatArray, IntArray, TreeEnsemble
from sqlops.ir.trees import as_float32
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.leaves import adds_exactly, total_of, values_of
from sqlops.lowering.lists import NODE
from sqlops.lowering.plan import ElementType, element_type
from sqlops.lowering.splits import comparisons, condition_of

FIRST_LEAVE, LEAVE_EVERY = 9, 3
"""From this level on, at every so many levels, trees that have reached a leaf are added up and leave the list."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """An ensemble in the order of its levels.

    Parameters
    ----------
    number : ndarray of shape (n_nodes,)
        The new number of each node, counted as the engine counts the elements of a list.
    child : ndarray of shape (n_nodes,)
        The new number of the left child; of a leaf its own.
    size : int
        How long the new arrays are: siblings start at even numbers, which may leave one out.
    depth : int
        How many levels there are below the roots.
    """

    number: IntArray
    child: IntArray
    size: int
    depth: int


@dataclass(frozen=True, slots=True)
class _Step:
    """What a level does, in the words of the dialect.

    Parameters
    ----------
    nodes : Fragment
        The records of all nodes.
    row : Fragment
        What the nodes compare.
    goes_to : str
        The number of the node to which node ``NODE`` sends the row.
    is_leaf : str
        Whether node ``NODE`` is a leaf.
    """

    nodes: Fragment
    row: Fragment
    goes_to: str
    is_leaf: str


def lower_by_traversal(
    builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write an ensemble as a chain of list functions."""
    lists, bits = builder.dialect.needed_lists, builder.dialect.needed_bits
    layout = _layout(operator, lists.first)
    step = _step(builder, lists, bits, operator, inputs, layout)
    values = {index: values_of(builder, operator, index, layout.number, layout.size) for index in used}
    may_leave = not operator.single and all(adds_exactly(operator, index) for index in used)
    roots = layout.number[operator.roots] - lists.first
    standing = builder.combine(
        lists.slice.format(step.nodes.text, int(roots.min()), int(roots.max()) + 1), [step.nodes]
    )
    parts: dict[int, list[Fragment]] = {index: [] for index in used}
    read: tuple[Fragment, ...] = (step.nodes, step.row)
    for level in range(1, layout.depth):
        standing = builder.store(standing)
        if may_leave and level > FIRST_LEAVE and (level - FIRST_LEAVE) % LEAVE_EVERY == 1:
            at_leaf = builder.store(builder.combine(lists.filter.format(standing.text, NODE, step.is_leaf), [standing]))
            goes_on = f"NOT ({step.is_leaf})"
            standing = builder.store(builder.combine(lists.filter.format(standing.text, NODE, goes_on), [standing]))
            for index in used:
                leaf = lists.field.format(NODE, "child")
                parts[index].append(builder.store(total_of(builder, operator, at_leaf, values[index], leaf)))
        going = lists.element.format(step.nodes.text, step.goes_to)
        standing = builder.combine(lists.transform.format(standing.text, NODE, going), (standing, *read), depth=4)
    standing = builder.store(standing)
    ends = step.goes_to if layout.depth else lists.field.format(NODE, "child")
    if len(used) > 1:
        numbers = lists.transform.format(standing.text, NODE, ends)
        standing, ends, read = builder.store(builder.combine(numbers, (standing, *read), depth=4)), NODE, ()
    results = {}
    for index in used:
        base = float(operator.base[index])
        if may_leave:
            terms = [*parts[index], total_of(builder, operator, standing, values[index], ends, reads=read)]
            results[index] = builder.add([Fragment(builder.dialect.double(base)), *terms])
        else:
            results[index] = total_of(builder, operator, standing, values[index], ends, base, read)
    return results


def _layout(operator: TreeEnsemble, first: int) -> _Layout:
    level = operator.roots.astype(np.int64)
    number = np.empty(len(operator.left), dtype=np.int64)
    count, depth = first, -1
    while len(level):
        count += count % 2
        number[level] = np.arange(count, count + len(level))
        count += len(level)
        depth += 1
        inner = level[operator.left[level] >= 0]
        level = np.column_stack([operator.left[inner], operator.right[inner]]).ravel().astype(np.int64)
    child = np.where(operator.left >= 0, number[operator.left], number)
    return _Layout(number.astype(np.int32), child.astype(np.int32), count - first, depth)


def _step(
    builder: Builder, lists: Lists, bits: Bits, operator: TreeEnsemble, inputs: tuple[Fragment, ...], layout: _Layout
) -> _Step:
    compared, slot_of = comparisons(operator)
    bound = _bounds(operator)
    asking: list[int] = []
    if not builder.dialect.nan_is_largest:
        asking = _ask_for_missing(operator, len(compared), slot_of, bound)
    slot_type = "int16" if len(compared) < np.iinfo(np.int16).max else "int32"
    records = np.zeros(layout.size, dtype=[("child", "int32"), ("slot", slot_type), ("bound", bound.dtype)])
    at = layout.number - lists.first
    records["child"][at], records["slot"][at], records["bound"][at] = layout.child, slot_of + lists.first, bound
    row = builder.store(_row(builder, lists, operator, inputs, compared, asking, element_type(bound)))
    child, slot, threshold = (lists.field.format(NODE, name) for name in ("child", "slot", "bound"))
    goes_right = f"{lists.element.format(row.text, slot)} > {threshold}"
    return _Step(
        nodes=builder.constant_array(records),
        row=row,
        goes_to=bits.either.format(child, builder.dialect.cast_to(goes_right, "int32")),
        is_leaf=f"{slot} = {len(compared) + len(asking) + lists.first}",
    )


def _ask_for_missing(operator: TreeEnsemble, n_compared: int, slot_of: IntArray, bound: npt.NDArray[Any]) -> list[int]:
    """Make nodes above infinity, which only what is missing can be, compare an indicator of that.

    Returns
    -------
    list of int
        The features that are asked about, in the order of their slots, which come before that of leaves.
    """
    is_inner = operator.left >= 0
    above = np.flatnonzero(is_inner & (operator.category_set < 0) & ~operator.missing_left & np.isposinf(bound))
    features, number = np.unique(operator.feature[above], return_inverse=True)
    slot_of[above] = n_compared + number
    slot_of[~is_inner] = n_compared + len(features)
    bound[above] = 0.5
    asked: list[int] = features.tolist()
    return asked


def _bounds(operator: TreeEnsemble) -> FloatArray | npt.NDArray[np.float32]:
    """Return what the nodes compare with, as float32 where each stands for one; leaves are below infinity."""
    is_number = (operator.left >= 0) & (operator.category_set < 0)
    thresholds = as_float32(operator.threshold[is_number])
    bounds = np.where(operator.left < 0, np.inf, 0.5)
    if thresholds is None:
        bounds[is_number] = operator.threshold[is_number]
        return bounds
    bounds[is_number] = thresholds
    return bounds.astype(np.float32)


def _row(
    builder: Builder,
    lists: Lists,
    operator: TreeEnsemble,
    inputs: tuple[Fragment, ...],
    compared: IntArray,
    asking: list[int],
    type_: ElementType,
) -> Fragment:
    """Return the list of what nodes compare; the last is zero, for leaves.

    A missing value is less than everything, or, as NaN, greater than infinity; where NaN is not, infinity stands for
    it. Where categories or missing values are asked for, one stands for the right side.
    """
    dialect = builder.dialect
    largest = np.nan if dialect.nan_is_largest else np.inf
    values = []
    for node in compared.tolist():
        if operator.category_set[node] >= 0:
            condition, left = condition_of(operator, inputs, dialect, node)
            value = f"CASE WHEN {condition} THEN {dialect.double(1.0 - left)} ELSE {dialect.double(float(left))} END"
        else:
            missing = dialect.double(-np.inf if operator.missing_left[node] else largest)
            given = inputs[operator.feature[node]].text
            rounded = given if type_ == "double" else dialect.call("float32", (given,))
            value = f"coalesce({rounded}, {missing})"
        values.append(value)
    for feature in asking:
        is_missing = dialect.call("is_missing", (inputs[feature].text,))
        values.append(f"CASE WHEN {is_missing} THEN {dialect.double(1.0)} ELSE {dialect.double(0.0)} END")
    values.append(dialect.double(0.0))
    if type_ == "float32":
        values = [dialect.single.format(value) for value in values]
    read = [inputs[operator.feature[node]] for node in compared]
    return builder.combine(lists.literal.format(", ".join(values)), read, depth=4)
