"""Kernel machines: weighted sums over reference rows of a function of the row and each reference.

The function is a formula over a few measures of how near a row is to a reference, as nested tuples: a number, a measure
``("measure", number)``, a choice ``("case", condition, value, otherwise)``, or a function of the catalogue with its
arguments, such as ``("exp", ("multiply", -0.5, ("square", ("measure", 0))))``. Tuples are saved as they are; numpy,
the rounding analysis and the lowering each read them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sqlops.ir.metrics import distances
from sqlops.ir.metrics import errors as metric_errors
from sqlops.ir.nodes import FloatArray, Operator
from sqlops.ir.operations import OPERATIONS
from sqlops.ir.propagation import SINGLE_UNIT, UNIT, call_error, shortest_of

Array = npt.NDArray[Any]
Formula = float | tuple[Any, ...]
MeasureKind = Literal[
    "euclidean", "expanded", "product", "manhattan", "chebyshev", "chi2", "cosine",
    "minkowski", "canberra", "braycurtis", "hamming", "haversine",
    "jaccard", "dice", "rogerstanimoto", "russellrao", "sokalsneath",
]  # fmt: skip
Measure = tuple[MeasureKind, FloatArray | None]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Kernel(Operator):
    """``weights @ k + intercept`` with ``k[j] = formula(row, references[j])``.

    Parameters
    ----------
    references : ndarray of shape (n_references, n_inputs)
    measures : tuple of (str, ndarray or None)
        What the formula reads. Each is a kind, and what row and references are divided by first, feature by feature:
        ``euclidean`` distance, ``expanded`` (the same, where the library computes it as ``|x|² - 2xy + |y|²`` and so
        rounds more), inner ``product``, ``manhattan``, ``chebyshev``, ``chi2``: the sum of ``(x-y)² / (x+y)``,
        ``cosine``, the inner product of rows divided by their lengths, if these are not nearly zero, or another metric
        of `sqlops.ir.metrics`.
    formula : float or tuple
    weights : ndarray of shape (n_sums, n_references)
    intercept : ndarray of shape (n_sums,)
    spans : tuple of tuple of (int, int)
        The ranges of references that each sum reads, in order; empty where every sum reads all.
    logarithm : bool
        Whether the formula is the logarithm of ``k``, and the outputs are logarithms too.
    quadratic : ndarray of shape (n_rows, n_references), optional
        Gives one more output: the sum of the squares of ``quadratic @ k``.
    single : bool
        Whether the library computes inner products, and the terms of ``chi2``, in float32. What it rounds afterwards,
        the formula rounds too.
    single_sums : bool
        Whether it multiplies by the weights in float32.
    column_means : ndarray of shape (n_references,), optional
        What the library subtracts from ``k``, together with the mean of ``k``, in float32 before it multiplies by the
        weights; weights and intercept have it in them.
    power : float
        The exponent of ``minkowski``.
    nodes : int
        Of how many nodes of a tree the library adds and subtracts bounds before it adds kernels, and so loses what is
        small beside the first bound; 0 where it adds right away.
    """

    references: FloatArray
    measures: tuple[Measure, ...]
    formula: Formula
    weights: FloatArray
    intercept: FloatArray
    spans: tuple[tuple[Span, ...], ...] = ()
    logarithm: bool = False
    quadratic: FloatArray | None = None
    single: bool = False
    single_sums: bool = False
    column_means: FloatArray | None = None
    power: float = 2.0
    nodes: int = 0

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return len(self.weights) + (self.quadratic is not None)

    def spans_of(self, index: int) -> tuple[Span, ...]:
        """Return the ranges of references that a sum reads."""
        return self.spans[index] if self.spans else ((0, len(self.references)),)

    def seen_by(self, measure: Measure) -> FloatArray:
        """Return the references as a measure sees them."""
        return _seen_by(measure, self.references, self.shortest)

    @property
    def shortest(self) -> float:
        """Return the length below which ``cosine`` takes a row as it is."""
        return shortest_of(single=self.single)


def evaluate(operator: Kernel, columns: Sequence[Array], n_rows: int) -> Array:
    """Return the sums, in numpy."""
    rows = _matrix(columns, n_rows)
    values = apply(operator.formula, [_measure(operator, m, rows).ravel() for m in operator.measures])
    kernel = _shaped(values, n_rows, operator)
    return _combined(operator, kernel)


def _combined(operator: Kernel, kernel: Array) -> Array:
    top = np.zeros((len(kernel), 1))
    if operator.logarithm:
        top = kernel.max(axis=1, keepdims=True, initial=-np.inf)
        kernel = np.exp(np.where(kernel == top, 0.0, kernel - top))
    outputs = [operator.intercept[index] + _sum(operator, kernel, index) for index in range(len(operator.weights))]
    if operator.logarithm:
        outputs = [np.log(output) + top[:, 0] for output in outputs]
    if operator.quadratic is not None:
        outputs.append(np.sum(np.square(kernel @ operator.quadratic.T), axis=1))
    return np.stack(outputs, axis=1)


def _sum(operator: Kernel, kernel: Array, index: int) -> Array:
    parts = [kernel[:, a:b] @ operator.weights[index, a:b] for a, b in operator.spans_of(index)]
    return sum(parts, start=np.zeros(len(kernel)))


def _matrix(columns: Sequence[Array], n_rows: int) -> Array:
    return np.stack(columns, axis=1) if columns else np.zeros((n_rows, 0))


def _shaped(values: Array, n_rows: int, operator: Kernel) -> Array:
    shape = (n_rows, len(operator.references))
    return np.broadcast_to(values, shape) if values.ndim == 0 else values.reshape(shape)


def _seen_by(measure: Measure, rows: Array, shortest: float) -> Array:
    kind, scale = measure
    if scale is not None:
        rows = rows / scale
    if kind == "cosine":
        length = np.sqrt(np.sum(np.square(rows), axis=1, keepdims=True))
        rows = rows / np.where(length < shortest, 1.0, length)
    return rows


_TERMS: dict[str, Callable[[Array, Array], Array]] = {
    "euclidean": lambda x, y: np.square(x - y),
    "expanded": lambda x, y: np.square(x - y),
    "product": lambda x, y: x * y,
    "cosine": lambda x, y: x * y,
    "manhattan": lambda x, y: np.abs(x - y),
    "chebyshev": lambda x, y: np.abs(x - y),
    "chi2": lambda x, y: np.where(x + y == 0, 0.0, np.square(x - y) / (x + y)),
}


_DISTANCES = ("euclidean", "expanded")
_IN_SINGLE = ("product", "cosine", "chi2")
"""What libraries may compute in float32: they make doubles of the rows for all other measures."""


def _measure(operator: Kernel, measure: Measure, rows: Array) -> Array:
    kind = measure[0]
    if kind not in _TERMS:
        return distances(kind, operator.power, _seen_by(measure, rows, operator.shortest), operator.seen_by(measure))
    total = np.zeros((len(rows), len(operator.references)))
    for x, y in zip(_seen_by(measure, rows, operator.shortest).T, operator.seen_by(measure).T, strict=True):
        term = _TERMS[kind](x[:, np.newaxis], y)
        total = np.maximum(total, term) if kind == "chebyshev" else total + term
    return np.sqrt(total) if kind in _DISTANCES else total


def apply(formula: Formula, measures: Sequence[Array]) -> Array:
    """Return a formula's value, given the measures.

    Parameters
    ----------
    formula : float or tuple
    measures : sequence of ndarray of shape (n,)
    """
    if not isinstance(formula, tuple):
        return np.full_like(measures[0], formula) if measures else np.asarray(formula)
    name, *args = formula
    if name == "measure":
        return measures[args[0]]
    values = [apply(arg, measures) for arg in args]
    return np.where(*values) if name == "case" else OPERATIONS[name].evaluate(*values)


def error(operator: Kernel, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the rounding error: of the measures, through the formula, and of the sums in any order."""
    rows, row_errors = _matrix(columns, n_rows), _matrix(errors, n_rows)
    measures = [_measure(operator, m, rows).ravel() for m in operator.measures]
    moved = [_measure_error(operator, m, rows, row_errors).ravel() for m in operator.measures]
    value, passed = apply_error(operator.formula, measures, moved)
    kernel, kernel_error = _shaped(value, n_rows, operator), _shaped(passed, n_rows, operator)
    relative = np.zeros_like(kernel)
    if operator.logarithm:
        relative = kernel_error + 2 * UNIT * np.abs(np.where(np.isfinite(kernel), kernel, 0.0))
        top = kernel.max(axis=1, keepdims=True, initial=-np.inf)
        kernel = np.exp(np.where(kernel == top, 0.0, kernel - top))
        kernel_error = kernel * relative
    n_terms = len(operator.references) + 2
    unit = SINGLE_UNIT if operator.single_sums else UNIT
    if operator.column_means is not None:
        kernel_error = kernel_error + _centring_error(kernel, operator.column_means)
    outputs = []
    lost = _lost_in_bounds(operator, rows, top) if operator.nodes else 0.0
    for weights, intercept in zip(operator.weights, operator.intercept, strict=True):
        size = np.abs(kernel) @ np.abs(weights) + abs(intercept)
        bound = kernel_error @ np.abs(weights) + n_terms * unit * np.where(np.isfinite(size), size, 0.0)
        if operator.logarithm:
            total = np.abs(kernel @ weights)
            bound = (bound + lost) / total
            bound = np.where(bound > 0.5, np.inf, bound) + 2 * UNIT * (np.abs(np.log(total)) + np.abs(top[:, 0]))
        outputs.append(bound)
    if operator.quadratic is not None:
        outputs.append(_quadratic_error(operator.quadratic, kernel, kernel_error))
    result: Array = np.stack(outputs, axis=1)
    return result + np.where(np.isinf(row_errors).any(axis=1), np.inf, 0.0)[:, np.newaxis]


