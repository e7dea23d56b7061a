"""How an engine works on the lists of a row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lists:
    """Spelling of functions on lists, for engines that have them.

    Parameters
    ----------
    literal : str
        A list of the row's values ``{0}``.
    transform, filter : str
        Apply to list ``{0}`` the function from ``{1}`` to ``{2}``; keep the elements for which it holds.
    transform_rows, filter_rows : str
        The same for the rows of a matrix ``{0}``; within the function, a row is a list.
    row : str
        Row ``{1}`` of matrix ``{0}``, counted from `first`, as a list.
    transform_numbered, filter_numbered : str
        The same with a function of two names: ``{2}`` is the number of the element, ``{3}`` the result.
    prepend : str
        The list ``{1}`` with ``{0}`` before its first element.
    join : str
        List ``{0}`` followed by list ``{1}``.
    transform_and_join : str
        Apply to list ``{0}`` the function from ``{1}`` to list ``{2}``, and put these one after the other.
    element : str
        Element ``{1}`` of list ``{0}``, counted from `first`.
    head : str
        The first ``{1}`` elements of list ``{0}``.
    slice : str
        Elements ``{1}`` (counted from zero) up to, not with, ``{2}`` of list ``{0}``.
    position : str
        The number of the first element of list ``{0}`` that equals ``{1}``; NULL or 0 where there is none.
    length, distinct : str
        How many elements list ``{0}`` has, 0 where it is missing; how many different ones.
    numbers : str
        The numbers of the first ``{0}`` elements of a list; none where that is less than one.
    sort, order : str
        List ``{0}`` in ascending order; numbers ``{0}`` in the ascending order of list ``{1}``, then of their own.
    smallest, maximum : str
        The ``{1}`` smallest elements of list ``{0}``, ascending, without what is missing; the largest of a list of
        doubles, of which NaN is the largest of all.
    total : str
        The elements of a list of doubles ``{0}`` added from first to last; NULL or 0 for none.
    total_single : str
        The elements of a list ``{0}``, which are float32, added from first to last as float32; ``{1}`` is a list of as
        many ones.
    distance, inner_product : str
        The Euclidean distance and the inner product of two lists of doubles; they must hold nothing missing.
    records : str or None
        A list of records with the fields ``{1}``, each a name and a type, from lists of the fields' values ``{0}``;
        None where the engine has no such lists, and trees are not written with them.
    field : str
        Field ``{1}`` of record ``{0}``.
    has_bit : str
        Whether the whole number that double ``{0}`` is, below 2**53 either way, has one of the bits of number ``{1}``,
        as two's complement.
    first : int
        The number of the first element.
    let : str or None
        Expression ``{2}``, in which name ``{1}`` stands for ``{0}``; None where functions repeat no argument.
    missing : str or None
        The list that stands for a missing one, where a list cannot be NULL; it has no elements.
    known : str
        The list ``{0}``, in which nothing is missing, as one that cannot hold NULL, where types say that.
    element_or_missing : str or None
        As `element`; NULL where there is no such element. None where `element` is that already.
    """

    literal: str
    transform: str
    filter: str
    transform_rows: str
    filter_rows: str
    row: str
    transform_numbered: str
    filter_numbered: str
    prepend: str
    join: str
    transform_and_join: str
    element: str
    head: str
    slice: str
    position: str
    length: str
    distinct: str
    numbers: str
    sort: str
    order: str
    smallest: str
    maximum: str
    total: str
    total_single: str
    distance: str
    inner_product: str
    records: str | None
    field: str
    has_bit: str
    first: int
    let: str | None = None
    missing: str | None = None
    known: str = "{0}"
    element_or_missing: str | None = None

    def where(self, condition: str, values: str) -> str:
        """Return a printed list, which is missing where a condition does not hold."""
        otherwise = "" if self.missing is None else f" ELSE {self.missing}"
        return f"CASE WHEN {condition} THEN {values}{otherwise} END"

    def element_if_any(self, values: str, number: str | int) -> str:
        """Return an element of a printed list; NULL where it has no such element."""
        return (self.element_or_missing or self.element).format(values, number)
