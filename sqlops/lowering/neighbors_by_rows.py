"""Nearest references by ORDER BY and LIMIT over a literal table: a row for each, with its values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sqlops.dialects.base import Dialect
from sqlops.dialects.rows import Rows
from sqlops.ir.neighbors import Neighbors
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.metrics import distance_over_rows, seen_by_rows
from sqlops.lowering.ranges import ratio
from sqlops.lowering.rows import aggregates, beside, select


def lower_neighbors_by_rows(
    builder: Builder, rows: Rows, operator: Neighbors, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write what the nearest references say as aggregates over them."""
    columns = _columns(operator, used)
    relation = _nearest(builder, rows, operator, inputs, columns)
    texts = ["count(*)", _total_weight(builder.dialect, operator)]
    texts += [_sum(builder.dialect, operator, f"v{index}") for index in columns]
    if len(operator.floors):
        reach = builder.dialect.call("maximum", ("d", "least"))
        texts.append(f"sum({reach})")
    if operator.imputed >= 0:
        texts = [f"CASE WHEN {_lacks(builder.dialect, inputs[operator.imputed])} THEN {text} END" for text in texts]
    found = [builder.store(part) for part in aggregates(builder, rows, texts, relation, inputs)]
    count, total = builder.store(builder.combine(f"coalesce({found[0].text}, 0)", found[:1])), found[1]
    sums = dict(zip(columns, found[2:], strict=False))
    results = {}
    for index in used:
        if index == operator.count_at:
            results[index] = count
        elif index < operator.votes_at:
            results[index] = mean_of(builder, count, sums[index], total)
        elif index == operator.reach_at:
            results[index] = mean_of(builder, count, found[-1], count)
        else:
            results[index] = first_largest(builder, count, [sums[at] for at in _voting(operator, index)])
    return results


def mean_of(builder: Builder, count: Fragment, total: Fragment, by: Fragment) -> Fragment:
    """Return a total divided by a weight; missing where the count is zero."""
    mean = ratio(builder.dialect, total.text, by.text)
    return builder.combine(f"CASE WHEN {count.text} > 0 THEN {mean} END", (count, total, by))


def first_largest(builder: Builder, count: Fragment, sums: Sequence[Fragment]) -> Fragment:
    """Return the number of the first largest of some sums; missing where the count is zero."""
    dialect = builder.dialect
    top = dialect.call("maximum", tuple(part.text for part in sums))
    most = builder.store(builder.combine(top, sums))
    arms = " ".join(f"WHEN {part.text} THEN {dialect.double(at)}" for at, part in enumerate(sums))
    text = f"CASE WHEN {count.text} > 0 THEN CASE {most.text} {arms} END END"
    return builder.combine(text, (count, most, *sums))


def _columns(operator: Neighbors, used: tuple[int, ...]) -> list[int]:
    """Return the columns of values that the outputs read."""
    read = {index for index in used if index < operator.votes_at}
    for index in used:
        if operator.votes_at <= index < operator.reach_at:
            read.update(_voting(operator, index))
    return sorted(read)


def _voting(operator: Neighbors, index: int) -> range:
    number = index - operator.votes_at
    start = int(operator.votes[:number].sum())
    return range(start, start + int(operator.votes[number]))


def _nearest(
    builder: Builder, rows: Rows, operator: Neighbors, inputs: tuple[Fragment, ...], columns: list[int]
) -> str:
    """Return the relation of the neighbours: distance, values and floor of each."""
    dialect = builder.dialect
    references = seen_by_rows(operator)
    floors = operator.floors[:, np.newaxis] if len(operator.floors) else np.empty((len(references), 0))
    is_donor = np.empty((len(references), 0))
    if operator.imputed >= 0:
        is_donor = (~np.isnan(operator.references[:, [operator.imputed]])).astype(np.float64)
    values = np.where(np.isnan(operator.values[:, columns]), 0.0, operator.values[:, columns])
    name, (others, held, least, donor) = beside(builder, references, values, floors, is_donor)
    distance = distance_over_rows(dialect, operator, inputs, others)
    kept = [f"{column} AS v{index}" for column, index in zip(held, columns, strict=True)]
    kept += [f"{column} AS least" for column in least]
    donors = [f"WHERE {column} > 0" for column in donor]
    near = select(["n", f"{distance} AS d", *kept], name, *donors, rows.all)
    if operator.n_neighbors:
        near = select(["*"], f"({near})", "ORDER BY d NULLS LAST, n LIMIT", str(operator.n_neighbors))
    bound = f"d <= {dialect.double(operator.radius)}" if not operator.n_neighbors else "d IS NOT NULL"
    near = select(["*"], f"({near})", "WHERE", bound, rows.all)
    passed = [f"v{index}" for index in columns] + ["least" for _ in least]
    near = select([f"{_held(dialect, operator)} AS d", *passed], f"({near})", rows.all)
    if operator.by_distance:
        weight = f"CASE WHEN d > 0 THEN 1e0 / d ELSE {dialect.double(float('inf'))} END AS w"
        near = select(["d", weight, *passed], f"({near})", rows.all)
    return f"({near})"


def _held(dialect: Dialect, operator: Neighbors) -> str:
    """Return the distance as the library holds it."""
    if operator.rounded == "not" or not (operator.by_distance or len(operator.floors)):
        return "d"
    if operator.rounded == "twice":
        return dialect.call("float32", (f"sqrt({dialect.call('float32', ('(d * d)',))})",))
    return dialect.call("float32", ("d",))


def _total_weight(dialect: Dialect, operator: Neighbors) -> str:
    if not operator.by_distance:
        return "count(*)"
    infinite = dialect.double(float("inf"))
    return f"CASE WHEN max(w) = {infinite} THEN sum(CASE WHEN w = {infinite} THEN 1e0 ELSE 0e0 END) ELSE sum(w) END"


def _sum(dialect: Dialect, operator: Neighbors, value: str) -> str:
    """Return a weighted sum of values: where some weights are infinite, only these count."""
    if not operator.by_distance:
        return f"sum({value})"
    infinite = dialect.double(float("inf"))
    at_zero = f"sum(CASE WHEN w = {infinite} THEN {value} ELSE 0e0 END)"
    return f"CASE WHEN max(w) = {infinite} THEN {at_zero} ELSE sum(w * {value}) END"


def _lacks(dialect: Dialect, value: Fragment) -> str:
    return dialect.call("is_missing", (value.text,))
