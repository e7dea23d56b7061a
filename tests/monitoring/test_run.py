"""Runs: windows, slices, labels, reruns, refusals, and names that hurt."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

from sqlops.errors import MonitoringError, VersionNotFoundError
from sqlops.monitoring.windows import parse_window
from sqlops.warehouses.duckdb import open_duckdb
from tests.monitoring.conftest import Watched, status, values

N = 360
X = pd.DataFrame({"x": np.tile(np.arange(12.0), 30), "z": np.linspace(-1, 1, N)})
Y = (np.random.default_rng(0).random(N) < 0.2 + 0.05 * X["x"]).astype(int)
START = pd.Timestamp("2013-01-01")
ROWS = X.assign(
    id=np.arange(N),
    y=Y,
    ts=START + pd.to_timedelta(np.arange(N), unit="D"),
    group=np.where(np.arange(N) % 3 == 0, "a", "b"),
    half=np.where(np.arange(N) % 2 == 0, "even, you know", None),
)
MODEL = LogisticRegression().fit(X, Y)
KEY = [
    "model", "version", "metric", "column_name", "slice_key", "slice_value", "window_start", "window_end", "granularity"
]  # fmt: skip


def written_values(frame: pd.DataFrame) -> pd.DataFrame:
    kept = [*KEY, "value", "n_reference", "n_current", "threshold", "sampling_bound", "status"]
    return frame[kept].sort_values(KEY).reset_index(drop=True)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("watched") / "one.duckdb"
    with open_duckdb(str(path)) as connection:
        Watched(connection).add(MODEL, X, ROWS, target=Y)
    return path


@pytest.fixture
def watched(database: Path, tmp_path: Path) -> Iterator[Watched]:
    with open_duckdb(shutil.copy(database, tmp_path)) as connection:
        yield Watched(connection)


@pytest.mark.parametrize(
    ("window", "granularity", "frequency"),
    [
        ("day", "day", "D"), ("week", "week", "W-MON"), ("month", "month", "MS"), ("3 months", "3 months", "QS"),
        ("Quarter", "quarter", "QS"), ("year", "year", "YS"), ("2 days", "2 days", None), ("1 hour", "hour", None),
    ],
)  # fmt: skip
def test_windows(watched: Watched, window: str, granularity: str, frequency: str | None) -> None:
    written = watched.monitor(window=window)
    counts = values(written, "n_rows").sort_index()
    assert counts.sum() == N
    assert set(written["granularity"]) == {granularity}
    assert (written["window_end"] > written["window_start"]).all()
    if frequency is not None:
        periods = {"W-MON": "W", "D": "D", "MS": "M", "QS": "Q", "YS": "Y"}[frequency]
        expected = ROWS.groupby(ROWS["ts"].dt.to_period(periods).dt.start_time).size()
        assert counts.tolist() == expected.tolist()
        assert counts.index.tolist() == expected.index.tolist()


def test_six_hours() -> None:
    assert parse_window(" 6 Hours").interval == "6 hours"
    assert parse_window("2 quarters").interval == "6 months"


@pytest.mark.parametrize("type_", ["DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMPTZ"])
def test_any_type_of_time(watched: Watched, type_: str) -> None:
    before = values(watched.monitor(), "mean", "x")
    watched.connection.execute(f"CREATE OR REPLACE TABLE src AS SELECT * REPLACE (ts::{type_} AS ts) FROM src")
    pd.testing.assert_series_equal(values(watched.monitor(), "mean", "x"), before, check_index_type=False)


def test_a_rerun_replaces_and_adds_nothing(watched: Watched) -> None:
    arguments: dict[str, Any] = {"label": "y", "slices": ["group", "group, half"]}
    first = watched.monitor(**arguments)
    second = watched.monitor(**arguments)
    stored = watched.metrics()
    assert len(stored) == len(first) == len(second)
    pd.testing.assert_frame_equal(written_values(first), written_values(second))
    pd.testing.assert_frame_equal(written_values(second), written_values(stored))
    assert set(stored["run_id"]) == set(second["run_id"])
    assert set(first["run_id"]).isdisjoint(second["run_id"])
    assert not watched.metrics().duplicated(KEY).any()


def test_late_rows_and_late_labels_reach_their_windows(watched: Watched) -> None:
    watched.connection.execute("UPDATE src SET y = NULL WHERE ts >= '2013-03-01'")
    early = watched.monitor(label="y")
    assert values(early, "n")[pd.Timestamp("2013-03-01") :].isna().all()
    labels = ROWS[["id", "y"]]
    watched.table("late_labels", labels)
    watched.connection.execute("INSERT INTO src (id, x, z, ts) VALUES (9999, 3, 0, '2013-02-05')")
    late = watched.monitor(labels="late_labels", label="y")
    assert values(late, "n_rows")[pd.Timestamp("2013-02-01")] == 29
    assert values(late, "n")[pd.Timestamp("2013-03-01")] == 31
    stored = watched.metrics()
    assert values(stored, "n").sum() == N
    assert values(stored, "n_rows").sum() == N + 1


def test_a_run_without_labels_leaves_performance_alone(watched: Watched) -> None:
    with_labels = watched.monitor(label="y")
    watched.monitor()
    assert len(watched.metrics()) == len(with_labels)


def test_what_vanished_from_a_slice_is_removed_but_archived_windows_stay(watched: Watched) -> None:
    watched.monitor(slices=["group"])
    watched.connection.execute("DELETE FROM src WHERE ts < '2013-02-01' OR (ts < '2013-03-01' AND \"group\" = 'a')")
    watched.monitor(slices=["group"])
    stored = values(watched.metrics(), "n_rows", key="group")
    january, february = pd.Timestamp("2013-01-01"), pd.Timestamp("2013-02-01")
    assert set(stored[january].index) == {"a", "b"}
    assert set(stored[february].index) == {"b"}


def test_since_and_until_take_whole_windows(watched: Watched) -> None:
    written = watched.monitor(since="2013-02-20", until="2013-04-01")
    assert values(written, "n_rows").to_dict() == {pd.Timestamp("2013-02-01"): 28, pd.Timestamp("2013-03-01"): 31}
    aware = watched.monitor(since=pd.Timestamp("2013-11-30 23:00", tz="America/New_York"))
    assert values(aware, "n_rows").index.tolist() == [pd.Timestamp("2013-12-01")]


def test_nothing_in_the_windows_is_no_error(watched: Watched) -> None:
    assert watched.monitor(since="2031-01-01", label="y", slices=["group"]).empty


def test_rows_without_a_timestamp_are_reported(watched: Watched) -> None:
    watched.connection.execute("UPDATE src SET ts = NULL WHERE id < 5")
    watched.connection.execute("UPDATE src SET ts = 'infinity' WHERE id = 5")
    written = watched.monitor()
    (row,) = written[written["metric"] == "rows_without_timestamp"].to_dict("records")
    assert (row["value"], row["n_current"], row["status"], row["column_name"]) == (6, N, "warn", "ts")
    assert values(written, "n_rows").sum() == N - 6
    watched.connection.execute("UPDATE src SET ts = '2013-01-02' WHERE id <= 5")
    watched.monitor()
    assert "rows_without_timestamp" not in set(watched.metrics()["metric"])


def test_slices_are_the_same_metrics_of_fewer_rows(watched: Watched) -> None:
    written = watched.monitor(label="y", slices=["group", ("group", "x > 5"), "half, group"], window="year")
    only_a = ROWS["group"] == "a"
    watched.connection.execute("DELETE FROM src WHERE \"group\" <> 'a'")
    alone = watched.monitor(label="y", window="year")
    sliced = written[(written["slice_key"] == "group") & (written["slice_value"] == "a")]
    columns = ["metric", "column_name", "value", "n_current", "status"]
    pd.testing.assert_frame_equal(
        sliced[columns].sort_values(columns[:2]).reset_index(drop=True),
        alone[columns].sort_values(columns[:2]).reset_index(drop=True),
    )
    crossed = values(written, "n_rows", key="group, x > 5").droplevel(0).to_dict()
    expected = (ROWS["group"] + ", " + (ROWS["x"] > 5).map({True: "true", False: "false"})).value_counts().to_dict()
    assert crossed == expected
    halves = values(written, "n_rows", key="half, group").droplevel(0).to_dict()
    assert set(halves) == {"even\\, you know, a", "even\\, you know, b", "(missing), a", "(missing), b"}
    assert halves["(missing), a"] == (ROWS["half"].isna() & only_a).sum()


@pytest.mark.parametrize(
    ("slice_", "said"),
    [
        ("nowhere", "names 'nowhere', which the source does not have"),
        ("x +", "is no"),
        ("", "is no|is empty"),
        ("x; DROP TABLE src", "is no single SQL expression"),
        ("x FROM src", "is no single SQL expression"),
        ("(SELECT 1)", "has a subquery"),
        ("x IN (SELECT x FROM src)", "has a subquery"),
        ("sum(x)", "has an aggregate"),
        ("row_number() OVER ()", "has a window function"),
        ("*", "has a star"),
        ("x AS y", "has an alias"),
        ("no_such_function(x)", "cannot be computed"),
        ("id", "has 1500 values"),
    ],
)
def test_refused_slices(watched: Watched, slice_: str, said: str) -> None:
    watched.connection.execute(
        "INSERT INTO src (id, x, z, ts) SELECT 1000 + i, 1, 1, '2013-01-01' FROM range(1140) t(i)"
    )
    with pytest.raises(MonitoringError, match=said):
        watched.monitor(slices=[slice_])
    assert watched.metrics().empty


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"timestamp": "nope"}, "timestamp 'nope' is no column of source"),
        ({"timestamp": "group"}, "timestamp 'group' is VARCHAR"),
        ({"timestamp": None}, "name the source's column of timestamps"),
        ({"window": "fortnight"}, "'fortnight' is no window"),
        ({"window": "0 days"}, "'0 days' is no window"),
        ({"label": "nope"}, "label 'nope' is no column of source"),
        ({"label": "y", "labels": "nope"}, "labels 'nope' does not exist"),
        ({"labels": "src"}, "without label="),
        ({"label": "group"}, "label 'group' is VARCHAR, the model predicts one of 0, 1"),
        ({"label": "x"}, "label 'x' has values that are no classes of the model: '10.0'.*its classes are 0, 1"),
        ({"label": "y", "labels": "twice"}, "labels 'twice' have several rows for id=0"),
        ({"label": "y", "labels": "keyless"}, "key 'id' is no column of labels 'keyless'"),
        ({"since": "yesterday-ish"}, "since='yesterday-ish' is no date or time"),
        ({"since": "2013-03-01", "until": "2013-02-01"}, "is not before"),
        ({"slices": "group"}, "slices must be a list"),
        ({"slices": ["group", "group"]}, "slice 'group' is given twice"),
    ],
)
def test_refused_runs_write_nothing(watched: Watched, arguments: dict[str, Any], said: str) -> None:
    watched.table("twice", pd.concat([ROWS[["id", "y"]]] * 2))
    watched.table("keyless", ROWS[["y"]])
    with pytest.raises(MonitoringError, match=said) as caught:
        watched.monitor(**arguments)
    assert "\n" not in str(caught.value)
    assert watched.metrics().empty
    left = watched.frame("SELECT table_name FROM duckdb_tables() WHERE temporary")
    assert left.empty


def test_keys_that_are_no_longer_unique(watched: Watched) -> None:
    watched.connection.execute("INSERT INTO src SELECT * FROM src WHERE id = 7")
    with pytest.raises(MonitoringError, match=r"keys id of source .* are NULL or not unique"):
        watched.monitor()


def test_unknown_models_and_versions(watched: Watched) -> None:
    with pytest.raises(VersionNotFoundError, match="no model 'other'"):
        watched.monitor("other")
    with pytest.raises(VersionNotFoundError, match="no version 7"):
        watched.monitor(version=7)
    with pytest.raises(VersionNotFoundError, match="no model 'other'"):
        watched.metrics("other")


def test_dry_run_gives_the_sql_and_writes_nothing(watched: Watched) -> None:
    text = watched.monitor(label="y", slices=["group"], dry_run=True)
    assert text.startswith("BEGIN TRANSACTION;")
    assert text.rstrip().endswith("COMMIT;")
    assert watched.metrics().empty
    watched.connection.execute(text)
    real = watched.metrics()
    assert len(real) == len(watched.monitor(label="y", slices=["group"]))


def test_boolean_labels_of_a_numeric_class(watched: Watched) -> None:
    before = values(watched.monitor(label="y"), "accuracy")
    watched.connection.execute("ALTER TABLE src ALTER y TYPE BOOLEAN")
    pd.testing.assert_series_equal(values(watched.monitor(label="y"), "accuracy"), before)


HOSTILE = {
    "x": 'se"lect',
    "z": "o'clock; --",
    "id": "key `1`",
    "ts": "when?",
    "y": "étiquette 值",
    "group": "group",
    "half": "c0",
}


def test_hostile_names_end_to_end(warehouse: Watched) -> None:
    inputs = X.rename(columns=HOSTILE).assign(window_start=X["x"], label=X["x"] % 2, prediction=1.0, t0="it's {{ a }}")
    from sklearn.compose import make_column_transformer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    encode = make_column_transformer((OneHotEncoder(), ["t0"]), remainder="passthrough")
    model = make_pipeline(encode, LinearRegression()).fit(inputs, X["z"])
    source = ROWS.rename(columns=HOSTILE).assign(
        window_start=X["x"], label=X["x"] % 2, prediction=1.0, t0="it's {{ a }}"
    )
    warehouse.add(model, inputs, source, keys=(HOSTILE["id"],), target=X["z"])
    written = warehouse.monitor(
        timestamp="when?",
        label="étiquette 值",
        slices=['"group"', "\"c0\", \"t0\", 'it''s {% raw %}'"],
        window="quarter",
    )
    assert values(written, "mean", 'se"lect').sort_index().tolist() == pytest.approx(
        ROWS.groupby(ROWS["ts"].dt.quarter)["x"].mean().tolist()
    )
    names = set(written["column_name"])
    assert {"o'clock; --", "window_start", "prediction", "prediction (output)", "étiquette 值"} <= names
    psi = written[(written["metric"] == "psi") & (written["column_name"] == "t0") & (written["slice_key"] == "")]
    assert psi["value"].abs().max() == 0
    crossed = set(written.loc[written["slice_key"].str.startswith('"c0"'), "slice_value"])
    assert crossed == {"even\\, you know, it's {{ a }}, it's {% raw %}", "(missing), it's {{ a }}, it's {% raw %}"}
    assert set(status(written, "n_rows")) == {"ok"}


def test_several_keys_and_labels_elsewhere(warehouse: Watched) -> None:
    source = ROWS.assign(part=ROWS["id"] % 7, number=ROWS["id"] // 7).drop(columns=["id", "y"])
    warehouse.add(MODEL, X, source, keys=("part", "number"), target=Y)
    outcome = source[["part", "number"]].assign(won=Y.astype(float)).iloc[::2]
    warehouse.connection.execute('CREATE SCHEMA "the crm"')
    warehouse.table('"the crm"."out.comes"', outcome)
    written = warehouse.monitor(labels='"the crm"."out.comes"', label="won", window="year")
    assert values(written, "n").tolist() == [N / 2]
    assert values(written, "label_coverage").tolist() == [0.5]
