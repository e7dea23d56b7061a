"""The form of an ensemble follows its size."""

from dataclasses import replace

import numpy as np
import pytest

from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.duckdb import DUCKDB
from sqlops.ir import build
from sqlops.ir.trees import Tree, join
from sqlops.lowering.bitmasks import words_of
from sqlops.lowering.costs import cheapest

INPUTS = tuple(build.column(f"x{number}", "double") for number in range(20))


def ensemble(n_trees, depth, n_outputs=1):
    """Return complete trees with random values, thresholds and inputs."""
    rng = np.random.default_rng(0)
    n = 2 ** (depth + 1) - 1
    node = np.arange(n)
    is_leaf = node >= 2**depth - 1
    trees = [
        Tree(
            feature=rng.integers(0, 20, n),
            threshold=rng.normal(size=n).round(1),
            left=np.where(is_leaf, -1, 2 * node + 1),
            right=np.where(is_leaf, -1, 2 * node + 2),
            missing_left=np.zeros(n, dtype=bool),
            value=rng.normal(size=(n, n_outputs)),
        )
        for _ in range(n_trees)
    ]
    return join(trees, INPUTS, np.zeros(n_outputs))


@pytest.mark.parametrize(
    ("n_trees", "depth", "strategy"),
    [(1, 2, "case"), (20, 3, "case"), (200, 4, "bitmasks"), (100, 8, "traversal"), (3, 12, "traversal")],
)
def test_duckdb(n_trees, depth, strategy):
    made = ensemble(n_trees, depth)
    assert cheapest(made, (0,), DUCKDB.tree_costs, words_of(made)) == strategy


def test_outputs_and_costs_count():
    few, many = ensemble(60, 5), ensemble(60, 5, n_outputs=8)
    costs = TreeCosts(
        branch=0.0, node=1.0, level=15.0, slot=0.0, reach=0.0, search=0.0, word=0.0, leaf=50.0, value=10.0
    )
    assert cheapest(few, (0,), costs, words_of(few)) == "bitmasks"
    assert cheapest(few, (0,), replace(costs, node=0.1), words_of(few)) == "case"
    assert cheapest(few, (0,), replace(costs, node=9.0, leaf=99.0), words_of(few)) == "traversal"
    assert cheapest(many, tuple(range(8)), costs, words_of(many)) == "bitmasks"


def test_a_traversal_of_long_rows_costs_more():
    grown = ensemble(2, 9)
    assert cheapest(grown, (0,), DUCKDB.tree_costs, None) == "traversal"
    assert cheapest(grown, (0,), replace(DUCKDB.tree_costs, slot=200.0), None) == "case"
    assert cheapest(grown, (0,), replace(DUCKDB.tree_costs, reach=10.0), None) == "case"


def test_trees_of_more_leaves_than_a_word_has_bits():
    assert words_of(ensemble(2, 7)) is None
    assert words_of(ensemble(2, 6)).word.tolist() == [0, 1]
    assert words_of(ensemble(2, 5)).word.tolist() == [0, 1]
    assert words_of(ensemble(4, 4)).shift.tolist() == [0, 16, 32, 0]


def test_trees_that_read_the_same_inputs_share_a_word():
    def stump(feature):
        return Tree(
            feature=np.array([feature, 0, 0]),
            threshold=np.zeros(3),
            left=np.array([1, -1, -1]),
            right=np.array([2, -1, -1]),
            missing_left=np.zeros(3, dtype=bool),
            value=np.arange(3.0)[:, np.newaxis],
        )

    alternating = join([stump(number % 2) for number in range(62)], INPUTS, np.zeros(1))
    assert words_of(alternating).word.tolist() == [0, 1] * 31
    one_after_the_other = join([stump(number // 31) for number in range(62)], INPUTS, np.zeros(1))
    assert words_of(one_after_the_other).word.tolist() == [0] * 31 + [1] * 31
