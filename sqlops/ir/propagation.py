"""How far rounding moves the result of one function: its own rounding, and the errors of its arguments passed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_SINGLE = np.finfo(np.float32)
_DOUBLE = np.finfo(np.float64)

UNIT = 2.0**-52
"""One unit in the last place of 1: twice the rounding error of an exact operation, about that of ``exp``."""

SINGLE_UNIT = 2.0**-23
"""The same for float32."""


def shortest_of(*, single: bool) -> float:
    """Return the length below which ``sklearn.preprocessing.normalize`` leaves a row as it is."""
    return 10 * (SINGLE_UNIT if single else UNIT)


def call_error(name: str, args: Sequence[Array], passed: Sequence[Array], value: Array) -> Array:
    """Bound the error of a function of the catalogue.

    Parameters
    ----------
    name : str
    args : sequence of ndarray
    passed : sequence of ndarray
        The absolute errors of the arguments.
    value : ndarray
        What the function gives.
    """
    own = 2 * UNIT * np.maximum(np.abs(value), _DOUBLE.tiny)
    match name:
        case "add" | "subtract" | "maximum" | "minimum":
            inherited = sum(passed[1:], start=passed[0])
        case "multiply":
            inherited = np.abs(args[1]) * passed[0] + np.abs(args[0]) * passed[1]
        case "divide":
            inherited = (passed[0] + np.abs(value) * passed[1]) / np.abs(args[1])
        case "power":
            inherited = np.abs(value * args[1] / args[0]) * passed[0]
            steep = np.abs(value * np.log(np.abs(args[0]))) * passed[1]
            inherited = np.where(passed[1] > 0, inherited + steep, inherited)
        case "square":
            inherited = (2 * np.abs(args[0]) + passed[0]) * passed[0]
        case "exp":
            rise = np.exp(args[0] + passed[0]) - value
            inherited = np.where(np.isfinite(rise), rise, (np.abs(value) + 1) * passed[0])
        case "expm1" | "sinh" | "cosh":
            inherited = (np.abs(value) + 1) * passed[0]
        case "log" | "log2" | "log10":
            inherited = 2 * passed[0] / np.abs(args[0])
        case "log1p":
            inherited = passed[0] / np.abs(1 + args[0])
        case "arccosh":
            inherited = passed[0] / np.sqrt(np.square(args[0]) - 1)
        case "arctanh":
            inherited = passed[0] / (1 - np.square(args[0]))
        case "sqrt" | "cbrt":
            inherited = np.abs(value / args[0]) * passed[0]
        case "float32":
            inherited = passed[0] + _SINGLE.eps * np.maximum(np.abs(value), _SINGLE.tiny)
        case _:
            inherited = passed[0]
    result: Array = np.where(np.isfinite(inherited), inherited, 0.0) + np.where(np.isfinite(own), own, 0.0)
    return result
