import numpy as np
import pytest

from sqlops.ir import build
from sqlops.ir.nodes import Case, Constant

X = build.column("x", "double")


def test_equal_nodes_are_one_object():
    assert build.add(X, build.constant(1.0)) is build.add(build.column("x", "double"), build.constant(1))


def test_zero_and_minus_zero_are_two_constants():
    assert build.constant(0.0) is not build.constant(-0.0)


def test_true_and_one_are_two_constants():
    assert build.constant(True) is not build.constant(1.0)


def test_nan_is_the_missing_constant():
    assert build.constant(float("nan")) is build.MISSING
    assert build.constant(np.float64("nan")) is build.MISSING


def test_calls_over_constants_are_computed():
    folded = build.call("log", build.constant(0.0))
    assert isinstance(folded, Constant)
    assert folded.value == -np.inf
    assert build.call("log", build.constant(-1.0)) is build.MISSING
    assert build.call("equal", build.constant("a"), build.constant(None, "text")) is build.FALSE


def test_case_drops_branches_that_cannot_matter():
    one, two = build.constant(1.0), build.constant(2.0)
    condition = build.is_missing(X)
    assert build.case([(build.FALSE, one), (condition, two)], two) is two
    assert build.case([(build.TRUE, one), (condition, two)], two) is one
    kept = build.case([(condition, one), (build.TRUE, two), (build.FALSE, one)], one)
    assert isinstance(kept, Case)
    assert kept.branches == ((condition, one),)
    assert kept.default is two


def test_conditions_are_joined_once():
    condition = build.is_missing(X)
    assert build.all_of([condition, build.TRUE, condition]) is condition
    assert build.all_of([condition, build.FALSE]) is build.FALSE
    assert build.any_of([condition, build.FALSE]) is condition
    assert build.any_of([]) is build.FALSE


def test_lookup_of_a_constant_is_a_constant():
    found = build.lookup(build.constant("a"), {"a": 1.0}, missing=2.0, default=3.0, type_="double")
    assert found is build.constant(1.0)
    other = build.lookup(build.constant("b"), {"a": 1.0}, missing=2.0, default=3.0, type_="double")
    assert other is build.constant(3.0)


def test_wrong_number_of_arguments_is_refused():
    with pytest.raises(TypeError, match="add takes 2 arguments, not 1"):
        build.call("add", X)
