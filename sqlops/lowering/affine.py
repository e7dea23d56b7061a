"""Affine maps as sums of products."""

from __future__ import annotations

import numpy as np

from sqlops.ir.nodes import Affine, Operator
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.layers import affine_array, elements, gather

MOST_PLAIN_PRODUCTS = 128
FEWEST_SUMS = 3
"""From so many products on, for so many sums, arrays are faster in DuckDB than sums written out."""


def lower_affine(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write each output as a sum of products, the intercept last, or many as inner products of arrays.

    Products with zero are left out, whatever the other factor: where some are, there are no arrays.
    """
    assert isinstance(operator, Affine)
    weights = operator.weights[list(used)]
    needed = np.flatnonzero(np.any(weights != 0, axis=0))
    weights = weights[:, needed]
    if len(used) >= FEWEST_SUMS and weights.size > MOST_PLAIN_PRODUCTS and np.all(weights != 0):
        values = gather(builder, [inputs[at] for at in needed])
        return elements(builder, affine_array(builder, values, weights, operator.intercept[list(used)]), used)
    if len(used) > 1:
        read = set(needed.tolist())
        inputs = tuple(builder.store(x) if at in read else x for at, x in enumerate(inputs))
    return {index: _row(builder, operator, inputs, index) for index in used}


def _row(builder: Builder, operator: Affine, inputs: tuple[Fragment, ...], index: int) -> Fragment:
    terms = [
        builder.combine(f"{inputs[at].text} * {builder.dialect.double(float(weight))}", [inputs[at]])
        for at, weight in enumerate(operator.weights[index])
        if weight != 0
    ]
    intercept = float(operator.intercept[index])
    if intercept != 0 or not terms:
        terms.append(Fragment(builder.dialect.double(intercept)))
    return builder.add_in_groups(terms)
