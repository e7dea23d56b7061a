"""Affine maps as sums of products."""

from __future__ import annotations

import numpy as np

from sqlops.ir.nodes import Affine, Operator
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.layers import affine_elements, gather, weighted_sum

MOST_PLAIN_PRODUCTS = 128
FEWEST_SUMS = 3
"""From so many products on, for so many sums, lists are faster in DuckDB than sums written out."""


def lower_affine(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write each output as a sum of products, the intercept last, or many as inner products of lists.

    Products with zero are left out, whatever the other factor: where some are, there are no lists.
    """
    assert isinstance(operator, Affine)
    lists = builder.dialect.lists
    weights = operator.weights[list(used)]
    needed = np.flatnonzero(np.any(weights != 0, axis=0))
    dense = weights[:, needed]
    if lists and len(used) >= FEWEST_SUMS and dense.size > MOST_PLAIN_PRODUCTS and np.all(dense != 0):
        values = gather(builder, lists, [inputs[at] for at in needed])
        return affine_elements(builder, lists, values, dense, operator.intercept[list(used)], used)
    if len(used) > 1:
        read = set(needed.tolist())
        inputs = tuple(builder.store(item) if at in read else item for at, item in enumerate(inputs))
    return {
        index: weighted_sum(builder, inputs, operator.weights[index], float(operator.intercept[index]))
        for index in used
    }
