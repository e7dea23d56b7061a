"""B-splines: the basis functions of an interval by de Boor's recursion, with the knots of the interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.piecewise import just_below, steps

_ZERO = build.constant(0.0)


@frontend("SplineTransformer", family="Functions")
def spline_transformer(model: Any, features: Features, context: Context) -> Result:
    """Translate each column into the values of its spline basis."""
    takes_missing = model.handle_missing == "zeros"
    if takes_missing:
        context.refuse_text(features)
        _refuse_mixing(model, context)
    else:
        context.require_numbers(features)
    dtype = np.dtype(np.float64) if model.sparse_output else context.float_dtype(features)
    exprs: list[Expr] = []
    outer = model.degree
    for feature, spline in zip(features, model.bsplines_, strict=True):
        basis = _basis(model, spline, outer, feature, context)
        if model.extrapolation == "linear" and outer <= 1:
            outer += 1  # as scikit-learn does in its loop over the columns, so that later columns begin with it
        if takes_missing:
            absent = build.is_missing(feature.expr)
            basis = [build.case([(absent, _ZERO)], expr) for expr in basis]
        exprs += basis if model.include_bias else basis[:-1]
    names = model.get_feature_names_out(names_of(features))
    return Transformed(
        tuple(
            Feature(str(name), rounded(expr, dtype), dtype, sparse=model.sparse_output)
            for name, expr in zip(names, exprs, strict=True)
        )
    )


def _refuse_mixing(model: Any, context: Context) -> None:
    if model.sparse_output and model.extrapolation in ("continue", "error", "periodic"):
        raise context.unsupported(
            model,
            "sparse_output",
            True,
            "set sparse_output=False: with handle_missing='zeros' and extrapolation="
            f"{model.extrapolation!r} what scikit-learn makes of a missing value depends on the rows beside it",
        )


def _basis(model: Any, spline: Any, outer: int, feature: Feature, context: Context) -> list[Expr]:
    value = feature.expr
    low, high = float(spline.t[outer]), float(spline.t[-outer - 1])
    if model.extrapolation == "periodic":
        inside = _inside(spline, _wrapped(value, low, high))
        finite = build.is_finite(value) if high > low else build.TRUE
        return [build.case([(finite, expr)], build.MISSING) for expr in inside]
    if model.extrapolation == "continue":
        return _inside(spline, value, spreads=not model.sparse_output)
    below = build.call("less", value, build.constant(low))
    above = build.call("greater", value, build.constant(high))
    inside = _inside(spline, value)
    if model.extrapolation == "error":
        context.require(build.negate(build.any_of([below, above])), f"{feature.name} is beyond the knots")
        return inside
    if model.extrapolation == "constant":
        if outer == 0 and not model.sparse_output and len(inside) > 1:
            context.require(build.negate(above), f"{feature.name} is beyond the knots, where degree 0 has no value")
        before, after = _held(spline, low, high)
    else:
        before, after = _lines(spline, value, low, high, outer + 1 if outer <= 1 else outer)
    return [
        build.case([(below, first), (above, last)], expr)
        for expr, first, last in zip(inside, before, after, strict=True)
    ]


def _wrapped(value: Expr, low: float, high: float) -> Expr:
    """Return where a value falls within the period."""
    if not high > low:
        return build.case([(build.is_missing(value), build.MISSING)], _ZERO)
    start = build.constant(low)
    return build.add(start, build.call("remainder", build.subtract(value, start), build.constant(high - low)))


def _held(spline: Any, low: float, high: float) -> tuple[list[Expr], list[Expr]]:
    """Return the values before and after the knots: the outer ``degree`` functions keep theirs, the others are zero."""
    degree = spline.k
    before, after = np.zeros(spline.c.shape[1]), np.zeros(spline.c.shape[1])
    before[:degree] = spline(low)[:degree]
    after[-degree:] = spline(high)[-degree:]
    return _constants(before), _constants(after)


def _constants(values: FloatArray) -> list[Expr]:
    return [build.constant(float(value)) for value in values]


def _lines(spline: Any, value: Expr, low: float, high: float, outer: int) -> tuple[list[Expr], list[Expr]]:
    """Return the values before and after the knots: the outer functions go on along their tangents."""
    count = spline.c.shape[1]
    before: list[Expr] = [_ZERO] * count
    after: list[Expr] = [_ZERO] * count
    for number in range(outer):
        before[number] = _line(spline, value, low, number)
        after[count - 1 - number] = _line(spline, value, high, count - 1 - number)
    return before, after


def _line(spline: Any, value: Expr, at: float, number: int) -> Expr:
    base, slope = float(spline(at)[number]), float(spline(at, nu=1)[number])
    distance = build.subtract(value, build.constant(at))
    return build.add(build.constant(base), build.multiply(distance, build.constant(slope)))


def _inside(spline: Any, value: Expr, *, spreads: bool = False) -> list[Expr]:
    """Return the basis where the knots reach, or, beyond them, the outer polynomials.

    Parameters
    ----------
    spline : scipy.interpolate.BSpline
    value : Expr
    spreads : bool
        Whether what overflows makes NaN of all: scipy multiplies every function with a row of coefficients, and zero
        times infinity is NaN.
    """
    knots, degree = spline.t, spline.k
    intervals = np.arange(degree, len(knots) - degree - 1)
    pairs = [(order, number) for order in range(1, degree + 1) for number in range(1, order + 1)]
    table = [intervals.astype(np.float64)]
    table += [knots[intervals + offset] for offset in range(1 - degree, degree + 1)]
    for order, number in pairs:
        width = knots[intervals + number] - knots[intervals + number - order]
        table.append(np.where(width == 0, np.inf, width))  # what is divided by it becomes zero, as in scipy
    interval, *rest = steps(value, just_below(knots[intervals[1:]]), np.column_stack(table))
    around = dict(zip(range(1 - degree, degree + 1), rest, strict=False))
    widths = dict(zip(pairs, rest[2 * degree :], strict=True))
    parts = _de_boor(value, degree, around, widths)
    results = []
    for number in range(spline.c.shape[1]):
        branches = []
        for at in intervals:
            chosen = [parts[a] for a in range(degree + 1) if spline.c[at + a - degree, number]]
            if chosen:
                branches.append((build.equal(interval, float(at)), build.sum_of(chosen)))
        results.append(build.case(branches, _ZERO))
    if spreads:
        finite = build.all_of(build.is_finite(part) for part in parts)
        results = [build.case([(finite, expr)], build.MISSING) for expr in results]
    return results


def _de_boor(value: Expr, degree: int, around: dict[int, Expr], widths: dict[tuple[int, int], Expr]) -> list[Expr]:
    """Return the ``degree + 1`` functions that are not zero on an interval (de Boor 1978, chapter X, as in scipy).

    Parameters
    ----------
    value : Expr
    degree : int
    around : dict of int to Expr
        The knots, counted from the one at the start of the interval.
    widths : dict of (int, int) to Expr
        For each order and number, the width that the recursion divides by.
    """
    parts: list[Expr] = [build.constant(1.0)]
    for order in range(1, degree + 1):
        previous, parts = parts, []
        for number in range(1, order + 1):
            weight = build.divide(previous[number - 1], widths[order, number])
            falling = build.multiply(weight, build.subtract(around[number], value))
            parts[number - 1 :] = [build.add(parts[-1], falling) if parts else falling]
            parts.append(build.multiply(weight, build.subtract(value, around[number - order])))
    return parts
