"""One-hot columns become tests of the categories of one column."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.nodes import Lookup, TreeEnsemble
from sqlops.ir.program import Program
from sqlops.passes.fold_categories import fold_categories
from tests.passes.programs import (
    INPUTS,
    TEXTS,
    S,
    T,
    X,
    Y,
    assert_same,
    encoded,
    ensembles,
    fill,
    number,
    one_hot,
    operators,
)
from tests.passes.trees import stumps


def folded(inputs, features, threshold=0.5, *, missing_left=False):
    """Return the ensemble of one stump per feature, after the pass."""
    before = stumps(inputs, [(feature, threshold) for feature in features], missing_left=missing_left)
    after = fold_categories(before)
    assert_same(before, after)
    (ensemble,) = operators(after, TreeEnsemble)
    return ensemble


def left_sets(ensemble):
    """Return the categories of each stump, and whether its children changed places."""
    roots = ensemble.roots
    numbers = ensemble.category_set[roots].tolist()
    swapped = (ensemble.left[roots] > ensemble.right[roots]).tolist()
    return [(ensemble.category_sets[number].tolist(), swap) for number, swap in zip(numbers, swapped, strict=True)]


def test_indicators_of_text_become_codes():
    ensemble = folded([one_hot(S, "p"), one_hot(S, "q"), one_hot(T, "p"), one_hot(T, "r"), X], [0, 1, 2, 3])
    codes = build.lookup(S, {"p": 1.0, "q": 2.0}, missing=0.0, default=0.0, type_="double")
    assert ensemble.inputs[0] is codes
    assert [type(x) for x in ensemble.inputs] == [Lookup, Lookup]
    assert left_sets(ensemble) == [([1.0], True), ([2.0], True)] * 2
    assert ensemble.known_categories[0].tolist() == [0.0, 1.0, 2.0]


def test_numbers_of_categories_split_at_many_thresholds_stay():
    shares = [
        build.lookup(S, {f"c{k}": float(k * sign) for k in range(8)}, missing=np.nan, default=-9.0, type_="double")
        for sign in (1, -1)
    ]
    for n_thresholds, kept in ((2, 1), (3, 2)):
        splits = [(feature, k + 0.5 - 8 * feature) for feature in (0, 1) for k in range(n_thresholds)]
        before = stumps(shares, splits)
        after = fold_categories(before)
        assert_same(before, after)
        assert len(operators(after, TreeEnsemble)[0].inputs) == kept


def test_numbers_stay_numbers():
    ensemble = folded([one_hot(X, 1.0), one_hot(X, 3.0), X], [0, 1, 2])
    assert ensemble.inputs == (X, X)
    assert ensemble.known_categories[1].tolist() == [1.0, 3.0]
    assert ensemble.known_categories[0] is None


def test_missing_may_be_a_category_of_its_own():
    hot = build.indicator(build.any_of([build.equal(X, 3.0), build.is_missing(X)]))
    ensemble = folded([one_hot(X, 1.0), hot], [0, 1])
    assert ensemble.inputs == (build.lookup(X, {1.0: 1.0, 3.0: 2.0}, missing=2.0, default=0.0, type_="double"),)


def test_infrequent_and_dropped_categories_share_codes():
    infrequent = build.indicator(build.negate(build.is_in(S, ["p", "q"])))
    ensemble = folded([one_hot(S, "q"), infrequent], [0, 1])
    assert ensemble.inputs == (build.lookup(S, {"q": 1.0, "p": 2.0}, missing=0.0, default=0.0, type_="double"),)


def test_an_imputer_before_the_encoder_disappears():
    filled = build.case([(build.is_missing(S), build.constant("q"))], S)
    ensemble = folded([one_hot(filled, "p"), one_hot(filled, "q")], [0, 1])
    assert ensemble.inputs == (build.lookup(S, {"p": 1.0, "q": 2.0}, missing=2.0, default=0.0, type_="double"),)


def test_codes_and_scaled_indicators_of_one_column_join():
    codes = build.lookup(S, {"p": 0.0, "r": 1.0}, missing=None, default=-1.0, type_="double")
    scaled = build.divide(build.subtract(one_hot(S, "q"), number(0.3)), number(0.1))
    ensemble = folded([codes, scaled], [0, 1], missing_left=True)
    assert len(ensemble.inputs) == 1


def test_single_inputs_and_other_columns_are_left_alone():
    for inputs in ([one_hot(S, "p"), one_hot(T, "p")], [fill(X), build.indicator(build.is_missing(X))], [X, Y]):
        assert folded(inputs, [0, 1]).inputs == tuple(inputs)


@st.composite
def encoded_trees(draw):
    inputs = [draw(encoded(key)) for key in draw(st.lists(st.sampled_from([S, T, X]), min_size=3, max_size=8))]
    return Program((*INPUTS, *TEXTS), tuple(zip("uv", ensembles(draw, inputs), strict=True)))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(program=encoded_trees())
def test_encoded_columns_keep_their_meaning(program):
    after = fold_categories(program)
    assert_same(program, after)
    for ensemble in operators(after, TreeEnsemble):
        assert all(np.isfinite(members).all() for members in ensemble.category_sets)
