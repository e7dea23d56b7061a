"""Sets of characters, written so that every engine's regular expressions read them alike: as code points."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache

Ranges = tuple[tuple[int, int], ...]
"""Ascending, not touching, both ends included; without surrogates, which no text in an engine holds."""

SURROGATES = (0xD800, 0xDFFF)


@cache
def all_characters() -> tuple[str, str]:
    """Return every code point that text can hold, in order: those before and those after the surrogates."""
    first, last = SURROGATES
    return "".join(map(chr, range(first))), "".join(map(chr, range(last + 1, sys.maxunicode + 1)))


@cache
def matching(pattern: str, flags: int = 0) -> Ranges:
    """Return the characters that a pattern of one character matches in this Python.

    Examples
    --------
    >>> matching("[ab_]")
    ((95, 95), (97, 98))
    """
    runs = (run for part in all_characters() for run in re.findall(f"(?:{pattern})+", part, flags))
    return union((ord(run[0]), ord(run[-1])) for run in runs)


def union(ranges: Iterable[tuple[int, int]]) -> Ranges:
    """Return ranges in order, joined where they touch."""
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], stop))
        else:
            merged.append((start, stop))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """Return all other characters."""
    kept, start = [], 0
    for first, last in union([*ranges, SURROGATES]):
        if start < first:
            kept.append((start, first - 1))
        start = last + 1
    if start <= sys.maxunicode:
        kept.append((start, sys.maxunicode))
    return tuple(kept)


def is_subset(ranges: Ranges, of: Ranges) -> bool:
    """Return whether all characters of one set are in another."""
    return union([*ranges, *of]) == of


def character_class(ranges: Ranges) -> str:
    r"""Return a class of a regular expression, all ASCII.

    Examples
    --------
    >>> character_class(((95, 95), (97, 98), (913, 937)))
    '[_a-b\\u0391-\\u03a9]'
    """
    others = complement(ranges)
    if 0 < len(others) < len(ranges):
        return f"[^{_listed(others)}]"
    return f"[{_listed(ranges)}]"


def _listed(ranges: Ranges) -> str:
    return "".join(
        _escaped(start) if start == stop else f"{_escaped(start)}-{_escaped(stop)}" for start, stop in ranges
    )


def _escaped(code: int) -> str:
    if chr(code).isascii() and (chr(code).isalnum() or code == ord("_")):
        return chr(code)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
