r"""Regular expressions of Python, translated into ones that every engine matches in the same way.

Python's ``\w`` and ``\b`` are those of Unicode, those of most engines are of ASCII, and engines without backtracking
have neither ``\b`` of Unicode nor looking around. So classes are written out, and word boundaries are taken away where
that is proved to change nothing:

* A greedy ``\w{m,}`` takes whole runs of word characters, with or without ``\b`` around it.
* ``\bX\b``, where X matches word characters only, finds the runs of word characters that X matches as a whole: a
  boundary is nowhere else than at the ends of a run.

Everything else that is translated means the same to backtracking and other engines: the first alternative that leads to
a match wins (Cox 2010, "Regular Expression Matching in the Wild").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

from sqlops.ir.characters import Ranges, character_class, complement, is_subset, matching, union

Refuse = Callable[[str], Exception]
Items = Sequence[tuple[Any, Any]]

MOST_REPEATS = 1000
"""Engines after RE2 repeat a part at most so often."""

_CATEGORIES = {
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
}


def translate_pattern(pattern: str, refuse: Refuse) -> tuple[str, str]:
    r"""Return a pattern that finds words, and one that must match all of a word (empty where it need not).

    Parameters
    ----------
    pattern : str
        As for `re.findall`.
    refuse : callable
        From a reason to the error that is raised.

    Examples
    --------
    >>> translate_pattern(r"(?a)\b\w\w+\b", ValueError)
    ('[0-9A-Z_a-z]{2,}', '')
    >>> translate_pattern(r"(?a)\b[a-z]+\b", ValueError)
    ('[0-9A-Z_a-z]+', '[a-z]+')
    """
    parsed = _parser.parse(pattern)
    flags = parsed.state.flags
    if flags & (re.IGNORECASE | re.LOCALE):
        raise refuse("it ignores case")
    if parsed.getwidth()[0] == 0:
        raise refuse("it matches nothing at all, too")
    translation = _Translation(flags, refuse)
    items = list(parsed)
    starts, ends = _is_boundary(items[0]), _is_boundary(items[-1])
    inner = items[starts : len(items) - ends]
    if not (starts or ends):
        return translation.sequence(inner, groups=True), ""
    if len(inner) == 1 and inner[0][0] is sre.SUBPATTERN and inner[0][1][0] == 1:
        inner = list(inner[0][1][3])
    word = character_class(translation.word)
    shortest = translation.greedy_run(inner)
    if shortest is not None:
        return word + ("+" if shortest == 1 else f"{{{shortest},}}"), ""
    if not (starts and ends and translation.within_words(inner)):
        raise refuse(r"\b is more than the two ends of words in it")
    return word + "+", translation.sequence(inner, groups=False)


def _is_boundary(item: tuple[Any, Any]) -> bool:
    return bool(item == (sre.AT, sre.AT_BOUNDARY))


class _Translation:
    def __init__(self, flags: int, refuse: Refuse) -> None:
        self.flags = flags
        self.refuse = refuse
        self.word = self._category(r"\w")

    def _category(self, escape: str) -> Ranges:
        return matching(escape, re.ASCII if self.flags & re.ASCII else 0)

    def sequence(self, items: Items, *, groups: bool) -> str:
        """Return items one after the other; the one group may only be among them, not deeper."""
        return "".join(self._item(kind, value, groups=groups) for kind, value in items)

    def _item(self, kind: Any, value: Any, *, groups: bool) -> str:
        characters = self._characters(kind, value)
        if characters is not None:
            return character_class(characters)
        if kind is sre.BRANCH:
            return f"(?:{'|'.join(self.sequence(branch, groups=False) for branch in value[1])})"
        if kind is sre.SUBPATTERN:
            number, added, removed, inner = value
            if added or removed:
                raise self.refuse("it changes flags inside")
            if number is not None and not groups:
                raise self.refuse("its group is not always there, or repeated")
            return f"({'?:' if number is None else ''}{self.sequence(inner, groups=False)})"
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            return self._repeat(*value) + ("?" if kind is sre.MIN_REPEAT else "")
        raise self.refuse(f"it uses {str(kind).lower().replace('_', ' ')}")

    def _repeat(self, least: int, most: int, inner: Any) -> str:
        if inner.getwidth()[0] == 0:
            raise self.refuse("it repeats what can be empty")
        if max(least, 0 if most is sre.MAXREPEAT else most) > MOST_REPEATS:
            raise self.refuse(f"it repeats a part more than {MOST_REPEATS} times")
        text = f"(?:{self.sequence(inner, groups=False)})"
        if len(inner) == 1 and (only := self._characters(*inner[0])) is not None:
            text = character_class(only)
        if most is sre.MAXREPEAT:
            return text + {0: "*", 1: "+"}.get(least, f"{{{least},}}")
        return text + f"{{{least},{most}}}"

    def _characters(self, kind: Any, value: Any) -> Ranges | None:
        """Return the characters that an item of one character matches; None for other items."""
        if kind is sre.LITERAL:
            return ((value, value),)
        if kind is sre.NOT_LITERAL:
            return complement(((value, value),))
        if kind is sre.ANY:
            return complement(() if self.flags & re.DOTALL else ((10, 10),))
        if kind is not sre.IN:
            return None
        negated = value[0][0] is sre.NEGATE
        found: list[tuple[int, int]] = []
        for inner, what in value[negated:]:
            if inner is sre.CATEGORY:
                found += self._category(_CATEGORIES[what])
            else:
                found.append(what if inner is sre.RANGE else (what, what))
        return complement(union(found)) if negated else union(found)

    def greedy_run(self, items: Items) -> int | None:
        r"""Return m where items are ``\w{m,}``, in whatever spelling."""
        total, unbounded = 0, False
        for kind, value in items:
            if kind is sre.MAX_REPEAT:
                least, most, inner = value
                if len(inner) != 1 or self._characters(*inner[0]) != self.word:
                    return None
                if most is not sre.MAXREPEAT:
                    return None
                total, unbounded = total + least, True
            elif self._characters(kind, value) == self.word:
                total += 1
            else:
                return None
        return total if unbounded and total else None

    def within_words(self, items: Items) -> bool:
        """Return whether all that items match is word characters."""
        for kind, value in items:
            characters = self._characters(kind, value)
            if characters is not None:
                parts: list[Items] = []
                if not is_subset(characters, self.word):
                    return False
            elif kind is sre.BRANCH:
                parts = list(value[1])
            elif kind is sre.SUBPATTERN:
                parts = [value[3]]
            elif kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
                parts = [value[2]]
            else:
                return False
            if not all(self.within_words(part) for part in parts):
                return False
        return True
