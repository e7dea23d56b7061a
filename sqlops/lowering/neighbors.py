"""Nearest references: by scalar expressions where they are few, else by lists over the constants relation."""

from __future__ import annotations

import numpy as np

from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.nodes import Operator
from sqlops.lowering.candidates import candidates
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.lists import ITEM, POSITION
from sqlops.lowering.metrics import distance_to, list_of_distances
from sqlops.lowering.neighbors_by_rows import first_largest, lower_neighbors_by_rows, mean_of
from sqlops.lowering.ranges import ratio, times

SMALL = 1024
"""Up to this many references times inputs, each distance is an expression of its own."""

_SCALAR = frozenset(
    ("dot", "euclidean", "sqeuclidean", "manhattan", "chebyshev", "minkowski", "canberra", "braycurtis", "hamming")
)


def _is_small(operator: Distances | Neighbors) -> bool:
    return operator.references.size <= SMALL and operator.metric in _SCALAR


def lower_distances(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write distances as one expression each, or as elements of one list."""
    assert isinstance(operator, Distances)
    if _is_small(operator) or builder.dialect.rows:
        stored = tuple(builder.store(x) for x in inputs)
        return {at: distance_to(builder, operator, stored, operator.references[at]) for at in used}
    lists = builder.dialect.needed_lists
    found = list_of_distances(builder, operator, inputs)
    return {at: builder.combine(lists.element_if_any(found.text, lists.first + at), [found]) for at in used}


def lower_neighbors(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write what the nearest references say: distances, the nearest of them, and means of their values."""
    assert isinstance(operator, Neighbors)
    if operator.n_neighbors == 1 and used[-1] < operator.votes_at and _is_small(operator):
        return _one_of_few(builder, operator, inputs, used)
    inputs = tuple(builder.store(x) for x in inputs)
    if builder.dialect.rows:
        return lower_neighbors_by_rows(builder, builder.dialect.rows, operator, inputs, used)
    listed = candidates(builder, operator, inputs)
    found = listed[1] if listed else list_of_distances(builder, operator, inputs)
    if operator.imputed >= 0:
        found = _to_donors(builder, operator, found, inputs[operator.imputed])
    if operator.n_neighbors:
        near, distance = _nearest(builder, operator, found)
    else:
        near, distance = _within(builder, operator, found)
    if listed:
        lists = builder.dialect.needed_lists
        original = lists.transform.format(near.text, ITEM, lists.element.format(listed[0].text, ITEM))
        near = builder.store(builder.combine(original, (near, listed[0])))
    return _Summary(builder, operator, near, distance).outputs(used)


def _one_of_few(
    builder: Builder, operator: Neighbors, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    stored = tuple(builder.store(x) for x in inputs)
    rows = [builder.store(distance_to(builder, operator, stored, row)) for row in operator.references]
    least = builder.store(builder.combine(builder.dialect.call("minimum", tuple(row.text for row in rows)), rows))
    results = {}
    for at in used:
        values = [builder.dialect.double(float(value)) for value in operator.values[:, at]]
        arms = " ".join(f"WHEN {row.text} THEN {value}" for row, value in zip(rows, values, strict=True))
        results[at] = builder.combine(f"CASE {least.text} {arms} END", (least, *rows))
    return results


def _to_donors(builder: Builder, operator: Neighbors, found: Fragment, imputed: Fragment) -> Fragment:
    """Return the distances to references that have what a row lacks."""
    dialect = builder.dialect
    lists = dialect.needed_lists
    donors = builder.constant_array((~np.isnan(operator.references[:, operator.imputed])).astype(np.float64), "double")
    has = lists.element.format(donors.text, POSITION)
    # Far values can make a distance NaN, which is further than all others.
    distance = (
        ITEM if dialect.nan_is_largest else f"CASE WHEN {ITEM} <> {ITEM} THEN {dialect.double(np.inf)} ELSE {ITEM} END"
    )
    kept = lists.transform_numbered.format(found.text, ITEM, POSITION, f"CASE WHEN {has} > 0 THEN {distance} END")
    text = lists.where(dialect.call("is_missing", (imputed.text,)), kept)
    return builder.store(builder.combine(text, (donors, found, imputed)))


def _nearest(builder: Builder, operator: Neighbors, found: Fragment) -> tuple[Fragment, Fragment]:
    """Return the positions of the nearest references, and their distances, as lists, nearest first.

    The position of each of the smallest distances is that of the first reference with it. Where two of them are equal,
    the references nearer than the last are put in order, and those at its distance follow.
    """
    lists = builder.dialect.needed_lists
    k = operator.n_neighbors
    distance = builder.store(builder.combine(lists.smallest.format(found.text, k), [found]))
    simple = lists.transform.format(distance.text, ITEM, lists.position.format(found.text, ITEM))
    if k == 1:
        return builder.store(builder.combine(simple, (found, distance))), distance
    last = lists.element.format(distance.text, lists.length.format(distance.text))
    at = lists.element.format(found.text, ITEM)
    positions = lists.numbers.format(lists.length.format(found.text))
    nearer = lists.filter.format(positions, ITEM, f"{at} < {last}")
    nearer = lists.order.format(nearer, lists.transform.format(nearer, ITEM, at))
    level = lists.head.format(
        lists.filter.format(positions, ITEM, f"{at} = {last}"), lists.length.format(distance.text)
    )
    text = (
        f"CASE WHEN {lists.distinct.format(distance.text)} = {lists.length.format(distance.text)} THEN {simple}"
        f" ELSE {lists.head.format(lists.join.format(nearer, level), lists.length.format(distance.text))} END"
    )
    return builder.store(builder.combine(text, (found, distance))), distance


def _within(builder: Builder, operator: Neighbors, found: Fragment) -> tuple[Fragment, Fragment]:
    lists = builder.dialect.needed_lists
    radius = builder.dialect.double(operator.radius)
    at = lists.element.format(found.text, ITEM)
    positions = lists.numbers.format(lists.length.format(found.text))
    near = lists.filter.format(positions, ITEM, f"{at} <= {radius}")
    distance = lists.known.format(lists.filter.format(found.text, ITEM, f"{ITEM} <= {radius}"))
    return builder.store(builder.combine(near, [found])), builder.store(builder.combine(distance, [found]))


class _Summary:
    """Means over the neighbours of a row."""

    def __init__(self, builder: Builder, operator: Neighbors, near: Fragment, distance: Fragment) -> None:
        self.builder = builder
        self.dialect = builder.dialect
        self.lists = builder.dialect.needed_lists
        self.operator = operator
        self.near = near
        self.distance = self._kept(distance)
        self.count = builder.store(builder.combine(self.lists.length.format(near.text), [near]))
        self.weights = self._weights() if operator.by_distance else None
        total = (
            builder.combine(self.lists.total.format(self.weights.text), [self.weights]) if self.weights else self.count
        )
        self.total = builder.store(total)
        self.sums: dict[int, Fragment] = {}

    def _kept(self, distance: Fragment) -> Fragment:
        """Return the distances as the library holds them, where they are asked for."""
        operator, transform = self.operator, self.lists.transform
        if operator.rounded == "not" or not (operator.by_distance or len(operator.floors)):
            return distance
        if operator.rounded == "twice":
            squares = transform.format(distance.text, ITEM, self.dialect.call("float32", (self._square(),)))
            roots = transform.format(squares, ITEM, f"sqrt({ITEM})")
            distance = self.builder.store(self.builder.combine(roots, [distance]))
        rounded = transform.format(distance.text, ITEM, self.dialect.call("float32", (ITEM,)))
        return self.builder.store(self.builder.combine(rounded, [distance]))

    def _square(self) -> str:
        return f"({self.dialect.call('square', (ITEM,))})" if self.dialect.refuses_overflow else f"({ITEM} * {ITEM})"

    def outputs(self, used: tuple[int, ...]) -> dict[int, Fragment]:
        return {index: self._output(index) for index in used}

    def _output(self, index: int) -> Fragment:
        operator = self.operator
        if index == operator.count_at:
            return self.count
        if index < operator.votes_at:
            return self._mean(self._sum(index), self.total)
        if index == operator.reach_at:
            return self._reach()
        return self._vote(index - operator.votes_at)

    def _mean(self, total: Fragment, by: Fragment) -> Fragment:
        return mean_of(self.builder, self.count, total, by)

    def _sum(self, index: int) -> Fragment:
        if index not in self.sums:
            values = self.builder.constant_array(self.operator.values[:, index], "double")
            value = self.lists.element.format(values.text, ITEM)
            parts = [self.near, values]
            if self.weights is None:
                listed = self.lists.transform.format(self.near.text, ITEM, value)
            else:
                weight = self.lists.element.format(self.weights.text, POSITION)
                listed = self.lists.transform_numbered.format(
                    self.near.text, ITEM, POSITION, times(self.dialect, weight, value)
                )
                parts.append(self.weights)
            self.sums[index] = self.builder.store(self.builder.combine(self.lists.total.format(listed), parts))
        return self.sums[index]

    def _weights(self) -> Fragment:
        infinite = self.dialect.double(float("inf"))
        inverse = f"CASE WHEN {ITEM} > 0 THEN {ratio(self.dialect, '1e0', ITEM)} ELSE {infinite} END"
        listed = self.lists.transform.format(self.distance.text, ITEM, inverse)
        inverses = self.builder.store(self.builder.combine(listed, [self.distance]))
        at_zero = self.lists.filter.format(inverses.text, ITEM, f"{ITEM} = {infinite}")
        ones = self.lists.transform.format(inverses.text, ITEM, f"CASE WHEN {ITEM} = {infinite} THEN 1e0 ELSE 0e0 END")
        text = f"CASE WHEN {self.lists.length.format(at_zero)} > 0 THEN {ones} ELSE {inverses.text} END"
        return self.builder.store(self.builder.combine(text, [inverses]))

    def _reach(self) -> Fragment:
        floors = self.builder.constant_array(self.operator.floors, "double")
        floor = self.lists.element.format(floors.text, self.lists.element.format(self.near.text, POSITION))
        reach = self.dialect.call("maximum", (ITEM, floor))
        reaches = self.lists.transform_numbered.format(self.distance.text, ITEM, POSITION, reach)
        listed = self.lists.total.format(reaches)
        total = self.builder.store(self.builder.combine(listed, (self.near, self.distance, floors)))
        return self._mean(total, self.count)

    def _vote(self, number: int) -> Fragment:
        start = int(self.operator.votes[:number].sum())
        sums = [self._sum(start + at) for at in range(int(self.operator.votes[number]))]
        return first_largest(self.builder, self.count, sums)
