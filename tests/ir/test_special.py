"""Special functions and functions on intervals."""

from __future__ import annotations

import numpy as np
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from sqlops.ir import build, special
from sqlops.ir.evaluate import evaluate_expressions
from sqlops.ir.nodes import Expr
from sqlops.ir.piecewise import just_below, steps

X = build.column("x", "double")


def values_of(expr: Expr, x: np.ndarray) -> np.ndarray:
    return evaluate_expressions((expr,), {"x": x}, len(x))[id(expr)]


def test_quantiles_of_the_normal_distribution_are_those_of_scipy() -> None:
    rng = np.random.default_rng(0)
    tails = 10 ** -rng.uniform(0, 300, 2000)
    ends = [0.0, 1.0, 0.5, np.nan, np.exp(-2), 1 - np.exp(-2), 5e-324, np.nextafter(1, 0)]
    x = np.concatenate([rng.random(2000), tails, 1 - tails, ends])
    np.testing.assert_allclose(values_of(special.ndtri(X), x), scipy.special.ndtri(x), rtol=2e-15)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.floats(-1e6, 1e6), max_size=20))
def test_steps_are_found_by_their_edges(edges: list[float]) -> None:
    edges = sorted(edges)
    levels = np.arange(len(edges) + 1.0)
    x = np.array([near for edge in edges for near in (edge, np.nextafter(edge, np.inf), np.nextafter(edge, -np.inf))])
    x = np.append(x, [0.0, -0.0, 1e9, -1e9])
    (upto,) = steps(X, edges, levels[:, np.newaxis])
    np.testing.assert_array_equal(values_of(upto, x), np.searchsorted(edges, x, side="left"))
    (from_,) = steps(X, just_below(edges), levels[:, np.newaxis])
    np.testing.assert_array_equal(values_of(from_, x), np.searchsorted(edges, x, side="right"))
