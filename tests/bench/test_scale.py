"""The tables of docs/scale.md are those of what was measured, and the parts add up."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench import scale_report

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_shows_what_was_measured() -> None:
    results = json.loads((DOCS / "bench-scale.json").read_text(encoding="utf-8"))
    page = (DOCS / "scale.md").read_text(encoding="utf-8")
    assert scale_report.renew(page, results) == page


def test_a_billion_rows_are_a_product() -> None:
    told = {"model": "forest", "executors": 1, "rows": 1_000_000, "cpu_s": 36.0, "wall_s": 1.0, "first_s": 2.0}
    page = scale_report.renew(
        f"before{scale_report.BEGIN}old{scale_report.END}after", {"measured": [told | {"tasks": 8, "busiest": 5}]}
    )
    assert "| RandomForest 100 × depth 8 | 10 | 6 |" in page
    assert "| RandomForest 100 × depth 8 | 1 | 1,000,000 | 36 | 36 | 1 | 8 | 5 | 2 |" in page
    assert page.startswith("before")
    assert page.endswith("after")
    assert "old" not in page
