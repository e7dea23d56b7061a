"""Checks of computed values become bounds of columns."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.program import Check, Program
from sqlops.ir.trees import FLOAT32_LIMIT
from sqlops.passes.simplify_checks import simplify_checks
from tests.passes.programs import INPUTS, TEXTS, S, X, Y, assert_same, chains, clip, encoded, fill, number, one_hot

LIMIT = number(FLOAT32_LIMIT)


def fits(value):
    return build.call("less", build.call("absolute", value), LIMIT)


def either(value, condition=build.is_finite):
    return build.any_of([build.is_missing(value), condition(value)])


def simplified(*conditions):
    checks = tuple(Check(condition, "step", f"reason {n}") for n, condition in enumerate(conditions))
    before = Program((*INPUTS, *TEXTS), (("p", number(1.0)),), checks)
    after = simplify_checks(before)
    assert_same(before, after)
    return [check.accepts for check in after.checks]


def scaled(value, scale=2.0):
    return build.divide(build.subtract(value, number(3.0)), number(scale))


def test_scaled_columns_are_asked_to_be_finite():
    assert simplified(build.is_finite(scaled(X))) == [build.is_finite(X)]
    assert simplified(either(X), build.is_finite(scaled(X))) == [build.is_finite(X)]
    assert simplified(either(scaled(X)), build.is_finite(Y)) == [either(X), build.is_finite(Y)]


def test_overflow_stays_refused():
    (condition,) = simplified(build.is_finite(scaled(X, 1e-10)))
    limit = float(condition.args[1].value)
    assert condition is build.call("less_equal", build.call("absolute", X), number(limit))
    assert np.isfinite(limit / 1e-10)
    with np.errstate(over="ignore"):
        assert np.isinf(np.nextafter(limit, np.inf) / 1e-10)


def test_imputed_columns_may_be_missing():
    assert simplified(build.is_finite(fill(X))) == [either(X)]
    assert simplified(either(X), build.is_finite(fill(X)), build.is_finite(scaled(fill(X)))) == [either(X)]


def test_the_narrowest_check_of_a_column_is_left():
    (condition,) = simplified(either(X), fits(X), build.is_finite(X), either(X, fits))
    below = float(np.nextafter(FLOAT32_LIMIT, 0))
    assert condition is build.call("less_equal", build.call("absolute", X), number(below))


def test_what_always_holds_is_dropped():
    assert simplified(build.is_finite(one_hot(S, "p")), fits(scaled(one_hot(X, 1.0)))) == []
    code = build.lookup(S, {"p": 0.0}, missing=None, default=-1.0, type_="double")
    assert simplified(either(code)) == []
    assert simplified(build.is_finite(code)) == [build.is_finite(code)]


def test_clipped_columns_must_not_be_missing():
    assert simplified(build.is_finite(clip(X, -1.0, 1.0))) == [build.negate(build.is_missing(X))]


def test_undefined_values():
    logarithm = build.call("log", X)
    (condition,) = simplified(build.is_finite(logarithm))
    assert condition is build.all_of(
        [
            build.call("greater_equal", X, number(5e-324)),
            build.call("less_equal", X, number(np.finfo(float).max)),
        ]
    )
    assert simplified(either(logarithm)) == [either(logarithm)]
    assert simplified(build.is_finite(fill(logarithm))) == [either(logarithm)]


@settings(derandomize=True, deadline=None, max_examples=100)
@given(data=st.data())
def test_rows_that_pass_stay_the_same(data):
    kinds = [build.is_finite, fits, either, lambda value: either(value, fits)]
    values = [data.draw(st.one_of(chains(X), encoded(S), encoded(X))) for _ in range(data.draw(st.integers(1, 4)))]
    simplified(*(data.draw(st.sampled_from(kinds))(value) for value in values))
