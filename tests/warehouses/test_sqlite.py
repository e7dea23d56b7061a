from __future__ import annotations

import datetime
import decimal
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pyarrow as pa
import pytest
from sqlglot import exp

from sqlops.errors import (
    ConflictError,
    ConnectionFailedError,
    QueryError,
    RegistryError,
    SchemaError,
    SourceError,
    SqlopsError,
)
from sqlops.warehouses.sqlite import SQLiteConnection, open_sqlite


def _apsw() -> Any:
    return apsw.Connection(":memory:")


def _standard() -> Any:
    return sqlite3.connect(":memory:")


@pytest.fixture(params=[_apsw, _standard], ids=["apsw", "sqlite3"])
def connection(request: pytest.FixtureRequest) -> Iterator[SQLiteConnection]:
    native = request.param()
    yield SQLiteConnection(native)
    native.close()


def test_reading_and_writing(connection: SQLiteConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, "it's"))
    assert connection.rows(exp.select("*").from_("t")) == [(1, "it's")]
    assert connection.rows("SELECT b FROM t WHERE a = ?", (1,)) == [("it's",)]
    assert connection.frame("SELECT * FROM t").to_dict("list") == {"a": [1], "b": ["it's"]}
    assert connection.arrow("SELECT * FROM t WHERE a = ?", (1,)).to_pylist() == [{"a": 1, "b": "it's"}]
    assert connection.arrow("SELECT * FROM t WHERE a = 2").column_names == ["a", "b"]


def test_loading(connection: SQLiteConnection) -> None:
    columns = {
        "a b": pa.array([1.5, None]),
        "whole": pa.array([2**62, None]),
        "flag": pa.array([True, None]),
        "text": pa.array(["x", None]).dictionary_encode(),
        "day": pa.array([datetime.date(2026, 1, 31), None]),
        "at": pa.array([datetime.datetime(2026, 1, 31, 12, 30), None]),
        "price": pa.array([decimal.Decimal("1.25"), None]),
        "bytes": pa.array([b"\x00", None]),
        "none": pa.nulls(2),
    }
    connection.load('"odd name"', pa.table(columns))
    connection.load("main.kept", pa.table({"a": [1]}), temporary=False)
    types = ["REAL", "INTEGER", "BOOLEAN", "TEXT", "TIMESTAMP", "TIMESTAMP", "REAL", "BLOB", ""]
    assert connection.columns('"odd name"') == dict(zip(columns, types, strict=True))
    stored = (1.5, 2**62, 1, "x", "2026-01-31", "2026-01-31 12:30:00", 1.25, b"\x00", None)
    assert connection.rows('SELECT * FROM "odd name"') == [stored, (None,) * 9]
    assert connection.rows("SELECT name FROM temp.sqlite_master") == [("odd name",)]
    with pytest.raises(SchemaError, match=r"column 'xs' is of type list"):
        connection.load("lists", pa.table({"xs": [[1, 2]]}))
    with pytest.raises(QueryError):
        connection.load("large", pa.table({"a": pa.array([2**63], type=pa.uint64())}))
    assert connection.locate("large") is None


def test_types_are_as_declared_or_as_the_values_are() -> None:
    with open_sqlite(":memory:") as connection:
        connection.load("t", pa.table({"a": [1.0, 2.0], "b": [True, None], "c": [None, "x"], "d": [1, 2]}))
        connection.execute("CREATE TABLE mixed (a REAL, b)")
        connection.execute("INSERT INTO mixed VALUES ('x', 1), (2, 1.5)")
        declared = connection.arrow("SELECT * FROM t WHERE a > 5").schema
        assert [str(field.type) for field in declared] == ["double", "bool", "string", "int64"]
        assert connection.arrow("SELECT * FROM t").to_pydict() == {
            "a": [1.0, 2.0],
            "b": [True, None],
            "c": [None, "x"],
            "d": [1, 2],
        }
        assert connection.arrow("SELECT * FROM mixed").to_pydict() == {"a": ["x", "2.0"], "b": [1.0, 1.5]}


def test_locating(connection: SQLiteConnection) -> None:
    connection.execute("ATTACH ':memory:' AS crm")
    connection.execute("CREATE TABLE crm.Leads (a INTEGER)")
    connection.execute("CREATE TABLE homes (a INTEGER)")
    connection.execute("CREATE TEMP VIEW homes AS SELECT * FROM main.homes")
    found = {name: connection.locate(name) for name in ("CRM.leads", "leads", "homes", "main.HOMES", "main.leads")}
    assert {name: place and place.sql("sqlite") for name, place in found.items()} == {
        "CRM.leads": '"crm"."Leads"',
        "leads": '"crm"."Leads"',
        "homes": '"temp"."homes"',
        "main.HOMES": '"main"."homes"',
        "main.leads": None,
    }
    assert connection.columns("nowhere") is None
    for name in ("", "a b", "f('x')", "a.b.c", "(select 1)"):
        with pytest.raises(SourceError):
            connection.locate(name)


