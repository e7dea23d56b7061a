import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.program import Program
from sqlops.ir.rounding import rounding_bounds
from sqlops.ir.trees import FLOAT32_LIMIT, Tree, depths, float32_bounds, join

THRESHOLDS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(width=32, allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1e-45, -1e-45, 1e-310, 3.4028234663852886e38, -3.4028234663852886e38, 1e39, -1e39]),
)


@settings(derandomize=True, deadline=None, max_examples=500)
@given(THRESHOLDS)
def test_float32_bounds_are_the_exact_doubles(threshold):
    bound = float32_bounds(np.array([threshold]))[0]
    near = [bound, threshold, np.float64(np.float32(np.clip(threshold, -3.4e38, 3.4e38)))]
    for value in near:
        with np.errstate(over="ignore"):
            around = (value, np.nextafter(value, -np.inf), np.nextafter(value, np.inf))
            for x in around:
                assert (float(np.float32(x)) <= threshold) == (x <= bound), (threshold, bound, x)


def test_float32_limit_is_the_first_double_that_overflows():
    with np.errstate(over="ignore"):
        assert np.isinf(np.float32(FLOAT32_LIMIT))
    assert np.isfinite(np.float32(np.nextafter(FLOAT32_LIMIT, 0)))


def chain(depth):
    """Return a tree that is one long chain: every right child is a leaf."""
    n_nodes = 2 * depth + 1
    left, right = np.full(n_nodes, -1), np.full(n_nodes, -1)
    left[: 2 * depth : 2] = np.arange(2, 2 * depth + 1, 2)
    right[: 2 * depth : 2] = np.arange(1, 2 * depth, 2)
    return Tree(
        feature=np.zeros(n_nodes, dtype=np.int32),
        threshold=-np.arange(n_nodes, dtype=float),
        left=left.astype(np.int32),
        right=right.astype(np.int32),
        missing_left=np.arange(n_nodes) % 3 == 0,
        value=np.arange(n_nodes, dtype=float)[:, np.newaxis],
    )


def test_depths_of_a_chain():
    ensemble = join([chain(3000), chain(2)], [], [0.0])
    assert depths(ensemble).max() == 3000
    assert depths(ensemble)[ensemble.roots].tolist() == [0, 0]


def leaf(value):
    return Tree(*(np.full(1, x) for x in (0, 0.0, -1, -1, False)), value=np.array([[value]]))


def test_sums_in_float32_are_those_of_float32_numbers():
    values = np.random.default_rng(0).normal(size=200).astype(np.float32)
    total = np.float32(152.13)
    for value in values:
        total = total + value
    leaves = [leaf(float(value)) for value in values]
    (score,) = build.elements(join(leaves, [], [float(np.float32(152.13))], single=True))
    program = Program((), (("score", score),))
    assert total != np.float32(np.float64(np.float32(152.13)) + values.astype(float).sum())
    assert evaluate(program, {}, 1)["score"][0] == total
    assert rounding_bounds(program, {}, 1)["score"][0] == 0


def test_rounding_to_float32_can_move_what_is_not_exact_by_a_unit_of_float32():
    x = build.column("x", "double")
    program = Program((x,), (("exact", build.call("float32", x)), ("not", build.call("float32", build.call("exp", x)))))
    columns = {"x": np.array([-1 / 3, 1e300, np.nan])}
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(evaluate(program, columns, 3)["exact"], columns["x"].astype(np.float32))
    bounds = rounding_bounds(program, columns, 3)
    assert bounds["exact"][0] == 0
    assert 2.0**-26 < bounds["not"][0] < 2.0**-21
