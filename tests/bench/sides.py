"""What is measured side by side, each function in a process of its own.

What fits, compiles, predicts or writes CASE is imported where it runs: a process that only asks DuckDB holds nothing
else.
"""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from tests.bench.common import Spent, StoppedError, cores, limit_memory, median, megabytes, spent

CHUNK = 1_000_000
"""How many rows are made at a time."""

ONE_ROW = 42
ONE_ROW_RUNS = 20
PLANS = 3
CASE_MEMORY = 0.75
"""The share of the machine's memory that nested CASE may take: planning a large forest takes gigabytes."""

PROFILED = 200_000
"""How many rows are scored for the profile."""

LONG_PLAN = 10.0
LONG_RUN = 30.0
"""Nested CASE that takes longer than so many seconds to plan, or to run, is not planned, or run, again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model, its rows and its scores are.

    Parameters
    ----------
    directory : Path
        Holds the fitted model and its nested CASE.
    key : str
        Names the model.
    table : str
        The rows that it scores, in the directory's database.
    """

    directory: Path
    key: str
    table: str

    DATABASE: ClassVar[str] = "bench.duckdb"

    @property
    def database(self) -> Path:
        return self.directory / self.DATABASE

    @property
    def model(self) -> Path:
        return self.directory / f"{self.key}.pickle"

    @property
    def case(self) -> Path:
        return self.directory / f"{self.key}.sql"

    @property
    def view(self) -> str:
        return f"{self.key}_{self.table}"


def connect(database: Path, threads: int) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(database))
    connection.execute(f"SET threads = {threads}")
    connection.execute("SET enable_progress_bar = false")
    return connection


