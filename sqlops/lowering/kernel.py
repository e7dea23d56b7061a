"""Kernel sums as functions of arrays.

The references are a constant array of rows. A row's measures to all of them, and what the formula makes of these, are
array columns of a stage each, so that several sums share them; a sum is the inner product with its weights. The SQL
is as long for five references as for five thousand. On DuckDB, a lambda over lists with `list_distance` took 34 ns for
a pair of 20 features, over fixed-size arrays 87, over structs of columns 270; libsvm takes 38.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.ir.kernel import Formula, Kernel, Measure, MeasureKind, apply
from sqlops.ir.nodes import Affine, Operator
from sqlops.lowering.affine import lower_affine
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.kernel_by_rows import lower_kernel_by_rows
from sqlops.lowering.kernel_text import formula_text, terms_of
from sqlops.lowering.lists import ITEM, POSITION, REFERENCE
from sqlops.lowering.metrics import finished, total_of
from sqlops.lowering.ranges import added, ratio

_OF_ROWS = frozenset(("euclidean", "expanded", "product", "cosine", "manhattan", "chebyshev", "chi2"))


def lower_kernel(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write the sums over arrays; those that are affine in the row are written as such."""
    assert isinstance(operator, Kernel)
    affine = _as_affine(operator)
    if affine is not None:
        return lower_affine(builder, affine, inputs, used)
    if builder.dialect.rows:
        return lower_kernel_by_rows(builder, builder.dialect.rows, operator, inputs, used)
    kernel = _kernel_values(builder, operator, inputs)
    top = None
    if operator.logarithm:
        top = builder.store(builder.combine(builder.dialect.needed_lists.maximum.format(kernel.text), [kernel]))
        kernel = _relative_to(builder, kernel, top)
    results: dict[int, Fragment] = {}
    sums = [index for index in used if index < len(operator.weights)]
    if sums:
        weights = builder.constant_array(operator.weights[sums], "double")
        for row, index in enumerate(sums):
            total = _sum(builder, operator, kernel, weights, row, index)
            results[index] = total if top is None else _logarithm(builder, total, top)
    if len(sums) < len(used):
        results[used[-1]] = _sum_of_squares(builder, operator, kernel)
    return results


def _as_affine(operator: Kernel) -> Affine | None:
    """Return the affine map that the sums are, where the formula is linear in one inner product."""
    n_references, n_inputs = operator.references.shape
    if n_references == 0:
        return Affine(operator.inputs, np.zeros((operator.n_outputs, n_inputs)), operator.intercept)
    kinds = [kind for kind, _ in operator.measures]
    factors = _linear(operator.formula)
    if kinds != ["product"] or factors is None or operator.logarithm or operator.quadratic is not None:
        return None
    slope, constant = factors
    scale = operator.measures[0][1]
    references = operator.references if scale is None else operator.references / scale / scale
    weights = np.zeros_like(operator.weights)
    for index in range(len(weights)):
        for start, stop in operator.spans_of(index):
            weights[index, start:stop] = operator.weights[index, start:stop]
    return Affine(operator.inputs, slope * (weights @ references), operator.intercept + constant * weights.sum(axis=1))


def _linear(formula: Formula) -> tuple[float, float] | None:
    """Return slope and constant of a formula that is linear in its only measure."""
    if not isinstance(formula, tuple):
        return 0.0, float(formula)
    name, *args = formula
    if name == "measure":
        return 1.0, 0.0
    if name not in ("add", "multiply"):
        return None
    left, right = (_linear(arg) for arg in args)
    if left is None or right is None:
        return None
    if name == "add":
        return left[0] + right[0], left[1] + right[1]
    if left[0] != 0 and right[0] != 0:
        return None
    return left[0] * right[1] + left[1] * right[0], left[1] * right[1]


def _kernel_values(builder: Builder, operator: Kernel, inputs: tuple[Fragment, ...]) -> Fragment:
    """Return the formula's value for each reference, as an array column."""
    if not operator.measures:
        same = np.full(len(operator.references), float(apply(operator.formula, [])))
        return builder.constant_array(same, "double")
    lists = builder.dialect.needed_lists
    rows: dict[tuple[bool, bytes | None], tuple[Fragment, Fragment]] = {}
    measures = []
    for measure in operator.measures:
        kind, scale = measure
        key = (kind == "cosine", None if scale is None else scale.tobytes())
        if key not in rows:
            references = builder.constant_array(operator.seen_by(measure), "double")
            rows[key] = (_row(builder, measure, inputs, operator.shortest), references)
        row, references = rows[key]
        if kind in _OF_ROWS:
            body = _measure(builder.dialect, kind, row.text, len(inputs))
            text = lists.transform_rows.format(references.text, REFERENCE, body)
        else:
            text = _distances(builder.dialect, kind, operator.power, row.text, references.text, len(inputs))
        measures.append(builder.store(builder.combine(text, (row, references))))
    first, rest = measures[0], measures[1:]
    names = [ITEM, *(lists.element.format(other.text, POSITION) for other in rest)]
    body = formula_text(builder.dialect, operator.formula, names)
    if rest:
        text = lists.transform_numbered.format(first.text, ITEM, POSITION, body)
    else:
        text = lists.transform.format(first.text, ITEM, body)
    return first if body == ITEM else builder.store(builder.combine(text, measures))


