"""Scoring side by side (``make bench``): the deployed view, the round trip to Python, and nested CASE.

a. sqlops: ``CREATE TABLE … AS SELECT`` from the deployed view.
b. The round trip: fetch to pandas, the library's own predict_proba, write the scores back.
c. Nested CASE as other exporters write it, for the models of trees, where it finishes.

Each side of each model runs in processes of its own, one for each number of threads, over the same table of one
DuckDB file.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import growth, report, sides
from tests.bench.common import Spent, StoppedError, alone, cores, each, machine, median
from tests.bench.sides import Place, fill
from tests.bench.suite import SUBJECTS

ROWS = 1_000_000
CASE_SECONDS = 120.0
CASE_TOLERANCE = 1e-6


def main(arguments: Sequence[str] | None = None) -> int:
    parsed = parser().parse_args(arguments)
    threads = sorted({1, parsed.threads}, reverse=True)
    results: dict[str, Any] = {"rows": parsed.rows, "repeat": parsed.repeat, **machine(), "threads": threads}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        stored = kept(parsed.out) if parsed.update else {}
        measured = {model["model"]: model for model in stored.get("models", [])}
        results |= {name: stored[name] for name in ("growth",) if name in stored}
        for key in parsed.model or SUBJECTS:
            measured[key] = measure(key, directory, threads, parsed)
            results["models"] = [measured[name] for name in SUBJECTS if name in measured]
            keep(results, parsed.out)
            print(report.line(measured[key]), flush=True)
        if parsed.growth:
            results["growth"] = growth.measure(directory, threads[0], parsed.growth_rows, parsed.growth_trees)
            keep(results, parsed.out)
    print(report.terminal(results))
    wrong = [model["model"] for model in results["models"] if model["parity"]["differ"]]
    if wrong:
        print(f"error: other scores than the library: {', '.join(wrong)}", file=sys.stderr)
    return 1 if wrong else 0


def parser() -> argparse.ArgumentParser:
    known = argparse.ArgumentParser(prog="python -m tests.bench.scoring", description="Scoring, side by side.")
    known.add_argument("--rows", type=int, default=ROWS, help="rows to score (default: %(default)s)")
    known.add_argument("--repeat", type=int, default=3, help="runs, of which the median counts (default: %(default)s)")
    known.add_argument("--threads", type=int, default=cores(), help="threads, besides one (default: %(default)s)")
    known.add_argument("--model", action="append", choices=SUBJECTS, help="only this one; may be given again")
    known.add_argument("--skip-case", action="store_true", help="leave nested CASE out")
    known.add_argument("--profile", action="store_true", help="also measure the operators of the view's query")
    known.add_argument("--growth", action="store_true", help="also measure how time grows with rows and with trees")
    known.add_argument("--growth-rows", type=int, nargs="+", default=growth.ROWS, help=argparse.SUPPRESS)
    known.add_argument("--growth-trees", type=int, nargs="+", default=growth.TREES, help=argparse.SUPPRESS)
    known.add_argument("--out", type=Path, help="a directory for bench.json and bench.md")
    known.add_argument("--update", action="store_true", help="keep what --out holds of other models")
    return known


def kept(out: Path | None) -> dict[str, Any]:
    """Return what an earlier run wrote."""
    stored: dict[str, Any] = json.loads((out / "bench.json").read_text(encoding="utf-8")) if out else {}
    return stored


def keep(results: dict[str, Any], out: Path | None) -> None:
    """Write what is measured so far, so that a run that is stopped leaves something."""
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "bench.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
        (out / "bench.md").write_text(report.markdown(results), encoding="utf-8")


def measure(key: str, directory: Path, threads: Sequence[int], parsed: argparse.Namespace) -> dict[str, Any]:
    """Return everything that is measured of one model."""
    subject = SUBJECTS[key]
    rows = min(parsed.rows, subject.most_rows or parsed.rows)
    place = Place(directory, key, alone(fill, directory / Place.DATABASE, subject.data, rows))
    installed = alone(sides.prepare, place)
    outputs = installed["outputs"]
    measured: dict[str, Any] = {"model": key, "title": subject.title, "rows": rows, "install": installed}
    measured["sql"] = {str(n): alone(sides.score, place, outputs, n, parsed.repeat) for n in threads}
    measured["round_trip"] = {str(n): alone(sides.round_trip, place, outputs, n, parsed.repeat) for n in threads}
    measured["parity"] = alone(sides.compare, place, "returned", outputs, subject.tolerance, subject.floor)
    if subject.trees and not parsed.skip_case:
        measured["case"] = nested_case(place, threads, parsed.repeat)
    if parsed.profile:
        measured["operators"] = alone(sides.profile, place, outputs)
    return measured


def nested_case(place: Place, threads: Sequence[int], repeat: int) -> dict[str, Any]:
    """Return what nested CASE takes by number of threads, or what stopped it; fewer threads are not tried then."""
    measured: dict[str, Any] = {"kb": alone(sides.write_case, place)}
    for n in threads:
        took: dict[str, list[Spent]] = {"plan": [], "run": []}
        stopped = None
        try:
            for what, spent in each(sides.nested_case, place, n, repeat, limit=CASE_SECONDS):
                took[what].append(spent)
        except StoppedError as error:
            stopped = f"{'run' if took['plan'] else 'plan'}: {error}"
        planning = median(took["plan"]) if took["plan"] else None
        if stopped:
            measured[str(n)] = {"stopped": stopped, "plan_cpu_s": planning and planning.cpu}
            rest = (str(fewer) for fewer in threads if fewer < n)
            return measured | {fewer: {"stopped": "not tried", "plan_cpu_s": None} for fewer in rest}
        measured[str(n)] = sides.report(median(took["run"]), planning)
    measured["parity"] = alone(sides.compare, place, "nested", ["probability_1"], CASE_TOLERANCE, 0.0)
    return measured


if __name__ == "__main__":
    sys.exit(main())
