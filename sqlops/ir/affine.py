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


def slack(operator: Affine) -> Array:
    """Return by how many units in the last place rounding may move the outputs for each input, and for 1.

    Sums may be in any order (Higham 2002, section 3.1): every product and the intercept takes part in all additions.
    """
    if operator.slack is not None:
        return operator.slack
    additions = len(operator.inputs) + 2
    coarser = np.finfo(np.float32).eps / np.finfo(np.float64).eps if operator.single else 1.0
    return coarser * additions * np.abs(np.column_stack([operator.weights, operator.intercept]))


def error(operator: Affine, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the rounding error of the sums."""
    unit, own = np.finfo(np.float64).eps, slack(operator)
    total = np.repeat(unit * own[np.newaxis, :, -1], n_rows, axis=0)
    for column, passed, weights, units in zip(columns, errors, operator.weights.T, own.T, strict=False):
        used = units != 0
        size = np.abs(np.where(np.isinf(column), 0.0, column))[:, np.newaxis]
        total[:, used] += unit * size * units[used] + passed[:, np.newaxis] * np.abs(weights[used])
    return total
