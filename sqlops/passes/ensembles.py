"""Rebuilding tree ensembles: other inputs, fewer nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import BoolArray, Expr, FloatArray, IntArray, TreeEnsemble

Numbers = npt.NDArray[np.int64]


def known_of(ensemble: TreeEnsemble) -> list[FloatArray | None]:
    """Return the known categories of every input; None where no node splits it by category."""
    return list(ensemble.known_categories) or [None] * len(ensemble.inputs)


def splits_by_input(ensemble: TreeEnsemble) -> Iterator[tuple[int, Numbers]]:
    """Yield each input that nodes read, and these nodes."""
    inner = np.flatnonzero(ensemble.left >= 0)
    inner = inner[np.argsort(ensemble.feature[inner], kind="stable")]
    read, starts = np.unique(ensemble.feature[inner], return_index=True)
    yield from zip(read.tolist(), np.split(inner, starts[1:]), strict=False)


def swap(left: IntArray, right: IntArray, nodes: npt.NDArray[Any]) -> None:
    """Swap the children of some nodes, in place."""
    left[nodes], right[nodes] = right[nodes], left[nodes]


def with_inputs(
    ensemble: TreeEnsemble, inputs: Sequence[Expr], known: Sequence[FloatArray | None], feature: IntArray
) -> TreeEnsemble:
    """Give an ensemble other inputs: equal ones become one, those that no node reads are left out.

    Parameters
    ----------
    ensemble : TreeEnsemble
    inputs : sequence of Expr
    known : sequence of (ndarray or None)
        The known categories of each.
    feature : ndarray of shape (n_nodes,)
        Which of the inputs each node reads; leaves read none.
    """
    is_inner = ensemble.left >= 0
    read = np.unique(feature[is_inner]).tolist()
    numbers = np.zeros(len(inputs), dtype=np.int32)
    kept: dict[tuple[int, int], int] = {}
    for number in read:
        numbers[number] = kept.setdefault((id(inputs[number]), id(known[number])), len(kept))
    firsts = [read[0]] * len(kept) if read else []
    for number in reversed(read):
        firsts[numbers[number]] = number
    new_known = tuple(known[number] for number in firsts)
    return replace(
        ensemble,
        inputs=tuple(inputs[number] for number in firsts),
        feature=np.where(is_inner, numbers[feature], np.int32(0)),
        known_categories=new_known if any(codes is not None for codes in new_known) else (),
    )


def compact(ensemble: TreeEnsemble) -> TreeEnsemble:
    """Leave out the nodes that no root reaches."""
    left, right = ensemble.left, ensemble.right
    reached = np.zeros(len(left), dtype=bool)
    level = ensemble.roots
    while len(level):
        reached[level] = True
        inner = level[left[level] >= 0]
        level = np.concatenate([left[inner], right[inner]])
    if reached.all():
        return ensemble
    number = np.cumsum(reached, dtype=np.int32) - np.int32(1)
    keep = np.flatnonzero(reached)
    is_leaf = left[keep] < 0
    return replace(
        ensemble,
        roots=number[ensemble.roots],
        feature=ensemble.feature[keep],
        threshold=ensemble.threshold[keep],
        left=np.where(is_leaf, np.int32(-1), number[left[keep]]),
        right=np.where(is_leaf, np.int32(-1), number[right[keep]]),
        missing_left=ensemble.missing_left[keep],
        value=ensemble.value[keep],
        category_set=ensemble.category_set[keep],
    )


def by_category(ensemble: TreeEnsemble, nodes: Numbers) -> BoolArray:
    """Return which nodes test categories."""
    tests: BoolArray = ensemble.category_set[nodes] >= 0
    return tests
