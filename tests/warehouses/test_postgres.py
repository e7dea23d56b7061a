from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pyarrow as pa
import pytest
from sqlglot import exp

from sqlops.errors import ConflictError, ConnectionFailedError, QueryError, RegistryError, SourceError
from sqlops.warehouses.base import Recording, dotted
from sqlops.warehouses.postgres import PostgresConnection, open_postgres
from tests import postgres

pytestmark = pytest.mark.xdist_group("postgres")

NAME = "connections"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A database of its own, so that what tests create is all there is."""
    server = postgres.url()
    with psycopg.connect(server, autocommit=True) as native:
        native.execute(f"CREATE DATABASE {NAME}")
        yield server.replace("/postgres?", f"/{NAME}?")
        native.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


@pytest.fixture
def connection(url: str) -> Iterator[PostgresConnection]:
    with open_postgres(url) as opened:
        yield opened
        if not opened._native.closed:
            opened.execute("DROP SCHEMA public CASCADE")
            opened.execute("DROP SCHEMA IF EXISTS crm CASCADE")
            opened.execute("CREATE SCHEMA public")


def test_reading_and_writing(connection: PostgresConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, 'it\'s ? or "?"'))
    assert connection.rows(exp.select("*").from_("t")) == [(1, 'it\'s ? or "?"')]
    assert connection.rows("SELECT b, '?' AS \"?\" FROM t WHERE a = ?", (1,)) == [('it\'s ? or "?"', "?")]
    assert connection.frame("SELECT a FROM t").to_dict("list") == {"a": [1]}
    assert connection.arrow("SELECT a FROM t WHERE a = ?", (1,)).to_pylist() == [{"a": 1}]
    assert connection.rows("SELECT 5 % 3, '%s'") == [(2, "%s")]


def test_results_have_the_types_of_their_columns(connection: PostgresConnection) -> None:
    found = connection.arrow(
        "SELECT true AS a, 1::int2 AS b, 1::int4 AS c, 1::int8 AS d, 1.5::float4 AS e, 1.5::float8 AS f,"
        " 'x'::text AS g, '2026-01-02'::date AS h, '2026-01-02 03:04:05'::timestamp AS i, '\\x00ff'::bytea AS j,"
        " ARRAY[1.5, NULL]::float8[] AS k"
        " WHERE false"
    )
    assert [str(field.type) for field in found.schema] == [
        "bool", "int16", "int32", "int64", "float", "double", "string", "date32[day]", "timestamp[us]", "binary",
        "list<item: double>",
    ]  # fmt: skip
    assert found.num_rows == 0


def test_loading(connection: PostgresConnection) -> None:
    table = pa.table(
        {
            "a b": [1.5, None],
            "xs": pa.array([[1, 2], None], pa.list_(pa.int64())),
            "small": pa.array([-1, 2], pa.int8()),
            "text": ["größe \\ \t\n", None],
            "flag": [True, None],
            "day": [date(2026, 1, 2), None],
            "at": pa.array([datetime(2026, 1, 2, 3, 4, 5, 6, UTC), None], pa.timestamp("us", tz="UTC")),
            "fine": pa.array([datetime(2026, 1, 2, 3, 4, 5), None], pa.timestamp("ns")),
            "raw": [b"\x00\xff", None],
        }
    )
    connection.load('"odd name"', table)
    connection.load("public.kept", table, temporary=False)
    assert connection.columns('"odd name"') == {
        "a b": "float8", "xs": "int8[]", "small": "int2", "text": "text", "flag": "bool", "day": "date",
        "at": "timestamptz", "fine": "timestamp", "raw": "bytea",
    }  # fmt: skip
    back = connection.arrow("SELECT * FROM kept")
    assert back.to_pylist() == table.to_pylist()
    assert back.column("at").type == pa.timestamp("us", tz="UTC")
    with open_postgres(postgres.url().replace("/postgres?", f"/{NAME}?")) as other:
        assert other.columns('"odd name"') is None
        assert other.columns("kept") == connection.columns("kept")


def test_special_doubles_are_loaded_as_they_are(connection: PostgresConnection) -> None:
    values = [float("inf"), -float("inf"), 5e-324, 0.1, -0.0]
    connection.load("numbers", pa.table({"x": [float("nan"), *values]}))
    found = [row[0] for row in connection.rows("SELECT x FROM numbers")]
    assert str(found) == str([float("nan"), *values])


def test_locating(connection: PostgresConnection) -> None:
    connection.execute("CREATE SCHEMA crm")
    connection.execute('CREATE TABLE crm."Leads" (a INTEGER)')
    connection.execute('CREATE TABLE crm."LEADS" (b INTEGER)')
    connection.execute('CREATE VIEW top AS SELECT * FROM crm."Leads"')
    names = ("CRM.leads", "crm.LEADS", "top", f"{NAME}.crm.Leads", "leads", "a.b.c")
    found = {name: connection.locate(name) for name in names}
    shown = {name: place and dotted(place, connection.dialect) for name, place in found.items()}
    assert shown["crm.LEADS"] == '"crm"."LEADS"'
    assert shown[f"{NAME}.crm.Leads"] == '"crm"."Leads"'
    assert shown["CRM.leads"] in ('"crm"."LEADS"', '"crm"."Leads"')
    assert (shown["top"], shown["leads"], shown["a.b.c"]) == ("public.top", None, None)
    assert connection.columns("crm.LEADS") == {"b": "int4"}
    assert connection.columns("nowhere") is None
    for name in ("", "a b", "read_csv('x')", "a.b.c.d", "(select 1)"):
        with pytest.raises(SourceError):
            connection.locate(name)


def test_names_of_a_schema(connection: PostgresConnection) -> None:
    connection.execute('CREATE TABLE "Leads" (a INTEGER)')
    connection.execute('CREATE VIEW top AS SELECT * FROM "Leads"')
    connection.execute("CREATE FUNCTION score(a int) RETURNS int LANGUAGE sql AS 'SELECT a'")
    found = connection.named("public", ["leads", "TOP", "score", "nothing"])
    assert found == {"Leads": "table", "top": "view", "score": "function"}
    assert (connection.current_database(), connection.current_schema()) == (NAME, "public")


def test_transactions(connection: PostgresConnection) -> None:
    connection.execute("CREATE TABLE t (a INTEGER)")
    with connection.transaction(), connection.transaction():
        connection.execute("INSERT INTO t VALUES (1)")
        connection.load("in_between", pa.table({"a": [1]}), temporary=False)

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
    assert connection.rows("SELECT * FROM t") == [(1,)]


def test_a_failed_load_leaves_nothing(connection: PostgresConnection) -> None:
    with pytest.raises(QueryError, match="0x00"):
        connection.load("broken", pa.table({"a": ["x", "\x00"]}))
    assert connection.locate("broken") is None


def test_scripts(connection: PostgresConnection) -> None:
    connection.execute("CREATE SCHEMA crm")
    connection.script("CREATE TABLE one (a int); INSERT INTO one VALUES (1);\n-- done?\n", "crm")
    assert connection.rows("SELECT a FROM crm.one") == [(1,)]
    assert connection.current_schema() == "public"
    with pytest.raises(QueryError):
        connection.script("CREATE TABLE two (a int); SELECT nothing", "crm")
    assert connection.locate("crm.two") is None
    with connection.transaction():
        connection.script("CREATE TABLE two (a int)", "crm")
        assert connection.current_schema() == "public"


def test_errors_are_one_line(connection: PostgresConnection) -> None:
    for statement in ("SELECT nothing", "SELECT * FROM nowhere", "SELEC", "SELECT 'x'::INTEGER", "SELECT 1 / 0"):
        with pytest.raises(QueryError, match=r"^PostgreSQL refuses the statement: ") as caught:
            connection.rows(statement)
        assert "\n" not in str(caught.value)


def test_conflicts(connection: PostgresConnection, url: str) -> None:
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER)")
    connection.execute("INSERT INTO t VALUES (1, 1)")
    with pytest.raises(ConflictError, match="another session changed the same thing at the same time: run it again"):
        connection.execute("INSERT INTO t VALUES (1, 1)")
    with open_postgres(url) as other:
        results: list[str] = []

        def change(value: int, wait: threading.Barrier, session: PostgresConnection) -> None:
            try:
                with session.transaction():
                    session.rows("SELECT b FROM t")
                    wait.wait(10)
                    session.execute("UPDATE t SET b = ?", (value,))
                results.append("done")
            except ConflictError:
                results.append("conflict")

        barrier = threading.Barrier(2)
        threads = [
            threading.Thread(target=change, args=(value, barrier, session))
            for value, session in ((2, connection), (3, other))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(results) == ["conflict", "done"]


def test_waiting_for_a_lock_too_long_is_a_conflict(connection: PostgresConnection, url: str) -> None:
    connection.execute("CREATE TABLE t (a INTEGER)")
    with open_postgres(url) as other, connection.transaction():
        connection.execute("LOCK TABLE t")
        other.execute("SET lock_timeout = '50ms'")
        with pytest.raises(ConflictError):
            other.execute("INSERT INTO t VALUES (1)")


def test_passwords_are_not_shown() -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        open_postgres("postgresql://ann:s3cret@127.0.0.1:1/leads?connect_timeout=2")
    assert "s3cret" not in str(caught.value)
    assert str(caught.value).startswith("cannot connect to postgresql://ann:***@127.0.0.1:1/leads?connect_timeout=2: ")
    assert "\n" not in str(caught.value)


def test_closed_connection(url: str) -> None:
    connection = open_postgres(url)
    connection.close()
    for act in (lambda: connection.rows("SELECT 1"), lambda: connection.transaction().__enter__()):
        with pytest.raises(ConnectionFailedError, match="the connection is closed or broken: connect again"):
            act()


def test_a_session_that_the_server_ends(connection: PostgresConnection, url: str) -> None:
    with open_postgres(url) as other:
        ((process,),) = other.rows("SELECT pg_backend_pid()")
        connection.rows("SELECT pg_terminate_backend(?)", (process,))
        with pytest.raises(ConnectionFailedError, match="connect again"):
            other.rows("SELECT 1")


def test_read_only(connection: PostgresConnection, url: str) -> None:
    with open_postgres(url, read_only=True) as reader, pytest.raises(RegistryError, match="the session is read-only"):
        reader.execute("CREATE TABLE t (a INTEGER)")


def test_connections_of_the_caller(url: str) -> None:
    with psycopg.connect(url) as native, pytest.raises(ConnectionFailedError, match="autocommit=True"):
        PostgresConnection(native)
    with psycopg.connect(url, autocommit=True) as native:
        with PostgresConnection(native) as connection:
            assert connection.rows("SELECT 1") == [(1,)]
        assert native.execute("SELECT 1").fetchall() == [(1,)]
        native.execute("BEGIN")
        with pytest.raises(RegistryError, match="a transaction is open"), connection.transaction():
            pass
        connection.load("within", pa.table({"a": [1]}))
        native.execute("ROLLBACK")
        assert connection.locate("within") is None


def test_recording_writes_nothing(connection: PostgresConnection) -> None:
    recording = Recording(connection)
    with recording.transaction():
        recording.execute("INSERT INTO t VALUES (?)", (4,))
        recording.load("loaded", pa.table({"a": [1, 2]}))
    assert recording.rows("SELECT 1") == [(1,)]
    assert connection.locate("loaded") is None