def _lost_in_bounds(operator: Kernel, rows: Array, top: Array) -> Array:
    """Bound what the library loses of a sum, in units of its largest term, whose logarithm is `top`.

    Its trees (Gray and Moore, "Nonparametric Density Estimation", SDM 2003) begin with all kernels at the distance of
    the ball, or box, of the references, and add and subtract such bounds of ever fewer, as logarithms.
    """
    (measure,) = operator.measures
    references = operator.references
    centre = references.mean(axis=0)
    corner = np.where(
        references.max(axis=0) - centre > centre - references.min(axis=0),
        references.max(axis=0),
        references.min(axis=0),
    )
    ball = replace(operator, references=centre[np.newaxis])
    radius = _measure(ball, measure, np.vstack([references, corner])).max()
    nearest = np.maximum(_measure(ball, measure, rows)[:, 0] - radius, 0.0)
    first = apply(operator.formula, [nearest]) + np.log(np.abs(operator.weights).sum())
    lost = 4 * operator.nodes * UNIT * (np.abs(first) + 4) * np.exp(first - top[:, 0])
    return np.where(np.isneginf(first), 0.0, lost)


def _centring_error(kernel: Array, column_means: FloatArray) -> Array:
    """Bound what subtracting the means of columns and of rows, and adding that of all, loses in float32."""
    sizes, means = np.abs(kernel), np.abs(column_means)
    of_row = sizes.mean(axis=1, keepdims=True)
    result: Array = SINGLE_UNIT * (3 * (sizes + means + of_row + means.mean()) + len(means) * of_row)
    return result


