"""Kernel sums as aggregates over a literal table: a row for each reference, with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.dialects.rows import Rows
from sqlops.ir.kernel import Kernel, Measure, MeasureKind
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.kernel_text import formula_text, terms_of
from sqlops.lowering.lists import add
from sqlops.lowering.metrics import finished, total_of
from sqlops.lowering.rows import aggregates, beside, once, select


def lower_kernel_by_rows(
    builder: Builder, rows: Rows, operator: Kernel, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write the sums as one subquery, or a few."""
    dialect = builder.dialect
    sums = [index for index in used if index < len(operator.weights)]
    values = _values(builder, operator, inputs, sums)
    top = None
    if operator.logarithm:
        (top,) = aggregates(builder, rows, [rows.whole_maximum.format("f")], f"({values.query})", values.parts)
        top = builder.store(top)
        values = values.relative_to(dialect, top)
    results: dict[int, Fragment] = {}
    if sums:
        products = [_product(operator, index, column) for index, column in zip(sums, values.weights, strict=True)]
        named = [f"{product} AS p{number}" for number, product in enumerate(products)]
        texts = [rows.whole_sum.format(f"p{number}") for number in range(len(sums))]
        relation = f"({once(named, f'({values.query})')})"
        for index, total in zip(sums, aggregates(builder, rows, texts, relation, values.parts), strict=True):
            intercept = float(operator.intercept[index])
            if intercept != 0:
                total = builder.add([total, Fragment(dialect.double(intercept))])
            results[index] = total if top is None else _logarithm(builder, total, top)
    if len(sums) < len(used):
        results[used[-1]] = _sum_of_squares(builder, rows, operator, values)
    return results


@dataclass(frozen=True, slots=True)
class _Values:
    """The formula's value for each reference.

    Parameters
    ----------
    query : str
        Of the columns ``n``, ``f`` and the weights.
    weights : list of str
        The columns that hold the weights of each sum.
    parts : tuple of Fragment
        What the query reads.
    """

    query: str
    weights: list[str]
    parts: tuple[Fragment, ...]

    def relative_to(self, dialect: Dialect, top: Fragment) -> _Values:
        """Return the exponentials of the values, divided by that of the largest one."""
        small = dialect.call("exp", (dialect.call("subtract", ("f", top.text)),))
        value = f"CASE WHEN f = {top.text} THEN {dialect.double(1.0)} ELSE {small} END AS f"
        return _Values(once(["n", value, *self.weights], f"({self.query})"), self.weights, (*self.parts, top))


def _values(builder: Builder, operator: Kernel, inputs: tuple[Fragment, ...], sums: list[int]) -> _Values:
    dialect = builder.dialect
    seen: dict[tuple[bool, bytes | None], int] = {}
    cells: list[tuple[Fragment, ...]] = []
    blocks = [operator.weights[sums].T]
    keys = []
    for measure in operator.measures:
        kind, scale = measure
        key = (kind == "cosine", None if scale is None else scale.tobytes())
        if key not in seen:
            seen[key] = len(cells)
            cells.append(_cells(builder, measure, inputs, operator.shortest))
            blocks.append(operator.seen_by(measure))
        keys.append(seen[key])
    name, (weights, *others) = beside(builder, *blocks)
    measures = [
        f"{_measure(dialect, operator, kind, [cell.text for cell in cells[at]], others[at])} AS m{number}"
        for number, (at, (kind, _)) in enumerate(zip(keys, operator.measures, strict=True))
    ]
    measured = once(["n", *weights, *measures], name)
    formula = formula_text(dialect, operator.formula, [f"m{number}" for number in range(len(measures))])
    query = once(["n", f"{formula} AS f", *weights], f"({measured})")
    return _Values(query, weights, tuple(cell for row in cells for cell in row))


def _cells(builder: Builder, measure: Measure, inputs: tuple[Fragment, ...], shortest: float) -> tuple[Fragment, ...]:
    """Return the row as a measure sees it."""
    dialect = builder.dialect
    kind, scale = measure
    cells = [builder.store(cell) for cell in inputs]
    if scale is not None:
        divided = (f"{cell.text} / {dialect.double(float(by))}" for cell, by in zip(cells, scale, strict=True))
        cells = [builder.store(builder.combine(text, [cell])) for text, cell in zip(divided, cells, strict=True)]
    if kind != "cosine":
        return tuple(cells)
    square = builder.store(builder.combine(add([dialect.call("square", (cell.text,)) for cell in cells]), cells))
    is_short = f"sqrt({square.text}) < {dialect.double(shortest)}"
    one = dialect.double(1.0)
    length = builder.store(builder.combine(f"CASE WHEN {is_short} THEN {one} ELSE sqrt({square.text}) END", [square]))
    shares = [builder.combine(dialect.call("divide", (cell.text, length.text)), (cell, length)) for cell in cells]
    return tuple(builder.store(share) for share in shares)


def _measure(dialect: Dialect, operator: Kernel, kind: MeasureKind, row: Sequence[str], other: Sequence[str]) -> str:
    if kind == "chi2":
        return add(terms_of(dialect, kind, list(zip(row, other, strict=True))))
    metric = {"expanded": "euclidean", "product": "dot", "cosine": "dot"}.get(kind, kind)
    total = total_of(dialect, metric, operator.power, row, other)
    return dialect.missing_as_null.format(finished(dialect, metric, operator.power, total))


def _product(operator: Kernel, index: int, weight: str) -> str:
    spans = operator.spans_of(index)
    if spans == ((0, len(operator.references)),):
        return f"{weight} * f"
    within = " OR ".join(f"n >= {start} AND n < {stop}" for start, stop in spans)
    return f"CASE WHEN {within} THEN {weight} * f ELSE 0e0 END"


def _logarithm(builder: Builder, total: Fragment, top: Fragment) -> Fragment:
    total = builder.store(total)
    return builder.combine(f"({builder.dialect.call('log', (total.text,))} + {top.text})", (total, top))


def _sum_of_squares(builder: Builder, rows: Rows, operator: Kernel, values: _Values) -> Fragment:
    assert operator.quadratic is not None
    row, reference = np.nonzero(operator.quadratic)
    entries = np.column_stack([row, reference, operator.quadratic[row, reference]])
    name, _ = beside(builder, entries)
    total = rows.whole_sum.format("q.c2 * k.f")
    sums = select([f"{total} AS s"], name, "AS q JOIN _kernel AS k ON k.n = q.c1 GROUP BY q.c0")
    kernel = select(["n", "f"], f"({values.query})")
    squares = select([rows.whole_sum.format("s * s")], f"({sums})")
    text = f"(WITH _kernel AS MATERIALIZED ({kernel}) {squares})"
    return builder.combine(text, values.parts, depth=4)
