"""The condition of one split of a tree."""

from __future__ import annotations

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.ir.nodes import TreeEnsemble
from sqlops.lowering.fragments import Fragment


def condition_of(trees: TreeEnsemble, inputs: tuple[Fragment, ...], dialect: Dialect, node: int) -> tuple[str, bool]:
    """Return a condition that is never true for missing, and whether it leads to the left.

    Parameters
    ----------
    trees : TreeEnsemble
    inputs : tuple of Fragment
    dialect : Dialect
    node : int
        An inner node.
    """
    text = inputs[trees.feature[node]].text
    missing_left = bool(trees.missing_left[node])
    number = int(trees.category_set[node])
    if number < 0:
        threshold = dialect.double(float(trees.threshold[node]))
        return (f"{text} > {threshold}", False) if missing_left else (f"{text} <= {threshold}", True)
    members = trees.category_sets[number]
    if missing_left:
        known = trees.known_categories[int(trees.feature[node])]
        assert known is not None
        members = np.setdiff1d(known, members)
    if not len(members):
        return "FALSE", not missing_left
    return dialect.is_in(text, [dialect.double(float(code)) for code in members]), not missing_left
