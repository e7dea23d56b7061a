"""Dense layers over arrays: the weights of a layer in the constants relation, its values in one column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlops.dialects.base import VARIABLE, Dialect
from sqlops.ir.nodes import Activation, DenseLayers, FloatArray, Operator
from sqlops.lowering.fragments import Builder, Fragment


def lower_layers(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write each layer as one column: an array of inner products, and a function of each."""
    assert isinstance(operator, DenseLayers)
    *hidden, (weights, intercept) = zip(operator.weights, operator.intercepts, strict=True)
    weights, intercept = weights[list(used)], intercept[list(used)]
    values = gather(builder, inputs)
    if not hidden:
        return elements(builder, affine_array(builder, values, weights, intercept), used)
    for number, layer in enumerate(hidden):
        sums = affine_array(builder, values, *layer)
        values = _each(builder, sums, operator.activation)
        if number < len(hidden) - 1:
            text = builder.dialect.append.format(values.text, builder.dialect.double(1.0))
            values = builder.combine(text, [values])
        values = builder.store(values)
    found = elements(builder, inner_products(builder, values, weights), used)
    offsets = (Fragment(builder.dialect.double(value)) for value in intercept.tolist())
    return {index: builder.add([part, offset]) for (index, part), offset in zip(found.items(), offsets, strict=True)}


def gather(builder: Builder, inputs: Sequence[Fragment]) -> Fragment:
    """Return an array of columns, and a one for the intercepts; missing is NaN in it."""
    items = [builder.dialect.missing_as_nan.format(item.text) for item in inputs]
    text = ", ".join([*items, builder.dialect.double(1.0)])
    type_ = builder.dialect.types["double"]
    return builder.store(builder.combine(builder.dialect.array.format(text, type_), inputs))


def affine_array(builder: Builder, values: Fragment, weights: FloatArray, intercept: FloatArray) -> Fragment:
    """Return the array of ``weights @ values + intercept``; the values are followed by a one."""
    return inner_products(builder, values, np.column_stack([weights, intercept]))


def inner_products(builder: Builder, values: Fragment, weights: FloatArray) -> Fragment:
    """Return the array of ``weights @ values``, the weights in the constants relation."""
    matrix = builder.constant_array(weights, "double")
    return builder.combine(builder.dialect.inner_products.format(matrix.text, values.text), [matrix, values])


def elements(builder: Builder, array: Fragment, indices: Sequence[int]) -> dict[int, Fragment]:
    """Return what an array holds for each of some indices, in their order."""
    array = builder.store(array)
    return {
        index: builder.combine(builder.dialect.element.format(array.text, position), [array])
        for position, index in enumerate(indices)
    }


def _each(builder: Builder, sums: Fragment, activation: Activation) -> Fragment:
    """Return the array of a function of each element."""
    if activation == "identity":
        return sums
    text = _activated(builder.dialect, activation)
    return builder.combine(builder.dialect.each.format(sums.text, text), [sums])


def _activated(dialect: Dialect, activation: Activation) -> str:
    zero, one = dialect.double(0.0), dialect.double(1.0)
    match activation:
        case "logistic":
            small = dialect.call("exp", (dialect.call("negative", (dialect.call("absolute", (VARIABLE,)),)),))
            whole = dialect.call("add", (one, small))
            upper, lower = dialect.call("divide", (one, whole)), dialect.call("divide", (small, whole))
            return f"CASE WHEN {dialect.call('greater_equal', (VARIABLE, zero))} THEN {upper} ELSE {lower} END"
        case "relu":
            return f"CASE WHEN {dialect.call('less', (VARIABLE, zero))} THEN {zero} ELSE {VARIABLE} END"
        case "tanh":
            return dialect.call("tanh", (VARIABLE,))
        case "identity":
            return VARIABLE
