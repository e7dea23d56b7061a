"""Affine maps in numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import Affine

Array = npt.NDArray[Any]


def evaluate(operator: Affine, columns: Sequence[Array], n_rows: int) -> Array:
    """Return ``weights @ columns + intercept``; columns of weight zero are not looked at."""
    result = np.zeros((n_rows, operator.n_outputs))
    for column, weights in zip(columns, operator.weights.T, strict=True):
        used = weights != 0
        result[:, used] += column[:, np.newaxis] * weights[used]
    return result + operator.intercept


def error(operator: Affine, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the rounding error of sums in any order (Higham 2002, section 3.1)."""
    size = np.repeat(np.abs(operator.intercept)[np.newaxis, :], n_rows, axis=0)
    passed = np.zeros((n_rows, operator.n_outputs))
    for column, column_error, weights in zip(columns, errors, np.abs(operator.weights).T, strict=True):
        used = weights != 0
        size[:, used] += np.abs(column)[:, np.newaxis] * weights[used]
        passed[:, used] += column_error[:, np.newaxis] * weights[used]
    unit = np.finfo(np.float32 if operator.single else np.float64).eps
    result: Array = passed + (len(columns) + 2) * unit * np.where(np.isfinite(size), size, 0.0)
    return result
