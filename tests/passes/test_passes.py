"""Every pass keeps a Program's meaning: random Programs before and after, through the evaluator."""

import numpy as np
import pytest
from hypothesis import given, settings

from sqlops.ir import build
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import Program
from sqlops.ir.trees import Tree, join
from sqlops.passes import PASSES
from sqlops.passes.fold_affine import fold_affine
from sqlops.passes.fold_lookups import fold_lookups
from sqlops.passes.merge_equal_leaves import merge_equal_leaves
from tests.passes.programs import INPUTS, X, assert_same, operators, programs

ROUNDED = {fold_affine, fold_lookups}
"""Passes that add in another order: their tests allow what rounding can do."""


@pytest.mark.parametrize("rewrite", [p for p in PASSES if p not in ROUNDED], ids=lambda rewrite: rewrite.__name__)
@settings(derandomize=True, deadline=None, max_examples=100)
@given(program=programs())
def test_pass_keeps_the_meaning(rewrite, program):
    assert_same(program, rewrite(program))


def test_leaves_of_equal_value_are_merged_upwards():
    tree = Tree(
        feature=np.zeros(7, dtype=np.int32),
        threshold=np.arange(7.0),
        left=np.array([1, 3, 5, -1, -1, -1, -1], dtype=np.int32),
        right=np.array([2, 4, 6, -1, -1, -1, -1], dtype=np.int32),
        missing_left=np.zeros(7, dtype=bool),
        value=np.array([[0], [0], [0], [1.0], [1.0], [1.0], [2.0]]),
    )
    (total,) = build.elements(join([tree, tree], [X], [0.0]))
    after = merge_equal_leaves(Program(INPUTS, (("p", total),)))
    (ensemble,) = operators(after, TreeEnsemble)
    assert ensemble.left.tolist() == [1, -1, 3, -1, -1, 6, -1, 8, -1, -1]
    assert ensemble.roots.tolist() == [0, 5]
    assert ensemble.value[ensemble.left < 0, 0].tolist() == [1, 1, 2, 1, 1, 2]
