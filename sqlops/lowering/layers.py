"""Dense layers over lists: the weights of a layer in the constants relation, its values in one column.

A list of values begins with a one, which the intercepts are multiplied with.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.dialects.lists import Lists
from sqlops.ir.nodes import Activation, DenseLayers, FloatArray, Operator
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.lists import UNIT
from sqlops.lowering.ranges import sum_of_products


def lower_layers(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write each layer as one column, a list; or each unit as one, where the engine has no lists."""
    assert isinstance(operator, DenseLayers)
    lists = builder.dialect.lists
    return _plain(builder, operator, inputs, used) if lists is None else _listed(builder, lists, operator, inputs, used)


def _listed(
    builder: Builder, lists: Lists, operator: DenseLayers, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    *hidden, (weights, intercept) = zip(operator.weights, operator.intercepts, strict=True)
    weights, intercept = weights[list(used)], intercept[list(used)]
    values = gather(builder, lists, inputs)
    if not hidden:
        return affine_elements(builder, lists, values, weights, intercept, used)
    for number, layer in enumerate(hidden):
        values = _inner_products(builder, lists, values, np.column_stack(layer[::-1]))
        if operator.activation != "identity":
            text = activated(builder.dialect, operator.activation, UNIT)
            values = builder.combine(lists.transform.format(values.text, UNIT, text), [values])
        if number < len(hidden) - 1:
            values = builder.combine(lists.prepend.format(builder.dialect.double(1.0), values.text), [values])
        values = builder.store(values)
    found = _elements(builder, lists, _inner_products(builder, lists, values, weights), used)
    offsets = (Fragment(builder.dialect.double(value)) for value in intercept.tolist())
    return {index: builder.add([part, offset]) for (index, part), offset in zip(found.items(), offsets, strict=True)}


def _plain(
    builder: Builder, operator: DenseLayers, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    values = [builder.store(item) for item in inputs]
    for number, (weights, intercept) in enumerate(zip(operator.weights, operator.intercepts, strict=True)):
        rows = range(len(weights)) if number < len(operator.weights) - 1 else used
        sums = {row: weighted_sum(builder, values, weights[row], float(intercept[row])) for row in rows}
        if rows is used:
            return sums
        stored = [builder.store(item) for item in sums.values()]
        texts = (activated(builder.dialect, operator.activation, item.text) for item in stored)
        values = [builder.store(builder.combine(text, [item])) for text, item in zip(texts, stored, strict=True)]
    raise AssertionError("a network has a last layer")


def gather(builder: Builder, lists: Lists, inputs: Sequence[Fragment]) -> Fragment:
    """Return a list of a one and the columns; missing is NaN in it, which products pass on."""
    values = [builder.dialect.double(1.0), *(builder.dialect.missing_as_nan(item.text) for item in inputs)]
    text = ", ".join(values)
    return builder.store(builder.combine(lists.literal.format(text), inputs))


def affine_elements(
    builder: Builder,
    lists: Lists,
    values: Fragment,
    weights: FloatArray,
    intercept: FloatArray,
    used: tuple[int, ...],
) -> dict[int, Fragment]:
    """Return ``weights @ values + intercept``, the values gathered, by the indices that are used."""
    sums = _inner_products(builder, lists, values, np.column_stack([intercept, weights]))
    return _elements(builder, lists, sums, used)


def _inner_products(builder: Builder, lists: Lists, values: Fragment, weights: FloatArray) -> Fragment:
    matrix = builder.constant_array(weights, "double")
    product = lists.inner_product.format(UNIT, values.text)
    return builder.combine(lists.transform_rows.format(matrix.text, UNIT, product), [matrix, values])


def _elements(builder: Builder, lists: Lists, values: Fragment, indices: Sequence[int]) -> dict[int, Fragment]:
    values = builder.store(values)
    return {
        index: builder.combine(lists.element.format(values.text, number), [values])
        for number, index in enumerate(indices, start=lists.first)
    }


def weighted_sum(builder: Builder, inputs: Sequence[Fragment], weights: FloatArray, intercept: float) -> Fragment:
    """Return a sum of products written out, the intercept last; zero weights are left out."""
    if builder.dialect.refuses_overflow and np.any(weights != 0):
        return _sum_in_range(builder, inputs, weights, intercept)
    terms = [
        builder.combine(f"{item.text} * {builder.dialect.double(weight)}", [item])
        for item, weight in zip(inputs, weights.tolist(), strict=True)
        if weight != 0
    ]
    if intercept != 0 or not terms:
        terms.append(Fragment(builder.dialect.double(intercept)))
    return builder.add_in_groups(terms)


def _sum_in_range(builder: Builder, inputs: Sequence[Fragment], weights: FloatArray, intercept: float) -> Fragment:
    kept = np.flatnonzero(weights)
    stored = [builder.store(inputs[at]) for at in kept.tolist()]
    limit = builder.dialect.longest_sum
    groups = [slice(start, start + limit) for start in range(0, len(kept), limit)]
    sums = []
    for number, group in enumerate(groups):
        parts = stored[group]
        constant = intercept if number == len(groups) - 1 else 0.0
        text = sum_of_products(builder.dialect, [part.text for part in parts], weights[kept[group]].tolist(), constant)
        sums.append(builder.combine(text, parts, depth=len(parts) + 2))
    return builder.add(sums)


def activated(dialect: Dialect, activation: Activation, value: str) -> str:
    """Return a function of a printed column or variable."""
    zero, one = dialect.double(0.0), dialect.double(1.0)
    match activation:
        case "identity":
            return value
        case "logistic":
            small = dialect.call("exp", (dialect.call("negative", (dialect.call("absolute", (value,)),)),))
            whole = dialect.call("add", (one, small))
            upper, lower = dialect.call("divide", (one, whole)), dialect.call("divide", (small, whole))
            return f"CASE WHEN {dialect.call('greater_equal', (value, zero))} THEN {upper} ELSE {lower} END"
        case "relu":
            return f"CASE WHEN {dialect.call('less', (value, zero))} THEN {zero} ELSE {value} END"
        case "tanh":
            return dialect.call("tanh", (value,))
