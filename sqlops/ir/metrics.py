"""Distances between rows in numpy, added as scikit-learn's `DistanceMetric` adds, and their rounding errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import FloatArray
from sqlops.ir.propagation import SINGLE_UNIT, UNIT

Array = npt.NDArray[Any]
Arithmetic = Literal["double", "ordered", "stepped", "single"]
"""How a library adds up a distance: in doubles, in any order or from left to right; in doubles from left to right with
differences and result rounded to float32, as scikit-learn's ``DistanceMetric32``; or in float32, in any order."""

LONGEST_ORDERED = 64
"""Up to so many terms are added from left to right by the evaluator and by SQL."""

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
    "canberra", "braycurtis", "braycurtis_of_sums", "hamming", "haversine", "nan_euclidean", *BOOLEAN,
)  # fmt: skip
"""What operators take for a metric; frontends reduce the others to these. ``dot`` is the plain inner product, and
``braycurtis_of_sums`` is what scipy takes for Bray and Curtis's: divided by ``sum(abs(x + y))``."""

WEIGHTED = ("sqeuclidean", "manhattan", "canberra", "braycurtis", "braycurtis_of_sums", "hamming", *BOOLEAN)
"""Metrics in which columns can have weights; for others, frontends scale the columns."""

_OF_SUMS = ("manhattan", "canberra", "braycurtis", "braycurtis_of_sums")
_OF_COUNTS_OR_LARGEST = ("chebyshev", "hamming", *BOOLEAN)
"""Metrics in which nothing but differences, sums and quotients is rounded: added in one order, or in any, they are one
double. Squares are, too, where columns have weights: then the library takes them pair by pair."""


def distances(
    metric: str,
    power: float,
    rows: FloatArray,
    references: FloatArray,
    arithmetic: Arithmetic = "double",
    weights: FloatArray | None = None,
) -> Array:
    """Return the distance of each row to each reference, shape (n_rows, n_references); NaN where there is none.

    Parameters
    ----------
    metric : str
        One of `METRICS`.
    power : float
        The exponent of ``minkowski``.
    rows, references : ndarrays of shape (n_rows, d) and (n_references, d)
    arithmetic : {"double", "ordered", "stepped", "single"}
        Only what is stepped is rounded on the way.
    weights : ndarray of shape (d,), optional
        How much each column counts, in one of `WEIGHTED`.
    """
    if metric == "dot":
        return np.asarray(rows @ references.T)
    if metric in BOOLEAN:
        if weights is not None:
            return _of_weights(metric, rows, references, weights)
        return _of_counts(metric, rows, references)
    if metric == "nan_euclidean":
        return _nan_euclidean(rows, references)
    stepped = arithmetic == "stepped"
    totals = _totals(metric, power, rows, references, stepped, weights)
    return _finished(metric, power, _to_float32(totals) if stepped else totals)


def size_of(n_columns: int, weights: FloatArray | None) -> float:
    """Return how many columns there are, or what they weigh together, added from first to last."""
    return float(n_columns if weights is None else np.cumsum(weights)[-1])


def _totals(
    metric: str, power: float, rows: FloatArray, references: FloatArray, stepped: bool, weights: FloatArray | None
) -> Array:
    """Return what `_finished` makes a distance of: a sum over the columns for most metrics."""
    shape = (len(rows), len(references))
    total, scale = np.zeros(shape), np.zeros(shape)
    cosine = np.ones(shape)
    shares = np.ones(rows.shape[1]) if weights is None else weights
    for x, y, share in zip(rows.T, references.T, shares, strict=True):
        difference = x[:, np.newaxis] - y
        difference = np.abs(_to_float32(difference) if stepped else difference)
        weighted = difference if weights is None else share * difference
        match metric:
            case "euclidean" | "sqeuclidean":
                total += weighted * difference
            case "manhattan":
                total += weighted
            case "chebyshev":
                total = np.maximum(total, difference)
            case "minkowski":
                total += difference**power
            case "hamming":
                total += share * (x[:, np.newaxis] != y)
            case "canberra":
                size = np.abs(x)[:, np.newaxis] + np.abs(y)
                total += np.where(size > 0, weighted / size, 0.0)
            case "braycurtis":
                total += weighted
                scale += share * (np.abs(x)[:, np.newaxis] + np.abs(y))
            case "braycurtis_of_sums":
                total += weighted
                scale += share * np.abs(x[:, np.newaxis] + y)
            case "haversine":
                total += cosine * np.sin(0.5 * difference) * np.sin(0.5 * difference)
                cosine = np.cos(x)[:, np.newaxis] * np.cos(y)
    match metric:
        case "hamming":
            return np.asarray(total / size_of(rows.shape[1], weights))
        case "braycurtis":
            return np.where(scale > 0, total / scale, 0.0)
        case "braycurtis_of_sums":
            return np.asarray(total / scale)
    return np.asarray(total)


