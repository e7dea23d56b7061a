"""What was measured of scoring on Spark by size, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"
BILLION = 1_000_000_000
TITLES = {
    "logistic": "StandardScaler + LogisticRegression",
    "gradient_boosting": "GradientBoosting 100 × depth 3",
    "forest": "RandomForest 100 × depth 8",
}


def line(told: Mapping[str, Any]) -> str:
    return (
        f"{told['model']}, {told['executors']} executors, {told['rows']:,} rows: {told['cpu_s']:.4g} s of CPU,"
        f" {_micros(told):.3g} us a row, {told['wall_s']:.4g} s, {told['tasks']} tasks"
    )


def _micros(told: Mapping[str, Any]) -> float:
    return float(told["cpu_s"]) / told["rows"] * 1e6


def renew(text: str, results: Mapping[str, Any]) -> str:
    """Return the page with its tables written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return "".join([before, BEGIN, "\n", *(f"{row}\n" for row in _tables(results["measured"])), "\n", END, after])


def _tables(measured: list[dict[str, Any]]) -> Iterator[str]:
    yield "| model | executors | rows | CPU s | µs a row | wall s | tasks | on the busier executor | first query s |"
    yield "| --- | --: | --: | --: | --: | --: | --: | --: | --: |"
    for told in measured:
        cells = [f"{told['cpu_s']:.3g}", f"{_micros(told):.3g}", f"{told['wall_s']:.3g}"]
        counts = [f"{told['tasks']}", f"{told['busiest']}", f"{told['first_s']:.2g}"]
        name = TITLES[told["model"]]
        yield f"| {name} | {told['executors']} | {told['rows']:,} | {' | '.join(cells + counts)} |"
    yield ""
    yield "A billion rows, at the CPU a row of the most rows measured on one executor:"
    yield ""
    yield "| model | CPU hours | on 100 cores, minutes |"
    yield "| --- | --: | --: |"
    last = {told["model"]: told for told in measured if told["executors"] == 1}
    for model, told in last.items():
        seconds = _micros(told) * BILLION / 1e6
        yield f"| {TITLES[model]} | {seconds / 3600:.2g} | {seconds / 6000:.2g} |"
