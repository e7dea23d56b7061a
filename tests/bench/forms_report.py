"""What was measured of the forms of trees, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FORMS = ("case", "bitmasks", "traversal")
_HEAD = """# Trees on Spark and ClickHouse, by form

Written by `make bench-engines` from [bench-engines.json](bench-engines.json). A cell is microseconds of CPU for a row,
and in brackets the seconds of the first query, over a hundred rows: planning, and on Spark compiling. The form that
takes least over a million rows, planning included, is bold. One core, 20 columns, all outputs of a binary classifier,
reading included. On a shared machine CPU seconds grow as well: forms of one model are measured one after the other.
"""


def per_row(form: Mapping[str, Any], rows: int = 1_000_000) -> float:
    """Return microseconds of CPU a row, planning and compiling spread over a million rows."""
    return float(form["us"]) + float(form["first_cpu_s"]) / rows * 1e6 if "us" in form else float("inf")


def fastest(measured: Mapping[str, Any]) -> str:
    """Return the form that took least."""
    forms = measured["forms"]
    return str(min(forms, key=lambda name: per_row(forms[name])))


def line(measured: Mapping[str, Any]) -> str:
    told = (f"{name} {_cell(form)}" for name, form in measured["forms"].items())
    return f"{measured['model']} on {measured['engine']}: {', '.join(told)}"


def _cell(form: Mapping[str, Any] | None) -> str:
    if form is None:
        return "–"
    return f"{form['us']:.3g} [{form['first_s']:.2g}]" if "us" in form else str(form["stopped"])


def markdown(results: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Return the page."""
    return "\n".join([_HEAD, *_table(results, titles), ""])


def _table(results: Mapping[str, Any], titles: Mapping[str, str]) -> Iterator[str]:
    yield f"| engine | model | {' | '.join(FORMS)} |"
    yield f"| --- | --- |{' --: |' * len(FORMS)}"
    for measured in sorted(results["results"], key=lambda found: str(found["engine"])):
        best = fastest(measured)
        cells = {name: _cell(measured["forms"].get(name)) for name in FORMS}
        cells[best] = f"**{cells[best]}**"
        yield f"| {measured['engine']} | {titles[measured['model']]} | {' | '.join(cells.values())} |"
