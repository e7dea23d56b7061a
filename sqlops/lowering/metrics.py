"""Distances to reference rows as SQL: one list for all of them, or one expression for each of a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.ir.metrics import BOOLEAN
from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.nodes import FloatArray
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.lists import ITEM, POSITION, REFERENCE, add
from sqlops.lowering.ranges import added, ratio, times

_BUILT_IN = ("dot", "euclidean")
_MAY_BE_NAN = ("braycurtis_of_sums", *BOOLEAN)


def _shares(dialect: Dialect, operator: Distances | Neighbors) -> tuple[str, ...]:
    """Return what each column counts, as literals; nothing where all count the same."""
    weights = operator.column_weights
    return () if weights is None else tuple(dialect.double(float(weight)) for weight in weights)


def list_of_distances(builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...]) -> Fragment:
    """Return a column that lists the distance to each reference; missing where an input is.

    Operators over the same references and inputs share it.
    """
    parameters = (operator.metric, operator.power, operator.arithmetic, _shares(builder.dialect, operator))
    key = (*parameters, id(operator.references), tuple(x.text for x in inputs))
    if key not in builder.shared:
        builder.shared[key] = _list_of_distances(builder, operator, inputs)
    shared: Fragment = builder.shared[key]
    return shared


def _list_of_distances(builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...]) -> Fragment:
    if operator.metric in _BUILT_IN:
        return _built_in(builder, operator, inputs)
    if operator.metric in BOOLEAN and operator.column_weights is None:
        return _of_counts(builder, operator, inputs)
    lists = builder.dialect.needed_lists
    stored = tuple(builder.store(x) for x in inputs)
    matrix = seen_by_rows(operator)
    references = builder.constant_array(matrix, "double")
    others = [lists.element.format(REFERENCE, lists.first + at) for at in range(matrix.shape[1])]
    xs, stepped = [x.text for x in stored], operator.arithmetic == "stepped"
    shares = _shares(builder.dialect, operator)
    body = total_of(builder.dialect, operator.metric, operator.power, xs, others, stepped=stepped, shares=shares)
    if stepped or operator.metric == "haversine":
        totals = lists.transform_rows.format(references.text, REFERENCE, body)
        total = builder.dialect.call("float32", (ITEM,)) if stepped else ITEM
        last = finished(builder.dialect, operator.metric, operator.power, total)
        text = lists.transform.format(totals, ITEM, last)
    else:
        body = finished(builder.dialect, operator.metric, operator.power, body)
        if operator.metric in _MAY_BE_NAN:
            body = builder.dialect.missing_as_null.format(body)
        text = lists.transform_rows.format(references.text, REFERENCE, body)
    if isinstance(operator, Neighbors) and operator.imputed >= 0:
        absent = [builder.dialect.call("is_missing", (x.text,)) for x in stored if x.columns]
        text = lists.where(builder.dialect.call("or", tuple(absent)), text)
    return builder.store(builder.combine(text, (references, *stored)))


def vector(builder: Builder, inputs: tuple[Fragment, ...]) -> tuple[Fragment, Fragment]:
    """Return a column that lists the inputs, 0 for what is missing, and whether nothing is.

    Engines take the distance of lists only if nothing in them is missing, in whatever row.
    """
    dialect = builder.dialect
    inputs = tuple(builder.store(x) for x in inputs)
    absent = [dialect.call("is_missing", (x.text,)) for x in inputs]
    filled = [f"coalesce({x.text}, {dialect.double(0.0)})" for x in inputs]
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
    text = lists.where(whole.text, lists.transform_rows.format(references.text, REFERENCE, body))
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
    body = _of_both(dialect, operator.metric, ITEM, mine.text, theirs, size)
    text = lists.transform_numbered.format(both.text, ITEM, POSITION, dialect.missing_as_null.format(body))
    text = lists.where(whole.text, text)
    return builder.store(builder.combine(text, (both, mine, sizes, whole)))


def _of_both(dialect: Dialect, metric: str, both: str, mine: str, theirs: str, size: str) -> str:
    """Return a metric of zeros and ones of how many are one in both rows, and in each."""
    if metric == "yule":
        neither = f"({size} - {mine} - {theirs} + {both})"
        return _yule(dialect, both, f"(({mine} - {both}) * ({theirs} - {both}))", neither)
    any_ = f"({mine} + {theirs} - {both})"
    return _of_counted(dialect, metric, both, f"({any_} - {both})", any_, size)


def _of_counted(dialect: Dialect, metric: str, both: str, one: str, any_: str, size: str) -> str:
    """Return what `sqlops.ir.metrics.OF_COUNTS` computes."""
    match metric:
        case "jaccard":
            return f"CASE WHEN {any_} = 0 THEN 0e0 ELSE {ratio(dialect, one, any_)} END"
        case "dice":
            return f"({ratio(dialect, one, f'(2e0 * {both} + {one})')})"
        case "rogerstanimoto":
            return f"({ratio(dialect, f'2e0 * {one}', f'({size} + {one})')})"
        case "russellrao":
            return f"(({size} - {both}) / {size})"
    return f"({ratio(dialect, one, f'(5e-1 * {both} + {one})')})"


def _yule(dialect: Dialect, both: str, product: str, neither: str) -> str:
    whole = f"({both} * {neither} + {product})"
    return f"CASE WHEN {product} = 0 THEN 0e0 ELSE {ratio(dialect, f'2e0 * {product}', whole)} END"


def _of_zeros_and_ones(
    dialect: Dialect, metric: str, pairs: list[tuple[str, str]], factors: list[str], size: str
) -> str:
    """Return a metric of zeros and ones that adds weights where `_of_both` counts."""
    both = add([f"{factor}{x} * {y}" for factor, (x, y) in zip(factors, pairs, strict=True)])
    if metric == "yule":
        mine = add([f"{factor}{x} * (1 - {y})" for factor, (x, y) in zip(factors, pairs, strict=True)])
        theirs = add([f"{factor}(1 - {x}) * {y}" for factor, (x, y) in zip(factors, pairs, strict=True)])
        neither = add([f"{factor}(1 - {x}) * (1 - {y})" for factor, (x, y) in zip(factors, pairs, strict=True)])
        return _yule(dialect, both, f"({mine} * {theirs})", neither)
    one = add([f"{factor}abs({x} - {y})" for factor, (x, y) in zip(factors, pairs, strict=True)])
    any_ = add([f"{factor}({x} + {y} - {x} * {y})" for factor, (x, y) in zip(factors, pairs, strict=True)])
    return _of_counted(dialect, metric, both, one, any_, size)


def total_of(
    dialect: Dialect,
    metric: str,
    power: float,
    xs: Sequence[str],
    others: Sequence[str],
    *,
    stepped: bool = False,
    shares: Sequence[str] = (),
) -> str:
    """Return what `finished` makes a distance of, term by term as `sqlops.ir.metrics.distances` adds.

    For ``nan_euclidean`` the second row goes on with ones and zeros: whether its numbers are there. In what is stepped,
    differences are rounded to float32. A column counts as much as its share, if there are shares.
    """
    pairs = list(zip(xs, others, strict=metric != "nan_euclidean"))
    factors = [f"{share} * " for share in shares] or [""] * len(pairs)
    size = add(shares) if shares else dialect.double(float(len(pairs)))
    differences = [f"({x} - {other})" for x, other in pairs]
    if stepped:
        differences = [dialect.call("float32", (f"({difference})",)) for difference in differences]
    absolute = [dialect.call("absolute", (difference,)) for difference in differences]
    weighted = [f"{factor}{part}" for factor, part in zip(factors, absolute, strict=True)]
    sizes = [f"(abs({x}) + abs({other}))" for x, other in pairs]
    match metric:
        case "dot":
            return added(dialect, [dialect.call("multiply", pair) for pair in pairs])
        case "euclidean" | "sqeuclidean":
            if shares:
                return added(
                    dialect,
                    [times(dialect, part, difference) for part, difference in zip(weighted, absolute, strict=True)],
                )
            return added(dialect, [dialect.call("square", (d,)) for d in differences])
        case "manhattan":
            return added(dialect, weighted)
        case "chebyshev":
            return dialect.call("maximum", tuple(absolute))
        case "minkowski":
            return added(dialect, [dialect.call("power", (d, dialect.double(power))) for d in absolute])
        case "canberra":
            parts = zip(weighted, sizes, strict=True)
            return add([f"CASE WHEN {size} = 0 THEN 0e0 ELSE {ratio(dialect, part, size)} END" for part, size in parts])
        case "braycurtis":
            scaled = [f"{factor}{size}" for factor, size in zip(factors, sizes, strict=True)]
            total, scale = added(dialect, weighted), added(dialect, scaled)
            return f"CASE WHEN {scale} = 0 THEN 0e0 ELSE {ratio(dialect, total, scale)} END"
        case "braycurtis_of_sums":
            sums = [f"{factor}abs({x} + {other})" for factor, (x, other) in zip(factors, pairs, strict=True)]
            return dialect.call("divide", (added(dialect, weighted), added(dialect, sums)))
        case "hamming":
            counts = shares or ["1e0"] * len(pairs)
            unequal = [
                f"CASE WHEN {x} = {other} THEN 0e0 ELSE {count} END"
                for (x, other), count in zip(pairs, counts, strict=True)
            ]
            return f"({add(unequal)} / {size})"
        case "haversine":
            first, second = (dialect.call("sin", (f"(5e-1 * ({d}))",)) for d in differences)
            cosines = " * ".join(dialect.call("cos", (text,)) for text in pairs[0])
            if dialect.refuses_overflow:
                squares = [f"({dialect.call('square', (f'({sine})',))})" for sine in (first, second)]
                return f"({squares[0]} + ({times(dialect, f'({cosines})', squares[1])}))"
            return f"(({first}) * ({first}) + ({cosines}) * ({second}) * ({second}))"
        case "nan_euclidean":
            return _nan_euclidean(dialect, pairs, others[len(xs) :])
    return _of_zeros_and_ones(dialect, metric, pairs, factors, size)


def finished(dialect: Dialect, metric: str, power: float, total: str) -> str:
    """Return a distance of what `total_of` gives."""
    match metric:
        case "euclidean":
            return f"sqrt({total})"
        case "minkowski":
            root = dialect.double(1.0 / power)
            if dialect.lists is None or dialect.lists.let is None:
                return dialect.call("power", (total, root))
            return dialect.lists.let.format(total, ITEM, dialect.call("power", (ITEM, root)))
        case "haversine":
            return f"CASE WHEN {total} <= 1 THEN 2e0 * asin(sqrt({total})) END"
    return total


def _nan_euclidean(dialect: Dialect, pairs: Sequence[tuple[str, str]], present: Sequence[str]) -> str:
    squares = [
        dialect.call("square", (f"({x} - {r})",)) if dialect.refuses_overflow else f"({x} - {r}) * ({x} - {r})"
        for x, r in pairs
    ]
    # Not a product: an infinite square of a difference that does not count would be missing.
    terms = [
        f"CASE WHEN {there} > 0 THEN coalesce({square}, 0e0) ELSE 0e0 END"
        for square, there in zip(squares, present, strict=True)
    ]
    known = [
        f"CASE WHEN {dialect.call('is_missing', (x,))} THEN 0e0 ELSE {there} END"
        for (x, _), there in zip(pairs, present, strict=True)
    ]
    width = dialect.double(float(len(pairs)))
    count = f"nullif({add(known)}, 0)"
    total = added(dialect, terms)
    if dialect.lists is None or dialect.lists.let is None:
        return f"sqrt({total} / {count} * {width})"
    # Shorter and longer distances are squares that vanish or overflow, here or on their way.
    infinite = dialect.double(float("inf"))
    small, large = f"{ITEM} < 1e-300 THEN 0e0 * {count}", f"{ITEM} > 1e300 THEN {infinite}"
    mean = f"CASE WHEN {small} WHEN {large} ELSE {ITEM} / {count} * {width} END"
    return f"sqrt({dialect.lists.let.format(total, ITEM, mean)})"


def seen_by_rows(operator: Distances | Neighbors) -> FloatArray:
    """Return what `distance_over_rows` reads of the references, as a matrix."""
    references = operator.references
    if operator.metric != "nan_euclidean":
        return references
    present = ~np.isnan(references)
    return np.hstack([np.where(present, references, 0.0), present])


def distance_over_rows(
    dialect: Dialect, operator: Distances | Neighbors, inputs: tuple[Fragment, ...], others: Sequence[str]
) -> str:
    """Return the distance to a reference whose numbers are columns, or literals."""
    xs, stepped = [x.text for x in inputs], operator.arithmetic == "stepped"
    shares = _shares(dialect, operator)
    total = total_of(dialect, operator.metric, operator.power, xs, others, stepped=stepped, shares=shares)
    if stepped:
        total = dialect.call("float32", (total,))
    text = finished(dialect, operator.metric, operator.power, total)
    return dialect.missing_as_null.format(text) if operator.metric in _MAY_BE_NAN else text


def distance_to(
    builder: Builder, operator: Distances | Neighbors, inputs: tuple[Fragment, ...], row: FloatArray
) -> Fragment:
    """Return the distance to one reference as a scalar expression."""
    if builder.dialect.rows:
        seen = seen_by_rows(replace(operator, references=row[np.newaxis]))[0].tolist()
        others = [builder.dialect.double(value) for value in seen]
        text = distance_over_rows(builder.dialect, operator, inputs, others)
        return builder.combine(text, inputs, depth=len(inputs) + 4)
    others = [builder.dialect.double(float(value)) for value in row]
    xs, stepped = [x.text for x in inputs], operator.arithmetic == "stepped"
    shares = _shares(builder.dialect, operator)
    text = total_of(builder.dialect, operator.metric, operator.power, xs, others, stepped=stepped, shares=shares)
    total = builder.combine(text, inputs, depth=len(inputs) + 4)
    if stepped:
        total = builder.store(total)
        total = builder.combine(builder.dialect.call("float32", (total.text,)), [total])
    return builder.combine(finished(builder.dialect, operator.metric, operator.power, total.text), [total])
