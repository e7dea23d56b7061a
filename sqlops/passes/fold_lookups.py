"""Fold encoded columns into the affine maps that read them: one lookup for each source column and output.

What a one-hot column of ten thousand categories adds to a linear model follows from the category: the sum of its
weighted indicators is worked out here, for each category, for missing and for what was never seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sqlops.ir import build
from sqlops.ir.affine import slack as slack_of
from sqlops.ir.nodes import Affine, Expr, FloatArray, Operator, Scalar
from sqlops.ir.program import Program, walk
from sqlops.passes.finite import Finite, find_finite, results
from sqlops.passes.rewrite import replace_operators

LARGEST_RATIO = 16.0
"""Sums that are smaller than their terms by more have their rounding counted by the terms."""


def fold_lookups(program: Program) -> Program:
    """Let affine maps look up what the columns made of one source column add to each output."""
    order = tuple(walk(program.roots()))
    if not any(isinstance(node, Affine) for node in order):
        return program
    finite = find_finite(order)

    def rewrite(operator: Operator) -> Operator:
        return _fold(operator, finite) if isinstance(operator, Affine) else operator

    return replace_operators(program, rewrite)


def _fold(affine: Affine, finite: Mapping[int, Finite]) -> Affine:
    groups: dict[int, list[int]] = {}
    for number, expr in enumerate(affine.inputs):
        dependence = finite.get(id(expr))
        if dependence is not None and not dependence.is_key and (dependence.points or dependence.key.type == "text"):
            groups.setdefault(id(dependence.key), []).append(number)
    folded: set[int] = set()
    columns: list[_Made] = []
    for group in groups.values():
        numbers, made = _fold_group(affine, group, finite)
        folded.update(numbers)
        columns += made
    if not folded:
        return affine
    kept = [number for number in range(len(affine.inputs)) if number not in folded]
    slack = slack_of(affine)
    ones = np.array(
        [[column.output == output for column in columns] for output in range(affine.n_outputs)], dtype=float
    )
    own = ones * np.array([column.slack for column in columns])
    always = slack[:, -1] + ones @ np.array([column.always for column in columns])
    return replace(
        affine,
        inputs=(*(affine.inputs[number] for number in kept), *(column.expr for column in columns)),
        weights=np.column_stack([affine.weights[:, kept], ones]),
        slack=np.column_stack([slack[:, kept], own, always]),
    )


@dataclass(frozen=True, slots=True)
class _Made:
    """What a group of inputs adds to one output, and how far rounding moves it, in proportion to it and always."""

    expr: Expr
    output: int
    slack: float
    always: float


def _fold_group(affine: Affine, group: list[int], finite: Mapping[int, Finite]) -> tuple[list[int], list[_Made]]:
    """Return the inputs of one key that can be folded, and a lookup for each output that they add to."""
    dependences = {number: finite[id(affine.inputs[number])] for number in group}
    values = {number: results(affine.inputs[number], dependence) for number, dependence in dependences.items()}
    group = [number for number in group if np.isfinite(values[number]).all()]
    if len(group) < max(2, affine.n_outputs):
        return [], []
    places: dict[Scalar, int] = {}
    for number in group:
        for point in dependences[number].points:
            places.setdefault(point, len(places))
    told = _Told(
        usual=np.array([values[number][-1] for number in group]),
        value=np.concatenate([values[number][:-1] for number in group]),
        column=np.repeat(np.arange(len(group)), [len(dependences[number].points) + 1 for number in group]),
        place=np.array([at for n in group for at in (*(places[p] for p in dependences[n].points), len(places))]),
        count=len(places) + 2,
    )
    totals = told.added(affine.weights[:, group])
    sizes = replace(told, usual=np.abs(told.usual), value=np.abs(told.value)).added(slack_of(affine)[:, group])
    is_used = totals.any(axis=1)
    if not np.isfinite(totals).all() or sizes[~is_used].any():
        return [], []
    key, largest = dependences[group[0]].key, LARGEST_RATIO * (len(affine.inputs) + 2)
    used = np.flatnonzero(is_used).tolist()
    return group, [_lookup(key, list(places), totals[k], sizes[k], k, largest) for k in used]


@dataclass(frozen=True, slots=True)
class _Told:
    """Columns of one key: most have their usual value at most places, so that only the others are written down."""

    usual: FloatArray
    value: FloatArray
    column: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    count: int

    def added(self, weights: FloatArray) -> FloatArray:
        """Return the sums of the weighted columns, shape (n_outputs, count)."""
        result = np.repeat((weights @ self.usual)[:, np.newaxis], self.count, axis=1)
        change = weights[:, self.column] * self.value - weights[:, self.column] * self.usual[self.column]
        np.add.at(result.T, self.place, change.T)
        return result


def _lookup(
    key: Expr, points: list[Scalar], totals: FloatArray, sizes: FloatArray, output: int, largest: float
) -> _Made:
    *entries, missing, default = totals.tolist()
    told = {point: total for point, total in zip(points, entries, strict=True) if total != default}
    expr = build.lookup(key, dict(told), missing=missing, default=default, type_="double")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(np.where(sizes > 0, sizes / np.abs(totals), 0.0).max())
    if ratio <= largest:
        return _Made(expr, output, ratio, 0.0)
    return _Made(expr, output, 0.0, float(sizes.max()))
