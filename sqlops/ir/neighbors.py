"""Distances to reference rows, and what the nearest of them say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sqlops.ir import metrics
from sqlops.ir.metrics import Arithmetic
from sqlops.ir.nodes import BoolArray, FloatArray, IntArray, Operator
from sqlops.ir.propagation import SINGLE_UNIT, UNIT

Array = npt.NDArray[Any]

Rounding = Literal["not", "once", "twice"]

_PAIRS = 2_000_000
"""So many distances are held in memory at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Distances(Operator):
    """The distance of a row to each of some reference rows.

    Parameters
    ----------
    references : ndarray of shape (n_references, n_inputs)
    metric : str
        One of `sqlops.ir.metrics.METRICS`.
    power : float
        The exponent of ``minkowski``.
    cancels : bool
        Whether the library expands the square of a difference, and so rounds more.
    arithmetic : {"double", "ordered", "stepped", "single"}
        How the library adds, see `sqlops.ir.metrics.Arithmetic`.
    column_weights : ndarray of shape (n_inputs,), optional
        How much each column counts, in one of `sqlops.ir.metrics.WEIGHTED`.
    """

    references: FloatArray
    metric: str = "euclidean"
    power: float = 2.0
    cancels: bool = False
    arithmetic: Arithmetic = "double"
    column_weights: FloatArray | None = None

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has: one for each reference."""
        return len(self.references)


@dataclass(frozen=True, slots=True, eq=False)
class Neighbors(Operator):
    """What the reference rows nearest to a row say.

    The outputs are, in this order: the weighted mean of each column of `values` over the neighbours; for each of
    `votes`, the number of the first largest mean among its columns; the mean of the neighbours' distances, each at
    least its floor, where there are `floors`; and how many neighbours there are. Means of no neighbours are missing.
    A missing distance makes no neighbour. Of equally distant references the first are neighbours.

    Parameters
    ----------
    references : ndarray of shape (n_references, n_inputs)
    values : ndarray of shape (n_references, n_values)
    votes : ndarray of int
        How many columns of `values` each vote takes; they follow each other.
    floors : ndarray of shape (n_references,) or (0,)
    n_neighbors : int
        How many neighbours there are at most; 0 where the radius decides.
    radius : float
        Up to which distance, inclusive, a reference is a neighbour.
    imputed : int
        The input that is imputed, or -1: references without it are no neighbours, and rows that have it have none.
    by_distance : bool
        Whether neighbours weigh by the inverse of their distance; where some are at distance zero, only they count.
    metric, power, cancels, arithmetic, column_weights
        As for `Distances`.
    rounded : {"not", "once", "twice"}
        How often the library rounds the distances of neighbours to float32, once they are found; the first of two
        times, it rounds their squares.
    single_means : bool
        Whether the library takes the means in float32.
    """

    references: FloatArray
    values: FloatArray
    votes: IntArray
    floors: FloatArray
    n_neighbors: int
    radius: float = np.inf
    by_distance: bool = False
    metric: str = "euclidean"
    power: float = 2.0
    cancels: bool = False
    arithmetic: Arithmetic = "double"
    imputed: int = -1
    rounded: Rounding = "not"
    single_means: bool = False
    column_weights: FloatArray | None = None

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return self.count_at + 1

    @property
    def votes_at(self) -> int:
        """The first output that is a vote."""
        return int(self.values.shape[1])

    @property
    def reach_at(self) -> int:
        """The output that is the mean of the distances; there is one where there are floors."""
        return self.votes_at + len(self.votes)

    @property
    def count_at(self) -> int:
        """The output that is the number of neighbours."""
        return self.reach_at + (len(self.floors) > 0)


def evaluate_distances(operator: Distances, columns: Sequence[Array], n_rows: int) -> Array:
    """Return the distances, shape (n_rows, n_references)."""
    return _all_distances(operator, np.column_stack(columns))


def distances_error(operator: Distances, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the rounding error of distances."""
    rows, passed = np.column_stack(columns), np.column_stack(errors)
    return _bounds(operator, rows, passed, _all_distances(operator, rows))


def _all_distances(operator: Distances | Neighbors, rows: FloatArray) -> FloatArray:
    return metrics.distances(
        operator.metric, operator.power, rows, operator.references, operator.arithmetic, operator.column_weights
    )


def _bounds(operator: Distances | Neighbors, rows: FloatArray, passed: FloatArray, found: FloatArray) -> FloatArray:
    return metrics.errors(
        operator.metric, operator.power, rows, passed, operator.references, found,
        cancels=operator.cancels, arithmetic=operator.arithmetic, weights=operator.column_weights,
    )  # fmt: skip


def evaluate(operator: Neighbors, columns: Sequence[Array], n_rows: int) -> Array:
    """Return the outputs, shape (n_rows, n_outputs)."""
    result = np.empty((n_rows, operator.n_outputs))
    for at, rows in _chunks(operator, columns, n_rows):
        found = _found(operator, rows)
        result[at] = _summary(operator, found, _chosen(operator, found))
    return result


