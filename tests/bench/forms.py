"""What each form of a tree ensemble takes on Spark and on ClickHouse (``make bench-engines``).

Each form of each model runs in a process of its own, on one core, over the rows of one table. Figures are CPU seconds:
of the tasks, on Spark, as Spark counts them; of the process, on ClickHouse. The first query reads a hundred rows, and
is planned, and on Spark compiled.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from lightgbm import LGBMClassifier
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

import sqlops
from sqlops import emit
from sqlops.artifacts.relations import constants_row
from sqlops.dialects import get_dialect
from sqlops.errors import UnsupportedOptionError
from sqlops.lowering import STRATEGIES, lower
from sqlops.warehouses.clickhouse import ClickHouseConnection, open_clickhouse
from sqlops.warehouses.spark import SparkConnection
from tests.bench import forms_report, spark
from tests.bench.common import StoppedError, alone, each, machine
from tests.bench.data import frame_of_numbers
from tests.bench.models import MODELS, Fitted, on_numbers

ENGINES = ("spark", "clickhouse")
ROWS, FEW = 50_000, 100
LONGEST_CASE = 6_000_000
"""Longer ones are not tried: planning them takes many minutes."""
LIMIT = 200.0
"""Seconds until a form is given up."""
ENOUGH = 2.0
"""Seconds of CPU after which more rows tell nothing new."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An ensemble to measure: what tables call it, and what fits it."""

    title: str
    fit: Callable[[], Fitted]


SUBJECTS = {
    "few_boosted": Subject(
        "GradientBoosting 20 × depth 3",
        lambda: on_numbers(GradientBoostingClassifier(n_estimators=20, max_depth=3, random_state=0), 5_000),
    ),
    "gradient_boosting": Subject("GradientBoosting 100 × depth 3", MODELS["gradient_boosting"]),
    "few_lightgbm": Subject(
        "LightGBM 40 × 31 leaves",
        lambda: on_numbers(LGBMClassifier(n_estimators=40, random_state=0, verbose=-1, n_jobs=1), 31_500),
    ),
    "lightgbm": Subject("LightGBM 200 × 31 leaves", MODELS["lightgbm"]),
    "few_forest": Subject(
        "RandomForest 10 × depth 8",
        lambda: on_numbers(RandomForestClassifier(10, max_depth=8, max_features=10, random_state=0), 17_500),
    ),
    "forest": Subject("RandomForest 100 × depth 8", MODELS["forest"]),
    "few_grown": Subject(
        "RandomForest 5, fully grown", lambda: on_numbers(RandomForestClassifier(5, random_state=0), 31_500)
    ),
    "grown_forest": Subject("RandomForest 100, fully grown", MODELS["grown_forest"]),
}


def main(arguments: Sequence[str] | None = None) -> None:
    known = argparse.ArgumentParser(prog="python -m tests.bench.forms", description="Forms of trees, by engine.")
    known.add_argument("--json", type=Path, help="keep what is measured, and beside it, as .md, the tables")
    known.add_argument("--engine", action="append", choices=ENGINES, help="only this one; may be given again")
    known.add_argument("--model", action="append", choices=SUBJECTS, help="only this one; may be given again")
    parsed = known.parse_args(arguments)
    stored: dict[str, Any] = json.loads(parsed.json.read_text(encoding="utf-8")) if _is_there(parsed.json) else {}
    results: list[dict[str, Any]] = stored.get("results", [])
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        for key in parsed.model or SUBJECTS:
            place = Path(name, f"{key}.pickle")
            alone(fit, key, place)
            for engine in parsed.engine or ENGINES:
                measured = {"model": key, "engine": engine, **measure(engine, place)}
                results = [old for old in results if (old["model"], old["engine"]) != (key, engine)] + [measured]
                print(forms_report.line(measured), flush=True)
                if parsed.json:
                    order = [(model, engine) for model in SUBJECTS for engine in ENGINES]
                    results.sort(key=lambda result: order.index((result["model"], result["engine"])))
                    kept = {"rows": ROWS, **machine(), "results": results}
                    parsed.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
                    titles = {model: subject.title for model, subject in SUBJECTS.items()}
                    parsed.json.with_suffix(".md").write_text(forms_report.markdown(kept, titles), encoding="utf-8")


