"""The catalogue of scalar functions: types, and what each one does in numpy.

A dialect must spell every name in `OPERATIONS`; a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import ValueType

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """What a function takes and gives.

    Parameters
    ----------
    evaluate : callable
        From numpy arrays to a numpy array.
    type : {"double", "boolean"}
        The type of the result.
    arity : int
        The number of arguments; -1 for two or more.
    finite : bool
        Whether finite arguments give a result that is never missing.
    """

    evaluate: Callable[..., Array]
    type: ValueType
    arity: int
    never_nan: bool = False


def is_missing(values: Array) -> Array:
    """Say for each value whether it is missing: NaN, or None."""
    missing = np.zeros(len(values), dtype=bool)
    if values.dtype.kind == "O":
        missing[:] = [value is None for value in values]
    elif values.dtype.kind == "f":
        np.isnan(values, out=missing)
    return missing


def _compare(ufunc: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    def compare(left: Array, right: Array) -> Array:
        present = ~(is_missing(left) | is_missing(right))
        result = np.zeros(len(present), dtype=bool)
        result[present] = ufunc(left[present], right[present]).astype(bool)
        return result

    return compare


def _contains(values: Array, *members: Array) -> Array:
    """Say for each value whether it is one of the members; constants, which have a stride of zero, are one set."""
    if not len(values) or any(member.strides != (0,) for member in members):
        return reduce(np.logical_or, (_compare(np.equal)(values, member) for member in members))
    if values.dtype.kind != "O":
        return np.isin(values, np.array([member[0] for member in members]))
    known = {member[0] for member in members} - {None}
    return np.array([value in known for value in values.tolist()], dtype=bool)


def _extreme(ufunc: Callable[[Array, Array], Array]) -> Callable[..., Array]:
    return lambda *args: reduce(ufunc, args)


def _round_to_float32(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)


def _as_whole(values: Array) -> Array:
    result = np.empty(len(values), dtype=object)
    result[:] = [int(value) if abs(value) <= 2.0**53 else None for value in values.tolist()]
    return result


def _double(ufunc: Callable[..., Array], arity: int = 1, never_nan: bool = False) -> Operation:
    return Operation(ufunc, "double", arity, never_nan)


OPERATIONS: dict[str, Operation] = {
    "add": _double(np.add, 2),
    "subtract": _double(np.subtract, 2),
    "multiply": _double(np.multiply, 2),
    "divide": _double(np.divide, 2),
    "power": _double(np.power, 2),
    "remainder": _double(np.remainder, 2),
    "maximum": _double(_extreme(np.maximum), -1, True),
    "minimum": _double(_extreme(np.minimum), -1, True),
    "negative": _double(np.negative, never_nan=True),
    "absolute": _double(np.absolute, never_nan=True),
    "sign": _double(np.sign, never_nan=True),
    "floor": _double(np.floor, never_nan=True),
    "ceil": _double(np.ceil, never_nan=True),
    "trunc": _double(np.trunc, never_nan=True),
    "rint": _double(np.rint, never_nan=True),
    "float32": _double(_round_to_float32, never_nan=True),
    "square": _double(np.square, never_nan=True),
    "sqrt": _double(np.sqrt, never_nan=True),
    "cbrt": _double(np.cbrt, never_nan=True),
    "exp": _double(np.exp, never_nan=True),
    "expm1": _double(np.expm1, never_nan=True),
    "log": _double(np.log, never_nan=True),
    "log1p": _double(np.log1p, never_nan=True),
    "log2": _double(np.log2, never_nan=True),
    "log10": _double(np.log10, never_nan=True),
    "sin": _double(np.sin, never_nan=True),
    "cos": _double(np.cos, never_nan=True),
    "tan": _double(np.tan, never_nan=True),
    "arcsin": _double(np.arcsin, never_nan=True),
    "arccos": _double(np.arccos, never_nan=True),
    "arctan": _double(np.arctan, never_nan=True),
    "sinh": _double(np.sinh, never_nan=True),
    "cosh": _double(np.cosh, never_nan=True),
    "tanh": _double(np.tanh, never_nan=True),
    "arcsinh": _double(np.arcsinh, never_nan=True),
    "arccosh": _double(np.arccosh, never_nan=True),
    "arctanh": _double(np.arctanh, never_nan=True),
    "less": Operation(_compare(np.less), "boolean", 2),
    "less_equal": Operation(_compare(np.less_equal), "boolean", 2),
    "greater": Operation(_compare(np.greater), "boolean", 2),
    "greater_equal": Operation(_compare(np.greater_equal), "boolean", 2),
    "equal": Operation(_compare(np.equal), "boolean", 2),
    "is_in": Operation(_contains, "boolean", -1),
    "and": Operation(_extreme(np.logical_and), "boolean", -1),
    "or": Operation(_extreme(np.logical_or), "boolean", -1),
    "not": Operation(np.logical_not, "boolean", 1),
    "is_missing": Operation(is_missing, "boolean", 1),
    "is_finite": Operation(np.isfinite, "boolean", 1),
    "whole": Operation(_as_whole, "bigint", 1),
}
