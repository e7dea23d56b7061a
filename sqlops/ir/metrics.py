"""Distances between rows in numpy, added as scikit-learn's `DistanceMetric` adds, and their rounding errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import FloatArray

Array = npt.NDArray[Any]

OF_COUNTS: dict[str, Callable[[Array, Array, Array, float], Array]] = {
    "jaccard": lambda both, one, any_, size: np.where(any_ == 0, 0.0, one / any_),
    "dice": lambda both, one, any_, size: one / (2.0 * both + one),
    "rogerstanimoto": lambda both, one, any_, size: 2.0 * one / (size + one),
    "russellrao": lambda both, one, any_, size: (size - both) / size,
    "sokalsneath": lambda both, one, any_, size: one / (0.5 * both + one),
}
"""Metrics of zeros and ones, from how many are one in both rows, in exactly one, in any, and how many there are."""

BOOLEAN = (*OF_COUNTS, "yule")
"""Metrics of zeros and ones: functions of the rows' inner product and their sums."""

METRICS = (
    "dot", "euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski",
    "canberra", "braycurtis", "hamming", "haversine", "nan_euclidean", *BOOLEAN,
)  # fmt: skip
"""What operators take for a metric; frontends reduce the others to these. ``dot`` is the plain inner product."""


def distances(metric: str, power: float, rows: FloatArray, references: FloatArray) -> Array:
    """Return the distance of each row to each reference, shape (n_rows, n_references); NaN where there is none.

    Parameters
    ----------
    metric : str
        One of `METRICS`.
    power : float
        The exponent of ``minkowski``.
    rows, references : ndarrays of shape (n_rows, d) and (n_references, d)
    """
    if metric == "dot":
        return np.asarray(rows @ references.T)
    if metric in BOOLEAN:
        return _of_counts(metric, rows, references)
    if metric == "haversine":
        return _haversine(rows, references)
    if metric == "nan_euclidean":
        return _nan_euclidean(rows, references)
    shape = (len(rows), len(references))
    total, scale = np.zeros(shape), np.zeros(shape)
    for x, y in zip(rows.T, references.T, strict=True):
        difference = np.abs(x[:, np.newaxis] - y)
        match metric:
            case "euclidean" | "sqeuclidean":
                total += difference * difference
            case "manhattan":
                total += difference
            case "chebyshev":
                total = np.maximum(total, difference)
            case "minkowski":
                total += difference**power
            case "hamming":
                total += x[:, np.newaxis] != y
            case "canberra":
                size = np.abs(x)[:, np.newaxis] + np.abs(y)
                total += np.where(size > 0, difference / size, 0.0)
            case "braycurtis":
                total += difference
                scale += np.abs(x)[:, np.newaxis] + np.abs(y)
    match metric:
        case "euclidean":
            return np.sqrt(total)
        case "minkowski":
            return np.asarray(total ** (1.0 / power))
        case "hamming":
            return np.asarray(total / rows.shape[1])
        case "braycurtis":
            return np.where(scale > 0, total / scale, 0.0)
    return np.asarray(total)


def _of_counts(metric: str, rows: FloatArray, references: FloatArray) -> Array:
    size = float(rows.shape[1])
    both = rows @ references.T
    mine, theirs = rows.sum(axis=1)[:, np.newaxis], references.sum(axis=1)
    if metric == "yule":
        product = (mine - both) * (theirs - both)
        return np.where(product == 0, 0.0, 2.0 * product / (both * (size - mine - theirs + both) + product))
    any_ = mine + theirs - both
    return OF_COUNTS[metric](both, any_ - both, any_, size)


def _haversine(rows: FloatArray, references: FloatArray) -> Array:
    first = np.sin(0.5 * (rows[:, :1] - references[:, 0]))
    second = np.sin(0.5 * (rows[:, 1:] - references[:, 1]))
    cosines = np.cos(rows[:, :1]) * np.cos(references[:, 0])
    return np.asarray(2 * np.arcsin(np.sqrt(first * first + cosines * second * second)))


def _nan_euclidean(rows: FloatArray, references: FloatArray) -> Array:
    shape = (len(rows), len(references))
    total, present = np.zeros(shape), np.zeros(shape)
    for x, y in zip(rows.T, references.T, strict=True):
        squared = np.square(x[:, np.newaxis] - y)
        known = ~np.isnan(x)[:, np.newaxis] & ~np.isnan(y)
        total += np.where(known, squared, 0.0)
        present += known
    return np.asarray(np.sqrt(total / present * rows.shape[1]))


def errors(
    metric: str, rows: FloatArray, passed: FloatArray, references: FloatArray, found: FloatArray, *, cancels: bool,
    unit: float,
) -> Array:  # fmt: skip
    """Bound the rounding errors of `distances`.

    Parameters
    ----------
    metric : str
    rows, passed, references : ndarrays of shape (n_rows, d), (n_rows, d) and (n_references, d)
        The rows, their errors, and the references.
    found : ndarray of shape (n_rows, n_references)
        The distances.
    cancels : bool
        Whether the library expands the square of a difference, so that large terms cancel.
    unit : float
        One unit in the last place of 1, in the precision of the library.
    """
    return np.asarray(_errors(metric, rows, passed, references, found, cancels, unit))


def _errors(
    metric: str, rows: Array, passed: Array, references: Array, found: Array, cancels: bool, unit: float
) -> Any:
    size = references.shape[1]
    if metric == "dot":
        return (size + 2) * unit * (np.abs(rows) @ np.abs(references).T) + passed @ np.abs(references).T
    own = (8 * size + 16) * unit * np.abs(found)
    if metric in BOOLEAN:
        return own + passed.sum(axis=1)[:, np.newaxis]
    if metric == "haversine":
        steep = np.maximum(np.cos(0.5 * found), np.sqrt(unit))
        return own + 32 * unit / steep + passed.sum(axis=1)[:, np.newaxis]
    if metric == "hamming":
        return own + np.mean(passed > 0, axis=1)[:, np.newaxis]
    if metric in ("canberra", "braycurtis"):
        return own + np.where(passed > 0, 2 * passed / np.abs(rows), 0.0).sum(axis=1)[:, np.newaxis]
    shift = passed.sum(axis=1)[:, np.newaxis]
    if not cancels:
        return own + shift * (2 * np.sqrt(found) if metric == "sqeuclidean" else 1.0)
    squares = np.square(np.nan_to_num(rows)).sum(axis=1)[:, np.newaxis] + np.square(np.nan_to_num(references)).sum(
        axis=1
    )
    lost = (2 * size + 8) * unit * squares
    if metric == "sqeuclidean":
        return own + lost + 2 * np.sqrt(found) * shift
    if metric == "nan_euclidean":
        lost = lost * size
    return own + np.fmin(lost / found, np.sqrt(lost)) + shift
