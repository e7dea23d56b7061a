"""Turn splits whose two sides are leaves with equal values into leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sqlops.ir.nodes import Operator, TreeEnsemble
from sqlops.ir.program import Program
from sqlops.passes.ensembles import compact
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
    return operator if np.array_equal(left, operator.left) else compact(replace(operator, left=left, value=value))
