"""The bin of a number among thresholds: how many of them it is above.

Few thresholds are compared with literals, as a tree. Of more, a guide says how many lie below: the range from the first
to the last is cut into cells of the same width, and the record of the cell holds how many thresholds come before it,
and the few that lie within it, which are then compared. Where they lie too close together for that, they are searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import FloatArray, IntArray
from sqlops.lowering.fragments import Builder, Fragment

COMPARED = 3
"""So many levels of the search compare with literals; further ones read the threshold from an array."""

MOST_CELLS = 1024
FEW_WITHIN, MOST_WITHIN = 2, 6
"""How many thresholds a cell of a guide should hold, and how many it may where more cells would be too many."""

GUIDED = 2
"""What a guide takes, in levels of the search."""


@dataclass(frozen=True, slots=True)
class _Guide:
    """Cells of the same width.

    Parameters
    ----------
    low, scale : float
        The cell of x is the whole part of ``(x - low) * scale``. Rounded or not, it does not fall as x grows: a
        threshold in an earlier cell is smaller than x, one in a later cell greater.
    cell : ndarray of shape (n_thresholds,)
        Of each threshold; the first is the number that the engine gives the first element of a list.
    """

    low: float
    scale: float
    cell: IntArray


def levels(thresholds: FloatArray) -> int:
    """Return what finding the bin takes, in levels of the search."""
    depth = len(thresholds).bit_length()
    return depth if _guide(thresholds, 1) is None else GUIDED


def lower_bin(builder: Builder, value: Fragment, thresholds: FloatArray) -> Fragment:
    """Write how many thresholds a value is above, without a branch.

    Parameters
    ----------
    builder : Builder
    value : Fragment
        A column of doubles.
    thresholds : ndarray of shape (n,)
        Ascending.

    Returns
    -------
    Fragment
        The number of the bin, counted as the engine counts the elements of a list; of a missing value, the one after
        the last.
    """
    first = builder.dialect.needed_lists.first
    guide = _guide(thresholds, first)
    found = _by_search(builder, value, thresholds) if guide is None else _by_guide(builder, value, thresholds, guide)
    missing = len(thresholds) + 1 + first
    return builder.combine(
        f"CASE WHEN {builder.dialect.call('is_missing', (value.text,))} THEN {missing} ELSE {found.text} END",
        [found, value],
    )


def _guide(thresholds: FloatArray, first: int) -> _Guide | None:
    """Return as few cells as will do, or None."""
    if len(thresholds).bit_length() <= COMPARED or not np.isfinite(thresholds).all():
        return None
    n_cells = 1 << int(len(thresholds) - 1).bit_length()
    with np.errstate(all="ignore"):
        width = thresholds[-1] - thresholds[0]
        while n_cells <= MOST_CELLS:
            scale = n_cells / width
            low = thresholds[0] - (first + 0.5) / scale
            cell = np.floor((thresholds - low) * scale)
            if not (np.isfinite(cell).all() and cell[0] == first and cell[-1] <= first + n_cells):
                return None
            within = np.unique(cell, return_counts=True)[1].max()
            if within <= (FEW_WITHIN if n_cells < MOST_CELLS else MOST_WITHIN):
                return _Guide(float(low), float(scale), cell.astype(np.int32))
            n_cells *= 2
    return None


def _by_guide(builder: Builder, value: Fragment, thresholds: FloatArray, guide: _Guide) -> Fragment:
    dialect, lists = builder.dialect, builder.dialect.needed_lists
    x, last = value.text, int(guide.cell[-1])
    lowest, highest = (dialect.double(float(end)) for end in (thresholds[0], thresholds[-1]))
    scaled = f"(({x} - {dialect.double(guide.low)}) * {dialect.double(guide.scale)})"
    cell = dialect.call("whole", (scaled,))
    # Where NaN is the largest number it is above all; elsewhere it is above none. Its bin is told apart afterwards.
    place = builder.store(
        builder.combine(
            f"CASE WHEN {x} >= {highest} THEN {last} WHEN {x} > {lowest} THEN {cell} ELSE {lists.first} END",
            [value],
            depth=4,
        )
    )
    cells = _cells(thresholds, guide.cell - lists.first, lists.first)
    table = builder.constant_array(cells)
    record = builder.store(builder.combine(lists.element.format(table.text, place.text), (table, place)))
    before, *within = (lists.field.format(record.text, name) for name in cells.dtype.names or ())
    above = [dialect.cast_to(f"{x} > {threshold}", "int32") for threshold in within]
    return builder.combine(" + ".join([before, *above]), (record, value), depth=3)


def _cells(thresholds: FloatArray, cell: IntArray, first: int) -> npt.NDArray[np.void]:
    """Return the record of each cell: `first` and how many thresholds come before it, and those within, or infinity."""
    count = np.bincount(cell)
    before = np.cumsum(count) - count
    records = np.empty(
        len(count), dtype=[("before", "int32")] + [(f"t{number}", "float64") for number in range(count.max())]
    )
    records["before"] = before + first
    for number in range(int(count.max())):
        at = np.minimum(before + number, len(thresholds) - 1)
        records[f"t{number}"] = np.where(number < count, thresholds[at], np.inf)
    return records


def _by_search(builder: Builder, value: Fragment, thresholds: FloatArray) -> Fragment:
    """Search: the thresholds lie as a complete tree, the root first."""
    first = builder.dialect.needed_lists.first
    depth = max(len(thresholds), 1).bit_length()
    tree = _complete_tree(thresholds, depth)
    found = builder.combine(_compared(builder, value.text, tree, 1, min(depth, COMPARED)), [value], depth=COMPARED)
    if depth > COMPARED:
        found = _searched(builder, value, found, tree, depth)
    return builder.combine(f"{found.text} - {2**depth - first}", [found])


def _complete_tree(thresholds: FloatArray, depth: int) -> FloatArray:
    """Return thresholds so that node ``i`` has the children ``2i`` and ``2i + 1``, filled up with infinity."""
    ascending = np.full(2**depth - 1, np.inf)
    ascending[: len(thresholds)] = thresholds
    tree = np.full(2**depth, np.inf)
    for level in range(depth):
        step = 2 ** (depth - level)
        tree[2**level : 2 ** (level + 1)] = ascending[step // 2 - 1 :: step]
    return tree


def _compared(builder: Builder, text: str, tree: FloatArray, node: int, levels: int) -> str:
    if levels == 0:
        return str(node)
    left, right = (_compared(builder, text, tree, child, levels - 1) for child in (2 * node, 2 * node + 1))
    if np.isposinf(tree[node]):
        return left
    return f"CASE WHEN {text} > {builder.dialect.double(float(tree[node]))} THEN {right} ELSE {left} END"


def _searched(builder: Builder, value: Fragment, found: Fragment, tree: FloatArray, depth: int) -> Fragment:
    dialect, lists, bits = builder.dialect, builder.dialect.needed_lists, builder.dialect.needed_bits
    thresholds = builder.constant_array(tree[lists.first :])
    for _ in range(COMPARED, depth):
        found = builder.store(found)
        threshold = lists.element.format(thresholds.text, found.text)
        is_above = dialect.cast_to(f"{value.text} > {threshold}", "bigint")
        text = bits.either.format(f"({found.text} + {found.text})", is_above)
        found = builder.combine(text, (found, value, thresholds), depth=3)
    return found
