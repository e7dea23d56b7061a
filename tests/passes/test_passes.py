"""Every pass keeps a Program's meaning: random Programs before and after, through the evaluator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import Check, Program, walk
from sqlops.ir.trees import Tree, join
from sqlops.passes import PASSES
from sqlops.passes.drop_implied_checks import drop_implied_checks
from sqlops.passes.merge_equal_leaves import merge_equal_leaves

INPUTS = tuple(build.column(name, "double") for name in "abc")
VALUES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e308, -1e308, np.inf, -np.inf, np.nan])
X = INPUTS[0]


@st.composite
def random_trees(draw):
    depth = draw(st.integers(0, 4))
    n_nodes = 2 ** (depth + 1) - 1
    inner = np.arange(n_nodes) < 2**depth - 1
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Tree(
        feature=np.where(inner, rng.integers(0, 3, n_nodes), 0).astype(np.int32),
        threshold=rng.choice(VALUES[:6], n_nodes),
        left=np.where(inner, 2 * np.arange(n_nodes) + 1, -1).astype(np.int32),
        right=np.where(inner, 2 * np.arange(n_nodes) + 2, -1).astype(np.int32),
        missing_left=rng.random(n_nodes) < 0.5,
        value=rng.choice([0.0, -0.0, 1.0, 2.0], (n_nodes, 2)),
    )


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*INPUTS, build.constant(2.0), build.constant(-0.5), build.MISSING]))
    name = draw(st.sampled_from(["add", "subtract", "multiply", "divide", "case", "fill", "tree", "affine"]))
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    if name == "case":
        return build.case([(build.call("less", left, right), left)], right)
    if name == "fill":
        return build.case([(build.is_missing(left), build.constant(3.0))], left)
    if name == "tree":
        trees = draw(st.lists(random_trees(), min_size=1, max_size=3))
        return build.elements(join(trees, [left, right, X], [0.5, -0.5]))[draw(st.integers(0, 1))]
    if name == "affine":
        return build.affine([left, right], np.array([[2.0, 0.0]]), np.array([1.0]))[0]
    return build.call(name, left, right)


@st.composite
def programs(draw):
    outputs = draw(st.lists(expressions(), min_size=1, max_size=3))
    checks = []
    for expr in draw(st.lists(expressions(), max_size=4)):
        finite = build.is_finite(expr)
        condition = build.any_of([build.is_missing(expr), finite]) if draw(st.booleans()) else finite
        checks.append(Check(condition, "step", "reason"))
    return Program(INPUTS, tuple((f"out{n}", expr) for n, expr in enumerate(outputs)), tuple(checks))


@pytest.mark.parametrize("rewrite", PASSES, ids=lambda rewrite: rewrite.__name__)
@settings(derandomize=True, deadline=None, max_examples=150)
@given(program=programs())
def test_pass_keeps_the_meaning(rewrite, program):
    rng = np.random.default_rng(0)
    columns = {name: rng.choice(VALUES, 200) for name in "abc"}
    before, after = evaluate(program, columns, 200), evaluate(rewrite(program), columns, 200)
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values)


def check(condition):
    return Check(condition, "step", "reason")


def test_checks_of_scaled_and_imputed_columns_are_dropped():
    either = build.any_of([build.is_missing(X), build.is_finite(X)])
    scaled = build.divide(build.subtract(X, build.constant(3.0)), build.constant(2.0))
    imputed = build.case([(build.is_missing(X), build.constant(1.0))], X)
    kept = drop_implied_checks(Program(INPUTS, (), (check(either), check(build.is_finite(scaled)))))
    assert [c.accepts for c in kept.checks] == [build.is_finite(scaled)]
    kept = drop_implied_checks(Program(INPUTS, (), (check(either), check(build.is_finite(imputed)))))
    assert [c.accepts for c in kept.checks] == [either]


def test_leaves_of_equal_value_are_merged_upwards():
    tree = Tree(
        feature=np.zeros(7, dtype=np.int32),
        threshold=np.arange(7.0),
        left=np.array([1, 3, 5, -1, -1, -1, -1], dtype=np.int32),
        right=np.array([2, 4, 6, -1, -1, -1, -1], dtype=np.int32),
        missing_left=np.zeros(7, dtype=bool),
        value=np.array([[0], [0], [0], [1.0], [1.0], [1.0], [2.0]]),
    )
    (total,) = build.elements(join([tree, tree], [X], [0.0]))
    after = merge_equal_leaves(Program(INPUTS, (("p", total),)))
    (ensemble,) = (node for node in walk(after.roots()) if isinstance(node, TreeEnsemble))
    assert ensemble.left.tolist() == [1, -1, 3, -1, -1, 6, -1, 8, -1, -1]
    assert ensemble.roots.tolist() == [0, 5]
    assert ensemble.value[ensemble.left < 0, 0].tolist() == [1, 1, 2, 1, 1, 2]
