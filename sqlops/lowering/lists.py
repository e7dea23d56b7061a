"""Text over lists, in the words of a dialect; positions in lists count from one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlops.dialects.base import Dialect
from sqlops.dialects.lists import Lists
from sqlops.errors import UnsupportedOptionError

REFERENCE, POSITION, ITEM, INNER, UNIT, NODE = "_reference", "_position", "_item", "_inner", "_unit", "_node"
"""The parameters of lambdas."""

PARAMETERS = (REFERENCE, POSITION, ITEM, INNER, UNIT, NODE)

_GROUP = 64
"""So many terms are added without parentheses: an expression nests as deep as its sum is long."""


def lists_of(dialect: Dialect) -> Lists:
    """Return what a dialect can do with lists.

    Raises
    ------
    UnsupportedOptionError
        It has none, and there is no other way to write the model for it.
    """
    if dialect.lists is None:
        raise UnsupportedOptionError(
            f"{dialect.name} has no functions on lists, which nearest neighbours need", hint="use another engine"
        )
    return dialect.lists


def add(terms: Sequence[str]) -> str:
    """Return a sum of terms, in groups where it is long."""
    while len(terms) > _GROUP:
        terms = [f"({' + '.join(terms[at : at + _GROUP])})" for at in range(0, len(terms), _GROUP)]
    return f"({' + '.join(terms)})"
