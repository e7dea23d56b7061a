"""The costs of the dialects choose the form of trees that was measured to be the fastest."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sqlops
from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.lowering import Strategy, lower
from tests.bench.forms import SUBJECTS
from tests.bench.forms_report import fastest, markdown

DOCS = Path(__file__).parents[2] / "docs"
STORED = json.loads((DOCS / "bench-engines.json").read_text(encoding="utf-8"))


@cache
def program(model: str) -> Any:
    fitted, X = SUBJECTS[model].fit()
    return sqlops.compile(fitted, X).program


def text(model: str, engine: str, strategy: Strategy | None = None) -> str:
    dialect = get_dialect(engine)
    return emit.render(emit.select(lower(program(model), dialect, strategy), dialect, emit.Source(None)), dialect)


@pytest.mark.xdist_group("forms")
@pytest.mark.parametrize("measured", STORED["results"], ids=lambda found: f"{found['model']}-{found['engine']}")
def test_the_fastest_form_is_chosen(measured: dict[str, Any]) -> None:
    model, engine = measured["model"], measured["engine"]
    assert text(model, engine) == text(model, engine, fastest(measured))


def test_the_page_shows_what_was_measured() -> None:
    titles = {model: subject.title for model, subject in SUBJECTS.items()}
    assert markdown(STORED, titles) == (DOCS / "bench-engines.md").read_text(encoding="utf-8")
