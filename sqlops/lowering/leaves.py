"""The values of leaves: as an array, and added in the order of the trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sqlops.ir.nodes import IntArray, TreeEnsemble
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.lists import NODE

FRACTIONS = 2.0**10
"""Leaf values that are whole numbers of its reciprocal are told to add without rounding."""


def values_of(builder: Builder, operator: TreeEnsemble, index: int, number: IntArray, size: int) -> Fragment:
    """Add the leaf values of one output to the constants, as float32 where they are.

    Parameters
    ----------
    builder : Builder
    operator : TreeEnsemble
    index : int
    number : ndarray of shape (n_nodes,)
        Where each leaf's value goes, counted as the engine counts the elements of a list; inner nodes are not read.
    size : int
    """
    is_leaf = operator.left < 0
    values = np.zeros(size)
    values[number[is_leaf] - builder.dialect.needed_lists.first] = operator.value[is_leaf, index]
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    return builder.constant_array(single if np.array_equal(single, values) else values)


def adds_exactly(operator: TreeEnsemble, index: int) -> bool:
    """Whether leaf values add without rounding, so that their order does not matter: class shares of pure leaves do."""
    values = np.append(operator.value[operator.left < 0, index], operator.base[index]) * FRACTIONS
    most = np.abs(values).max() * (operator.n_trees + 1)
    return bool(np.isfinite(most) and most < 2**53 and (values == np.rint(values)).all())


def total_of(
    builder: Builder,
    operator: TreeEnsemble,
    standing: Fragment,
    values: Fragment,
    leaf: str,
    base: float = 0.0,
    reads: Sequence[Fragment] = (),
) -> Fragment:
    """Return a base and the values of leaves, added from first to last in the precision of the operator.

    Parameters
    ----------
    builder : Builder
    operator : TreeEnsemble
    standing : Fragment
        A list.
    values : Fragment
        The array of leaf values.
    leaf : str
        Where the value of element ``NODE`` of the list is in the array.
    base : float
    reads : sequence of Fragment
        What `leaf` reads.
    """
    dialect, lists = builder.dialect, builder.dialect.needed_lists
    type_ = "float32" if operator.single else "double"
    value = dialect.cast_to(lists.element.format(values.text, leaf), type_)
    reached = lists.transform.format(standing.text, NODE, value)
    if base != 0:
        reached = lists.prepend.format(dialect.cast_to(dialect.double(base), type_), reached)
    if operator.single:
        ones = builder.constant_array(np.ones(operator.n_trees + (base != 0), dtype=np.float32))
        return builder.combine(lists.total_single.format(reached, ones.text), (standing, values, ones, *reads), depth=6)
    total = f"coalesce({lists.total.format(reached)}, {dialect.double(0.0)})"
    return builder.combine(total, (standing, values, *reads), depth=6)


def base_of(builder: Builder, operator: TreeEnsemble, index: int) -> list[Fragment]:
    """Return what the leaf values of an output are added to: nothing, where that is zero and there are trees."""
    base = float(operator.base[index])
    return [Fragment(builder.dialect.double(base))] if base != 0 or not operator.n_trees else []


def sum_of_terms(builder: Builder, operator: TreeEnsemble, terms: list[Fragment]) -> Fragment:
    """Add terms in the order of the trees, and in the precision of the operator."""
    if not operator.single:
        return builder.add(terms)
    dialect = builder.dialect
    if not dialect.adds_single:
        return _rounded_sum(builder, terms)
    singles = [
        replace(builder.combine(dialect.single.format(term.text), [term]), is_moderate=term.is_moderate)
        for term in terms
    ]
    total = builder.add(singles) if dialect.single_sum is None else _add_singles(builder, dialect.single_sum, singles)
    return builder.combine(dialect.cast_to(total.text, "double"), [total])


def _rounded_sum(builder: Builder, terms: list[Fragment]) -> Fragment:
    """Add terms that are float32, rounding each sum: a double holds it so that it is rounded once."""
    dialect = builder.dialect
    if "float32" in dialect.repeated:
        return _sum_rounded_by_stages(builder, terms)
    total = terms[0]
    for number, term in enumerate(terms[1:], start=1):
        text = dialect.call("float32", (dialect.call("add", (total.text, term.text)),))
        total = builder.combine(text, (total, term), depth=4)
        if number % dialect.longest_sum == 0:
            total = builder.store(total)
    return total


def _sum_rounded_by_stages(builder: Builder, terms: list[Fragment]) -> Fragment:
    """Add terms that are float32 where rounding repeats what it rounds: each sum is a column before it is rounded."""
    total = terms[0]
    for term in terms[1:]:
        total = builder.store(builder.add([total, term]))
        total = builder.combine(builder.dialect.call("float32", (total.text,)), [total])
    return total


def _add_singles(builder: Builder, spelling: str, terms: list[Fragment]) -> Fragment:
    """Add float32 where ``+`` gives a double, going on in the next stage where the sum is long."""
    total = terms[0]
    for number, term in enumerate(terms[1:], start=1):
        if number % builder.dialect.longest_sum == 0:
            total = builder.store(total)
        total = builder.combine(spelling.format(total.text, term.text), (total, term))
    return total
