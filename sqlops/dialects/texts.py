"""How an engine spells functions of text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE_POINT = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")
_SHORT_CODE_POINT = re.compile(r"\\x([0-9a-f]{2})")


@dataclass(frozen=True)
class Texts:
    """How an engine spells functions of text, for those that have all of them.

    Regular expressions are literals in which every character that is not ASCII is written as ``code_point`` says.

    Parameters
    ----------
    lower : str
        Text ``{0}`` in lower case, each character alone as Python does it.
    concat : str
        What stands between texts that are put together.
    join : str
        The texts in array ``{0}`` put together.
    length : str
        How many code points text ``{0}`` has.
    part : str
        ``{2}`` code points of text ``{0}``, from number ``{1}`` on (counted from one).
    is_ascii : str
        Whether all of text ``{0}`` is ASCII.
    characters : str
        The code points of text ``{0}``, as an array of texts.
    split : str
        The parts of text ``{0}`` between occurrences of text ``{1}``, as an array.
    number : str
        The number of the one code point in text ``{0}``.
    hash : str
        A whole number below 2**60 for text ``{0}``: 15 hexadecimal digits of the MD5 of its UTF-8, from number ``{1}``
        on (counted from one).
    find_all : str
        What group ``{2}`` (0 is all) of regular expression ``{1}`` matches in text ``{0}``, as an array.
    contains : str
        Whether regular expression ``{1}`` matches somewhere in text ``{0}``.
    matches : str
        Whether it matches all of text ``{0}``.
    replace : str
        Text ``{0}`` with every match of regular expression ``{1}`` replaced by text ``{2}``.
    code_point : str
        A code point in a regular expression, ``{0}`` its hexadecimal digits.
    has_short_code_points : bool
        Whether an ``x`` after a backslash takes two hexadecimal digits, whatever follows them.
    end : str
        The end of the text in a regular expression, where ``$`` also stands before a last line break.
    """

    lower: str
    concat: str
    join: str
    length: str
    part: str
    is_ascii: str
    characters: str
    split: str
    number: str
    hash: str
    find_all: str
    contains: str
    matches: str
    replace: str
    code_point: str
    has_short_code_points: bool = True
    end: str = "$"

    def pattern(self, pattern: str) -> str:
        """Return a regular expression, its code points written as Python does, in the engine's way."""
        if pattern.endswith("$"):
            pattern = pattern[:-1] + self.end
        if not self.has_short_code_points:
            pattern = _SHORT_CODE_POINT.sub(lambda at: self.code_point.format(at[1]), pattern)
        return _CODE_POINT.sub(lambda at: self.code_point.format(at[1] or at[2]), pattern)
