"""Neighbours among many references: a filter comes first, and what it leaves are the same neighbours."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from sqlops.dialects import get_dialect
from sqlops.ir import build
from sqlops.ir.neighbors import Neighbors
from sqlops.ir.program import Program
from sqlops.lowering import lower
from sqlops.lowering.candidates import FEWEST_REFERENCES
from tests.lowering.test_neighbors import NO_FLOORS, check

DUCKDB = get_dialect("duckdb")


def rows_of(kind, n, seed):
    rng = np.random.default_rng(seed)
    match kind:
        case "noise":
            return rng.standard_normal((n, 12))
        case "clusters":
            return rng.standard_normal((n, 6)) + 8 * rng.integers(0, 3, (n, 1))
        case "heavy tails":
            return np.exp(2 * rng.standard_normal((n, 5)))
        case "ties":
            return rng.integers(0, 4, (n, 6)).astype(float)
        case "a constant":
            return np.column_stack([rng.standard_normal((n, 3)), np.full(n, 1e6)])
        case "large and small":
            return rng.standard_normal((n, 4)) * 1e-9 + 1e3
    return load_digits().data[seed * 700 : seed * 700 + n]


KINDS = ["noise", "clusters", "heavy tails", "ties", "a constant", "large and small", "digits"]


def neighbors(references, **options):
    inputs = tuple(build.column(f"c{number}", "double") for number in range(references.shape[1]))
    rng = np.random.default_rng(2)
    values = np.column_stack([np.eye(3)[rng.integers(0, 3, len(references))], rng.standard_normal(len(references))])
    options = {"floors": NO_FLOORS, "n_neighbors": 0} | options
    return inputs, Neighbors(inputs, references, values, np.array([3], dtype=np.int32), **options)


def is_filtered(inputs, operator):
    program = Program(inputs, tuple((f"o{at}", element) for at, element in enumerate(build.elements(operator))))
    return any(" & " in column.text for stage in lower(program, DUCKDB).stages for column in stage.columns)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_neighbors", [1, 5, 40])
@pytest.mark.parametrize("by_distance", [False, True])
def test_the_nearest(kind, n_neighbors, by_distance):
    references, rows = rows_of(kind, 601, 0), rows_of(kind, 50, 1)
    inputs, operator = neighbors(references, n_neighbors=n_neighbors, by_distance=by_distance)
    check(operator, np.vstack([rows, references[:5]]), inputs)


@pytest.mark.parametrize(("kind", "radius"), [("noise", 2.5), ("clusters", 1.0), ("ties", 1.0), ("digits", 20.0)])
def test_all_within_a_radius(kind, radius):
    references, rows = rows_of(kind, 601, 0), rows_of(kind, 50, 1)
    inputs, operator = neighbors(references, radius=radius)
    assert is_filtered(inputs, operator)
    check(operator, np.vstack([rows, references[:5]]), inputs)


@pytest.mark.parametrize("kind", ["noise", "clusters", "digits"])
@pytest.mark.parametrize("n_references", [600, 601, 602])
def test_the_filter_is_used(kind, n_references):
    assert is_filtered(*neighbors(rows_of(kind, n_references, 0), n_neighbors=5))


def test_rows_far_away_or_with_missing_values():
    references = rows_of("noise", 600, 0)
    rows = rows_of("noise", 40, 1)
    rows[:10] *= 50
    rows[10:20] *= 10.0 ** np.arange(3, 13)[:, np.newaxis]
    rows[20, 3] = np.nan
    inputs, operator = neighbors(references, n_neighbors=5)
    assert is_filtered(inputs, operator)
    check(operator, rows, inputs)


def test_floors():
    references = rows_of("clusters", 600, 0)
    floors = np.random.default_rng(3).random(600)
    inputs, operator = neighbors(references, n_neighbors=7, floors=floors)
    assert is_filtered(inputs, operator)
    check(operator, rows_of("clusters", 40, 1), inputs)


@pytest.mark.parametrize(
    "why", ["few references", "all are neighbours", "all references equal", "another metric", "overflow"]
)
def test_without_the_filter(why):
    references, options = rows_of("noise", 600, 0), {"n_neighbors": 5}
    match why:
        case "few references":
            references = references[: FEWEST_REFERENCES - 1]
        case "all are neighbours":
            options = {"n_neighbors": 590}
        case "all references equal":
            references = np.full((600, 3), 7.0)
        case "another metric":
            options["metric"] = "manhattan"
        case "overflow":
            references = references * 1e200
    inputs, operator = neighbors(references, **options)
    assert not is_filtered(inputs, operator)
    if why == "all references equal":
        check(operator, references[:3], inputs)
