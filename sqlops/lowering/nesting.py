"""How deep CASE nests, for engines that allow few levels."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlops.dialects.base import Dialect
from sqlops.errors import LimitError
from sqlops.lowering.plan import Stage

_WORDS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\b(?:CASE|END)\b")


def refuse_deep(dialect: Dialect, stages: Sequence[Stage], outputs: Sequence[str]) -> None:
    """Refuse expressions that nest CASE deeper than an engine allows.

    Raises
    ------
    LimitError
        One does; the message names the limit.
    """
    if dialect.deepest_nesting is None:
        return
    texts = [*(column.text for stage in stages for column in stage.columns), *outputs]
    deepest = max(map(nesting_of, texts), default=0)
    if deepest > dialect.deepest_nesting:
        raise LimitError(
            f"this model nests {deepest} CASE in one expression; {dialect.name} takes {dialect.deepest_nesting}",
            hint="use another engine",
        )


def nesting_of(text: str) -> int:
    """Return how deep CASE nests in a printed expression."""
    depth = deepest = 0
    for word in _WORDS.findall(text):
        if word in ("CASE", "END"):
            depth += 1 if word == "CASE" else -1
            deepest = max(deepest, depth)
    return deepest