def _row(builder: Builder, measure: Measure, inputs: tuple[Fragment, ...], shortest: float) -> Fragment:
    """Return the row as an array, NaN where a value is missing: arrays that hold NULL are refused by functions."""
    dialect = builder.dialect
    kind, scale = measure
    cells = []
    for number, cell in enumerate(inputs):
        text = dialect.missing_as_nan(cell.text)
        cells.append(text if scale is None else ratio(dialect, text, dialect.double(float(scale[number]))))
    row = builder.store(builder.combine(dialect.needed_lists.literal.format(", ".join(cells)), inputs))
    if kind != "cosine":
        return row
    square = dialect.needed_lists.inner_product.format(row.text, row.text)
    is_short = f"sqrt({square}) < {dialect.double(shortest)}"
    length = builder.store(builder.combine(f"CASE WHEN {is_short} THEN 1 ELSE sqrt({square}) END", [row]))
    scaled = dialect.needed_lists.transform.format(row.text, ITEM, dialect.call("divide", (ITEM, length.text)))
    return builder.store(builder.combine(scaled, (row, length)))


def _measure(dialect: Dialect, kind: MeasureKind, row: str, width: int) -> str:
    lists = dialect.needed_lists
    if kind in ("euclidean", "expanded"):
        return lists.distance.format(row, REFERENCE)
    if kind in ("product", "cosine"):
        return lists.inner_product.format(row, REFERENCE)
    pairs = [
        tuple(lists.element.format(each, lists.first + number) for each in (row, REFERENCE)) for number in range(width)
    ]
    terms = terms_of(dialect, kind, pairs)
    return dialect.call("maximum", tuple(terms)) if kind == "chebyshev" else _added(dialect, terms)


def _distances(dialect: Dialect, kind: MeasureKind, power: float, row: str, references: str, width: int) -> str:
    """Return the list of distances by another metric of `sqlops.ir.metrics`; NaN where there is none."""
    lists = dialect.needed_lists
    xs, others = ([lists.element.format(name, lists.first + at) for at in range(width)] for name in (row, REFERENCE))
    totals = lists.transform_rows.format(references, REFERENCE, total_of(dialect, kind, power, xs, others))
    last = finished(dialect, kind, power, ITEM)
    return totals if last == ITEM else lists.transform.format(totals, ITEM, dialect.missing_as_nan(last))


def _added(dialect: Dialect, terms: Sequence[str]) -> str:
    """Add terms in groups: one long sum would nest too deep."""
    if dialect.refuses_overflow:
        return added(dialect, terms)
    while len(terms) > 1:
        size = dialect.longest_sum
        groups = [terms[start : start + size] for start in range(0, len(terms), size)]
        terms = [f"({' + '.join(group)})" for group in groups]
    return terms[0]


def _relative_to(builder: Builder, kernel: Fragment, top: Fragment) -> Fragment:
    dialect = builder.dialect
    small = dialect.call("exp", (dialect.call("subtract", (ITEM, top.text)),))
    body = f"CASE WHEN {ITEM} = {top.text} THEN {dialect.double(1.0)} ELSE {small} END"
    return builder.store(builder.combine(dialect.needed_lists.transform.format(kernel.text, ITEM, body), (kernel, top)))


def _logarithm(builder: Builder, total: Fragment, top: Fragment) -> Fragment:
    total = builder.store(total)
    return builder.combine(f"({builder.dialect.call('log', (total.text,))} + {top.text})", (total, top))


def _sum(builder: Builder, operator: Kernel, kernel: Fragment, weights: Fragment, row: int, index: int) -> Fragment:
    dialect = builder.dialect
    own = dialect.needed_lists.row.format(weights.text, dialect.needed_lists.first + row)
    terms = []
    for start, stop in operator.spans_of(index):
        pair = (kernel.text, own)
        if (start, stop) != (0, len(operator.references)):
            pair = (
                dialect.needed_lists.slice.format(kernel.text, start, stop),
                dialect.needed_lists.slice.format(own, start, stop),
            )
        terms.append(builder.combine(dialect.needed_lists.inner_product.format(*pair), (kernel, weights)))
    intercept = float(operator.intercept[index])
    if intercept != 0:
        terms.append(Fragment(dialect.double(intercept)))
    return builder.add(terms)


def _sum_of_squares(builder: Builder, operator: Kernel, kernel: Fragment) -> Fragment:
    assert operator.quadratic is not None
    lists = builder.dialect.needed_lists
    rows = builder.constant_array(operator.quadratic, "double")
    product = lists.inner_product.format(kernel.text, REFERENCE)
    sums = builder.store(builder.combine(lists.transform_rows.format(rows.text, REFERENCE, product), (kernel, rows)))
    return builder.combine(lists.inner_product.format(sums.text, sums.text), [sums])
