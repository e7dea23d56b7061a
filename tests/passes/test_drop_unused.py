"""What has no effect is dropped, and what only that read."""

import numpy as np
from hypothesis import given, settings

from sqlops.ir import build
from sqlops.ir.nodes import Affine, TreeEnsemble
from sqlops.ir.program import Check, Program
from sqlops.passes.drop_unused import drop_unused
from tests.passes.programs import INPUTS, TEXTS, X, Y, Z, affine_programs, assert_close, assert_same, operators
from tests.passes.trees import stumps


def dropped(*outputs, checks=()):
    named = tuple((f"p{n}", value) for n, value in enumerate(outputs))
    before = Program((*INPUTS, *TEXTS), named, tuple(Check(c, "step", "reason") for c in checks))
    after = drop_unused(before)
    assert_same(before, after)
    return after


def test_columns_without_weight_and_outputs_without_use():
    first = build.affine([X, Y, Z], np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0], [4.0, 0.0, 0.0]]), np.arange(3.0))
    after = dropped(first[2], first[0])
    (affine,) = operators(after, Affine)
    assert affine.inputs == (X, Z)
    assert affine.weights.tolist() == [[1.0, 2.0], [4.0, 0.0]]
    assert [value.index for _, value in after.outputs] == [1, 0]


def test_what_only_a_dropped_column_read_is_dropped_too():
    inner = build.affine([X, Y], np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2))
    (outer,) = build.affine(inner, np.array([[2.0, 0.0]]), np.zeros(1))
    after = dropped(outer)
    assert operators(after, Affine)[0].inputs == (X,)


def test_a_map_without_weights_is_a_constant():
    assert dropped(*build.affine([X], np.zeros((1, 1)), np.array([1.5]))).outputs == (("p0", build.constant(1.5)),)


def test_inputs_that_no_tree_splits_on():
    program = stumps([X, Y, Z], [(2, 0.5), (0, 1.0)])
    (ensemble,) = operators(drop_unused(program), TreeEnsemble)
    assert ensemble.inputs == (X, Z)
    assert ensemble.feature[ensemble.roots].tolist() == [1, 0]


def test_checks_are_kept():
    after = dropped(build.constant(1.0), checks=[build.is_finite(X)])
    assert [check.accepts for check in after.checks] == [build.is_finite(X)]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(program=affine_programs())
def test_maps_keep_their_values(program):
    assert_close(program, drop_unused(program), same_bounds=False)
