"""Circular convolutions of linear maps of a row, as tensor sketches are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import FloatArray, Operator
from sqlops.ir.propagation import UNIT

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Convolution(Operator):
    """The circular convolution of ``factors[0] @ inputs``, ``factors[1] @ inputs`` and so on.

    Parameters
    ----------
    factors : tuple of ndarray of shape (n_outputs, n_inputs)
        Sparse: entries of zero are not looked at.
    """

    factors: tuple[FloatArray, ...]

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return len(self.factors[0])


def evaluate(operator: Convolution, columns: Sequence[Array], n_rows: int) -> Array:
    """Return the convolution, product by product."""
    rows = np.stack(columns, axis=1)
    return reduce(_convolved, [rows @ factor.T for factor in operator.factors])


def _convolved(left: Array, right: Array) -> Array:
    total = np.zeros_like(left)
    for number in range(left.shape[1]):
        total += left[:, [number]] * np.roll(right, number, axis=1)
    return total


def error(operator: Convolution, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the error of sums of products, and of the Fourier transforms by which a library may compute them.

    A transform of n numbers moves them by no more than a multiple of log2(n) units of their norm (Higham 2002, section
    24.1), and the norm of a convolution is at most the product of the sums of absolute values.
    """
    rows, moved = np.stack(columns, axis=1), np.stack(errors, axis=1)
    sizes = [np.sum(np.abs(rows @ factor.T), axis=1) for factor in operator.factors]
    passed = [np.sum(moved @ np.abs(factor.T), axis=1) for factor in operator.factors]
    size = np.prod(sizes, axis=0)
    larger = np.prod([a + b for a, b in zip(sizes, passed, strict=True)], axis=0)
    n_units = operator.n_outputs + 8 * len(operator.factors) * (1 + math.log2(operator.n_outputs))
    bound = (larger - size) + n_units * UNIT * np.where(np.isfinite(size), size, 0.0)
    return np.repeat(bound[:, np.newaxis], operator.n_outputs, axis=1)
