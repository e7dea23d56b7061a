"""How scoring on Spark grows: with rows, with the model, with executors (``make bench-scale``).

Executors are processes of a core each on this machine. Rows are made by SQL, a table of files; scores are computed and
not kept. CPU seconds are those of the tasks, as Spark counts them: the machine may be shared.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlops
from tests.bench import scale_report
from tests.bench.common import alone, each, machine

ROWS = {
    "logistic": (1_000_000, 4_000_000, 16_000_000),
    "gradient_boosting": (1_000_000, 4_000_000, 16_000_000),
    "forest": (62_500, 250_000, 1_000_000),
}
EXECUTORS = (1, 2)
FILES = 32
WARM = 20_000
"""Rows that are scored first, so that plans are made and most of the methods compiled by Java."""
LIMIT = 1800.0


def main(arguments: Sequence[str] | None = None) -> None:
    known = argparse.ArgumentParser(prog="python -m tests.bench.scale", description="Scoring on Spark, by size.")
    known.add_argument("--json", type=Path, help="keep what is measured")
    known.add_argument("--page", type=Path, help="the page whose tables are renewed")
    known.add_argument("--model", action="append", choices=ROWS, help="only this one; may be given again")
    known.add_argument("--share", type=int, default=1, help="this part of the rows: a half, a third … (default: all)")
    parsed = known.parse_args(arguments)
    results: dict[str, Any] = {**machine(), "measured": []}
    wanted = {key: [rows // parsed.share for rows in ROWS[key]] for key in parsed.model or ROWS}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for key in wanted:
            alone(fit, key, Path(name))
        for executors in EXECUTORS:
            for told in each(score, executors, wanted, Path(name), limit=LIMIT):
                results["measured"].append(told)
                print(scale_report.line(told), flush=True)
                if parsed.json:
                    parsed.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    if parsed.page:
        text = parsed.page.read_text(encoding="utf-8")
        parsed.page.write_text(scale_report.renew(text, results), encoding="utf-8")


def fit(key: str, folder: Path) -> None:
    """Leave the query of a model's scores."""
    from tests.bench.models import MODELS

    query = sqlops.compile(*MODELS[key]()).sql("spark", source="given", keys="id")
    (folder / key).write_bytes(pickle.dumps(query))


def score(executors: int, wanted: dict[str, list[int]], folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what each model takes of CPU for each number of rows."""
    from tests.bench import spark

    session = spark.start(f"local-cluster[{executors},1,2048]", {"spark.executor.memory": "2g"})
    most = max(max(sizes) for sizes in wanted.values())
    # Two hashes of a row's number are two even numbers, and those one normal number, after Box and Muller.
    even = "(shiftrightunsigned(xxhash64(id, {0}), 11) + 1) * 1.1102230246251565e-16D"
    normal = "sqrt(-2 * ln({0})) * cos(2 * pi() * {1}) AS x{2}"
    columns = [normal.format(even.format(2 * n), even.format(2 * n + 1), n) for n in range(20)]
    session.range(0, most, 1, FILES).selectExpr("id", *columns).write.saveAsTable("given")
    for key, sizes in wanted.items():
        query = pickle.loads((folder / key).read_bytes())
        first = spark.work_of(session, lambda: spark.write_nowhere(session, f"SELECT * FROM ({query}) WHERE id < 100"))  # noqa: B023
        for rows in (WARM, *sizes):
            text = f"SELECT * FROM ({query}) WHERE id < {rows}"
            work = spark.work_of(session, lambda: spark.write_nowhere(session, text))  # noqa: B023
            if rows != WARM:
                yield {
                    "model": key, "executors": executors, "rows": rows, "first_s": round(first.wall, 3),
                    "wall_s": round(work.wall, 3), "cpu_s": round(work.cpu, 3),
                    "tasks": sum(work.tasks.values()), "busiest": max(work.tasks.values()),
                }  # fmt: skip


if __name__ == "__main__":
    main()