def _finished(metric: str, power: float, totals: Array) -> Array:
    match metric:
        case "euclidean":
            return np.sqrt(totals)
        case "minkowski":
            return np.asarray(totals ** (1.0 / power))
        case "haversine":
            return np.asarray(2 * np.arcsin(np.sqrt(totals)))
    return totals


def _to_float32(values: Array) -> Array:
    return values.astype(np.float32).astype(np.float64)


def _of_counts(metric: str, rows: FloatArray, references: FloatArray) -> Array:
    size = float(rows.shape[1])
    both = rows @ references.T
    mine, theirs = rows.sum(axis=1)[:, np.newaxis], references.sum(axis=1)
    if metric == "yule":
        return _yule(both, (mine - both) * (theirs - both), size - mine - theirs + both)
    any_ = mine + theirs - both
    return OF_COUNTS[metric](both, any_ - both, any_, size)


def _of_weights(metric: str, rows: FloatArray, references: FloatArray, weights: FloatArray) -> Array:
    """Return a metric of zeros and ones that adds weights where `_of_counts` counts, in the order of the columns."""
    both, mine, theirs, neither = np.zeros((4, len(rows), len(references)))
    one, any_ = np.zeros((2, len(rows), len(references)))
    for x, y, weight in zip(rows.T.astype(bool), references.T.astype(bool), weights, strict=True):
        x = x[:, np.newaxis]
        both += weight * (x & y)
        mine += weight * (x & ~y)
        theirs += weight * (~x & y)
        neither += weight * ~(x | y)
        one += weight * (x != y)
        any_ += weight * (x | y)
    if metric == "yule":
        return _yule(both, mine * theirs, neither)
    return OF_COUNTS[metric](both, one, any_, size_of(len(weights), weights))


def _yule(both: Array, product: Array, neither: Array) -> Array:
    return np.where(product == 0, 0.0, 2.0 * product / (both * neither + product))


def _nan_euclidean(rows: FloatArray, references: FloatArray) -> Array:
    total = np.zeros((len(rows), len(references)))
    for x, y in zip(rows.T, references.T, strict=True):
        total += np.nan_to_num(np.square(x[:, np.newaxis] - y), nan=0.0, posinf=np.inf)
    return np.asarray(np.sqrt(total / _present(rows, references) * rows.shape[1]))


def _present(rows: FloatArray, references: FloatArray) -> Array:
    """Count the columns that neither a row nor a reference misses."""
    return np.asarray((~np.isnan(rows)).astype(np.float64) @ (~np.isnan(references)).astype(np.float64).T)


