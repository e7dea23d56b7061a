"""Operators of neighbours: SQL gives what the evaluator gives, with ties, missing values and duplicates."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.relations import constants_row
from sqlops.dialects import get_dialect
from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.metrics import BOOLEAN, METRICS, WEIGHTED
from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.program import Program
from sqlops.lowering import lower

DUCKDB = get_dialect("duckdb")
NO_FLOORS = np.empty(0)


def score(program, columns):
    """Run a Program in DuckDB, its constants written into the query, then in a table."""
    plan = lower(program, DUCKDB)
    table = pa.table(columns | {"row": pa.array(np.arange(len(next(iter(columns.values())))))})
    results = []
    with duckdb.connect() as connection:
        connection.register("rows", table)
        for constants in (None, exp.to_table("constants")):
            if plan.constants:
                connection.register("constants", constants_row(plan))
            query = emit.select(plan, DUCKDB, emit.Source(exp.to_table("rows")), keys=["row"], constants=constants)
            scored = connection.sql(query.order_by("row").sql(dialect="duckdb")).fetchnumpy()
            outputs = {name: np.ma.filled(scored[name].astype(float), np.nan) for name, _ in program.outputs}
            results.append(outputs)
    for name, values in results[0].items():
        np.testing.assert_array_equal(values, results[1][name])
    return results[0]


def check(operator, matrix, inputs):
    columns = {column.name: matrix[:, number] for number, column in enumerate(inputs)}
    outputs = tuple((f"o{number}", element) for number, element in enumerate(build.elements(operator)))
    program = Program(tuple(inputs), outputs)
    expected = evaluate(program, columns, len(matrix))
    got = score(program, {name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], values, rtol=1e-12, atol=1e-12, err_msg=name)


def grid(metric, n, n_inputs, seed=0):
    """Return rows of small whole numbers, so that many distances are equal."""
    rng = np.random.default_rng(seed)
    matrix = rng.integers(0, 2 if metric in BOOLEAN else 4, (n, n_inputs)).astype(float)
    if metric == "nan_euclidean":
        matrix[rng.random(matrix.shape) < 0.3] = np.nan
    return matrix


def width(metric):
    return 2 if metric == "haversine" else 5


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("n_references", [7, 400])
def test_distances(metric, n_references):
    references, rows = grid(metric, n_references, width(metric)), grid(metric, 40, width(metric), seed=1)
    inputs = [build.column(f"c{number}", "double") for number in range(width(metric))]
    check(Distances(tuple(inputs), references, metric, 3.0), rows, inputs)


@pytest.mark.parametrize("metric", WEIGHTED)
@pytest.mark.parametrize("n_references", [7, 400])
def test_distances_of_weighted_columns(metric, n_references):
    references, rows = grid(metric, n_references, 5), grid(metric, 40, 5, seed=1)
    inputs = [build.column(f"c{number}", "double") for number in range(5)]
    weights = np.array([0.1, 0.7, 0.0, 0.2, 3.0])
    check(Distances(tuple(inputs), references, metric, column_weights=weights), rows, inputs)


def test_operators_over_the_same_references_with_other_weights_are_told_apart():
    references, rows = grid("hamming", 300, 5), grid("hamming", 40, 5, seed=1)
    inputs = [build.column(f"c{number}", "double") for number in range(5)]
    weights = [None, np.arange(5.0), np.ones(5)]
    outputs = [
        (f"o{number}", build.elements(Distances(tuple(inputs), references, "hamming", column_weights=own))[0])
        for number, own in enumerate(weights)
    ]
    columns = {column.name: rows[:, number] for number, column in enumerate(inputs)}
    program = Program(tuple(inputs), tuple(outputs))
    expected, got = evaluate(program, columns, len(rows)), score(program, {n: pa.array(v) for n, v in columns.items()})
    for name, values in expected.items():
        np.testing.assert_array_equal(got[name], values)


def test_haversine_of_opposite_points_never_fails():
    inputs = [build.column(f"c{number}", "double") for number in range(2)]
    rng = np.random.default_rng(0)
    rows = rng.random((500, 2))
    references = np.column_stack([-rows[:, 0], rows[:, 1] + np.pi])
    check(Distances(tuple(inputs), references[:40], "haversine"), rows[:40], inputs)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("by_distance", [False, True])
@pytest.mark.parametrize(("n_neighbors", "radius"), [(1, np.inf), (5, np.inf), (0, 1.5)])
def test_neighbors(metric, by_distance, n_neighbors, radius):
    references, rows = grid(metric, 60, width(metric)), grid(metric, 40, width(metric), seed=1)
    rng = np.random.default_rng(2)
    classes = np.eye(3)[rng.integers(0, 3, len(references))]
    values = np.column_stack(
        [classes, np.eye(2)[rng.integers(0, 2, len(references))], rng.normal(size=len(references))]
    )
    floors = np.abs(rng.normal(size=len(references)))
    inputs = [build.column(f"c{number}", "double") for number in range(width(metric))]
    operator = Neighbors(
        tuple(inputs), references, values, np.array([3, 2]), floors, n_neighbors, radius, by_distance, metric, 3.0
    )
    check(operator, rows, inputs)


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "canberra", "braycurtis", "minkowski", "haversine"])
@pytest.mark.parametrize("n_references", [7, 600])
def test_stepped_distances_are_rounded_as_the_evaluator_rounds(metric, n_references):
    rng = np.random.default_rng(3)
    references, rows = (rng.random((n, width(metric))).astype(np.float32).astype(float) for n in (n_references, 40))
    inputs = [build.column(f"c{number}", "double") for number in range(width(metric))]
    check(Distances(tuple(inputs), references, metric, 3.0, arithmetic="stepped"), rows, inputs)


@pytest.mark.parametrize("rounded", ["not", "once", "twice"])
def test_distances_of_neighbors_are_rounded_once_they_are_found(rounded):
    references, rows = np.random.default_rng(4).random((60, 5)), np.random.default_rng(5).random((40, 5))
    inputs = [build.column(f"c{number}", "double") for number in range(5)]
    values, floors = np.random.default_rng(6).random((60, 2)), np.full(60, 0.3)
    operator = Neighbors(tuple(inputs), references, values, np.array([2]), floors, 5, by_distance=True, rounded=rounded)
    check(operator, rows, inputs)


def test_the_nearest_of_few_is_a_scalar_expression():
    inputs = [build.column(f"c{number}", "double") for number in range(5)]
    references = grid("euclidean", 8, 5)
    operator = Neighbors(tuple(inputs), references, np.arange(8.0)[:, np.newaxis], np.empty(0, int), NO_FLOORS, 1)
    program = Program(tuple(inputs), (("o", build.elements(operator)[0]),))
    assert not lower(program, DUCKDB).constants
    rows = grid("euclidean", 40, 5, seed=1)
    columns = {f"c{number}": rows[:, number] for number in range(5)}
    np.testing.assert_array_equal(score(program, columns)["o"], evaluate(program, columns, 40)["o"])


def test_a_row_with_something_missing_has_no_neighbors():
    inputs = [build.column("a", "double"), build.column("b", "double")]
    operator = Neighbors(tuple(inputs), np.eye(2), np.eye(2), np.array([2]), NO_FLOORS, 2)
    check(operator, np.array([[np.nan, 1.0], [1.0, 0.0]]), inputs)


def test_more_columns_than_expressions_nest():
    inputs = [build.column(f"c{number}", "double") for number in range(700)]
    rng = np.random.default_rng(0)
    references = rng.normal(size=(3, 700))
    operator = Neighbors(tuple(inputs), references, np.eye(3), np.array([3]), NO_FLOORS, 2, metric="manhattan")
    check(operator, rng.normal(size=(4, 700)), inputs)
