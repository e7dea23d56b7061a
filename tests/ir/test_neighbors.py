"""What the operators of neighbours compute, and for which rows rounding can decide."""

from itertools import combinations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.metrics import DistanceMetric

from sqlops.ir import build, metrics
from sqlops.ir.evaluate import evaluate
from sqlops.ir.metrics import BOOLEAN, WEIGHTED
from sqlops.ir.neighbors import Neighbors
from sqlops.ir.program import Check, Program
from sqlops.ir.rounding import rounding_bounds

A, B = build.column("a", "double"), build.column("b", "double")
NO_FLOORS = np.empty(0)


@pytest.mark.parametrize("metric", ["euclidean", "sqeuclidean", "cityblock", "chebyshev", "canberra", "braycurtis"])
def test_distances_are_those_of_scipy(metric):
    rng = np.random.default_rng(0)
    rows, references = rng.random((9, 4)), rng.random((11, 4))
    ours = "manhattan" if metric == "cityblock" else metric
    np.testing.assert_allclose(
        metrics.distances(ours, 2.0, rows, references), cdist(rows, references, metric), rtol=1e-13
    )


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "canberra", "braycurtis", "minkowski", "haversine"])
def test_stepped_distances_are_those_of_the_library_in_float32(metric):
    rng = np.random.default_rng(0)
    width = 2 if metric == "haversine" else 5
    rows, references = (rng.random((n, width)).astype(np.float32) for n in (40, 50))
    theirs = DistanceMetric.get_metric(metric, np.float32, **({"p": 3} if metric == "minkowski" else {}))
    ours = metrics.distances(metric, 3.0, rows.astype(float), references.astype(float), "stepped")
    np.testing.assert_array_equal(ours.astype(np.float32), theirs.pairwise(rows, references))


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "canberra", "braycurtis"])
def test_what_is_added_in_order_has_no_error(metric):
    rng = np.random.default_rng(0)
    rows, references = rng.random((9, 4)), rng.random((11, 4))
    found = metrics.distances(metric, 2.0, rows, references)
    np.testing.assert_array_equal(found, DistanceMetric.get_metric(metric).pairwise(rows, references))
    arguments = metric, 2.0, rows, np.zeros_like(rows), references, found
    assert not metrics.errors(*arguments, cancels=False, arithmetic="ordered").any()
    assert metrics.errors(*arguments, cancels=False, arithmetic="double").all()


@pytest.mark.parametrize("metric", BOOLEAN)
def test_boolean_distances_are_those_of_scipy(metric):
    rng = np.random.default_rng(0)
    rows, references = rng.random((9, 6)) < 0.5, rng.random((11, 6)) < 0.5
    ours = metrics.distances(metric, 2.0, rows.astype(float), references.astype(float))
    np.testing.assert_allclose(ours, cdist(rows, references, metric), rtol=1e-13)


@pytest.mark.parametrize("metric", WEIGHTED)
@pytest.mark.parametrize("width", [5, 80])
def test_weighted_distances_are_those_of_scipy(metric, width):
    rng = np.random.default_rng(0)
    rows, references = (rng.integers(-3, 4, (n, width)).astype(float) for n in (40, 50))
    weights = rng.random(width)
    theirs = {"manhattan": "cityblock", "braycurtis_of_sums": "braycurtis"}.get(metric, metric)
    if metric in BOOLEAN:
        rows, references = (values > 0 for values in (rows, references))
    if metric == "braycurtis":
        rows, references = np.abs(rows), np.abs(references)
    with np.errstate(invalid="ignore"):
        ours = metrics.distances(metric, 2.0, rows.astype(float), references.astype(float), weights=weights)
        found = cdist(rows, references, theirs, w=weights)
    if metric == "braycurtis" and width == 80:
        np.testing.assert_allclose(ours, found, rtol=1e-14)
    else:
        np.testing.assert_array_equal(ours, found)


@pytest.mark.parametrize("metric", WEIGHTED)
def test_weighted_distances_in_order_have_no_error_up_to_so_many_columns(metric):
    rng = np.random.default_rng(0)
    for width in (5, 80):
        rows, references = (rng.integers(0, 2, (9, width)).astype(float) for _ in range(2))
        weights = rng.random(width)
        with np.errstate(invalid="ignore"):
            found = metrics.distances(metric, 2.0, rows, references, weights=weights)
            errors = metrics.errors(
                metric, 2.0, rows, np.zeros_like(rows), references, found,
                cancels=False, arithmetic="ordered", weights=weights,
            )  # fmt: skip
        assert errors.any() == (width == 80)


def bounds(references, labels, rows, **options):
    values = np.eye(2)[labels]
    operator = Neighbors((A, B), np.array(references, float), values, np.array([2]), NO_FLOORS, **options)
    share, _, winner, _ = build.elements(operator)
    program = Program((A, B), (("share", share), ("winner", winner)))
    columns = {"a": np.array([row[0] for row in rows], float), "b": np.array([row[1] for row in rows], float)}
    return evaluate(program, columns, len(rows)), rounding_bounds(program, columns, len(rows))


