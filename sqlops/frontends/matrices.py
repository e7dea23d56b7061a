"""Matrix products with fitted coefficients, in the dtype in which the library computes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Feature, Features, Transformed, common_dtype, is_single, names_of, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr

Array = npt.NDArray[Any]
Dtype = np.dtype[Any]
Columns = tuple[tuple[Expr, ...], Dtype]
"""Expressions, and the dtype of the array that would hold them."""


def columns_of(features: Features) -> Columns:
    """Return the columns of the matrix that ``check_array`` makes: objects become doubles."""
    dtype = common_dtype(features)
    return tuple(feature.expr for feature in features), np.dtype(np.float64) if dtype.kind == "O" else dtype


def dense(matrix: Any) -> Array:
    """Return a matrix that may be sparse as an array."""
    return np.asarray(matrix.toarray() if hasattr(matrix, "toarray") else matrix)


def cast(columns: Columns, dtype: Dtype) -> Columns:
    """Return columns in another dtype of floats."""
    exprs, given = columns
    is_narrower = is_single(dtype) and not is_single(given)
    return tuple(rounded(expr, dtype) if is_narrower else expr for expr in exprs), dtype


def plus(columns: Columns, values: Any) -> Columns:
    """Return ``X + values``."""
    return _each("add", columns, values)


def shift(columns: Columns, offset: Any) -> Columns:
    """Return ``X - offset``."""
    return _each("subtract", columns, offset)


def scale(columns: Columns, divisor: Any) -> Columns:
    """Return ``X / divisor``."""
    return _each("divide", columns, divisor)


def _each(operation: str, columns: Columns, values: Any) -> Columns:
    exprs, dtype = columns
    numbers = np.broadcast_to(values, len(exprs)).astype(np.float64).tolist()
    result = np.result_type(dtype, np.asarray(values))
    changed = (build.call(operation, expr, build.constant(number)) for expr, number in zip(exprs, numbers, strict=True))
    return tuple(rounded(expr, result) for expr in changed), result


def product(columns: Columns, weights: Any, intercept: Any = 0.0) -> Columns:
    """Return ``X @ weights.T + intercept``.

    Parameters
    ----------
    columns : Columns
    weights : array or sparse matrix of shape (n_outputs, n_columns) or (n_columns,)
    intercept : float or array of shape (n_outputs,), (1,) or ()
        A Python float has no dtype of its own.
    """
    exprs, dtype = columns
    matrix = np.atleast_2d(dense(weights))
    multiplied = np.result_type(dtype, matrix.dtype)
    result = np.result_type(multiplied, intercept)
    offsets = np.broadcast_to(np.ravel(intercept), matrix.shape[:1])
    outputs = build.affine(exprs, matrix, offsets, single=is_single(multiplied))
    return tuple(rounded(expr, result) for expr in outputs), result


def sum_of_squares(columns: Columns) -> Expr:
    """Return ``sum(X ** 2, axis=1)``."""
    exprs, dtype = columns
    squares = [rounded(build.call("square", expr), dtype) for expr in exprs]
    return build.total(squares, single=is_single(dtype))


def named_after(transformer: Any, features: Features, columns: Columns) -> Transformed:
    """Return columns as the output of a transformer, with the names that it gives them."""
    exprs, dtype = columns
    names = transformer.get_feature_names_out(names_of(features))
    return Transformed(tuple(Feature(str(name), expr, dtype) for name, expr in zip(names, exprs, strict=True)))