def errors(
    metric: str, power: float, rows: FloatArray, passed: FloatArray, references: FloatArray, found: FloatArray, *,
    cancels: bool, arithmetic: Arithmetic, weights: FloatArray | None = None,
) -> Array:  # fmt: skip
    """Bound the rounding errors of `distances`.

    Parameters
    ----------
    metric : str
    power : float
    rows, passed, references : ndarrays of shape (n_rows, d), (n_rows, d) and (n_references, d)
        The rows, their errors, and the references.
    found : ndarray of shape (n_rows, n_references)
        The distances.
    cancels : bool
        Whether the library expands the square of a difference, so that large terms cancel.
    arithmetic : {"double", "ordered", "stepped", "single"}
        How the library adds.
    weights : ndarray of shape (d,), optional
    """
    if arithmetic == "stepped":
        return _stepped_errors(metric, power, rows, passed, references, found)
    unit = SINGLE_UNIT if arithmetic == "single" else UNIT
    in_order = arithmetic == "ordered" and _is_ordered(metric, references, weights)
    return np.asarray(_errors(metric, rows, passed, references, found, cancels, unit, in_order, weights))


def _is_ordered(metric: str, references: Array, weights: FloatArray | None) -> bool:
    if weights is None and metric in _OF_COUNTS_OR_LARGEST:
        return True
    return references.shape[1] <= LONGEST_ORDERED and (metric in _OF_SUMS or weights is not None)


def _stepped_errors(metric: str, power: float, rows: Array, passed: Array, references: Array, found: Array) -> Array:
    """Bound the errors of distances that are rounded to float32: nothing, unless a bound lies close to the double."""
    size = references.shape[1]
    exact = _is_ordered(metric, references, None)
    totals = _totals(metric, power, rows, references, stepped=True, weights=None)
    slack = 0.0 if exact else (8 * size + 16) * UNIT * np.abs(totals)
    flips = _to_float32(totals + slack) != _to_float32(totals - slack)
    own = np.where(flips, 2 * SINGLE_UNIT, 0.0 if exact else 8 * UNIT) * np.abs(found)
    moved = _errors(metric, rows, passed, references, found, False, 0.0, True, None)
    return np.asarray(own + np.where(moved > 0, moved + 2 * SINGLE_UNIT * np.abs(found), 0.0))


def _errors(
    metric: str, rows: Array, passed: Array, references: Array, found: Array, cancels: bool, unit: float,
    in_order: bool, weights: FloatArray | None,
) -> Any:  # fmt: skip
    size = references.shape[1]
    if metric == "dot":
        return (size + 2) * unit * (np.abs(rows) @ np.abs(references).T) + passed @ np.abs(references).T
    own = np.zeros_like(found) if in_order else (8 * size + 16) * unit * np.abs(found)
    if metric in BOOLEAN:
        if metric == "russellrao" and weights is not None and not in_order:
            own = np.full_like(found, (8 * size + 16) * unit)
        return own + passed.sum(axis=1)[:, np.newaxis]
    if metric == "hamming":
        return own + np.average(passed > 0, axis=1, weights=weights)[:, np.newaxis]
    if weights is not None:
        passed = passed * (np.sqrt(weights) if metric == "sqeuclidean" else weights)
    if metric == "haversine":
        steep = np.maximum(np.cos(0.5 * found), np.sqrt(unit))
        return own + 32 * unit / steep + passed.sum(axis=1)[:, np.newaxis]
    if metric in ("canberra", "braycurtis"):
        return own + np.where(passed > 0, 2 * passed / np.abs(rows), 0.0).sum(axis=1)[:, np.newaxis]
    shift = passed.sum(axis=1)[:, np.newaxis]
    if metric == "braycurtis_of_sums":
        sums = distances("manhattan", 1.0, rows, -references, weights=weights)
        return own + np.where(shift > 0, shift * (1 + np.abs(found)) / sums, 0.0)
    if not cancels:
        return own + shift * (2 * np.sqrt(found) if metric == "sqeuclidean" else 1.0)
    squares = np.square(np.nan_to_num(rows)).sum(axis=1)[:, np.newaxis] + np.square(np.nan_to_num(references)).sum(
        axis=1
    )
    lost = (2 * size + 8) * unit * squares
    if metric == "sqeuclidean":
        return own + lost + 2 * np.sqrt(found) * shift
    if metric == "nan_euclidean":
        lost = lost * size / np.maximum(_present(rows, references), 1)
    return own + np.fmin(lost / found, np.sqrt(lost)) + shift
