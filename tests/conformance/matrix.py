"""The matrix of engines and families, as a page: ``python -m tests.conformance.matrix docs/engines.md``."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from sqlops.dialects import DIALECTS
from tests.conformance.cases import all_cases
from tests.conformance.marks import MARKS, mark_of
from tests.sessions import SESSIONS

_HEAD = """# Engines

Which models give the estimator's answers on which engine. A cell is: cases that agree with the estimator, of
all. The page is written from the marks of the test suite, which are strict: a case that is not marked has to
agree, and a marked one has to fail as its mark says. `make docs` writes it, a test keeps it current.

"""
_KINDS = {"notimpl": "sqlops has no way to write it yet", "notyet": "the engine's fault or lack", "never": "never"}


def matrix() -> str:
    """Return the page."""
    cases = [case.id for case in all_cases()]
    families = sorted({_family(case) for case in cases})
    total = Counter(map(_family, cases))
    green = {engine: Counter(_family(c) for c in cases if mark_of(c, engine) is None) for engine in SESSIONS}
    lines = [f"| | {' | '.join(SESSIONS)} |", f"|---|{'--:|' * len(SESSIONS)}"]
    for family in families:
        cells = (f"{green[engine][family]}/{total[family]}" for engine in SESSIONS)
        lines.append(f"| {family} | {' | '.join(cells)} |")
    shares = (f"**{sum(green[engine].values()) / len(cases):.1%}**" for engine in SESSIONS)
    lines.append(f"| all {len(cases):,} | {' | '.join(shares)} |")
    return f"{_HEAD}{chr(10).join(lines)}\n\n{_reasons(cases)}{_generated()}"


def _family(case: str) -> str:
    return case.partition(":")[0]


def _reasons(cases: list[str]) -> str:
    text = "## Why not\n\n"
    for engine in SESSIONS:
        for mark in MARKS.get(engine, ()):
            which = [case for case in cases if mark_of(case, engine) is mark]
            text += f"- {engine}, {len(which)} cases, {mark.kind} ({_KINDS[mark.kind]}): {mark.why}\n"
    return text


def _generated() -> str:
    others = sorted(set(DIALECTS) - set(SESSIONS))
    if not others:
        return ""
    return f"\nGenerated, parsed in their grammar and compared with stored texts, but not run: {', '.join(others)}.\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(matrix(), encoding="utf-8")
