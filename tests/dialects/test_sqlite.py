from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import apsw
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

import sqlops
from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects.sqlite import SQLITE
from sqlops.errors import QueryError, UnsupportedOptionError
from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.program import Program
from sqlops.lowering import lower
from sqlops.warehouses.duckdb import open_duckdb
from sqlops.warehouses.sqlite import SQLiteConnection, open_sqlite
from tests.conformance.tables import HOSTILE_VALUES
from tests.tolerances import ORDER_OF_SUM

X = build.column("x", "double")
HOMES = pd.DataFrame({"rooms": [1.0, 2.0, 4.0, 7.0], "area": [20.0, 35.0, 90.0, 140.0]})
RENTS = [3.0, 5.0, 9.0, 15.0]


@pytest.fixture
def connection() -> Iterator[SQLiteConnection]:
    with open_sqlite(":memory:") as opened:
        yield opened


def query_of(model: CompiledModel, keys: tuple[str, ...] = ("id",)) -> str:
    source = emit.Source(emit.table("homes", SQLITE))
    return emit.render(emit.select(model.plan("sqlite"), SQLITE, source, keys=keys), SQLITE)


def homes(connection: SQLiteConnection) -> None:
    connection.execute("CREATE TABLE homes (id INTEGER PRIMARY KEY, rooms REAL, area REAL)")
    for row in HOMES.itertuples():
        connection.execute("INSERT INTO homes VALUES (?, ?, ?)", row)


def test_the_sql_of_a_tree() -> None:
    rooms = HOMES[["rooms"]]
    model = sqlops.compile(DecisionTreeRegressor(max_depth=1, random_state=0).fit(rooms, RENTS), rooms)
    assert (
        query_of(model)
        == """\
WITH _input AS (
  SELECT
    "id" AS _key0,
    CASE WHEN typeof("rooms") IN ('real', 'integer') THEN CAST("rooms" AS REAL) END AS _x0
  FROM "homes" AS _source
  UNION ALL
  SELECT
    NULL,
    NULL
  WHERE
    FALSE
)
SELECT
  _key0 AS "id",
  (SELECT CASE WHEN ((_x0 IS NULL) OR (abs(_x0) <= 3.4028235677973362e+38)) THEN\
 CASE WHEN _x0 > 5.500000238418579e0 THEN 15.0e0 ELSE 5.666666666666667e0 END END) AS "prediction"
FROM _input"""
    )


def counted(connection: SQLiteConnection) -> list[float]:
    """Register a function ``counted`` that is the identity, and return the list of what it is asked for."""
    asked: list[float] = []

    def identity(value: float) -> float:
        asked.append(value)
        return value

    connection._native.create_scalar_function("counted", identity, 1, deterministic=True)
    return asked


@pytest.fixture
def view(connection: SQLiteConnection) -> list[float]:
    """Make a view of a chain of stages, each reading the one before four times, and return the calls at its end."""
    asked = counted(connection)
    dialect = replace(SQLITE, operations={**SQLITE.operations, "exp": "counted({0})"}, deepest_inline=1)
    shared = build.call("exp", X)
    for _ in range(12):
        shared = build.call("multiply", build.call("add", shared, shared), build.call("subtract", shared, X))
    plan = lower(Program((X,), (("out", shared), ("twice", build.call("add", shared, shared)))), dialect)
    assert len(plan.stages) > 10
    select = emit.select(plan, dialect, emit.Source(emit.table("t", dialect)), keys=["id"])
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL)")
    connection._native.executemany("INSERT INTO t VALUES (?, ?)", [(number, number / 1000) for number in range(100)])
    connection.execute(f"CREATE VIEW v AS {emit.render(select, dialect)}")
    return asked


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ("SELECT * FROM v", 100),
        ("SELECT * FROM v ORDER BY out", 100),
        ("SELECT out, out + twice FROM v WHERE out > 0 AND twice > out", 100),
        ("SELECT twice, count(*) FROM v GROUP BY twice HAVING max(out) > 1", 100),
        ("SELECT sum(out) FROM v", 100),
        ("SELECT * FROM v WHERE id = 42", 1),
        ("SELECT * FROM v WHERE id = 42 AND out > -1", 1),
        ("SELECT * FROM v WHERE id IN (4, 42)", 2),
        ("SELECT * FROM (SELECT * FROM v WHERE id < 10) WHERE out IS NOT NULL", 10),
    ],
)
def test_a_stage_is_computed_once_for_each_row_that_is_asked_for(
    connection: SQLiteConnection, view: list[float], query: str, calls: int
) -> None:
    connection.rows(query)
    assert len(view) == calls


@pytest.mark.usefixtures("view")
def test_a_condition_on_a_key_reaches_the_index_of_the_source(connection: SQLiteConnection) -> None:
    steps = [str(row[3]) for row in connection.rows("EXPLAIN QUERY PLAN SELECT * FROM v WHERE id = 42")]
    assert "SEARCH _source USING INTEGER PRIMARY KEY (rowid=?)" in steps
    assert not any("MATERIALIZE" in step for step in steps)


