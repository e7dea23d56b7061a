"""Drop splits of trees that are decided before they are asked, and the leaves that nothing can reach.

What a node compares may be known from the nodes above it, from the checks (a column that must not be missing) or
because the input is a constant. Trees are grown without such splits; folding makes them, where a step gives many values
one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from sqlops.ir.doubles import TOP, ordinals
from sqlops.ir.nodes import BoolArray, Constant, Operator, TreeEnsemble
from sqlops.ir.program import Program
from sqlops.passes.ensembles import Numbers, compact
from sqlops.passes.facts import present_values
from sqlops.passes.rewrite import replace_operators


def drop_splits(program: Program) -> Program:
    """Put in place of a split whose outcome is known the side that every row takes."""
    present = present_values(program)

    def rewrite(operator: Operator) -> Operator:
        return _drop(operator, present) if isinstance(operator, TreeEnsemble) else operator

    return replace_operators(program, rewrite)


def _drop(ensemble: TreeEnsemble, present: Collection[int]) -> TreeEnsemble:
    is_inner = ensemble.left >= 0
    is_number = ensemble.category_set < 0
    always_left, always_right = _decided(ensemble, np.flatnonzero(is_inner & is_number), present)
    is_empty = np.array([not len(members) for members in ensemble.category_sets], dtype=bool)
    if is_empty.any():
        always_right |= is_inner & ~is_number & ~ensemble.missing_left & is_empty[ensemble.category_set]
    if not (always_left | always_right).any():
        return ensemble
    target = np.arange(len(ensemble.left), dtype=np.int32)
    target = np.where(always_left, ensemble.left, np.where(always_right, ensemble.right, target))
    while not np.array_equal(further := target[target], target):
        target = further
    left = np.where(is_inner, target[ensemble.left], np.int32(-1))
    right = np.where(is_inner, target[ensemble.right], np.int32(-1))
    return compact(replace(ensemble, roots=target[ensemble.roots], left=left, right=right))


def _decided(ensemble: TreeEnsemble, nodes: Numbers, present: Collection[int]) -> tuple[BoolArray, BoolArray]:
    """Return which nodes send every row left, and which send every row right."""
    bounds = ordinals(ensemble.threshold)
    low, high, may_miss = _before(ensemble, present)
    feature = ensemble.feature[nodes]
    low, high, may_miss = low[feature], high[feature], may_miss[feature]
    parent = np.full(len(ensemble.left), -1, dtype=np.int64)
    inner = np.flatnonzero(ensemble.left >= 0)
    parent[ensemble.left[inner]] = inner
    parent[ensemble.right[inner]] = inner
    at, below, above = np.arange(len(nodes)), nodes, parent[nodes]
    while len(at):
        is_same = (above >= 0) & (ensemble.feature[above] == feature[at]) & (ensemble.category_set[above] < 0)
        here, split = at[is_same], above[is_same]
        is_left = ensemble.left[split] == below[is_same]
        high[here] = np.minimum(high[here], np.where(is_left, bounds[split], TOP))
        low[here] = np.maximum(low[here], np.where(is_left, -TOP - 1, bounds[split]))
        may_miss[here] &= ensemble.missing_left[split] == is_left
        goes_on = above >= 0
        at, below = at[goes_on], above[goes_on]
        above = parent[below]
    never_present = low >= high
    missing_left = ensemble.missing_left[nodes]
    always_left, always_right = np.zeros((2, len(ensemble.left)), dtype=bool)
    always_left[nodes] = (never_present | (high <= bounds[nodes])) & (missing_left | ~may_miss)
    always_right[nodes] = (never_present | (low >= bounds[nodes])) & ~(missing_left & may_miss)
    return always_left, always_right


def _before(ensemble: TreeEnsemble, present: Collection[int]) -> tuple[Numbers, Numbers, BoolArray]:
    """Return, for each input, the ordinals between which it is (the first left out), and whether it may be missing."""
    low = np.full(len(ensemble.inputs), -TOP - 1, dtype=np.int64)
    high = np.full(len(ensemble.inputs), TOP, dtype=np.int64)
    may_miss = np.array([id(expr) not in present for expr in ensemble.inputs], dtype=bool)
    for number, expr in enumerate(ensemble.inputs):
        if isinstance(expr, Constant) and isinstance(expr.value, float):
            high[number] = ordinals(np.array([expr.value]))[0]
            low[number] = high[number] - 1
            may_miss[number] = False
        elif isinstance(expr, Constant):
            high[number] = low[number]
    return low, high, may_miss
