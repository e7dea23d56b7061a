"""Splits that are decided before they are asked."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import Check, Program
from sqlops.ir.trees import Tree, join
from sqlops.passes.drop_splits import drop_splits
from tests.passes.programs import INPUTS, X, Y, assert_same, clip, ensembles, number, operators
from tests.passes.trees import stumps


def dropped(program):
    after = drop_splits(program)
    assert_same(program, after)
    (ensemble,) = operators(after, TreeEnsemble)
    return ensemble


def path(first, second, *, missing_left=(False, False), left=True, checks=()):
    """Return the ensemble of a split, and of another of the same column on one side of it, after the pass."""
    below, leaf = (1, 4) if left else (4, 1)
    tree = Tree(
        feature=np.zeros(5, dtype=np.int32),
        threshold=np.array([first, second, 0, 0, 0]),
        left=np.array([below if left else leaf, 2, -1, -1, -1]) if left else np.array([4, 2, -1, -1, -1]),
        right=np.array([leaf, 3, -1, -1, -1]) if left else np.array([1, 3, -1, -1, -1]),
        missing_left=np.array([*missing_left, False, False, False]),
        value=np.array([[0.0], [0.0], [1.0], [2.0], [3.0]]),
    )
    (total,) = build.elements(join([tree], [X], [0.0]))
    return dropped(Program(INPUTS, (("p", total),), tuple(Check(c, "step", "reason") for c in checks)))


def leaves(ensemble):
    return ensemble.value[ensemble.left < 0, 0].tolist()


def test_what_a_split_above_decides_is_dropped():
    assert leaves(path(1.0, 1.0)) == [1.0, 3.0]
    assert leaves(path(1.0, 2.0)) == [1.0, 3.0]
    assert leaves(path(1.0, 0.5)) == [1.0, 2.0, 3.0]
    assert leaves(path(1.0, 1.0, left=False)) == [2.0, 3.0]
    assert leaves(path(1.0, 0.0, left=False, missing_left=(False, False))) == [2.0, 3.0]
    assert leaves(path(1.0, 2.0, left=False)) == [1.0, 2.0, 3.0]


def test_missing_may_take_the_other_side():
    assert leaves(path(1.0, 2.0, missing_left=(True, False))) == [1.0, 2.0, 3.0]
    assert leaves(path(1.0, 2.0, missing_left=(True, False), checks=[build.is_finite(X)])) == [1.0, 3.0]
    assert leaves(path(1.0, 2.0, missing_left=(True, True))) == [1.0, 3.0]


def test_splits_at_infinity():
    assert leaves(dropped(stumps([X], [(0, np.inf)]))) == [0.0, 1.0]
    assert leaves(dropped(stumps([X], [(0, np.inf)], missing_left=True))) == [0.0]
    assert leaves(dropped(stumps([X], [(0, -np.inf)]))) == [0.0, 1.0]


def test_constant_inputs():
    assert leaves(dropped(stumps([number(2.0), Y], [(0, 1.0), (0, 2.0), (1, 5.0)]))) == [1.0, 0.0, 0.0, 4.0]
    assert leaves(dropped(stumps([build.MISSING], [(0, 1.0)], missing_left=True))) == [0.0]


@st.composite
def paths(draw):
    inputs = [X, X, draw(st.sampled_from([X, Y, number(0.5), build.MISSING, clip(X, 0.0, 1.0)]))]
    checks = draw(st.lists(st.sampled_from([build.is_finite(X), build.call("less", X, number(2.0))]), max_size=1))
    outputs = tuple(zip("uv", ensembles(draw, inputs), strict=True))
    return Program(INPUTS, outputs, tuple(Check(c, "step", "reason") for c in checks))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(program=paths())
def test_every_row_reaches_the_same_leaf(program):
    assert_same(program, drop_splits(program))
