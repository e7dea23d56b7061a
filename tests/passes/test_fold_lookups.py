"""Encoded columns of linear models become one lookup for each source column and output."""

import numpy as np
from hypothesis import given, settings

from sqlops.ir import build
from sqlops.ir.nodes import Affine, Lookup
from sqlops.ir.program import Program
from sqlops.passes.fold_lookups import fold_lookups
from tests.passes.programs import (
    INPUTS,
    TEXTS,
    S,
    T,
    X,
    affine_programs,
    assert_close,
    assert_same,
    number,
    one_hot,
    operators,
)


def folded(inputs, weights, intercept=(0.5,)):
    outputs = build.affine(inputs, np.array(weights), np.array(intercept))
    before = Program((*INPUTS, *TEXTS), tuple((f"p{n}", value) for n, value in enumerate(outputs)))
    after = fold_lookups(before)
    assert_close(before, after)
    (affine,) = operators(after, Affine)
    return affine


def lookup(key, entries, missing=0.0, default=0.0):
    return build.lookup(key, entries, missing=missing, default=default, type_="double")


def test_one_hots_become_lookups_of_their_weights():
    inputs = [one_hot(S, "p"), X, one_hot(S, "q"), one_hot(T, "r"), one_hot(T, "q")]
    affine = folded(inputs, [[1.0, 9.0, -2.5, 3.0, 0.0]])
    assert affine.inputs == (X, lookup(S, {"p": 1.0, "q": -2.5}), lookup(T, {"r": 3.0}))
    assert affine.weights.tolist() == [[9.0, 1.0, 1.0]]


def test_there_is_a_lookup_for_each_output_that_reads_it():
    hot = [one_hot(S, value) for value in "pqr"]
    affine = folded([*hot, X], [[1.0, 2.0, 3.0, 0.0], [4.0, 5.0, 6.0, 1.0], [0.0, 0.0, 0.0, 1.0]], [0.0, 0.0, 1.0])
    assert affine.inputs == (X, lookup(S, {"p": 1.0, "q": 2.0, "r": 3.0}), lookup(S, {"p": 4.0, "q": 5.0, "r": 6.0}))
    assert affine.weights.tolist() == [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_more_outputs_than_columns_are_left_alone():
    hot = [one_hot(S, value) for value in "pq"]
    assert folded(hot, np.ones((3, 2)), np.ones(3)).inputs == tuple(hot)


def test_infrequent_missing_and_scaled_columns():
    rest = build.indicator(build.negate(build.is_in(S, ["p", "q"])))
    gone = build.indicator(build.is_missing(S))
    scaled = build.divide(build.subtract(one_hot(S, "p"), number(0.5)), number(0.25))
    affine = folded([scaled, rest, gone], [[1.0, 2.0, 4.0]])
    assert affine.inputs == (lookup(S, {"p": 2.0, "q": -2.0}, missing=4.0, default=0.0),)


def test_codes_that_may_be_missing_stay():
    code = build.lookup(S, {"p": 0.0, "q": 1.0}, missing=None, default=None, type_="double")
    affine = folded([code, one_hot(S, "p"), one_hot(S, "q")], [[1.0, 2.0, 3.0]])
    assert affine.inputs == (code, lookup(S, {"p": 2.0, "q": 3.0}))


def test_cancelling_columns_keep_their_rounding():
    inputs = [build.add(one_hot(S, value), number(1e3)) for value in "pq"]
    affine = folded(inputs, [[1.0, -1.0]])
    assert affine.inputs == (lookup(S, {"p": 1.0, "q": -1.0}),)
    assert affine.slack[0, -1] > 1e3


def test_ten_thousand_categories():
    values = [f"category {n}" for n in range(10_000)]
    affine = folded([one_hot(S, value) for value in values], [np.arange(10_000.0)])
    (expr,) = affine.inputs
    assert isinstance(expr, Lookup)
    assert dict(expr.entries) == {value: float(n) for n, value in enumerate(values) if n}


def test_numbers_are_keys_too():
    hot = [one_hot(X, 1.0), one_hot(X, 3.0)]
    before = Program((*INPUTS, *TEXTS), (("p", build.affine(hot, np.array([[1.0, 2.0]]), np.zeros(1))[0]),))
    after = fold_lookups(before)
    assert_same(before, after)
    assert operators(after, Affine)[0].inputs == (lookup(X, {1.0: 1.0, 3.0: 2.0}),)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(program=affine_programs())
def test_outputs_stay_within_rounding(program):
    assert_close(program, fold_lookups(program))
