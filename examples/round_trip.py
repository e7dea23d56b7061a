"""Compare scoring through a view with the way to Python and back, on the flights that ``make demo`` has loaded.

Run it after the demo: ``python examples/round_trip.py``. Each figure is the median of three runs; CPU is user and
system time of all threads. The view is read into a table; the round trip fetches the inputs into pandas, asks the
pipeline for probabilities, and writes them back.
"""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
from flights import CATEGORIES, DATABASE, KEY, LABEL, NUMBERS, TIMESTAMP, pipeline
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import sqlops

INPUTS = NUMBERS + CATEGORIES
CLASSIFIERS = {
    "logistic_regression": LogisticRegression(max_iter=1000),
    "hist_gradient_boosting": HistGradientBoostingClassifier(random_state=0),
    "forest_of_depth_8": RandomForestClassifier(n_estimators=100, max_depth=8, random_state=0),
}


def measure(action: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU seconds, the medians of three runs."""
    runs = []
    for _ in range(3):
        wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
        action()
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        runs.append((time.perf_counter() - wall, cpu))
    walls, cpus = zip(*runs, strict=True)
    return sorted(walls)[1], sorted(cpus)[1]


def main() -> None:
    """Measure on a copy of the demo's database."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(DATABASE, Path(folder) / "flights.duckdb")
        with duckdb.connect(str(copy)) as connection:
            departures = connection.execute(f"select * from departures order by {KEY}").df()
            train = departures[(departures[TIMESTAMP] < "2013-07-01") & departures[LABEL].notna()]
            print(f"{'model':<24}{'view: wall':>12}{'cpu':>7}{'round trip: wall':>19}{'cpu':>7}{'cpu ratio':>11}")
            for name, classifier in CLASSIFIERS.items():
                fitted = pipeline(classifier).fit(train[INPUTS], train[LABEL].astype(int))
                warehouse = sqlops.connect(connection)
                warehouse.register(sqlops.compile(fitted, train[INPUTS], name=name))
                warehouse.deploy(name, 1, source="departures", keys=KEY)

                def view(name: str = name) -> None:
                    connection.execute(f"create or replace table by_view as select * from {name}")

                def round_trip(fitted: object = fitted) -> None:
                    rows = connection.execute(f"select {KEY}, {', '.join(INPUTS)} from departures").df()
                    scores = pd.DataFrame(
                        fitted.predict_proba(rows[INPUTS]), columns=["probability_0", "probability_1"]
                    )
                    connection.register("scores", scores.assign(**{KEY: rows[KEY]}))
                    connection.execute("create or replace table by_round_trip as select * from scores")

                (wall, cpu), (trip_wall, trip_cpu) = measure(view), measure(round_trip)
                print(f"{name:<24}{wall:>12.2f}{cpu:>7.2f}{trip_wall:>19.2f}{trip_cpu:>7.2f}{cpu / trip_cpu:>11.2f}")


if __name__ == "__main__":
    main()