def _is_there(path: Path | None) -> bool:
    return path is not None and path.exists()


def fit(key: str, place: Path) -> None:
    """Fit a model, compile it, and leave its program."""
    model, X = SUBJECTS[key].fit()
    place.write_bytes(pickle.dumps(sqlops.compile(model, X).program))


def measure(engine: str, place: Path) -> dict[str, Any]:
    """Return what each form takes, or why it is not known; and which one sqlops takes by itself."""
    program = pickle.loads(place.read_bytes())
    dialect = get_dialect(engine)
    forms: dict[str, dict[str, Any]] = {}
    for strategy in STRATEGIES:
        try:
            text = emit.render(emit.select(lower(program, dialect, strategy), dialect, emit.Source(None)), dialect)
        except UnsupportedOptionError:
            continue  # trees of too many leaves for bitmasks
        forms[strategy] = {"kb": round(len(text) / 1e3, 1)}
        if len(text) > LONGEST_CASE:
            forms[strategy]["stopped"] = "not tried"
            continue
        try:
            for told in each(_form, engine, place, strategy, limit=LIMIT):
                forms[strategy] |= told
        except (StoppedError, RuntimeError) as error:
            forms[strategy]["stopped"] = str(error)
    return {"forms": forms}


def _form(engine: str, place: Path, strategy: str) -> Iterator[dict[str, Any]]:
    """Yield what the first query takes, then what a row does."""
    program = pickle.loads(place.read_bytes())
    run, total = {"spark": _on_spark, "clickhouse": _on_clickhouse}[engine](program, strategy)
    wall, cpu = time.perf_counter(), total()
    run(FEW)
    yield {"first_s": round(time.perf_counter() - wall, 3), "first_cpu_s": round(total() - cpu, 3)}
    planned = min(run(FEW) for _ in range(2))
    rows = 2_000
    while (spent := run(rows) - planned) < ENOUGH and rows < ROWS:
        rows = min(ROWS, max(2 * rows, int(rows * ENOUGH / max(spent, 0.3))))
    spent = min(spent, run(rows) - planned)
    yield {"us": round(spent / rows * 1e6, 3), "rows": rows}


Measures = tuple[Callable[[int], float], Callable[[], float]]
"""What scores so many rows, and returns CPU seconds; and what the engine has taken in all."""


def _on_spark(program: Any, strategy: Any) -> Measures:
    session = spark.start("local[1]")
    connection = SparkConnection(session)
    connection.load("given", _rows(), temporary=False)
    plan = lower(program, connection.dialect, strategy)
    text = emit.render(
        emit.select(plan, connection.dialect, emit.Source(emit.raw("given")), keys=["id"]), connection.dialect
    )

    def run(rows: int) -> float:
        query = f"SELECT * FROM ({text}) WHERE id < {rows}"
        return spark.work_of(session, lambda: spark.write_nowhere(session, query)).cpu

    java: Any = session.sparkContext._jvm
    process = Path("/proc", str(java.java.lang.ProcessHandle.current().pid()), "stat")

    def total() -> float:
        user, system = process.read_text(encoding="ascii").rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    return run, total


def _on_clickhouse(program: Any, strategy: Any) -> Measures:
    connection: ClickHouseConnection = open_clickhouse("chdb://memory")
    connection.execute("SET max_threads = 1")
    connection.load("given", _rows())
    dialect = connection.dialect
    plan = lower(program, dialect, strategy)
    if plan.constants:
        connection.load("constants", constants_row(plan))
    constants = emit.table("constants", dialect) if plan.constants else None
    source = emit.Source(emit.table("given", dialect))
    text = emit.render(emit.select(plan, dialect, source, keys=["id"], constants=constants), dialect)

    def run(rows: int) -> float:
        cpu = time.process_time()
        connection.execute(f"CREATE OR REPLACE TABLE nowhere ENGINE = Null AS SELECT * FROM ({text}) WHERE id < {rows}")
        return time.process_time() - cpu

    return run, time.process_time


def _rows() -> pa.Table:
    return pa.Table.from_pandas(frame_of_numbers(ROWS).assign(id=range(ROWS)))


if __name__ == "__main__":
    main()
