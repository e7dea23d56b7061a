"""The splits of trees: what they compare, and the condition of one."""

from __future__ import annotations

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.ir.nodes import IntArray, TreeEnsemble
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
        return dialect.truth(False), not missing_left
    return dialect.is_in(text, [float(code) for code in members], "double"), not missing_left


def comparisons(trees: TreeEnsemble) -> tuple[IntArray, IntArray]:
    """Return what the nodes compare, each once.

    An input is there once for each side that its missing values take, and for each set of categories that is asked for.

    Returns
    -------
    ndarray of shape (n_comparisons,)
        For each of them a node that compares it.
    ndarray of shape (n_nodes,)
        For each inner node the number of what it compares; for leaves one more.
    """
    inner = np.flatnonzero(trees.left >= 0)
    sets: dict[bytes, int] = {}
    distinct = np.array([-1, *(sets.setdefault(members.tobytes(), len(sets)) for members in trees.category_sets)])
    keys = (
        trees.feature[inner].astype(np.int64) * (len(sets) + 1) + 1 + distinct[1 + trees.category_set[inner]]
    ) * 2 + trees.missing_left[inner]
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    slot_of = np.full(len(trees.left), len(first))
    slot_of[inner] = number
    return inner[first].astype(np.int32), slot_of.astype(np.int32)
