"""The doubles in their order, from minus infinity to infinity, as integers without gaps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import BoolArray, FloatArray

Ordinals = npt.NDArray[np.int64]

TOP = int(np.float64(np.inf).view(np.int64))
"""The ordinal of infinity; that of minus infinity is its negative, and both zeros are 0."""

_LOWEST = np.iinfo(np.int64).min


def ordinals(values: FloatArray) -> Ordinals:
    """Return the positions of doubles in their order: neighbours differ by one."""
    bits: Ordinals = np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
    return np.where(bits >= 0, bits, _LOWEST - bits)


def doubles(positions: Ordinals) -> FloatArray:
    """Return the doubles at some positions."""
    bits: Ordinals = np.where(positions >= 0, positions, _LOWEST - positions)
    return bits.view(np.float64)


def last_where(holds: Callable[[FloatArray], BoolArray], count: int) -> Ordinals:
    """Find, by bisection over the doubles, the last one at which each of some conditions holds.

    Parameters
    ----------
    holds : callable
        From an array of shape (count,), one double for each condition, to whether it holds. A condition holds from
        minus infinity up to some double and nowhere beyond.
    count : int

    Returns
    -------
    ndarray of int64, shape (count,)
        Ordinals; ``-TOP - 1`` where a condition holds nowhere.
    """
    low = np.full(count, -TOP - 1, dtype=np.int64)
    high = np.full(count, TOP, dtype=np.int64)
    for _ in range(64):
        middle = (low >> 1) + (high >> 1) + ((low | high) & 1)
        found = holds(doubles(np.maximum(middle, -TOP)))
        low, high = np.where(found, middle, low), np.where(found, high, np.maximum(middle - 1, low))
    return low
