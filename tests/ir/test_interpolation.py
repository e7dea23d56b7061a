"""Interpolation gives what numpy.interp gives, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest

from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.interpolation import interpolate
from sqlops.ir.program import Program

X = build.column("x", "double")


@pytest.mark.parametrize("knots", [[0.1, 0.5, 0.5, 2.0, 7.3], [2.0, 2.0], list(np.linspace(-1, 1, 30) ** 3)])
def test_interpolation_is_that_of_numpy(knots: list[float]) -> None:
    values = np.random.default_rng(0).normal(size=len(knots))
    near = [np.nextafter(knot, side) for knot in knots for side in (-np.inf, np.inf)]
    x = np.array([*knots, *near, *np.linspace(-3, 9, 200), np.inf, -np.inf, np.nan])
    got = evaluate(Program((X,), (("y", interpolate(X, knots, values)),)), {"x": x}, len(x))["y"]
    np.testing.assert_array_equal(got, np.interp(x, knots, values))


def test_one_knot_is_a_constant() -> None:
    x = np.array([2.0, 3.0, 4.0, np.nan])
    got = evaluate(Program((X,), (("y", interpolate(X, [3.0], [7.0])),)), {"x": x}, len(x))["y"]
    np.testing.assert_array_equal(got, [7.0, 7.0, 7.0, np.nan])
