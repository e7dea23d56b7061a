from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from sqlglot import exp

import sqlops
from sqlops.errors import ConflictError, ConnectionFailedError, QueryError, RegistryError, SourceError
from sqlops.warehouses.base import Recording, dotted
from sqlops.warehouses.duckdb import DuckDBConnection, open_duckdb


@pytest.fixture
def connection() -> DuckDBConnection:
    return open_duckdb(":memory:")


def test_reading_and_writing(connection: DuckDBConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER, b VARCHAR)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, "it's"))
    assert connection.rows(exp.select("*").from_("t")) == [(1, "it's")]
    assert connection.rows("SELECT b FROM t WHERE a = ?", (1,)) == [("it's",)]
    assert connection.frame("FROM t").to_dict("list") == {"a": [1], "b": ["it's"]}
    assert connection.arrow("FROM t WHERE a = ?", (1,)).to_pylist() == [{"a": 1, "b": "it's"}]


def test_loading(connection: DuckDBConnection) -> None:
    table = pa.table({"a b": [1.5, None], "xs": [[1, 2], None]})
    connection.load('"odd name"', table)
    connection.load("main.kept", table, temporary=False)
    assert connection.columns('"odd name"') == {"a b": "DOUBLE", "xs": "BIGINT[]"}
    assert connection.rows("FROM kept") == [(1.5, [1, 2]), (None, None)]
    assert connection.rows("SELECT temporary FROM duckdb_tables() ORDER BY table_name") == [(False,), (True,)]


def test_locating(connection: DuckDBConnection) -> None:
    connection.execute("CREATE SCHEMA crm")
    connection.execute("CREATE TABLE crm.Leads (a INTEGER)")
    connection.execute("CREATE VIEW top AS FROM crm.leads")
    found = {name: connection.locate(name) for name in ("CRM.leads", "top", "memory.crm.leads", "leads", "a.b.c")}
    shown = {name: place and dotted(place, connection.dialect) for name, place in found.items()}
    assert shown == {
        "CRM.leads": '"crm"."Leads"',
        "top": "main.top",
        "memory.crm.leads": '"crm"."Leads"',
        "leads": None,
        "a.b.c": None,
    }
    assert connection.columns("nowhere") is None
    for name in ("", "a b", "read_csv('x')", "a.b.c.d", "(select 1)"):
        with pytest.raises(SourceError):
            connection.locate(name)


def test_transactions(connection: DuckDBConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER)")
    with connection.transaction(), connection.transaction():
        connection.execute("INSERT INTO t VALUES (1)")

    def fail(statement: str) -> None:
        with connection.transaction():
            with connection.transaction():
                connection.execute("INSERT INTO t VALUES (2)")
            connection.execute(statement)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail("INSERT INTO t VALUES (3)")
    with pytest.raises(QueryError):
        fail("INSERT INTO nowhere VALUES (3)")
    assert connection.rows("FROM t") == [(1,)]


def test_errors_are_one_line(connection: DuckDBConnection) -> None:
    for statement in ("SELECT nothing", "FROM nowhere", "SELEC", "SELECT 'x'::INTEGER", "SELECT '1' + [1]"):
        with pytest.raises(QueryError, match="DuckDB refuses the statement: ") as caught:
            connection.rows(statement)
        assert "\n" not in str(caught.value)


def test_conflicts(tmp_path: Path) -> None:
    path = str(tmp_path / "x.duckdb")
    with open_duckdb(path) as one, open_duckdb(path) as two:
        one.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
        one.execute("INSERT INTO t VALUES (1, 1)")
        with one.transaction():
            one.execute("UPDATE t SET b = 2")
            with pytest.raises(ConflictError), two.transaction():
                two.execute("UPDATE t SET b = 3")
        with pytest.raises(ConflictError):
            one.execute("INSERT INTO t VALUES (1, 1)")

        def insert_the_same_key() -> None:
            with two.transaction():
                two.execute("INSERT INTO t VALUES (2, 2)")
                one.execute("INSERT INTO t VALUES (2, 2)")

        with pytest.raises(ConflictError):
            insert_the_same_key()
        assert two.rows("FROM t ORDER BY a") == [(1, 2), (2, 2)]


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("hello " * 3000)
    good = tmp_path / "good.duckdb"
    with open_duckdb(str(good)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(100000)")
    content = bytearray(good.read_bytes())
    content[4000:9000] = b"x" * 5000
    (tmp_path / "corrupt.duckdb").write_bytes(content)
    messages = {
        "text.duckdb": "is not a DuckDB database: name another file, or move this one away",
        "corrupt.duckdb": "is corrupt: restore it from a backup",
        "no/such/directory.duckdb": "cannot open '.*': IO Error: Cannot open file .*No such file or directory",
    }
    for name, message in messages.items():
        with pytest.raises(ConnectionFailedError, match=message) as caught:
            sqlops.connect(tmp_path / name)
        assert "\n" not in str(caught.value)
    with sqlops.connect(good), pytest.raises(ConnectionFailedError, match="is open in this process already"):
        sqlops.connect(good, read_only=True)


def test_closed_connection(connection: DuckDBConnection) -> None:
    connection.close()
    with pytest.raises(ConnectionFailedError, match="the connection is closed or broken: connect again"):
        connection.rows("SELECT 1")


def test_read_only_database(tmp_path: Path) -> None:
    path = str(tmp_path / "x.duckdb")
    open_duckdb(path).close()
    message = "the database is open read-only: open it to write"
    with open_duckdb(path, read_only=True) as connection, pytest.raises(RegistryError, match=message):
        connection.execute("CREATE TABLE t (a INTEGER)")


def test_recording_writes_nothing(connection: DuckDBConnection) -> None:
    recording = Recording(connection)
    with recording.transaction(), recording.transaction():
        recording.execute(exp.select("1").from_(exp.to_table("t")))
        recording.execute("INSERT INTO t VALUES (?, ?)", (b"xyz", 4))
        recording.load("loaded", pa.table({"a": [1, 2]}))
    assert recording.rows("SELECT 1") == [(1,)]
    assert recording.text == (
        "BEGIN TRANSACTION;\n\nSELECT\n  1\nFROM t;\n\nINSERT INTO t VALUES (?, ?);\n-- with the parameters: 3 bytes, 4"
        '\n\nCREATE TEMPORARY TABLE "loaded" ("a");\n-- from Arrow, 2 rows\n\nCOMMIT;'
    )
    assert connection.rows("SELECT count(*) FROM duckdb_tables()") == [(0,)]
