"""Spark as the benchmarks run it: the ordinary compiler of Java, and what tasks took, as Spark itself counts it."""

from __future__ import annotations

import json
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

from tests import spark

_STACK = "-Xss16m"
SETTINGS = {
    "spark.driver.memory": "4g",
    "spark.driver.extraJavaOptions": _STACK,
    "spark.executor.extraJavaOptions": _STACK,
    "spark.ui.enabled": "true",
    "spark.ui.port": "0",
    "spark.ui.retainedTasks": "1000000",
}
"""Nested CASE needs deeper stacks than Java has by default, to be planned and to be sent to executors."""

MOST_TASKS = 1_000_000


def start(master: str, settings: Mapping[str, str] | None = None) -> SparkSession:
    """Start a session to measure in."""
    return spark.start(master, {**SETTINGS, **(settings or {})})


@dataclass(frozen=True, slots=True)
class Work:
    """What jobs took.

    Parameters
    ----------
    wall : float
        Seconds until the driver had the answer, planning included.
    cpu : float
        Seconds of CPU in the tasks.
    tasks : mapping of str to int
        How many tasks each executor ran.
    rows : mapping of str to int
        How many rows each executor read from files.
    """

    wall: float
    cpu: float
    tasks: Mapping[str, int]
    rows: Mapping[str, int]


def work_of(session: SparkSession, action: Callable[[], object]) -> Work:
    """Return what the tasks of an action took."""
    before = _stages(session)
    begin = time.perf_counter()
    action()
    wall = time.perf_counter() - begin
    tasks: dict[str, int] = defaultdict(int)
    rows: dict[str, int] = defaultdict(int)
    cpu = 0
    for stage in _stages(session) - before:
        for task in _asked(session, f"stages/{stage}/0/taskList?length={MOST_TASKS}"):
            cpu += task["taskMetrics"]["executorCpuTime"]
            tasks[task["executorId"]] += 1
            rows[task["executorId"]] += task["taskMetrics"]["inputMetrics"]["recordsRead"]
    return Work(wall, cpu / 1e9, dict(tasks), dict(rows))


def write_nowhere(session: SparkSession, query: str) -> None:
    """Compute every row and column of a query, and keep none."""
    session.sql(query).write.format("noop").mode("overwrite").save()


def _stages(session: SparkSession) -> set[int]:
    """Return the numbers of all stages that ran, once their jobs are known to have ended."""
    while any(job["status"] == "RUNNING" for job in _asked(session, "jobs")):
        time.sleep(0.05)
    return {stage["stageId"] for stage in _asked(session, "stages?status=complete")}


def _asked(session: SparkSession, path: str) -> list[dict[str, Any]]:
    """Ask the session's own web server."""
    context = session.sparkContext
    url = f"{context.uiWebUrl}/api/v1/applications/{context.applicationId}/{path}"
    with urllib.request.urlopen(url) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found
