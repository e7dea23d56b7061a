"""Circular convolutions as inner products of arrays: one factor against slices of the other, reversed and doubled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sqlops.ir.convolution import Convolution
from sqlops.ir.nodes import Operator
from sqlops.lowering.fragments import Builder, Fragment


def lower_convolution(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write each factor as an array column, and fold them from left to right."""
    assert isinstance(operator, Convolution)
    inputs = tuple(builder.store(cell) for cell in inputs)
    size = operator.n_outputs
    first, *others = ([_product(builder, row, inputs) for row in factor] for factor in operator.factors)
    cells = first
    for number, other in enumerate(others):
        if builder.dialect.rows:
            cells = _written_out(builder, cells, other)
            continue
        left = _array(builder, cells)
        reversed_twice = _array(builder, [other[(size - 1 - at) % size] for at in range(2 * size - 1)])
        wanted = used if number == len(others) - 1 else range(size)
        cells = [Fragment("")] * size
        for index in wanted:
            part = builder.dialect.needed_lists.slice.format(
                reversed_twice.text, size - 1 - index, 2 * size - 1 - index
            )
            text = builder.dialect.needed_lists.inner_product.format(left.text, part)
            cells[index] = builder.combine(text, (left, reversed_twice))
    return {index: cells[index] for index in used}


def _written_out(builder: Builder, left: list[Fragment], right: list[Fragment]) -> list[Fragment]:
    """Return each cell as a sum of products."""
    left, right = ([builder.store(cell) for cell in cells] for cells in (left, right))
    size = len(left)
    pairs = ([(left[at], right[index - at]) for at in range(size)] for index in range(size))
    multiply = builder.dialect.operations["multiply"]
    return [
        builder.add_in_groups([builder.combine(multiply.format(x.text, y.text), (x, y)) for x, y in cell])
        for cell in pairs
    ]


def _product(builder: Builder, weights: npt.NDArray[np.float64], inputs: tuple[Fragment, ...]) -> Fragment:
    dialect = builder.dialect
    terms = [
        builder.combine(f"{inputs[at].text} * {dialect.double(float(weight))}", [inputs[at]])
        for at, weight in enumerate(weights)
        if weight != 0
    ]
    return builder.add_in_groups(terms) if terms else Fragment(dialect.double(0.0))


def _array(builder: Builder, cells: list[Fragment]) -> Fragment:
    """Return an array column; NaN where a cell is missing: arrays that hold NULL are refused by functions."""
    texts = [builder.dialect.missing_as_nan(cell.text) if cell.columns else cell.text for cell in cells]
    return builder.store(builder.combine(builder.dialect.needed_lists.literal.format(", ".join(texts)), cells))
