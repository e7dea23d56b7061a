"""Formulas of libraries that compute in float32: every step is rounded."""

from __future__ import annotations

from collections.abc import Sequence

from sqlops.ir import build
from sqlops.ir.nodes import Expr


def single(value: Expr) -> Expr:
    """Return a value rounded to float32."""
    return build.call("float32", value)


def plus(left: Expr, right: Expr) -> Expr:
    """Return the sum of two float32, as one."""
    return single(build.add(left, right))


def reciprocal(value: Expr) -> Expr:
    """Return one over a float32, as one."""
    return single(build.divide(build.constant(1.0), value))


def exponential(value: Expr) -> Expr:
    """Return ``expf`` of a float32."""
    return single(build.call("exp", value))


def softmax(scores: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return the softmax of float32 scores; the powers are added in double, as in ``src/common/math.h`` of XGBoost."""
    top = build.call("maximum", *scores)
    powers = [exponential(single(build.subtract(score, top))) for score in scores]
    total = single(build.sum_of(powers))
    return tuple(single(build.divide(power, total)) for power in powers)
