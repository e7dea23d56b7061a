"""What was measured of the forms of trees, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORMS = ("case", "bitmasks", "traversal")


def per_row(form: Mapping[str, Any], rows: int = 1_000_000) -> float:
    """Return microseconds of CPU a row, planning and compiling spread over a million rows."""
    return float(form["us"]) + form["first_cpu_s"] / rows * 1e6 if "us" in form else float("inf")


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
    if "us" not in form:
        return str(form.get("stopped", "–"))
    return f"{form['us']:.3g} [{form['first_s']:.2g}]"


def markdown(results: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    return ""
