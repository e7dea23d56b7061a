"""Subqueries over the rows of constants, for engines that have no lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sqlops.dialects.rows import Rows
from sqlops.ir.nodes import FloatArray
from sqlops.lowering.fragments import Builder, Fragment


def beside(builder: Builder, *blocks: FloatArray) -> tuple[str, list[list[str]]]:
    """Add a constant whose rows are those of several matrices, side by side.

    Parameters
    ----------
    builder : Builder
    *blocks : ndarrays of shape (n_rows, any)

    Returns
    -------
    str
        The name of the constant.
    list of list of str
        The columns of each matrix.
    """
    constant = builder.constant_array(np.hstack(blocks), "double")
    ends = np.cumsum([block.shape[1] for block in blocks]).tolist()
    starts = [0, *ends[:-1]]
    names = [[f"c{number}" for number in range(start, end)] for start, end in zip(starts, ends, strict=True)]
    return constant.text, names


def select(columns: Sequence[str], relation: str, *clauses: str) -> str:
    """Return a query."""
    return " ".join(("SELECT", ", ".join(columns), "FROM", relation, *clauses))


def once(columns: Sequence[str], relation: str) -> str:
    """Return a query of which each column is computed once, however often it is named around it."""
    return select(columns, relation, "UNION ALL SELECT", ", ".join(["NULL"] * len(columns)), "WHERE FALSE")


def aggregates(
    builder: Builder, rows: Rows, texts: Sequence[str], relation: str, parts: Iterable[Fragment]
) -> list[Fragment]:
    """Return aggregates over a relation, which a row's columns are named in: several are read from it at a time.

    Parameters
    ----------
    builder : Builder
    rows : Rows
    texts : sequence of str
        The aggregates; all doubles.
    relation : str
        What stands behind FROM.
    parts : iterable of Fragment
        The columns that the relation reads.
    """
    parts = tuple(parts)
    if len(texts) == 1:
        return [builder.combine(f"({select(texts, relation)})", parts, depth=4)]
    found = []
    for start in range(0, len(texts), rows.most):
        group = texts[start : start + rows.most]
        listed = rows.several.format(", ".join(group))
        several = builder.store(builder.combine(f"({select([listed], relation)})", parts))
        found += [builder.combine(rows.one.format(several.text, number), [several]) for number in range(len(group))]
    return found
