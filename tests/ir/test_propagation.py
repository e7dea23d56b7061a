import numpy as np
import pytest

from sqlops.ir.operations import OPERATIONS
from sqlops.ir.propagation import call_error


@pytest.mark.parametrize(
    "name", ["add", "multiply", "divide", "square", "exp", "log", "sqrt", "tanh", "cos", "negative"]
)
def test_a_moved_argument_moves_the_result_by_no_more(name):
    operation = OPERATIONS[name]
    rng = np.random.default_rng(0)
    args = [rng.uniform(0.5, 3, 200) for _ in range(operation.arity)]
    passed = [rng.uniform(0, 1e-6, 200) for _ in args]
    value = operation.evaluate(*args)
    moved = operation.evaluate(*(arg + error for arg, error in zip(args, passed, strict=True)))
    assert (np.abs(moved - value) <= 1.01 * call_error(name, args, passed, value)).all()


def test_a_large_error_of_an_exponent_counts_only_where_it_reaches_up():
    exponent, passed = np.array([0.0, -1e30]), np.array([1e15, 1e14])
    bound = call_error("exp", [exponent], [passed], np.exp(exponent))
    assert bound[0] >= 1
    assert bound[1] < 1e-300
