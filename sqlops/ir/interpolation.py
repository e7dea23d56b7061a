"""Piecewise linear functions of one number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.ir.piecewise import just_below, steps


def interpolate(x: Expr, knots: npt.ArrayLike, values: npt.ArrayLike) -> Expr:
    """Return what ``numpy.interp`` gives: the value on the line between two knots, outside them that of the last knot.

    Between the knots ``a`` and ``b`` it is ``slope * (x - a) + value_a``, as numpy computes it. Which knots those are
    is found by a tree, however many there are.

    Parameters
    ----------
    x : Expr
    knots : array-like of shape (n_knots,)
        In ascending order; of equal ones the last counts.
    values : array-like of shape (n_knots,)

    Returns
    -------
    Expr
    """
    at, of = np.asarray(knots, dtype=np.float64), np.asarray(values, dtype=np.float64)
    below = build.call("less", x, build.constant(at[0]))
    above = build.call("greater_equal", x, build.constant(at[-1]))
    ends = [(below, build.constant(of[0])), (above, build.constant(of[-1]))]
    has_width = np.flatnonzero(at[1:] > at[:-1])
    if not len(has_width):
        return build.case(ends, build.MISSING)
    slopes = (of[has_width + 1] - of[has_width]) / (at[has_width + 1] - at[has_width])
    segments = np.column_stack([slopes, at[has_width], of[has_width]])
    slope, start, base = steps(x, just_below(at[has_width[1:]]), segments)
    return build.case(ends, build.add(build.multiply(slope, build.subtract(x, start)), base))
