"""Text over lists, in the words of a dialect; positions in lists count from one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlops.ir.metrics import LONGEST_ORDERED

REFERENCE, POSITION, ITEM, INNER, UNIT, NODE = "_reference", "_position", "_item", "_inner", "_unit", "_node"
"""The parameters of lambdas."""

PARAMETERS = (REFERENCE, POSITION, ITEM, INNER, UNIT, NODE)

_GROUP = LONGEST_ORDERED
"""So many terms are added without parentheses: an expression nests as deep as its sum is long."""


def add(terms: Sequence[str]) -> str:
    """Return a sum of terms, in groups where it is long."""
    while len(terms) > _GROUP:
        terms = [f"({' + '.join(terms[at : at + _GROUP])})" for at in range(0, len(terms), _GROUP)]
    return f"({' + '.join(terms)})"