CORNERS = [(1, 0), (-1, 0), (0, 3), (0, -5)]


def test_a_tie_between_different_labels_excuses_the_row():
    got, error = bounds(CORNERS, [0, 1, 0, 1], [(0, 0), (0.1, 0)], n_neighbors=1)
    assert np.isinf(error["winner"]).tolist() == [True, False]
    assert got["winner"].tolist() == [0.0, 0.0]


def test_a_tie_between_equal_labels_excuses_nothing():
    _, error = bounds(CORNERS, [1, 1, 0, 0], [(0, 0)], n_neighbors=1)
    assert error["winner"].tolist() == [0.0]


def test_a_tie_that_cannot_outvote_the_winner_excuses_the_share_only():
    far = [*CORNERS, (0.1, 0), (0.2, 0)]
    _, error = bounds(far, [0, 1, 0, 1, 0, 0], [(0, 0)], n_neighbors=3)
    assert np.isinf(error["share"]).all()
    assert error["winner"].tolist() == [0.0]


@pytest.mark.parametrize("seed", range(20))
def test_a_winner_is_excused_just_where_some_choice_among_the_tied_makes_another(seed):
    rng = np.random.default_rng(seed)
    distances, labels = rng.integers(1, 4, size=7), rng.integers(0, 2, size=7)
    k = int(rng.integers(1, 6))
    _, error = bounds([(d, 0) for d in distances], labels, [(0, 0)], n_neighbors=k)
    last = np.sort(distances)[k - 1]
    sure, tied = labels[distances < last], labels[distances == last]
    choices = combinations(tied.tolist(), k - len(sure))
    winners = {int(np.argmax(np.bincount([*sure, *choice], minlength=2))) for choice in choices}
    assert np.isinf(error["winner"]).tolist() == [len(winners) > 1]


def test_a_tie_within_the_neighbours_excuses_nothing():
    _, error = bounds(CORNERS, [0, 1, 0, 1], [(0, 0)], n_neighbors=2)
    assert error["winner"].tolist() == [0.0]


def test_votes_by_distance_can_be_level():
    _, error = bounds(CORNERS, [0, 1, 0, 1], [(0, 0), (0.1, 0)], n_neighbors=2, by_distance=True)
    assert np.isinf(error["winner"]).tolist() == [True, False]
    assert np.isfinite(error["share"]).all()


def test_only_rows_at_distance_zero_count():
    got, error = bounds([(0, 0), (0, 0), (1, 1)], [0, 0, 1], [(0, 0)], n_neighbors=3, by_distance=True)
    assert got["share"].tolist() == [1.0]
    assert np.isfinite(error["share"]).all()


def test_a_row_on_the_radius_is_excused():
    _, error = bounds(CORNERS, [0, 1, 1, 1], [(0, 0), (0.5, 0)], n_neighbors=0, radius=3.0)
    assert np.isinf(error["winner"]).tolist() == [True, False]


def test_a_row_on_the_radius_that_cannot_change_the_winner_excuses_its_share_only():
    _, error = bounds(CORNERS, [0, 1, 0, 1], [(0, 0)], n_neighbors=0, radius=3.0)
    assert np.isinf(error["share"]).all()
    assert error["winner"].tolist() == [0.0]


def test_a_row_on_the_radius_that_may_be_the_only_one_excuses_all():
    _, error = bounds(CORNERS, [0, 0, 0, 0], [(4, 0)], n_neighbors=0, radius=3.0)
    assert np.isinf(error["share"]).all()
    assert np.isinf(error["winner"]).all()


def test_distances_that_overflow_excuse_the_row():
    _, error = bounds(CORNERS, [0, 1, 0, 1], [(1e300, 0)], n_neighbors=1)
    assert np.isinf(error["winner"]).all()


def test_what_cancels_in_the_library_is_bounded():
    far = [(1e6 + 1e-5, 0.0), (1e6, 0.0)]
    _, plain = bounds(far, [0, 1], [(1e6, 1.0)], n_neighbors=1)
    _, cancels = bounds(far, [0, 1], [(1e6, 1.0)], n_neighbors=1, cancels=True)
    assert not np.isinf(plain["winner"]).any()
    assert np.isinf(cancels["winner"]).all()


def test_a_row_that_is_refused_is_not_excused():
    operator = Neighbors((A, B), np.array(CORNERS, float), np.eye(2)[[0, 1, 0, 1]], np.array([2]), NO_FLOORS, 1)
    winner = build.elements(operator)[2]
    columns = {"a": np.array([0.0, np.nan, np.inf]), "b": np.zeros(3)}
    checks = (Check(build.is_finite(A), "step", "a is missing"),)
    bound = rounding_bounds(Program((A, B), (("winner", winner),), checks), columns, 3)["winner"]
    assert bound.tolist() == [np.inf, 0.0, 0.0]
