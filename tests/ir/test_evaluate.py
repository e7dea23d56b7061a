import numpy as np
from scipy.special import expit, softmax
from sklearn.utils._array_api import _logsumexp

from sqlops.ir import build, trees
from sqlops.ir.evaluate import evaluate
from sqlops.ir.program import Check, Program, walk
from sqlops.ir.trees import Tree, join

X, Y, T = build.column("x", "double"), build.column("y", "double"), build.column("t", "text")
NUMBERS = np.array([-800.0, -1.5, -0.0, 0.0, 2.5, 800.0, np.nan, np.inf, -np.inf])


def run(expr, **columns):
    n_rows = len(next(iter(columns.values())))
    program = Program((X, Y, T), (("out", expr),))
    return evaluate(program, columns, n_rows)["out"]


def texts(*values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def test_a_comparison_with_missing_is_false():
    for name in ("less", "less_equal", "greater", "greater_equal", "equal"):
        got = run(build.indicator(build.call(name, X, build.constant(0.0))), x=np.array([np.nan]))
        assert got.tolist() == [0.0]


def test_not_of_a_comparison_with_missing_is_true():
    condition = build.negate(build.call("less", X, build.constant(0.0)))
    assert run(build.indicator(condition), x=np.array([np.nan, -1.0, 1.0])).tolist() == [1.0, 0.0, 1.0]


def test_sigmoid_and_softmax_neither_overflow_nor_lose_digits():
    finite = NUMBERS[np.isfinite(NUMBERS)]
    # Four units in the last place: the same formula, with another exp.
    np.testing.assert_allclose(run(build.sigmoid(X), x=finite), expit(finite), rtol=1e-15)
    scores = np.column_stack([finite, finite[::-1]])
    first, _ = build.softmax((X, Y))
    np.testing.assert_allclose(run(first, x=scores[:, 0], y=scores[:, 1]), softmax(scores, axis=1)[:, 0], rtol=1e-15)


def test_first_maximum_breaks_ties_as_argmax():
    label = build.first_maximum((X, Y), ("a", "b"), "text")
    got = run(label, x=np.array([1.0, 2.0, 1.0]), y=np.array([1.0, 1.0, 2.0]))
    assert got.tolist() == ["a", "a", "b"]


def test_lookup_tells_missing_from_unseen():
    expr = build.lookup(T, {"a": 1.0, "b": None}, missing=2.0, default=3.0, type_="double")
    got = run(expr, t=texts("a", "b", None, "c"))
    np.testing.assert_array_equal(got, [1.0, np.nan, 2.0, 3.0])


def test_a_failed_check_empties_every_output():
    check = Check(build.is_finite(X), "scaler", "x is missing or infinite")
    program = Program((X,), (("number", X), ("label", build.constant("a"))), (check,))
    got = evaluate(program, {"x": np.array([1.0, np.inf])}, 2)
    np.testing.assert_array_equal(got["number"], [1.0, np.nan])
    assert got["label"].tolist() == ["a", None]


def test_sums_go_from_left_to_right():
    terms = [X, build.constant(1.0), build.constant(-1e16)]
    assert run(build.sum_of(terms), x=np.array([1e16])).tolist() == [(1e16 + 1.0) - 1e16]


def split(missing_left, category_set=-1):
    """Return a tree with one split of the first input at 0.5, or by a set of categories."""
    return Tree(
        feature=np.array([0, 0, 0], dtype=np.int32),
        threshold=np.array([0.5, 0.0, 0.0]),
        left=np.array([1, -1, -1], dtype=np.int32),
        right=np.array([2, -1, -1], dtype=np.int32),
        missing_left=np.array([missing_left, False, False]),
        value=np.array([[0.0], [10.0], [20.0]]),
        category_set=np.array([category_set, -1, -1], dtype=np.int32),
        category_sets=(np.array([1.0, 3.0]),) if category_set >= 0 else (),
    )


def test_trees_route_missing_to_the_learned_side():
    ensemble = join([split(True), split(False)], [X], [100.0])
    (total,) = build.elements(ensemble)
    got = run(total, x=np.array([0.5, np.nextafter(0.5, 1), np.nan]))
    assert got.tolist() == [120.0, 140.0, 130.0]
    assert trees.find_leaves(ensemble, 3, np.array([[np.nan]])).tolist() == [5]


def test_trees_route_unknown_categories_as_missing():
    ensemble = join([split(True, 0), split(False, 0)], [X], [0.0], [np.array([1.0, 2.0, 3.0])])
    (total,) = build.elements(ensemble)
    got = run(total, x=np.array([1.0, 2.0, 7.0, np.nan]))
    assert got.tolist() == [20.0, 40.0, 30.0, 30.0]


def test_walk_does_not_recurse():
    expr = X
    for _ in range(50_000):
        expr = build.add(expr, Y)
    assert sum(1 for _ in walk([expr])) == 50_002


def test_sigmoid_is_zero_from_where_that_of_scipy_is():
    for values in (np.linspace(-720, -700, 201), np.linspace(-95, -85, 101, dtype=np.float32)):
        single = values.dtype == np.float32
        got = run(build.sigmoid(X, single=single), x=values.astype(float))
        assert ((got == 0) == (expit(values) == 0)).all()
        assert (got == 0).any()
        assert (got > 0).any()


def test_log_sum_exp_of_ties_and_infinities():
    rows = np.array([[-1e15, -1e15], [0.0, -800.0], [3.0, 3.0], [-np.inf, 1.0], [-np.inf, -np.inf], [np.inf, 1.0]])
    with np.errstate(all="ignore"):
        expected = _logsumexp(rows, axis=1)
    got = run(build.log_sum_exp([X, Y]), x=rows[:, 0], y=rows[:, 1])
    np.testing.assert_allclose(got, expected, rtol=1e-15)
    assert np.isnan(run(build.log_sum_exp([X, Y]), x=np.array([np.nan]), y=np.array([1.0]))).all()