def test_float32_is_rounded_as_numpy_does(connection: SQLiteConnection) -> None:
    rng = np.random.default_rng(3)
    any_ = rng.integers(0, 2**64, 5000, dtype=np.uint64).view(np.float64)
    near = (rng.random(5000) + 1) * 2.0 ** rng.integers(-155, 130, 5000) * rng.choice([-1, 1], 5000)
    single = rng.integers(0, 0x7F7FFFFF, 5000, dtype=np.uint32).view(np.float32)
    ties = (single.astype(np.float64) + np.nextafter(single, np.float32(np.inf)).astype(np.float64)) / 2
    powers = 2.0 ** np.arange(-160, 129)
    least = np.array([0.0, np.inf, -np.inf, 5e-324, 3.4028235677973366e38, np.nextafter(3.4028235677973366e38, 0)])
    values = np.concatenate([any_[~np.isnan(any_)], near, ties, powers, least])
    values = np.concatenate([values, np.nextafter(values, np.inf), np.nextafter(values, -np.inf)])
    connection.load("t", pa.table({"i": np.arange(len(values)), "x": values}))
    text = SQLITE.call("float32", ("x",))
    got = np.array([row[0] for row in connection.rows(f"SELECT {text} FROM t ORDER BY i")], dtype=np.float64)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, values.astype(np.float32).astype(np.float64))


def test_many_entries_are_found_by_a_search(connection: SQLiteConnection) -> None:
    keys = [*HOSTILE_VALUES, *(f"{letter}{number}" for letter in "aAzÄ😀\uffff" for number in range(40))]
    key = build.column("key", "text")
    entries = {text: float(at) for at, text in enumerate(keys)}
    lookup = build.lookup(key, entries, missing=-2.0, default=-1.0, type_="double")
    plan = lower(Program((key,), (("out", lookup),)), SQLITE)
    asked = [*keys, "unknown", "aa", "Z", None]
    # A collation of the source has no say.
    connection.execute("CREATE TABLE t (i INTEGER, key TEXT COLLATE NOCASE)")
    connection._native.executemany("INSERT INTO t VALUES (?, ?)", list(enumerate(asked)))
    query = emit.select(plan, SQLITE, emit.Source(emit.table("t", SQLITE)), keys=["i"])
    got = dict(connection.rows(query))
    assert [got[at] for at in range(len(asked))] == [*map(float, range(len(keys))), -1.0, -1.0, -1.0, -2.0]


def test_a_number_of_more_arguments_than_a_function_takes(connection: SQLiteConnection) -> None:
    columns = [build.column(f"x{number}", "double") for number in range(1500)]
    program = Program(
        tuple(columns),
        (
            ("most", build.call("maximum", *columns)),
            ("all", build.indicator(build.all_of(build.call("less", X, build.constant(2.0)) for X in columns))),
        ),
    )
    connection.load("t", pa.table({f"x{number}": [number / 1500] for number in range(1500)}))
    query = emit.select(lower(program, SQLITE), SQLITE, emit.Source(emit.table("t", SQLITE)))
    assert connection.rows(query) == [(1499 / 1500, 1.0)]


def test_what_is_no_number_is_missing(connection: SQLiteConnection) -> None:
    connection.execute("CREATE TABLE t (i INTEGER, x REAL)")
    for row in [(0, "abc"), (1, "2.5"), (2, b"1"), (3, None), (4, 3)]:
        connection.execute("INSERT INTO t VALUES (?, ?)", row)
    plan = lower(Program((X,), (("out", build.call("add", X, X)),)), SQLITE)
    query = emit.select(plan, SQLITE, emit.Source(emit.table("t", SQLITE)), keys=["i"])
    assert connection.rows(query) == [(0, None), (1, 5.0), (2, None), (3, None), (4, 6.0)]


def test_a_tree_deeper_than_case_nests(connection: SQLiteConnection) -> None:
    values = np.arange(900.0)
    frame = pd.DataFrame({"rooms": values, "area": 0.0})
    # Each split takes one value off: targets that grow so fast make a chain.
    tree = DecisionTreeRegressor(random_state=0).fit(frame, 1.5**values)
    assert tree.get_depth() > SQLITE.deepest_case
    model = sqlops.compile(tree, frame)
    connection.load("homes", pa.table({"id": np.arange(900), "rooms": values, "area": np.zeros(900)}))
    got = [row[1] for row in sorted(connection.rows(query_of(model)))]
    np.testing.assert_array_equal(got, tree.predict(frame))