def _chunks(operator: Neighbors, columns: Sequence[Array], n_rows: int) -> Iterator[tuple[slice, FloatArray]]:
    rows = np.column_stack(columns)
    step = max(1, _PAIRS // len(operator.references))
    for start in range(0, n_rows, step):
        yield slice(start, start + step), rows[start : start + step]


def _found(operator: Neighbors, rows: FloatArray) -> FloatArray:
    """Return the distances to all references that can be neighbours; NaN to the others."""
    found = _all_distances(operator, rows)
    if operator.imputed >= 0:
        found[:, np.isnan(operator.references[:, operator.imputed])] = np.nan
        found[~np.isnan(rows[:, operator.imputed])] = np.nan
    return found


def _chosen(operator: Neighbors, found: FloatArray) -> IntArray:
    """Return the references that are neighbours, nearest first, -1 where there are fewer."""
    order = np.argsort(found, axis=1, kind="stable")
    if operator.n_neighbors:
        order = order[:, : operator.n_neighbors]
    distance = np.take_along_axis(found, order, axis=1)
    return np.where(distance <= operator.radius, order, -1).astype(np.int32)


def _summary(operator: Neighbors, found: FloatArray, chosen: IntArray) -> Array:
    distance = _kept(operator, np.take_along_axis(found, np.maximum(chosen, 0), axis=1))
    weights = _weights(operator, distance, chosen >= 0)
    sums = np.zeros((len(found), operator.values.shape[1]))
    reach = np.zeros(len(found))
    for neighbor, weight, near in zip(chosen.T, weights.T, distance.T, strict=True):
        there = neighbor >= 0
        sums[there] += weight[there, np.newaxis] * operator.values[neighbor[there]]
        if len(operator.floors):
            reach[there] += np.maximum(near[there], operator.floors[neighbor[there]])
    count = (chosen >= 0).sum(axis=1).astype(np.float64)
    total = np.where(count > 0, weights.sum(axis=1), np.nan)
    winners = np.where(count > 0, _winners(operator, sums).T, np.nan).T
    means = sums / total[:, np.newaxis]
    extra = [reach / count] if len(operator.floors) else []
    return np.column_stack([means, winners, *extra, count])


def _kept(operator: Neighbors, distance: FloatArray) -> FloatArray:
    """Return the distances of neighbours as the library holds them."""
    if operator.rounded == "not":
        return distance
    if operator.rounded == "twice":
        distance = np.sqrt(_to_float32(np.square(distance)))
    return _to_float32(distance)


def _to_float32(values: FloatArray) -> FloatArray:
    return values.astype(np.float32).astype(np.float64)


def _kept_bound(operator: Neighbors, distance: FloatArray, bound: FloatArray) -> FloatArray:
    """Bound the errors of `_kept`, which rounds nearly equal distances to one or to neighbouring numbers."""
    if operator.rounded == "not":
        return bound
    kept = _kept(operator, distance)
    above, below = _kept(operator, distance + bound), _kept(operator, np.maximum(distance - bound, 0.0))
    return np.nan_to_num(np.maximum(above - kept, kept - below), nan=np.inf)


def _weights(operator: Neighbors, distance: FloatArray, there: BoolArray) -> FloatArray:
    if not operator.by_distance:
        return there.astype(np.float64)
    inverse = np.where(there, 1.0 / np.where(distance > 0, distance, 0.0), 0.0)
    at_zero = np.isinf(inverse)
    return np.where(at_zero.any(axis=1, keepdims=True), at_zero, inverse)


def _winners(operator: Neighbors, sums: FloatArray) -> FloatArray:
    stops = np.cumsum(operator.votes)
    winners = [np.argmax(sums[:, stop - n : stop], axis=1) for n, stop in zip(operator.votes, stops, strict=True)]
    return np.column_stack([np.empty((len(sums), 0)), *winners]).astype(np.float64)


def error(operator: Neighbors, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the error of the means; infinity where another choice of equally distant references changes an output."""
    passed = np.column_stack(errors)
    result = np.empty((n_rows, operator.n_outputs))
    for at, rows in _chunks(operator, columns, n_rows):
        found = _found(operator, rows)
        bound = _bounds(operator, rows, passed[at], found)
        chosen = _chosen(operator, found)
        for row in range(len(found)):
            result[at.start + row] = _row_error(operator, found[row], bound[row], chosen[row][chosen[row] >= 0])
    return result


def _row_error(operator: Neighbors, found: FloatArray, bound: FloatArray, chosen: IntArray) -> FloatArray:
    result = np.zeros(operator.n_outputs)
    if not len(chosen) and operator.n_neighbors:
        result[: operator.count_at] = np.inf
        return result
    means = slice(0, operator.votes_at)
    distance, kept_bound = _kept(operator, found[chosen]), _kept_bound(operator, found[chosen], bound[chosen])
    result[means], among = _mean_error(operator, distance, kept_bound, chosen)
    tied = _tied(operator, found, bound, chosen)
    sure = np.setdiff1d(chosen, tied)
    free = len(chosen) - len(sure) if operator.n_neighbors else len(tied)
    if len(tied):
        if not operator.n_neighbors and not len(sure):
            result[:] = np.inf
            return result
        values = operator.values[tied if operator.n_neighbors else np.concatenate([sure, tied])]
        result[means][np.any(values != values[0], axis=0)] = np.inf
        result[operator.count_at] = 0.0 if operator.n_neighbors else len(tied)
    start = 0
    for number, size in enumerate(operator.votes):
        columns = slice(start, start + size)
        if operator.by_distance:
            undecided = _can_be_level(among[columns], result[columns])
        else:
            must_fill = operator.n_neighbors > 0
            undecided = _can_be_outvoted(operator.values[:, columns], chosen, sure, tied, free, must_fill)
        result[operator.votes_at + number] = np.inf if undecided else 0.0
        start += size
    if len(operator.floors):
        differ = len(tied) and np.any(operator.floors[tied] != operator.floors[tied[0]])
        reach = kept_bound.max(initial=0.0) * 2 + _own_error(operator, len(chosen)) * (
            np.maximum(distance, operator.floors[chosen]).max(initial=0.0)
        )
        result[operator.reach_at] = np.inf if differ else reach
    return result


def _can_be_level(shares: FloatArray, errors: FloatArray) -> bool:
    """Say whether errors of the shares can make another one the largest."""
    first, *others = np.sort(shares)[::-1]
    return bool(np.isinf(errors).any() or (len(others) and first - others[0] <= 2 * errors.max()))


def _can_be_outvoted(
    votes: FloatArray, chosen: IntArray, sure: IntArray, tied: IntArray, free: int, must_fill: bool
) -> bool:
    """Say whether another choice among tied references makes another column of votes the first of the largest.

    A column gains most on the winner's if its own references fill the free places first, and the winner's last, in
    places that must be filled.
    """
    if not len(tied):
        return False
    fixed, there = votes[sure].sum(axis=0), votes[tied].sum(axis=0)
    winner = int(np.argmax(votes[chosen].sum(axis=0)))
    kept = max(0, free - (len(tied) - there[winner])) if must_fill else 0
    lead = fixed[winner] + kept - fixed - np.minimum(free, there)
    return bool(np.any(lead[:winner] <= 0) or np.any(lead[winner + 1 :] < 0))


def _own_error(operator: Neighbors, n_terms: int) -> float:
    """Return how far adding some terms and dividing can move a mean, in units of its largest term."""
    return (n_terms + 2) * (SINGLE_UNIT if operator.single_means else UNIT)


def _mean_error(
    operator: Neighbors, distance: FloatArray, bound: FloatArray, chosen: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return bounds for the means over fixed neighbours, and the means."""
    values = operator.values[chosen]
    if not len(chosen):
        return np.zeros(values.shape[1]), np.zeros(values.shape[1])
    size = np.abs(values).max(axis=0)
    own = _own_error(operator, len(chosen)) * size
    weights = _weights(operator, distance[np.newaxis, :], np.ones((1, len(chosen)), dtype=bool))[0]
    means = weights @ values / weights.sum()
    if not operator.by_distance or np.all(bound == 0):
        return own, means
    spread = values.max(axis=0) - values.min(axis=0)
    zero = distance <= 2 * bound
    if not zero.any():
        return own + 4 * np.max(bound / distance) * spread, means
    own = own + spread * np.sum(1.0 / distance[~zero]) * np.max(distance[zero] + bound[zero])
    differ = np.any(values[zero] != values[zero][0], axis=0) & np.any(bound[zero] > 0)
    return np.where(differ, np.inf, own), means


def _tied(operator: Neighbors, found: FloatArray, bound: FloatArray, chosen: IntArray) -> IntArray:
    """Return the references of which rounding decides whether they are neighbours; none where it cannot."""
    nearness = np.nan_to_num(found, nan=np.inf)
    slack = np.where(np.isfinite(nearness), np.nan_to_num(bound, nan=np.inf, posinf=np.inf), np.inf)
    slack[np.isnan(found)] = 0.0
    if operator.n_neighbors == 0:
        return np.flatnonzero(np.abs(nearness - operator.radius) <= slack).astype(np.int32)
    if len(chosen) < operator.n_neighbors:
        return np.empty(0, dtype=np.int32)
    last = chosen[-1]
    with np.errstate(invalid="ignore"):
        near = ~(np.abs(nearness - nearness[last]) > slack + slack[last]) & ~np.isnan(found)
    surely = (nearness < nearness[last]) & ~near
    if surely.sum() + near.sum() <= operator.n_neighbors:
        return np.empty(0, dtype=np.int32)
    return np.flatnonzero(near).astype(np.int32)
