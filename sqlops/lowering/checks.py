"""What a Program asks of its rows, said cheaply: nearly all rows are accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.ir.nodes import Call, Constant, Expr, Input
from sqlops.lowering.lists import add

_FEWEST_TOGETHER = 3


def refused_when_missing(condition: Expr) -> Iterator[Input]:
    """Return inputs without which a condition is false: whether they are NaN or NULL makes no difference then."""
    if isinstance(condition, Call) and condition.name == "and":
        for arg in condition.args:
            yield from refused_when_missing(arg)
    elif (limit := _limit(condition)) is not None:
        yield limit[0]


def conjuncts(
    dialect: Dialect, conditions: Sequence[Expr], texts: Sequence[str], names: Mapping[int, str]
) -> list[str]:
    """Return the printed conditions of a conjunction; those that limit the sizes of many inputs as one.

    A sum of sizes is rounded, but never below one of them: if it is within the smallest bound, all of them are within
    theirs, and they are compared one by one only if it is not.

    Parameters
    ----------
    dialect : Dialect
    conditions : sequence of Expr
    texts : sequence of str
        The conditions, printed.
    names : mapping of int to str
        The columns that inputs are, by their ids.
    """
    limits = [_limit(condition) for condition in conditions]
    sizes = [dialect.call("absolute", (names[id(limit[0])],)) for limit in limits if limit is not None]
    if len(sizes) < _FEWEST_TOGETHER or not dialect.limits_together or dialect.refuses_overflow:
        return list(texts)
    smallest = dialect.double(min(limit[1] for limit in limits if limit is not None))
    each = dialect.call("and", tuple(text for text, limit in zip(texts, limits, strict=True) if limit is not None))
    all_at_once = dialect.call("less_equal", (add(sizes), smallest))
    rest = (text for text, limit in zip(texts, limits, strict=True) if limit is None)
    return [f"CASE WHEN {all_at_once} THEN TRUE ELSE {each} END", *rest]


def _limit(condition: Expr) -> tuple[Input, float] | None:
    """Return an input and the largest size of it for which a condition holds, if that is all the condition asks."""
    match condition:
        case Call(name="is_finite", args=(Input() as limited,)):
            return limited, float(np.finfo(np.float64).max)
        case Call(name="less_equal", args=(Call(name="absolute", args=(Input() as limited,)), Constant(value=bound))):
            return (limited, bound) if isinstance(bound, float) else None
    return None
