"""Tree ensembles as nested CASE.

With one output, each tree is a CASE that gives its leaf's value. With several, or with trees too deep for one
expression, each tree gives the number of its leaf, and the values come from the constants relation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sqlops.dialects.base import Dialect
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.trees import depths, leaf_ranges
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.leaves import base_of, sum_of_terms
from sqlops.lowering.ranges import MODERATE
from sqlops.lowering.splits import comparisons, condition_of

SHORT_SET = 2
"""Up to so many categories are compared at each node, more of them once for all nodes: DuckDB holds a vector for each
literal."""


def lower_by_case(
    builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write an ensemble as a CASE for each tree."""
    printer = _Printer(operator, inputs, builder.dialect, _set_columns(builder, operator, inputs))
    by_value = len(used) == 1 or len(operator.feature) * len(used) <= builder.dialect.values_by_leaf
    if by_value and depths(operator).max(initial=0) <= builder.dialect.deepest_case:
        return {index: _sum_of_values(builder, printer, index) for index in used}
    return _sums_by_leaf(builder, printer, used)


def _set_columns(builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...]) -> dict[int, Fragment]:
    """Return, for nodes that compare with many categories, a column that holds their condition."""
    compared, number_of = comparisons(operator)
    is_long = np.array([*(len(members) > SHORT_SET for members in operator.category_sets), False])
    asking = np.flatnonzero((operator.left >= 0) & is_long[operator.category_set])
    columns = {}
    for number in np.unique(number_of[asking]).tolist():
        node = int(compared[number])
        condition, _ = condition_of(operator, inputs, builder.dialect, node)
        columns[number] = builder.hold(builder.combine(condition, [inputs[operator.feature[node]]]))
    return {node: columns[number] for node, number in zip(asking.tolist(), number_of[asking].tolist(), strict=True)}


def _sum_of_values(builder: Builder, printer: _Printer, index: int) -> Fragment:
    operator = printer.operator
    values = operator.value[:, index].tolist()

    def leaf(node: int) -> str:
        return builder.dialect.double(values[node])

    trees = [printer.tree(builder, int(root), leaf)[0] for root in operator.roots]
    terms = base_of(builder, operator, index) + [_as_moderate(operator, tree) for tree in trees]
    return sum_of_terms(builder, operator, terms)


def _sums_by_leaf(builder: Builder, printer: _Printer, used: tuple[int, ...]) -> dict[int, Fragment]:
    operator = printer.operator
    leaves = _leaf_numbers(builder, printer)
    results = {}
    for index in used:
        reached = _values(builder, operator, leaves, index)
        terms = base_of(builder, operator, index) + [_as_moderate(operator, value) for value in reached]
        results[index] = sum_of_terms(builder, operator, terms)
    return results


def _values(builder: Builder, operator: TreeEnsemble, leaves: Sequence[Fragment], index: int) -> list[Fragment]:
    """Return the values of leaves, by their numbers."""
    if not builder.dialect.has_constants:
        _, _, tree = leaf_ranges(operator)
        nodes = [np.flatnonzero((tree == number) & (operator.left < 0)) for number in range(operator.n_trees)]
        return [_value_of(builder, operator, *each, index) for each in zip(leaves, nodes, strict=True)]
    values = builder.constant_array(operator.value[:, index])
    return [builder.combine(builder.dialect.element.format(values.text, leaf.text), (values, leaf)) for leaf in leaves]


def _value_of(
    builder: Builder, operator: TreeEnsemble, leaf: Fragment, nodes: npt.NDArray[np.intp], index: int
) -> Fragment:
    """Return the value of a leaf among those of its tree."""
    arms = " ".join(
        f"WHEN {node} THEN {builder.dialect.double(float(operator.value[node, index]))}" for node in nodes.tolist()
    )
    return builder.combine(f"CASE {leaf.text} {arms} END", [leaf])


def _as_moderate(operator: TreeEnsemble, tree: Fragment) -> Fragment:
    """Return the value of a tree as one that does not overflow in sums, where no leaf has such a value."""
    return replace(tree, is_moderate=bool(np.abs(operator.value).max() < MODERATE))


def _leaf_numbers(builder: Builder, printer: _Printer) -> list[Fragment]:
    """Return, for each tree, the number of the node where a row ends."""
    shallow: list[Fragment] = []
    order: list[tuple[bool, int]] = []
    deep: list[Fragment] = []
    for root in printer.operator.roots:
        fragment, cuts = printer.tree(builder, int(root), str)
        if cuts:
            order.append((True, len(deep)))
            deep.append(_finish(builder, printer, fragment, cuts))
        else:
            order.append((False, len(shallow)))
            shallow.append(fragment)
    if builder.dialect.lists is None:
        shallow = [builder.store(leaf) for leaf in shallow]
        return [deep[at] if is_deep else shallow[at] for is_deep, at in order]
    array = Fragment("")
    if shallow:
        text = builder.dialect.array.format(", ".join(f.text for f in shallow), builder.dialect.types["bigint"])
        array = builder.store(builder.combine(text, shallow))
    return [
        deep[at] if is_deep else builder.combine(builder.dialect.element.format(array.text, at), [array])
        for is_deep, at in order
    ]


def _finish(builder: Builder, printer: _Printer, start: Fragment, cuts: Sequence[int]) -> Fragment:
    """Go on from the nodes where a deep tree was cut, a stage at a time."""
    current = start
    while cuts:
        current = builder.store(current)
        arms, parts, below = [], [current], []
        for cut in cuts:
            fragment, further = printer.tree(builder, cut, str)
            arms.append(f"WHEN {cut} THEN {fragment.text}")
            parts.append(fragment)
            below.extend(further)
        current = builder.combine(f"CASE {current.text} {' '.join(arms)} ELSE {current.text} END", parts)
        cuts = below
    return builder.store(current)


@dataclass(frozen=True)
class _Printer:
    """Prints trees from the arrays, without a Python object per node and without recursion."""

    operator: TreeEnsemble
    inputs: tuple[Fragment, ...]
    dialect: Dialect
    conditions: Mapping[int, Fragment]

    def tree(self, builder: Builder, root: int, leaf: Callable[[int], str]) -> tuple[Fragment, list[int]]:
        """Return the CASE below a node, and the nodes at which it was cut (printed as their numbers)."""
        parts: list[str] = []
        cuts: list[int] = []
        read: dict[str, Fragment] = {}
        deepest = 0
        pending: list[tuple[int, int] | str] = [(root, 0)]
        left = self.operator.left
        while pending:
            item = pending.pop()
            if isinstance(item, str):
                parts.append(item)
                continue
            node, depth = item
            deepest = max(deepest, depth)
            if left[node] < 0:
                parts.append(leaf(node))
            elif depth == self.dialect.deepest_case:
                parts.append(str(node))
                cuts.append(node)
            else:
                condition, is_left, column = self._condition(node)
                read[column.text] = column
                sides = (int(left[node]), int(self.operator.right[node]))
                then, otherwise = sides if is_left else sides[::-1]
                parts.append(f"CASE WHEN {condition} THEN ")
                pending += [" END", (otherwise, depth + 1), " ELSE ", (then, depth + 1)]
        text = "".join(parts)
        return builder.combine(text, read.values(), depth=deepest), cuts

    def _condition(self, node: int) -> tuple[str, bool, Fragment]:
        """Return the condition at a node, whether it leads to the left, and the column it reads."""
        if node in self.conditions:
            return self.conditions[node].text, not self.operator.missing_left[node], self.conditions[node]
        return *condition_of(self.operator, self.inputs, self.dialect, node), self.inputs[self.operator.feature[node]]