def fill(database: Path, kind: str, rows: int) -> str:
    """Create the table of so many rows, unless it is there, and return its name; `id` counts them."""
    import numpy as np

    from tests.bench.data import FRAMES

    table = f"{kind}_{rows}"
    with connect(database, 1) as connection:
        if connection.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]).fetchall():
            return table
        for start in range(0, rows, CHUNK):
            chunk = FRAMES[kind](min(CHUNK, rows - start), 1 + start // CHUNK)
            chunk.insert(0, "id", np.arange(start, start + len(chunk)))
            connection.register("chunk", chunk)
            into = f"INSERT INTO {table}" if start else f"CREATE TABLE {table} AS"
            connection.execute(f"{into} SELECT * FROM chunk")
            connection.unregister("chunk")
    return table


def fit(place: Place) -> None:
    """Fit a model and leave it, with its X, for the other processes."""
    from tests.bench.models import MODELS

    place.model.write_bytes(pickle.dumps(MODELS[place.key]()))


def write_case(place: Place) -> float:
    """Write a model as nested CASE, and return how many kilobytes that is."""
    from tests.bench.nested import score

    model, _ = pickle.loads(place.model.read_bytes())
    text = score(model, place.table)
    place.case.write_text(text, encoding="utf-8")
    return len(text) / 1e3


def prepare(place: Place) -> dict[str, Any]:
    """Fit a model and install it."""
    fit(place)
    return install(place)


def install(place: Place) -> dict[str, Any]:
    """Compile a model, register it, and deploy it over its rows."""
    import sqlops

    model, X = pickle.loads(place.model.read_bytes())
    start = time.perf_counter()
    compiled = sqlops.compile(model, X, name=place.view)
    compiled_at = time.perf_counter()
    with connect(place.database, cores()) as connection:
        warehouse = sqlops.connect(connection)
        version = warehouse.register(compiled)
        warehouse.deploy(version.name, version.number, source=place.table, keys="id")
        deployed_at = time.perf_counter()
        found = connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = ?", [f"{place.view}_v1"])
        ((text,),) = found.fetchall()
    return {
        "compile_s": round(compiled_at - start, 3),
        "deploy_s": round(deployed_at - compiled_at, 3),
        "view_kb": round(len(text) / 1e3, 1),
        "outputs": [output.name for output in compiled.signature.outputs if output.name != "prediction"],
    }


def write(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> Spent:
    """Return what it takes to write the result of a query to a new table."""
    connection.execute(f"DROP TABLE IF EXISTS {table}")
    return spent(lambda: connection.execute(f"CREATE TABLE {table} AS {query}"))


def plan(connection: duckdb.DuckDBPyConnection, query: str) -> Spent:
    return spent(lambda: connection.execute(f"EXPLAIN {query}").fetchall())


def report(took: Spent, planning: Spent | None = None) -> dict[str, float]:
    measured = {"wall_s": took.wall, "cpu_s": took.cpu}
    if planning:
        measured |= {"plan_s": planning.wall, "plan_cpu_s": planning.cpu}
    return {name: round(value, 6) for name, value in measured.items()}


def asked(place: Place, outputs: list[str]) -> str:
    """Return the query of the scores through the deployed view."""
    return f"SELECT id, {', '.join(outputs)} FROM {place.view}"


def score(place: Place, outputs: list[str], threads: int, repeat: int, memory: str | None = None) -> dict[str, float]:
    """Write the scores of the deployed view to a table, then plan that again, and look one row up.

    Unless given, the memory's limit is DuckDB's own.
    """
    query = asked(place, outputs)
    look_up = f"SELECT * FROM {place.view} WHERE id = {ONE_ROW}"
    with connect(place.database, threads) as connection:
        if memory:
            connection.execute("SET memory_limit = ?", [memory])
        took = median(write(connection, "scored", query) for _ in range(repeat))
        peak = megabytes()
        planning = median(plan(connection, query) for _ in range(PLANS))
        one_row = median(spent(lambda: connection.execute(look_up).fetchall()) for _ in range(ONE_ROW_RUNS))
    return {**report(took, planning), "peak_mb": round(peak), "one_row_ms": round(one_row.wall * 1e3, 3)}


def set_threads(model: Any, threads: int) -> None:
    """Make a fitted model use so many threads, where it has a say in that itself."""
    last = model[-1] if hasattr(model, "steps") else model
    if "n_jobs" in last.get_params():
        last.set_params(n_jobs=threads)


def round_trip(place: Place, outputs: list[str], threads: int, repeat: int) -> dict[str, float]:
    """Fetch the rows to pandas, let the library score them, and write the scores back."""
    from threadpoolctl import threadpool_limits

    model, _ = pickle.loads(place.model.read_bytes())
    set_threads(model, threads)
    predict: Callable[[Any], Any] = getattr(model, "predict_proba", None) or model.decision_function
    with connect(place.database, threads) as connection, threadpool_limits(threads):

        def trip() -> None:
            given = connection.execute(f"SELECT * FROM {place.table}").df()
            scores = predict(given.drop(columns="id")).reshape(len(given), -1)
            returned = given[["id"]].assign(**dict(zip(outputs, scores.T, strict=True)))
            connection.register("frame", returned)
            connection.execute("CREATE TABLE returned AS SELECT * FROM frame")
            connection.unregister("frame")

        def again() -> Spent:
            connection.execute("DROP TABLE IF EXISTS returned")
            return spent(trip)

        took = median(again() for _ in range(repeat))
    return {**report(took), "peak_mb": round(megabytes())}


def nested_case(place: Place, threads: int, repeat: int) -> Iterator[tuple[str, Spent]]:
    """Yield what each plan of the nested CASE takes ("plan"), and each run with its plan ("run")."""
    query = place.case.read_text(encoding="utf-8")
    limit_memory(CASE_MEMORY)
    try:
        with connect(place.database, threads) as connection:
            for _ in range(PLANS):
                planning = plan(connection, query)
                yield "plan", planning
                if planning.wall > LONG_PLAN:
                    break
            for _ in range(repeat):
                running = write(connection, "nested", query)
                yield "run", running
                if running.wall > LONG_RUN:
                    break
    except duckdb.OutOfMemoryException as error:
        raise StoppedError("out of memory") from error


def compare(place: Place, other: str, outputs: list[str], tolerance: float, floor: float) -> dict[str, Any]:
    """Return how many rows of `scored` another table's scores differ in, and by how much at most, relative to size."""
    size = "greatest(abs(a.{0}), abs(b.{0}), {1!r})"
    apart = [
        f"CASE WHEN a.{output} = b.{output} THEN 0 ELSE abs(a.{output} - b.{output}) / {size.format(output, floor)} END"
        for output in outputs
    ]
    with connect(place.database, 1) as connection:
        found = connection.execute(
            f"SELECT count(*), count_if(NOT coalesce(apart <= ?, false)), max(apart)"
            f" FROM (SELECT greatest({', '.join(apart)}) AS apart FROM scored a FULL JOIN {other} b USING (id))",
            [tolerance],
        )
        ((rows, differ, largest),) = found.fetchall()
    return {"rows": rows, "differ": differ, "largest": largest}


def profile(place: Place, outputs: list[str]) -> list[dict[str, Any]]:
    """Return the seconds of each operator of the query, from the table on, and the columns that it adds.

    Projections are the stages of the view, and numbered.
    """
    with connect(place.database, 1) as connection:
        connection.execute("DROP TABLE IF EXISTS scored")
        query = f"CREATE TABLE scored AS {asked(place, outputs)} WHERE id < {PROFILED}"
        ((_, text),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchall()
    (root,) = json.loads(text)["operator"]
    found = [operator for operator in _operators(root) if operator["seconds"]]
    stages = iter(range(1, len(found) + 1))
    return [
        {**operator, "stage": next(stages)} if operator["operator"] == "PROJECTION" else operator for operator in found
    ]


def _operators(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the operators below a node, then itself: data comes from the bottom."""
    for child in node.get("children", []):
        yield from _operators(child)
    given = {name for child in node.get("children", []) for name in _columns(child)}
    new = [name for name in _columns(node) if name not in given]
    yield {"operator": node["type"], "new": new, "seconds": node["timing"]}


def _columns(node: dict[str, Any]) -> list[str]:
    columns = node["extra_info"].get("Projections", [])
    return [columns] if isinstance(columns, str) else list(columns)
