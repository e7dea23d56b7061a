"""Dense layers in numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from sqlops.ir.nodes import Activation, DenseLayers

Array = npt.NDArray[Any]

_ACTIVATIONS: dict[Activation, Callable[[Array], Array]] = {
    "identity": lambda values: values,
    "logistic": expit,
    "relu": lambda values: np.maximum(values, 0.0),
    "tanh": np.tanh,
}


def evaluate(operator: DenseLayers, columns: Sequence[Array], n_rows: int) -> Array:
    """Return what the last layer gives."""
    return _values(operator, columns, n_rows)[-1]


def error(operator: DenseLayers, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the rounding error layer by layer; no activation is steeper than one (Higham 2002, section 3.1)."""
    unit = np.finfo(np.float32 if operator.single else np.float64).eps
    *before, _ = _values(operator, columns, n_rows)
    bound = _stacked(errors, n_rows)
    for number, values in enumerate(before):
        if number:
            bound = bound + 2 * unit * np.maximum(1.0, np.abs(values))
        weights = np.abs(operator.weights[number])
        size = np.abs(values) @ weights.T + np.abs(operator.intercepts[number])
        own = (weights.shape[1] + 2) * unit * np.where(np.isfinite(size), size, 0.0)
        bound = bound @ weights.T + own
    return bound


def _values(operator: DenseLayers, columns: Sequence[Array], n_rows: int) -> list[Array]:
    """Return the inputs, what each hidden layer gives, and the last sums."""
    values = [_stacked(columns, n_rows)]
    activate = _ACTIVATIONS[operator.activation]
    for weights, intercept in zip(operator.weights, operator.intercepts, strict=True):
        sums = values[-1] @ weights.T + intercept
        is_last = len(values) == len(operator.weights)
        values.append(sums if is_last else activate(sums))
    return values


def _stacked(columns: Sequence[Array], n_rows: int) -> Array:
    return np.column_stack(columns) if columns else np.zeros((n_rows, 0))
