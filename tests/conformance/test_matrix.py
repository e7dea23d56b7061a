"""The page of engines says what the marks say."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.cases import all_cases
from tests.conformance.marks import MARKS, mark_of
from tests.conformance.matrix import matrix
from tests.sessions import SESSIONS

PAGE = Path(__file__).parents[2] / "docs" / "engines.md"
ENOUGH = 0.95


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == matrix(), "run `make docs`"


def test_every_mark_is_of_an_engine_and_of_cases() -> None:
    cases = [case.id for case in all_cases()]
    for engine, marks in MARKS.items():
        assert engine in SESSIONS
        for mark in marks:
            assert any(mark_of(case, engine) is mark for case in cases), f"{engine}: {mark.why}"


def test_nearly_all_cases_agree_on_every_engine() -> None:
    cases = [case.id for case in all_cases()]
    for engine in SESSIONS:
        assert sum(mark_of(case, engine) is None for case in cases) >= ENOUGH * len(cases), engine
