"""Traversal, bitmasks and CASE give the evaluator's sums, bit for bit, on random ensembles."""

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest

from sqlops import emit
from sqlops.dialects.duckdb import DUCKDB
from sqlops.ir import build, trees
from sqlops.ir.program import Program
from sqlops.ir.trees import Tree, join
from sqlops.lowering import lower

INPUTS = tuple(build.column(name, "double") for name in "abcd")
KNOWN = np.arange(6.0)


def random_tree(rng, n_outputs, n_splits):
    """Return a tree that grew by splitting random leaves, on numbers and, the last input, on categories."""
    left, right = [-1], [-1]
    for _ in range(n_splits):
        leaf = rng.choice([node for node, child in enumerate(left) if child < 0])
        left[leaf], right[leaf] = len(left), len(left) + 1
        left += [-1, -1]
        right += [-1, -1]
    n = len(left)
    feature = rng.integers(0, 4, n)
    category_set = np.where((feature == 3) & (np.array(left) >= 0), np.cumsum(feature == 3) - 1, -1)
    sets = tuple(rng.choice(KNOWN, rng.integers(0, 6), replace=False) for _ in range((feature == 3).sum()))
    return Tree(
        feature=feature,
        threshold=rng.choice([-1.0, -0.5, 0.0, 0.3, 1.0, np.inf], n),
        left=np.array(left),
        right=np.array(right),
        missing_left=rng.random(n) < 0.5,
        value=rng.normal(size=(n, n_outputs)),
        category_set=category_set,
        category_sets=sets,
    )


def random_rows(rng, n):
    numbers = rng.choice([np.nan, -np.inf, np.inf, -1.0, -0.5, 0.0, 0.3, 1.0, np.nextafter(0.3, 1), 7.0], (n, 3))
    return np.column_stack([numbers, rng.choice([np.nan, 9.0, *KNOWN], n)])


@pytest.mark.parametrize("strategy", ["case", "bitmasks", "traversal"])
@pytest.mark.parametrize("seed", range(8))
def test_random_ensembles(strategy, seed):
    rng = np.random.default_rng(seed)
    n_outputs = 1 + seed % 3
    made = [random_tree(rng, n_outputs, int(rng.integers(0, 25))) for _ in range(int(rng.integers(1, 6)))]
    ensemble = join(made, INPUTS, rng.normal(size=n_outputs) * (seed % 2), [None, None, None, KNOWN])
    compare_in_duckdb(ensemble, random_rows(rng, 500), strategy)


@pytest.mark.parametrize("strategy", [None, "case", "bitmasks", "traversal"])
@pytest.mark.parametrize("n_trees", [0, 1])
def test_no_trees_and_a_tree_of_one_leaf(strategy, n_trees):
    rng = np.random.default_rng(0)
    ensemble = join([random_tree(rng, 2, 0)], INPUTS, [0.25, 0.0])
    ensemble = replace(ensemble, roots=ensemble.roots[:n_trees])
    compare_in_duckdb(ensemble, random_rows(rng, 3), strategy)


@pytest.mark.parametrize("strategy", ["case", "bitmasks", "traversal"])
@pytest.mark.parametrize("n_leaves", [62, 63, 64])
@pytest.mark.parametrize("single", [False, True])
def test_as_many_leaves_as_a_word_has_bits(strategy, n_leaves, single):
    rng = np.random.default_rng(n_leaves)
    made = [random_tree(rng, 1, n_leaves - 1), random_tree(rng, 1, 3), random_tree(rng, 1, n_leaves - 1)]
    values = [replace(tree, value=tree.value.astype(np.float32).astype(float)) for tree in made]
    ensemble = join(values, INPUTS, [0.25], [None, None, None, KNOWN], single=single)
    compare_in_duckdb(ensemble, random_rows(rng, 2_000), strategy)


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_trees_that_have_ended_leave_where_sums_are_exact(n_outputs):
    rng = np.random.default_rng(5)
    made = [random_tree(rng, n_outputs, 300) for _ in range(4)] + [random_tree(rng, n_outputs, 2)]
    whole = [replace(tree, value=np.rint(tree.value * 8) / 8) for tree in made]
    ensemble = join(whole, INPUTS, [0.5] * n_outputs, [None, None, None, KNOWN])
    compare_in_duckdb(ensemble, random_rows(rng, 500), "traversal")
    plan = lower(Program(INPUTS, (("p", build.elements(ensemble)[0]),)), DUCKDB, "traversal")
    assert any("list_filter" in column.text for stage in plan.stages for column in stage.columns)


def compare_in_duckdb(ensemble, rows, strategy):
    outputs = tuple((f"p{number}", expr) for number, expr in enumerate(build.elements(ensemble)))
    given = pd.DataFrame(rows, columns=list("abcd"))  # noqa: F841

    plan = lower(Program(INPUTS, outputs), DUCKDB, strategy)
    query = emit.select(plan, DUCKDB, emit.Source(emit.table("given", DUCKDB)))
    with duckdb.connect() as connection:
        got = np.column_stack(list(connection.sql(query.sql(dialect="duckdb")).fetchnumpy().values()))

    expected = trees.evaluate(ensemble, list(rows.T), len(rows))
    np.testing.assert_array_equal(got, expected)


def test_the_text_is_as_long_as_the_trees_are_deep():
    rng = np.random.default_rng(0)
    made = [random_tree(rng, 1, 200) for _ in range(50)]
    (total,) = build.elements(join(made, INPUTS, [0.0], [None, None, None, KNOWN]))
    plan = lower(Program(INPUTS, (("p", total),)), DUCKDB, "traversal")
    texts = [column.text for stage in plan.stages for column in stage.columns]
    step = "(_node.child | CAST(_v0[_node.slot] > _node.bound AS INTEGER))"
    assert texts[-1] == f"list_transform(_v19, lambda _node: _k0[{step}])"
    assert [text for text in texts[2:] if len(text) > 105] == []
