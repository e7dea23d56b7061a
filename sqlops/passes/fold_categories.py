"""Fold one-hot columns into the splits of trees: one coded column for each source column, and tests of categories.

What a one-hot, an ordinal code or a scaled indicator is follows from which of a few values the source column has. All
inputs of an ensemble that follow from one column become one: its values numbered, where those that no input tells apart
share a number (unknown, infrequent and dropped categories among them), and a split on any of the inputs becomes a set
of these numbers. A column of numbers stays as it is, unless missing is a category of its own. Inputs that give each
category a number, and are split at many, stay too: each threshold would be another set of many categories.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sqlops.ir import build
from sqlops.ir.nodes import BoolArray, Expr, FloatArray, IntArray, Operator, Scalar, TreeEnsemble
from sqlops.ir.program import Program, walk
from sqlops.passes.ensembles import Numbers, by_category, known_of, splits_by_input, swap, with_inputs
from sqlops.passes.finite import Finite, find_finite, results
from sqlops.passes.rewrite import replace_operators


def fold_categories(program: Program) -> Program:
    """Let trees test the categories of a source column instead of several columns that were made of it."""
    order = tuple(walk(program.roots()))
    if not any(isinstance(node, TreeEnsemble) for node in order):
        return program
    finite = find_finite(order)

    def rewrite(operator: Operator) -> Operator:
        return _fold(operator, finite) if isinstance(operator, TreeEnsemble) else operator

    return replace_operators(program, rewrite)


@dataclass
class _Draft:
    """The arrays of an ensemble while they change."""

    inputs: list[Expr]
    known: list[FloatArray | None]
    feature: IntArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    category_set: IntArray
    sets: list[FloatArray]
    numbers: dict[tuple[int, bytes], int] = field(default_factory=dict)

    def set_number(self, members: FloatArray) -> int:
        """Return the number of a set of codes of the last input."""
        key = (len(self.inputs), members.tobytes())
        if key not in self.numbers:
            self.numbers[key] = len(self.sets)
            self.sets.append(members)
        return self.numbers[key]


def _fold(ensemble: TreeEnsemble, finite: Mapping[int, Finite]) -> TreeEnsemble:
    splits = dict(splits_by_input(ensemble))
    groups: dict[int, list[int]] = {}
    for number, nodes in splits.items():
        dependence = finite.get(id(ensemble.inputs[number]))
        if dependence is None or dependence.is_key or by_category(ensemble, nodes).any():
            continue
        if dependence.points or dependence.key.type == "text":
            groups.setdefault(id(dependence.key), []).append(number)
    columns = {
        number: _Column(ensemble.inputs[number], finite[id(ensemble.inputs[number])])
        for group in groups.values()
        for number in group
        if len(group) > 1
    }
    kinds = {number: _kinds(ensemble, splits[number], column) for number, column in columns.items()}
    groups = {
        key: group
        for key, group in groups.items()
        if len(group) > 1 and _is_short([columns[n] for n in group], [kinds[n] for n in group])
    }
    if not groups:
        return ensemble
    draft = _Draft(
        list(ensemble.inputs),
        known_of(ensemble),
        ensemble.feature.copy(),
        ensemble.left.copy(),
        ensemble.right.copy(),
        ensemble.missing_left.copy(),
        ensemble.category_set.copy(),
        list(ensemble.category_sets),
    )
    for group in groups.values():
        coded = _Coded([columns[number] for number in group])
        draft.inputs.append(coded.expr)
        draft.known.append(coded.known)
        for number in group:
            _fold_input(draft, splits[number], kinds[number], columns[number], coded)
    made = replace(
        ensemble,
        left=draft.left,
        right=draft.right,
        missing_left=draft.missing_left,
        category_set=draft.category_set,
        category_sets=tuple(draft.sets),
    )
    return with_inputs(made, draft.inputs, draft.known, draft.feature)


class _Column:
    """An input that follows from a key: its value elsewhere, and at the points where it has another."""

    def __init__(self, expr: Expr, dependence: Finite) -> None:
        *values, missing, default = results(expr, dependence).tolist()
        self.key = dependence.key
        self.default = default
        self.missing = None if _same(missing, default) else missing
        self.values = {
            point: value for point, value in zip(dependence.points, values, strict=True) if not _same(value, default)
        }


def _same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


class _Coded:
    """One column in place of several that follow from one key.

    Values of the key that no column tells apart have one code; 0 is that of all values that no column knows.
    """

    codes: dict[Scalar, float]

    def __init__(self, columns: list[_Column]) -> None:
        key = columns[0].key
        told: dict[Scalar, list[tuple[int, str]]] = {}
        for number, column in enumerate(columns):
            for point, value in column.values.items():
                told.setdefault(point, []).append((number, repr(value)))
        at_missing = [(number, repr(c.missing)) for number, c in enumerate(columns) if c.missing is not None]
        if key.type == "double" and not at_missing:
            self.expr = key
            self.codes = {point: float(point) for point in told if isinstance(point, float)}
            self.missing = math.nan
            self.known = np.array(sorted(self.codes.values()))
            return
        classes: dict[tuple[tuple[int, str], ...], float] = {(): 0.0}
        self.codes = {point: classes.setdefault(tuple(told[point]), float(len(classes))) for point in told}
        self.missing = classes.setdefault(tuple(at_missing), float(len(classes)))
        self.known = np.arange(float(len(classes)))
        self.expr = build.lookup(key, dict(self.codes), missing=self.missing, default=0.0, type_="double")


@dataclass(frozen=True, slots=True)
class _Kinds:
    """How the splits of one input part its values.

    Parameters
    ----------
    values : ndarray of float64
        The values of the input, in order, none of them missing.
    each : list of (int, int)
        How many of the values are on the left, and whether missing is.
    which : ndarray of int
        Of each split.
    """

    values: FloatArray
    each: list[tuple[int, int]]
    which: Numbers


def _kinds(ensemble: TreeEnsemble, nodes: Numbers, column: _Column) -> _Kinds:
    values = np.unique([v for v in (column.default, column.missing, *column.values.values()) if v is not None])
    values = values[~np.isnan(values)]
    below = np.searchsorted(values, ensemble.threshold[nodes], side="right")
    kinds, which = np.unique(2 * below + ensemble.missing_left[nodes], return_inverse=True)
    return _Kinds(values, [divmod(kind, 2) for kind in kinds.tolist()], which)


MOST_KINDS = 2
"""Sets of categories may take so many times the place of what they are made of."""


def _is_short(columns: list[_Column], kinds: list[_Kinds]) -> bool:
    """Whether the sets that some inputs become are not much longer than the inputs."""
    size = sum(len(kind.each) * len(column.values) for kind, column in zip(kinds, columns, strict=True))
    return size <= MOST_KINDS * sum(len(column.values) for column in columns)


def _fold_input(draft: _Draft, nodes: Numbers, kinds: _Kinds, column: _Column, coded: _Coded) -> None:
    """Turn the splits of one column into sets of the codes that part from all others, in place."""
    for number, (count, missing_left) in enumerate(kinds.each):
        go_left = {*kinds.values[:count].tolist(), *(["nan"] if missing_left else [])}

        def side(value: float, go_left: set[float | str] = go_left) -> bool:
            return ("nan" if math.isnan(value) else value) in go_left

        usual = side(column.default)
        members = {coded.codes[point] for point, value in column.values.items() if side(value) != usual}
        if column.missing is not None and side(column.missing) != usual:
            members.add(coded.missing)
        here = nodes[kinds.which == number]
        draft.category_set[here] = draft.set_number(np.array(sorted(members)))
        if usual:
            swap(draft.left, draft.right, here)
    draft.feature[nodes] = len(draft.inputs) - 1
    draft.missing_left[nodes] = False
