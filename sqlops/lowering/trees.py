"""Tree ensembles: in the form that costs the engine least, or in the one that is asked for."""

from __future__ import annotations

import numpy as np

from sqlops.errors import UnsupportedOptionError
from sqlops.ir.nodes import Operator, TreeEnsemble
from sqlops.lowering.bitmasks import MOST_LEAVES, Words, lower_by_bitmasks, words_of
from sqlops.lowering.costs import cheapest
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.nested_case import lower_by_case
from sqlops.lowering.traversal import lower_by_traversal


def lower_trees(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write an ensemble as nested CASE, leaf bitmasks or traversal."""
    assert isinstance(operator, TreeEnsemble)
    dialect = builder.dialect
    read = set(np.unique(operator.feature[operator.left >= 0]).tolist())
    inputs = tuple(builder.store(x) if number in read else x for number, x in enumerate(inputs))
    if not operator.n_trees:
        return lower_by_case(builder, operator, inputs, used)
    has_lists = dialect.lists is not None and dialect.lists.records is not None and dialect.bits is not None
    words = words_of(operator) if has_lists else None
    if builder.strategy:
        _require(builder, has_lists, words)
    strategy = builder.strategy or (cheapest(operator, used, dialect.tree_costs, words) if has_lists else "case")
    if strategy == "bitmasks" and words:
        return lower_by_bitmasks(builder, operator, inputs, used, words)
    if strategy == "traversal":
        return lower_by_traversal(builder, operator, inputs, used)
    return lower_by_case(builder, operator, inputs, used)


def _require(builder: Builder, has_lists: bool, words: Words | None) -> None:
    """Refuse a strategy that is asked for where it cannot be written."""
    strategy, name = builder.strategy, builder.dialect.name
    if strategy == "case":
        return
    if not has_lists:
        raise UnsupportedOptionError(
            f"strategy '{strategy}' needs functions on lists of records and bits, which {name} does not have",
            hint="use strategy='case', or leave it out",
        )
    if strategy == "bitmasks" and words is None:
        raise UnsupportedOptionError(
            f"strategy 'bitmasks' takes trees of up to {MOST_LEAVES} leaves, and one has more",
            hint="use strategy='traversal', or leave it out",
        )
