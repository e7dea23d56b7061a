"""Products of the row with a matrix, in the dtype in which the library computes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.results import Feature, Features, common_dtype, is_single, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr

Array = npt.NDArray[Any]


def float_dtype(features: Features) -> np.dtype[Any]:
    """Return the dtype in which ``validate_data(X, dtype=[float64, float32])`` holds a matrix."""
    dtype = common_dtype(features)
    return dtype if dtype in (np.float64, np.float32) else np.dtype(np.float64)


def centered(features: Features, mean: Array, dtype: np.dtype[Any]) -> tuple[Expr, ...]:
    """Return ``X - mean``, column by column."""
    return tuple(
        rounded(build.subtract(feature.expr, build.constant(value)), dtype)
        for feature, value in zip(features, mean, strict=True)
    )


def product(inputs: Sequence[Expr], weights: Array, intercept: Array | float, dtype: np.dtype[Any]) -> tuple[Expr, ...]:
    """Return ``inputs @ weights.T + intercept``, computed in a dtype.

    Parameters
    ----------
    inputs : sequence of Expr
        One row.
    weights : ndarray of shape (n_outputs, n_inputs)
    intercept : ndarray of shape (n_outputs,) or float
    dtype : numpy dtype
        What the library computes in: float32 sums are rounded, and compared within float32 rounding.
    """
    offsets = np.broadcast_to(np.asarray(intercept, dtype=np.float64), len(weights))
    sums = build.affine(inputs, weights, offsets, single=is_single(dtype))
    return tuple(rounded(value, dtype) for value in sums)


def named(model: Any, exprs: Sequence[Expr], dtype: np.dtype[Any]) -> Features:
    """Return the columns of a transformer that names them itself."""
    names = model.get_feature_names_out()
    return tuple(Feature(str(name), expr, dtype) for name, expr in zip(names, exprs, strict=True))
