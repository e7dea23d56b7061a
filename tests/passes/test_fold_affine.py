"""Scalers and affine maps become one affine map."""

import numpy as np
import pytest
from hypothesis import given, settings

from sqlops.ir import build
from sqlops.ir.nodes import Affine
from sqlops.ir.program import Check, Program
from sqlops.passes.fold_affine import LARGEST_SHIFT, fold_affine
from tests.passes.programs import INPUTS, TEXTS, X, Y, Z, affine_programs, assert_close, number, operators


def scaled(value, mean=3.0, scale=0.5):
    return build.divide(build.subtract(value, number(mean)), number(scale))


def folded(*outputs, checked=()):
    checks = tuple(Check(build.is_finite(value), "step", "reason") for value in checked)
    named = tuple((f"p{number}", value) for number, value in enumerate(outputs))
    before = Program((*INPUTS, *TEXTS), named, checks)
    after = fold_affine(before)
    assert_close(before, after)
    return operators(after, Affine)


def linear(*inputs, weights=((2.0, -1.0),), intercept=(0.25,)):
    return build.affine(inputs, np.array(weights), np.array(intercept))


def test_scaling_goes_into_weights_and_intercept():
    (affine,) = folded(*linear(scaled(X), Y), checked=[scaled(X), Y])
    assert affine.inputs == (X, Y)
    assert affine.weights.tolist() == [[4.0, -1.0]]
    assert affine.intercept.tolist() == [0.25 - 12.0]


def test_scaled_values_that_no_check_keeps_finite_stay():
    (affine,) = folded(*linear(scaled(X), Y), checked=[Y])
    assert affine.inputs == (scaled(X), Y)


@pytest.mark.parametrize(("mean", "stays"), [(LARGEST_SHIFT / 2, False), (LARGEST_SHIFT, True)])
def test_large_shifts_stay(mean, stays):
    value = scaled(X, mean)
    (affine,) = folded(*linear(value, Y), checked=[value])
    assert affine.inputs == ((value if stays else X), Y)


def test_a_map_without_intercept_stays_zero_at_the_centre():
    (affine,) = folded(*linear(scaled(X), scaled(Y, 0.0), intercept=[0.0]), checked=[scaled(X), scaled(Y, 0.0)])
    assert affine.inputs[0] is scaled(X)


def test_constants_go_into_the_intercept():
    (affine,) = folded(*linear(number(3.0), Y))
    assert affine.inputs == (Y,)
    assert affine.intercept.tolist() == [6.25]


def test_columns_that_come_twice_are_read_once():
    (affine,) = folded(*linear(scaled(X), X), checked=[scaled(X)])
    assert affine.inputs == (X,)
    assert affine.weights.tolist() == [[3.0]]
    assert affine.slack[0, 0] > 5 * 2


def test_consecutive_maps_become_one():
    inner = linear(X, Y, Z, weights=[[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]], intercept=[1.0, 0.0])
    (affine,) = folded(*linear(*inner), checked=[X, Y, Z])
    assert affine.inputs == (X, Y, Z)
    assert affine.weights.tolist() == [[2.0, 3.0, 1.0]]
    assert affine.intercept.tolist() == [2.25]


def test_maps_that_something_else_reads_are_kept():
    inner = linear(X, Y, Z, weights=[[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]], intercept=[1.0, 0.0])
    assert len(folded(*linear(*inner), inner[0], checked=[X, Y, Z])) == 2
    assert len(folded(*linear(*inner), checked=[X, Y, Z, inner[1]])) == 2
    assert len(folded(*linear(*inner), checked=[X, Y])) == 2


def test_maps_are_not_folded_into_more_products():
    narrow = linear(X, Y, Z, weights=[[1.0, 2.0, 0.5]], intercept=[1.0])
    wide = linear(*narrow, weights=[[1.0], [2.0], [3.0], [4.0]], intercept=[0.0, 0.0, 1.0, 1.0])
    assert len(folded(*wide, checked=[X, Y, Z])) == 2


@settings(derandomize=True, deadline=None, max_examples=100)
@given(program=affine_programs())
def test_outputs_stay_within_rounding(program):
    assert_close(program, fold_affine(program))
