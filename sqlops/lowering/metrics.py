"""Distances to reference rows as SQL: one list for all of them, or one expression for each of a few."""

from __future__ import annotations

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.ir.metrics import BOOLEAN
from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.nodes import FloatArray
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.lists import ITEM, POSITION, REFERENCE, add

_BUILT_IN = ("dot", "euclidean")


def list_of_distances(builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...]) -> Fragment:
    """Return a column that lists the distance to each reference; missing where an input is.

    Operators over the same references and inputs share it.
    """
    key = (operator.metric, operator.power, operator.arithmetic, id(operator.references), tuple(x.text for x in inputs))
    if key not in builder.shared:
        builder.shared[key] = _list_of_distances(builder, operator, inputs)
    shared: Fragment = builder.shared[key]
    return shared


def _list_of_distances(builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...]) -> Fragment:
    if operator.metric in _BUILT_IN:
        return _built_in(builder, operator, inputs)
    if operator.metric in BOOLEAN:
        return _of_counts(builder, operator, inputs)
    lists = builder.dialect.needed_lists
    stored = tuple(builder.store(x) for x in inputs)
    matrix = operator.references
    if operator.metric == "nan_euclidean":
        present = ~np.isnan(matrix)
        matrix = np.hstack([np.where(present, matrix, 0.0), present])
    references = builder.constant_array(matrix, "double")
    others = [lists.element.format(REFERENCE, lists.first + at) for at in range(matrix.shape[1])]
    xs, stepped = [x.text for x in stored], operator.arithmetic == "stepped"
    body = _total(builder.dialect, operator.metric, operator.power, xs, others, stepped)
    if not stepped:
        text = lists.transform_rows.format(references.text, REFERENCE, _finished(builder.dialect, operator, body))
    else:
        totals = lists.transform_rows.format(references.text, REFERENCE, body)
        rounded = builder.dialect.applied("float32", (ITEM,))
        text = lists.transform.format(totals, ITEM, _finished(builder.dialect, operator, rounded))
    if isinstance(operator, Neighbors) and operator.imputed >= 0:
        absent = [builder.dialect.call("is_missing", (x.text,)) for x in stored if x.columns]
        text = f"CASE WHEN {builder.dialect.call('or', tuple(absent))} THEN {text} END"
    return builder.store(builder.combine(text, (references, *stored)))


def vector(builder: Builder, inputs: tuple[Fragment, ...]) -> tuple[Fragment, Fragment]:
    """Return a column that lists the inputs, 0 for what is missing, and whether nothing is.

    Engines take the distance of lists only if nothing in them is missing, in whatever row.
    """
    dialect = builder.dialect
    inputs = tuple(builder.store(x) for x in inputs)
    absent = [dialect.call("is_missing", (x.text,)) for x in inputs]
    filled = [f"CASE WHEN {gone} THEN 0e0 ELSE {x.text} END" for gone, x in zip(absent, inputs, strict=True)]
    vector = builder.store(builder.combine(dialect.needed_lists.literal.format(", ".join(filled)), inputs))
    present = dialect.call("and", tuple(dialect.call("not", (gone,)) for gone in absent))
    whole = builder.store(builder.combine(present, inputs))
    return vector, whole


def _built_in(builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...]) -> Fragment:
    lists = builder.dialect.needed_lists
    references = builder.constant_array(operator.references, "double")
    x, whole = vector(builder, inputs)
    function = lists.inner_product if operator.metric == "dot" else lists.distance
    body = function.format(x.text, REFERENCE)
    text = f"CASE WHEN {whole.text} THEN {lists.transform_rows.format(references.text, REFERENCE, body)} END"
    return builder.store(builder.combine(text, (references, x, whole)))


def _of_counts(builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...]) -> Fragment:
    dialect = builder.dialect
    lists = dialect.needed_lists
    references = builder.constant_array(operator.references, "double")
    sizes = builder.constant_array(operator.references.sum(axis=1), "double")
    x, whole = vector(builder, inputs)
    mine = builder.store(builder.combine(lists.total.format(x.text), [x]))
    body = lists.inner_product.format(x.text, REFERENCE)
    both = builder.store(
        builder.combine(lists.transform_rows.format(references.text, REFERENCE, body), (references, x))
    )
    theirs = lists.element.format(sizes.text, POSITION)
    size = dialect.double(float(operator.references.shape[1]))
    body = _boolean(operator.metric, ITEM, mine.text, theirs, size)
    text = lists.transform_numbered.format(both.text, ITEM, POSITION, dialect.missing_as_null.format(body))
    text = f"CASE WHEN {whole.text} THEN {text} END"
    return builder.store(builder.combine(text, (both, mine, sizes, whole)))