def _quadratic_error(quadratic: FloatArray, kernel: Array, kernel_error: Array) -> Array:
    n_terms = quadratic.shape[1] + 2
    sums = np.abs(kernel @ quadratic.T)
    moved = (kernel_error + n_terms * UNIT * np.abs(kernel)) @ np.abs(quadratic.T)
    bound: Array = np.sum(moved * (2 * sums + moved), axis=1) + n_terms * UNIT * np.sum(np.square(sums), axis=1)
    return bound


def _measure_error(operator: Kernel, measure: Measure, rows: Array, errors: Array) -> Array:
    """Bound the error of a measure; differences are exact to a unit in the last place."""
    kind, scale = measure
    seen, references = _seen_by(measure, rows, operator.shortest), operator.seen_by(measure)
    n_terms = rows.shape[1] + 2
    unit = SINGLE_UNIT if operator.single and kind in _IN_SINGLE else UNIT
    own = 0.0
    if scale is not None:
        errors, own = errors / np.abs(scale), UNIT
    if kind == "cosine":
        length = np.sqrt(np.sum(np.square(rows if scale is None else rows / scale), axis=1, keepdims=True))
        errors, own = 2 * errors / np.where(length < operator.shortest, 1.0, length), n_terms * unit
    errors = errors + own * np.abs(seen)
    if kind not in _TERMS:
        return metric_errors(
            kind, operator.power, seen, errors, references, distances(kind, operator.power, seen, references),
            cancels=False, arithmetic="double",
        )  # fmt: skip
    total = np.zeros((len(rows), len(references)))
    for x, e, y in zip(seen.T[:, :, np.newaxis], errors.T[:, :, np.newaxis], references.T, strict=True):
        total += _term_error(kind, x, e + own * np.abs(y), y, n_terms * unit)
    if kind in _DISTANCES:
        distance = _measure(operator, measure, rows)
        total = np.fmin(total / distance, np.sqrt(total)) + UNIT * distance
    return np.nan_to_num(total, nan=0.0, posinf=0.0)


def _term_error(kind: MeasureKind, x: Array, e: Array, y: Array, units: float) -> Array:
    difference = np.abs(x - y)
    result: Array
    match kind:
        case "euclidean":
            result = difference * (2 * e + units * difference) + e * e
        case "expanded":
            result = difference * 2 * e + e * e + 2 * units * (x * x + y * y)
        case "product" | "cosine":
            result = np.abs(y) * e + units * np.abs(x * y)
        case "manhattan" | "chebyshev":
            result = e + units * difference
        case "chi2":
            ratio = np.where(x + y == 0, 0.0, difference / np.abs(x + y))
            result = e * (2 * ratio + ratio * ratio) + units * ratio * difference
    return result


def apply_error(formula: Formula, measures: Sequence[Array], errors: Sequence[Array]) -> tuple[Array, Array]:
    """Return a formula's value and a bound of its rounding error, given those of the measures."""
    if not isinstance(formula, tuple):
        value = apply(formula, measures)
        return value, np.zeros_like(value)
    name, *args = formula
    if name == "measure":
        return measures[args[0]], errors[args[0]]
    values, passed = zip(*(apply_error(arg, measures, errors) for arg in args), strict=True)
    if name == "case":
        return np.where(*values), np.where(values[0], passed[1], passed[2])
    result = OPERATIONS[name].evaluate(*values)
    if result.dtype.kind != "f":
        return result, np.zeros(result.shape)
    return result, call_error(name, values, passed, result)
