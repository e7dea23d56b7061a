"""Affine maps as sums of products."""

from __future__ import annotations

import numpy as np

from sqlops.ir.nodes import Affine, Operator
from sqlops.lowering.fragments import Builder, Fragment


def lower_affine(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write each output as a sum of products, the intercept last; zero weights are left out."""
    assert isinstance(operator, Affine)
    if len(used) > 1:
        needed = np.any(operator.weights[list(used)] != 0, axis=0)
        inputs = tuple(builder.store(x) if need else x for x, need in zip(inputs, needed, strict=True))
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