def _boolean(metric: str, both: str, mine: str, theirs: str, size: str) -> str:
    any_ = f"({mine} + {theirs} - {both})"
    one = f"({any_} - {both})"
    match metric:
        case "jaccard":
            return f"CASE WHEN {any_} = 0 THEN 0e0 ELSE {one} / {any_} END"
        case "dice":
            return f"({one} / (2e0 * {both} + {one}))"
        case "rogerstanimoto":
            return f"(2e0 * {one} / ({size} + {one}))"
        case "russellrao":
            return f"(({size} - {both}) / {size})"
        case "sokalsneath":
            return f"({one} / (5e-1 * {both} + {one}))"
    product = f"(({mine} - {both}) * ({theirs} - {both}))"
    neither = f"({size} - {mine} - {theirs} + {both})"
    return f"CASE WHEN {product} = 0 THEN 0e0 ELSE 2e0 * {product} / ({both} * {neither} + {product}) END"


def _total(dialect: Dialect, metric: str, power: float, xs: list[str], others: list[str], stepped: bool = False) -> str:
    """Return what `_finished` makes a distance of, term by term as `sqlops.ir.metrics.distances` adds.

    For ``nan_euclidean`` the second row goes on with ones and zeros: whether its numbers are there. In what is stepped,
    differences are rounded to float32.
    """
    pairs = list(zip(xs, others, strict=metric != "nan_euclidean"))
    differences = [dialect.applied("subtract", pair) for pair in pairs]
    if stepped:
        differences = [dialect.applied("float32", (f"({difference})",)) for difference in differences]
    absolute = [dialect.applied("absolute", (difference,)) for difference in differences]
    sizes = [dialect.added([f"abs({x})", f"abs({other})"]) for x, other in pairs]
    match metric:
        case "dot":
            return add(dialect, [dialect.applied("multiply", pair) for pair in pairs])
        case "euclidean" | "sqeuclidean":
            return add(dialect, [dialect.applied("square", (d,)) for d in differences])
        case "manhattan":
            return add(dialect, absolute)
        case "chebyshev":
            return dialect.call("maximum", tuple(absolute))
        case "minkowski":
            return add(dialect, [dialect.applied("power", (d, dialect.double(power))) for d in absolute])
        case "canberra":
            parts = zip(absolute, sizes, strict=True)
            return add(
                dialect, [f"CASE WHEN {size} = 0 THEN 0e0 ELSE {dialect.ratio(part, size)} END" for part, size in parts]
            )
        case "braycurtis":
            total, scale = add(dialect, absolute), add(dialect, sizes)
            return f"CASE WHEN {scale} = 0 THEN 0e0 ELSE {dialect.ratio(total, scale)} END"
        case "hamming":
            unequal = [f"CASE WHEN {x} = {other} THEN 0e0 ELSE 1e0 END" for x, other in pairs]
            return f"({add(dialect, unequal)} / {dialect.double(float(len(xs)))})"
        case "haversine":
            first, second = (dialect.call("sin", (f"(5e-1 * ({d}))",)) for d in differences)
            cosines = " * ".join(dialect.call("cos", (text,)) for text in pairs[0])
            return f"(({first}) * ({first}) + ({cosines}) * ({second}) * ({second}))"
    return _nan_euclidean(dialect, pairs, others[len(xs) :])


def _finished(dialect: Dialect, operator: Distances | Neighbors, total: str) -> str:
    match operator.metric:
        case "euclidean":
            return f"sqrt({total})"
        case "minkowski":
            return dialect.applied("power", (total, dialect.double(1.0 / operator.power)))
        case "haversine":
            return f"(2e0 * asin(sqrt({total})))"
    return total


def _nan_euclidean(dialect: Dialect, pairs: list[tuple[str, str]], present: list[str]) -> str:
    terms = [
        f"coalesce({dialect.product(f'({x} - {r})', f'({x} - {r})')}, 0e0) * {there}"
        for (x, r), there in zip(pairs, present, strict=True)
    ]
    known = [
        f"CASE WHEN {dialect.call('is_missing', (x,))} THEN 0e0 ELSE {there} END"
        for (x, _), there in zip(pairs, present, strict=True)
    ]
    count = f"nullif({add(dialect, known)}, 0)"
    return f"sqrt({dialect.scaled(f'{add(dialect, terms)} / {count}', float(len(pairs)))})"


def distance_to(
    builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...], row: FloatArray
) -> Fragment:
    """Return the distance to one reference as a scalar expression."""
    others = [builder.dialect.double(float(value)) for value in row]
    xs, stepped = [x.text for x in inputs], operator.arithmetic == "stepped"
    text = _total(builder.dialect, operator.metric, operator.power, xs, others, stepped)
    total = builder.combine(text, inputs, depth=len(inputs) + 4)
    if stepped:
        total = builder.store(total)
        total = builder.combine(builder.dialect.applied("float32", (total.text,)), [total])
    return builder.combine(_finished(builder.dialect, operator, total.text), [total])
