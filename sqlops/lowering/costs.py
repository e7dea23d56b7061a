"""What each form of a tree ensemble costs, estimated from its size."""

from __future__ import annotations

import numpy as np

from sqlops.dialects.costs import TreeCosts
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.trees import depths
from sqlops.lowering.bins import levels
from sqlops.lowering.bitmasks import Words
from sqlops.lowering.fragments import Strategy
from sqlops.lowering.leaves import adds_exactly
from sqlops.lowering.splits import comparisons

AROUND = 2
"""What an input takes besides the search for its bin, in steps of it: telling missing values, and reading its masks."""


def cheapest(operator: TreeEnsemble, used: tuple[int, ...], costs: TreeCosts, words: Words | None) -> Strategy:
    """Return the form that takes least CPU per row.

    Parameters
    ----------
    operator : TreeEnsemble
    used : tuple of int
        The outputs that are read.
    costs : TreeCosts
        Of the engine.
    words : Words or None
        How leaves are put into bitmasks, where they can be.
    """
    estimates: dict[Strategy, float] = {
        "case": _by_case(operator, used, costs),
        "traversal": _by_traversal(operator, used, costs),
    }
    if words is not None:
        estimates["bitmasks"] = _by_bitmasks(operator, used, costs, words)
    return min(estimates, key=estimates.__getitem__)


def _by_case(operator: TreeEnsemble, used: tuple[int, ...], costs: TreeCosts) -> float:
    values = costs.value * operator.n_trees * len(used) if len(used) > 1 else 0.0
    passed = operator.n_trees * float(depths(operator)[operator.left < 0].mean())
    return costs.branch * passed + costs.node * len(operator.feature) + values


def _by_traversal(operator: TreeEnsemble, used: tuple[int, ...], costs: TreeCosts) -> float:
    below = depths(operator)[operator.left < 0]
    leaves_early = not operator.single and all(adds_exactly(operator, index) for index in used)
    levels = float(below.mean() if leaves_early else below.max())
    slots = len(comparisons(operator)[0])
    level = costs.level + costs.reach * slots
    return costs.slot * slots + operator.n_trees * (level * levels + costs.value * len(used))


def _by_bitmasks(operator: TreeEnsemble, used: tuple[int, ...], costs: TreeCosts, words: Words) -> float:
    inner = np.flatnonzero(operator.left >= 0)
    pairs = np.unique(np.column_stack([operator.feature[inner], words.word[words.tree[inner]]]), axis=0)
    search = 0
    for feature in np.unique(operator.feature[inner]):
        search += levels(np.unique(operator.threshold[inner[operator.feature[inner] == feature]])) + AROUND
    return costs.word * len(pairs) + costs.search * search + operator.n_trees * (costs.leaf + costs.value * len(used))
