"""Steps between a column and the trees become splits of the column, for every double."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.evaluate import evaluate_from
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import Check, Program
from sqlops.passes.fold_thresholds import fold_thresholds
from tests.passes.programs import X, Y, assert_same, chains, clip, fill, number, operators, with_neighbours
from tests.passes.trees import stumps


def folded(value, thresholds, *, missing_left=False, checks=()):
    before = stumps([value], [(0, t) for t in thresholds], missing_left=missing_left)
    before = Program(before.inputs, before.outputs, tuple(Check(c, "step", "reason") for c in checks))
    after = fold_thresholds(before)
    assert_same(before, after)
    (ensemble,) = operators(after, TreeEnsemble)
    return ensemble


def scaled(value, mean=3.1, scale=0.7):
    return build.divide(build.subtract(value, number(mean)), number(scale))


def splits(ensemble):
    """Return, for each stump, the threshold, whether its children changed places, and the missing side."""
    roots = ensemble.roots
    swapped = ensemble.left[roots] > ensemble.right[roots]
    return list(
        zip(ensemble.threshold[roots].tolist(), swapped.tolist(), ensemble.missing_left[roots].tolist(), strict=True)
    )


def test_scaler_becomes_the_last_double_that_goes_left():
    ensemble = folded(scaled(X), [0.25, -1.0])
    assert ensemble.inputs == (X,)
    for (bound, swapped, missing_left), threshold in zip(splits(ensemble), [0.25, -1.0], strict=True):
        assert (swapped, missing_left) == (False, False)
        assert (bound - 3.1) / 0.7 <= threshold < (np.nextafter(bound, np.inf) - 3.1) / 0.7


def test_falling_steps_swap_the_children_and_the_missing_side():
    ensemble = folded(build.subtract(number(1.0), X), [0.25], missing_left=True)
    assert splits(ensemble) == [(np.nextafter(0.75, -np.inf), True, False)]


def test_imputer_becomes_the_missing_side():
    ensemble = folded(fill(X, 3.0), [2.0, 3.0, 4.0], missing_left=True)
    assert ensemble.inputs == (X,)
    assert splits(ensemble) == [(2.0, False, False), (3.0, False, True), (4.0, False, True)]


def test_scaled_imputed_column_and_its_indicator_read_one_column():
    before = stumps([scaled(fill(X)), build.indicator(build.is_missing(X))], [(1, 0.5)])
    (ensemble,) = operators(fold_thresholds(before), TreeEnsemble)
    assert ensemble.inputs == (X,)
    assert splits(ensemble) == [(np.inf, False, False)]
    assert_same(before, fold_thresholds(before))


def test_clipping_and_rounding():
    assert splits(folded(clip(X, -1.0, 1.0), [-2.0, -1.0, 0.5, 1.0])) == [
        (np.inf, True, True),
        (-1.0, False, False),
        (0.5, False, False),
        (np.inf, False, False),
    ]
    assert splits(folded(build.call("rint", X), [2.0])) == [(2.5, False, False)]
    assert splits(folded(build.call("floor", X), [2.0])) == [(np.nextafter(3.0, 0), False, False)]


def test_overflow_and_subnormals():
    assert splits(folded(build.multiply(X, number(1e300)), [np.finfo(float).max, np.inf])) == [
        (179769313.48623157, False, False),
        (np.inf, False, False),
    ]
    assert splits(folded(build.multiply(X, number(1e-300)), [0.0])) == [(2.4703282292062326e-24, False, False)]


@pytest.mark.parametrize("by", [0.0, -0.0, np.inf, -np.inf])
def test_degenerate_constants_are_left_alone(by):
    value = build.multiply(X, number(by))
    assert folded(value, [0.5]).inputs == (value,)


def test_functions_undefined_for_some_values_fold_where_a_check_refuses_these():
    value = build.call("log", X)
    assert folded(value, [0.0]).inputs == (value,)
    ensemble = folded(value, [0.0], checks=[build.is_finite(scaled(value))])
    assert ensemble.inputs == (X,)
    assert splits(ensemble) == [(1.0, False, False)]
    filled = fill(value)
    assert folded(filled, [0.0], checks=[build.is_finite(filled)]).inputs == (value,)


@pytest.mark.parametrize("name", ["exp", "expm1", "cbrt", "arctan", "sinh", "tanh", "arcsinh"])
def test_functions_that_libraries_round_fold_where_no_neighbour_contradicts(name):
    assert folded(build.call(name, scaled(X)), np.linspace(-0.9, 0.9, 50)).inputs == (X,)


def test_what_reads_two_columns_or_turns_is_left_alone():
    for value in (build.add(X, Y), build.call("absolute", X), build.call("square", X), build.divide(number(1.0), X)):
        assert folded(value, [0.5]).inputs == (value,)


@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    value=chains(X),
    thresholds=st.lists(st.floats(allow_nan=False), min_size=1, max_size=4),
    points=st.lists(st.floats(), max_size=20),
    missing_left=st.booleans(),
)
def test_splits_hold_for_every_double(value, thresholds, points, missing_left):
    values = evaluate_from(value, X, np.array([*points, 0.0])) if value.type == "double" else []
    near = [t for t in np.concatenate([thresholds, values]).tolist() if not np.isnan(t)]
    before = stumps([value], [(0, t) for t in near[:8]], missing_left=missing_left)
    after = fold_thresholds(before)
    given = np.array([*points, np.nan, np.inf, -np.inf, 0.0])
    given = np.concatenate([given, *(e.threshold for e in operators(after, TreeEnsemble))])
    assert_same(before, after, {"a": with_neighbours(given)})