def test_the_standard_librarys_sqlite() -> None:
    connection = SQLiteConnection(sqlite3.connect(":memory:"))
    homes(connection)
    linear = LinearRegression().fit(HOMES, RENTS)
    got = [row[1] for row in connection.rows(query_of(sqlops.compile(linear, HOMES)))]
    np.testing.assert_allclose(got, linear.predict(HOMES), rtol=ORDER_OF_SUM)
    if sqlite3.sqlite_version_info < (3, 42):
        near = sqlops.compile(KNeighborsRegressor(2, weights="distance").fit(HOMES, RENTS), HOMES)
        with pytest.raises(
            QueryError, match="writes 15 digits of a number into JSON, and this needs all 17: use a later"
        ):
            connection.rows(query_of(near))


def test_texts_are_refused() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    model = sqlops.compile(CountVectorizer().fit(["a word", "another"]), ["a word", "another"])
    with pytest.raises(UnsupportedOptionError, match="sqlite lacks functions of text that this model's tokens take"):
        model.plan("sqlite")


def test_evaluator_and_engine_agree_on_single_sums(connection: SQLiteConnection) -> None:
    assert apsw.sqlite_lib_version() >= "3.54"
    columns = [build.column(f"x{number}", "double") for number in range(3)]
    total = columns[0]
    for column in columns[1:]:
        total = build.call("float32", build.call("add", total, column))
    program = Program(tuple(columns), (("out", total),))
    rng = np.random.default_rng(0)
    data = {f"x{number}": rng.normal(size=200).astype(np.float32).astype(np.float64) for number in range(3)}
    connection.load("t", pa.table({"i": np.arange(200), **data}))
    query = emit.select(lower(program, SQLITE), SQLITE, emit.Source(emit.table("t", SQLITE)), keys=["i"])
    got = [row[1] for row in sorted(connection.rows(query))]
    np.testing.assert_array_equal(got, evaluate(program, data, 200)["out"])


MOMENTS = [
    "1999-12-31 23:59:59",
    "2000-01-01 00:00:00",
    "2024-02-29 12:34:56",
    "2026-11-22 00:00:01",
    "2026-03-01 07:00:00",
]


@pytest.mark.parametrize("unit", ["second", "minute", "hour", "day", "week", "month", "quarter", "year"])
def test_the_start_of_a_unit(connection: SQLiteConnection, unit: str) -> None:
    text = SQLITE.needed_times.start.format(f"'{unit}'", "m")
    found = [connection.rows(f"SELECT {text} FROM (SELECT '{moment}' AS m)")[0][0] for moment in MOMENTS]
    assert found == duckdb_says(f"date_trunc('{unit}', m)")


@pytest.mark.parametrize(("window", "seconds"), [("6 hours", 21600), ("2 weeks", 1209600), ("90 seconds", 90)])
def test_the_start_of_several(connection: SQLiteConnection, window: str, seconds: int) -> None:
    text = SQLITE.needed_times.start_of_several.format(f"'{window}'", "m", seconds)
    found = [connection.rows(f"SELECT {text} FROM (SELECT '{moment}' AS m)")[0][0] for moment in MOMENTS]
    assert found == duckdb_says(f"time_bucket(INTERVAL '{window}', m)")


@pytest.mark.parametrize("months", [2, 5, 24])
def test_the_start_of_months(connection: SQLiteConnection, months: int) -> None:
    text = SQLITE.needed_times.start_of_months.format(f"'{months} months'", "m", months)
    found = [connection.rows(f"SELECT {text} FROM (SELECT '{moment}' AS m)")[0][0] for moment in MOMENTS]
    assert found == duckdb_says(f"time_bucket(INTERVAL '{months} months', m)")


@pytest.mark.parametrize("by", ["6 hours", "90 seconds", "1 day", "2 weeks", "1 months", "1 years"])
def test_later(connection: SQLiteConnection, by: str) -> None:
    text = SQLITE.needed_times.later.format("m", f"'{by}'")
    found = [
        connection.rows(f"SELECT {text} FROM (SELECT '{moment}' AS m)")[0][0] for moment in ("2024-03-01 00:00:00",)
    ]
    assert found == duckdb_says(f"m + INTERVAL '{by}'", ["2024-03-01 00:00:00"])


def test_moments(connection: SQLiteConnection) -> None:
    texts = ["2026-01-31", "2026-01-31 12:30", "2026-01-31T12:30:45.678", "2026-01-31 12:30:45+02:00", "soon", None]
    text = SQLITE.needed_times.moment.format("?")
    found = [connection.rows(f"SELECT {text}", (given,))[0][0] for given in texts]
    expected = ["2026-01-31 00:00:00", "2026-01-31 12:30:00", "2026-01-31 12:30:45", "2026-01-31 10:30:45", None, None]
    assert found == expected


def duckdb_says(expression: str, moments: list[str] = MOMENTS) -> list[str]:
    """Return what another engine makes of timestamps."""
    with open_duckdb(":memory:") as other:
        listed = ", ".join(f"(TIMESTAMP '{moment}')" for moment in moments)
        query = f"SELECT strftime(CAST({expression} AS TIMESTAMP), '%Y-%m-%d %H:%M:%S') FROM (VALUES {listed}) AS t (m)"
        return [row[0] for row in other.rows(query)]
