"""Turn splits whose two sides are leaves with equal values into leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sqlops.ir.nodes import FloatArray, IntArray, Operator, TreeEnsemble
from sqlops.ir.program import Program
from sqlops.passes.rewrite import replace_operators


def merge_equal_leaves(program: Program) -> Program:
    """Merge leaves of bitwise equal values under one split, from the bottom up."""
    return replace_operators(program, _merge)


def _merge(operator: Operator) -> Operator:
    if not isinstance(operator, TreeEnsemble):
        return operator
    left, value = operator.left.copy(), np.ascontiguousarray(operator.value).copy()
    right = operator.right
    bits = value.view(np.int64)
    while True:
        inner = np.flatnonzero(left >= 0)
        leaves = (left[left[inner]] < 0) & (left[right[inner]] < 0)
        equal = np.all(bits[left[inner]] == bits[right[inner]], axis=1)
        merged = inner[leaves & equal]
        if not len(merged):
            break
        value[merged] = value[left[merged]]
        left[merged] = -1
    return operator if np.array_equal(left, operator.left) else _compact(operator, left, value)


def _compact(ensemble: TreeEnsemble, left: IntArray, value: FloatArray) -> TreeEnsemble:
    """Leave out the nodes that are no longer reached."""
    reached = np.zeros(len(left), dtype=bool)
    level = ensemble.roots
    while len(level):
        reached[level] = True
        inner = level[left[level] >= 0]
        level = np.concatenate([left[inner], ensemble.right[inner]])
    number = np.cumsum(reached, dtype=np.int32) - np.int32(1)
    keep = np.flatnonzero(reached)
    is_leaf = left[keep] < 0
    return replace(
        ensemble,
        roots=number[ensemble.roots],
        feature=ensemble.feature[keep],
        threshold=ensemble.threshold[keep],
        left=np.where(is_leaf, np.int32(-1), number[left[keep]]),
        right=np.where(is_leaf, np.int32(-1), number[ensemble.right[keep]]),
        missing_left=ensemble.missing_left[keep],
        value=value[keep],
        category_set=ensemble.category_set[keep],
    )
