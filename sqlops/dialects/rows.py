"""How an engine computes over the rows of literal tables, where it has no lists."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rows:
    """Spelling of what is computed over the rows of a relation of constants, for engines that have no lists.

    Each constant is a relation of its own: ``n`` numbers its rows from zero, ``c0``, ``c1`` and so on are its columns.

    Parameters
    ----------
    relation : str
        The query of a relation, ``{0}`` its rows.
    whole_sum, whole_maximum : str
        The sum, and the largest, of the doubles ``{0}`` of all rows; NULL where one of them is missing.
    all : str
        What follows a query so that it is computed as it stands, and all of it is returned.
    several : str
        The doubles ``{0}`` as one value, exactly.
    one : str
        Number ``{1}``, counted from zero, of the doubles in ``{0}``.
    most : int
        How many doubles there are in one value, at most.
    """

    relation: str
    whole_sum: str
    whole_maximum: str
    all: str
    several: str
    one: str
    most: int
