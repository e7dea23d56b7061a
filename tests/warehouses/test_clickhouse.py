"""The connection: its client is that of clickhouse-connect, here of the engine in this process.

No package brings a server. What differs for one, transport and addresses, is the client's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp

from sqlops.errors import ConnectionFailedError, QueryError, SchemaError, SourceError
from sqlops.warehouses.base import dotted
from sqlops.warehouses.clickhouse import SETTINGS, ClickHouseConnection, open_clickhouse


@pytest.fixture
def connection() -> Iterator[ClickHouseConnection]:
    """Return a session; relations of the tests are in a database of their own, as the engine outlives a session."""
    with open_clickhouse("chdb://memory") as opened:
        opened.execute("CREATE DATABASE crm")
        yield opened
        opened.execute("DROP DATABASE crm")


def test_reading_and_writing(connection: ClickHouseConnection) -> None:
    connection.execute("CREATE TABLE crm.t (a Int32, b Nullable(String)) ENGINE = MergeTree ORDER BY a")
    connection.execute("INSERT INTO crm.t VALUES (?, ?)", (1, "it's"))
    assert connection.rows(exp.select("*").from_("crm.t")) == [(1, "it's")]
    assert connection.rows("SELECT b FROM crm.t WHERE a = ? AND b <> '?'", (1,)) == [("it's",)]
    assert connection.rows("SELECT b FROM crm.t WHERE a = 2") == []
    assert connection.frame("SELECT * FROM crm.t").to_dict("list") == {"a": [1], "b": ["it's"]}
    assert connection.arrow("SELECT * FROM crm.t").to_pylist() == [{"a": 1, "b": "it's"}]


def test_parameters(connection: ClickHouseConnection) -> None:
    given = [None, True, -3, 0.1, "a\\b\n'?", b"\x00\xff", [1, 2], date(2026, 1, 2)]
    listed = ", ".join(f"? AS c{number}" for number in range(len(given)))
    (row,) = connection.rows(f"SELECT {listed}", given)
    assert row[:5] == (None, True, -3, 0.1, "a\\b\n'?")
    assert row[5:] == (b"\x00\xff", [1, 2], date(2026, 1, 2))
    assert connection.rows("SELECT toDecimal32(?, 2)", (Decimal("1.25"),)) == [(Decimal("1.25"),)]
    instant = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    assert connection.rows("SELECT toUnixTimestamp64Micro(?)", (instant,)) == [(round(instant.timestamp() * 1e6),)]
    with pytest.raises(QueryError, match=r"^the statement has 1 question marks, and 2 values are given$"):
        connection.rows("SELECT ?", (1, 2))
    with pytest.raises(QueryError, match=r"^a value of type object cannot be a parameter$"):
        connection.rows("SELECT ?", (object(),))


def test_loading(connection: ClickHouseConnection) -> None:
    words = pa.array(["x", None]).dictionary_encode()
    records = pa.array([[{"child": 1, "bound": 0.5}], []])
    instants = pa.array([datetime(2026, 1, 2, tzinfo=UTC), None], pa.timestamp("us", "UTC"))
    table = pa.table({"a b": [1.5, None], "xs": [[1, 2], []], "w": words, "r": records, "at": instants})
    connection.load('"odd name"', table)
    connection.load("crm.kept", table, temporary=False)
    types = {
        "a b": "Nullable(Float64)",
        "xs": "Array(Int64)",
        "w": "Nullable(String)",
        "r": "Array(Tuple(child Int64, bound Float64))",
        "at": "Nullable(DateTime64(6, 'UTC'))",
    }
    assert connection.columns('"odd name"') == connection.columns("crm.kept") == types
    assert connection.rows("SELECT `a b`, xs, w, r FROM crm.kept") == [
        (1.5, [1, 2], "x", [{"child": 1, "bound": 0.5}]),
        (None, [], None, []),
    ]
    assert connection.rows("SELECT name, is_temporary FROM system.tables WHERE name IN ('odd name', 'kept')") == [
        ("kept", 0),
        ("odd name", 1),
    ]
    with pytest.raises(SchemaError, match=r"column 'd' is duration\[us\]"):
        connection.load("crm.no", pa.table({"d": pa.array([1], pa.duration("us"))}))


def test_locating(connection: ClickHouseConnection) -> None:
    connection.execute("CREATE TABLE crm.Leads (a Int32) ENGINE = Memory")
    connection.execute("CREATE VIEW crm.top AS SELECT a FROM crm.Leads")
    connection.load("mine", pa.table({"a": [1]}))
    found = {name: connection.locate(name) for name in ("crm.Leads", "crm.top", "mine", "crm.leads", "Leads")}
    assert {name: place and dotted(place, connection.dialect) for name, place in found.items()} == {
        "crm.Leads": '"crm"."Leads"',
        "crm.top": "crm.top",
        "mine": "mine",
        "crm.leads": None,
        "Leads": None,
    }
    assert connection.named("crm", ["LEADS", "top", "other"]) == {"Leads": "table", "top": "view"}
    assert connection.columns("nowhere") is None
    assert connection.current_schema() == "default"
    assert connection.current_database()
    for name in ("", "a b", "file('x')", "a.b.c", "(select 1)"):
        with pytest.raises(SourceError):
            connection.locate(name)


def test_functions_are_named(connection: ClickHouseConnection) -> None:
    connection.execute("CREATE FUNCTION crm_lead_score_predict AS (x) -> x + 1")
    try:
        assert connection.named("crm", ["lead_score_predict"]) == {"lead_score_predict": "function"}
        assert connection.named("default", ["lead_score_predict"]) == {}
    finally:
        connection.execute("DROP FUNCTION crm_lead_score_predict")


def test_a_script_runs_in_a_schema(connection: ClickHouseConnection) -> None:
    script = (
        "CREATE TABLE a (x Int32) ENGINE = Memory;\n-- one; two\nINSERT INTO a SELECT 1;\nINSERT INTO a SELECT 2;\n"
    )
    connection.script(script, "crm")
    assert connection.rows("SELECT sum(x) FROM crm.a") == [(3,)]
    with pytest.raises(QueryError):
        connection.script("CREATE TABLE a (x Int32) ENGINE = Memory", "crm")
    assert connection.current_schema() == "default"


def test_what_ran_before_an_exception_stays(connection: ClickHouseConnection) -> None:
    connection.execute("CREATE TABLE crm.t (a Int32) ENGINE = Memory")

    def fail() -> None:
        with connection.transaction(), connection.transaction():
            connection.execute("INSERT INTO crm.t VALUES (1)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert connection.rows("SELECT a FROM crm.t") == [(1,)]


def test_errors_are_one_line(connection: ClickHouseConnection) -> None:
    for statement in ("SELECT nothing", "SELECT * FROM nowhere", "SELEC", "SELECT toInt64(nan)"):
        with pytest.raises(QueryError, match=r"^ClickHouse refuses the statement: Code: \d+") as caught:
            connection.rows(statement)
        assert "\n" not in str(caught.value)


def test_settings_are_those_of_long_queries(connection: ClickHouseConnection) -> None:
    rows = connection.rows("SELECT name, value FROM system.settings WHERE has(?, name)", (list(SETTINGS),))
    assert dict(rows) == {name: str(value) for name, value in SETTINGS.items()}
    zeros = ", ".join(["0"] * 100_000)
    assert connection.rows(f"SELECT length([{zeros}])") == [(100_000,)]


def test_a_closed_connection(connection: ClickHouseConnection) -> None:
    other = open_clickhouse("chdb://memory")
    other.close()
    with pytest.raises(ConnectionFailedError, match=r"^the connection is closed or broken: connect again"):
        other.rows("SELECT 1")
    shared = ClickHouseConnection(connection._client)
    shared.close()
    assert connection.rows("SELECT 1") == [(1,)]


def test_one_path_is_open_at_a_time(connection: ClickHouseConnection, tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailedError, match=r"^cannot open 'chdb:///"):
        open_clickhouse(f"chdb://{tmp_path}/other")


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(ConnectionFailedError, match=r"^cannot open 'clickhouse://127.0.0.1:1/crm': ") as caught:
        open_clickhouse("clickhouse://me:secret@127.0.0.1:1/crm")
    assert "secret" not in str(caught.value)
