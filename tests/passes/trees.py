"""Ensembles of stumps."""

import numpy as np

from sqlops.ir import build
from sqlops.ir.program import Program
from sqlops.ir.trees import Tree, join
from tests.passes.programs import INPUTS, TEXTS


def stumps(inputs, splits, *, missing_left=False):
    """Return a Program that adds one stump per (feature, threshold), the k-th worth 2**k on its right."""
    trees = [
        Tree(
            feature=np.array([feature, 0, 0]),
            threshold=np.array([threshold, 0, 0]),
            left=np.array([1, -1, -1]),
            right=np.array([2, -1, -1]),
            missing_left=np.array([missing_left, False, False]),
            value=np.array([[0.0], [0.0], [2.0**k]]),
        )
        for k, (feature, threshold) in enumerate(splits)
    ]
    (total,) = build.elements(join(trees, inputs, [0.0]))
    return Program((*INPUTS, *TEXTS), (("p", total),))
