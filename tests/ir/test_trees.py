import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.trees import FLOAT32_LIMIT, Tree, depths, evaluate, float32_bounds, join, search_tree

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
            if abs(x) < FLOAT32_LIMIT:
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


def test_a_search_tree_finds_the_first_bound_that_is_not_below():
    for n in (0, 1, 2, 7, 100):
        bounds = np.arange(n) * 2.0
        tree = search_tree(build.column("x", "double"), bounds, np.arange(n + 1.0)[:, np.newaxis])
        x = np.concatenate([bounds, bounds - 1, [-5.0, 1e9]])
        assert evaluate(tree, [x], len(x))[:, 0].tolist() == np.searchsorted(bounds, x).tolist()
        assert depths(tree).max() <= np.ceil(np.log2(n + 1)) + 1