def test_a_schema_is_a_prefix_or_an_attached_database(connection: SQLiteConnection) -> None:
    connection.execute("ATTACH ':memory:' AS crm")
    for schema in ("main", "sqlops", "crm"):
        place = connection.placed(schema, "Models")
        connection.load(place, pa.table({"a": [1]}), temporary=False)
        assert connection.named(schema, ["models", "views"]) == {"Models": "table"}
    assert sorted(name for (name,) in connection.rows("SELECT name FROM main.sqlite_master")) == [
        "Models",
        "sqlops_Models",
    ]


def test_a_script_runs_under_the_prefix(connection: SQLiteConnection) -> None:
    script = """
        CREATE TABLE models (model TEXT PRIMARY KEY, changed TIMESTAMP NOT NULL);
        CREATE TABLE versions (model TEXT NOT NULL REFERENCES models (model), version INTEGER CHECK (version > 0));
        CREATE UNIQUE INDEX one ON versions (model, version);
        INSERT INTO models VALUES ('a;b', 'now');
        CREATE VIEW latest AS WITH v AS (SELECT versions.model, max(version) AS version FROM versions GROUP BY 1)
            SELECT v.model, version FROM v JOIN models ON models.model = v.model;
    """
    connection.script(script, "sqlops")
    connection.execute("INSERT INTO sqlops_versions VALUES ('a;b', 1), ('a;b', 2)")
    assert connection.rows("SELECT * FROM sqlops_latest") == [("a;b", 2)]
    with pytest.raises(QueryError, match="UNIQUE"):
        connection.execute("INSERT INTO sqlops_versions VALUES ('a;b', 1)")
    connection.execute("ATTACH ':memory:' AS crm")
    with pytest.raises(RegistryError, match="'crm' is an attached database"):
        connection.script(script, "crm")


def test_transactions(connection: SQLiteConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER)")
    with connection.transaction(), connection.transaction():
        connection.execute("INSERT INTO t VALUES (1)")

    def fail(statement: str) -> None:
        with connection.transaction():
            with connection.transaction():
                connection.execute("CREATE TABLE u (a INTEGER)")
                connection.execute("INSERT INTO t VALUES (2)")
            connection.execute(statement)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail("INSERT INTO t VALUES (3)")
    with pytest.raises(QueryError):
        fail("INSERT INTO nowhere VALUES (3)")
    assert connection.rows("SELECT * FROM t") == [(1,)]
    assert connection.locate("u") is None


def test_inside_a_transaction_of_the_caller() -> None:
    native = apsw.Connection(":memory:")
    connection = SQLiteConnection(native)
    native.execute("CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)")
    with connection.transaction():
        connection.execute("INSERT INTO t VALUES (2)")

    def fail() -> None:
        with connection.transaction():
            connection.execute("INSERT INTO t VALUES (3)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert connection.rows("SELECT a FROM t") == [(1,), (2,)]
    native.execute("ROLLBACK")
    assert connection.rows("SELECT a FROM t") == []


def test_a_write_of_the_standard_library_is_committed(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    native = sqlite3.connect(path)
    SQLiteConnection(native).load("t", pa.table({"a": [1]}), temporary=False)
    SQLiteConnection(native).execute("INSERT INTO t VALUES (2)")
    with open_sqlite(path) as other:
        assert other.rows("SELECT * FROM t") == [(1,), (2,)]


def test_two_that_write(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    with open_sqlite(path) as first, open_sqlite(path) as second:
        first.execute("CREATE TABLE t (a)")
        second._native.setbusytimeout(1)
        with first.transaction():
            first.execute("INSERT INTO t VALUES (1)")
            assert second.rows("SELECT * FROM t") == []
            with pytest.raises(ConflictError, match="another session writes"), second.transaction():
                pass
        with second.transaction():
            second.execute("INSERT INTO t VALUES (2)")
        assert first.rows("SELECT * FROM t") == [(1,), (2,)]


def test_errors_are_one_line(connection: SQLiteConnection) -> None:
    for statement in ("SELECT absent", "SELECT * FROM nowhere", "SELEC", "SELECT abs()"):
        with pytest.raises(QueryError, match="SQLite refuses the statement: ") as caught:
            connection.rows(statement)
        assert "\n" not in str(caught.value)
    with pytest.raises(
        QueryError, match="lacks a function that the model needs: use a later one, such as that of apsw"
    ):
        connection.rows("SELECT gamma(1)")


def test_a_quoted_name_of_no_column_is_no_text() -> None:
    with open_sqlite(":memory:") as connection, pytest.raises(QueryError, match="no such column"):
        connection.rows('SELECT "absent"')


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database" * 100)
    with pytest.raises(ConnectionFailedError, match=r"text\.db' is not a SQLite database"):
        open_sqlite(str(tmp_path / "text.db"))
    for path, read_only in ((tmp_path / "absent.db", True), (tmp_path / "absent" / "a.db", False)):
        with pytest.raises(ConnectionFailedError, match=r"cannot open '.*absent.*': its directory must exist"):
            open_sqlite(str(path), read_only=read_only)


def test_read_only_and_closed(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    with open_sqlite(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    with open_sqlite(path, read_only=True) as connection, pytest.raises(RegistryError, match="open read-only"):
        connection.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(SqlopsError, match="the connection is closed or broken: connect again"):
        connection.rows("SELECT 1")


def test_a_live_connection_stays_open(connection: SQLiteConnection) -> None:
    with connection:
        pass
    assert connection.rows("SELECT 1") == [(1,)]
