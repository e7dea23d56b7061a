"""What an engine takes for the parts of a tree ensemble."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TreeCosts:
    """Nanoseconds of CPU per row, planning included, as if a query scored a million rows.

    Parameters
    ----------
    branch : float
        Of a split of a nested CASE that the row passes.
    node : float
        Of any split or leaf of a nested CASE.
    level : float
        Of a level of one tree, by traversal.
    slot, reach : float
        Of a value that nodes compare, by traversal; and what it adds to each level of each tree, as longer rows are
        further from the processor.
    search : float
        Of a step of the search for an input's bin, by bitmasks.
    word : float
        Of reading what one input leaves possible of the leaves in one word.
    leaf : float
        Of the number of a tree's leaf, from a word.
    value : float
        Of reading the value of a leaf by its number, and adding it.
    """

    branch: float
    node: float
    level: float
    slot: float
    reach: float
    search: float
    word: float
    leaf: float
    value: float
