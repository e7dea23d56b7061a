"""Any driver of Python's database API; Snowflake's SQL is answered by a stand-in that writes it down."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

import sqlops
from sqlops.dialects import get_dialect
from sqlops.dialects.snowflake import SNOWFLAKE
from sqlops.errors import ConnectionFailedError, LimitError, QueryError, RegistryError, SchemaError, SourceError
from sqlops.warehouses.dbapi import DBAPIConnection, _bound, _plain
from tests.warehouses import standin
from tests.warehouses.conftest import Life, put_customers


@pytest.fixture
def native() -> standin.Connection:
    return standin.Connection("snowflake")


@pytest.fixture
def connection(native: standin.Connection) -> Iterator[DBAPIConnection]:
    with DBAPIConnection(native, SNOWFLAKE) as opened:
        yield opened


@pytest.mark.parametrize(
    ("style", "text", "parameters"),
    [
        ("qmark", "SELECT '?', a % 2, ?, ?", [b"x", 2]),
        ("numeric", "SELECT '?', a % 2, :1, :2", [b"x", 2]),
        ("named", "SELECT '?', a % 2, :p1, :p2", {"p1": b"x", "p2": 2}),
        ("format", "SELECT '?', a %% 2, %s, %s", [b"x", 2]),
        ("pyformat", "SELECT '?', a %% 2, %(p1)s, %(p2)s", {"p1": b"x", "p2": 2}),
    ],
)
def test_parameters_go_in_the_style_of_the_driver(style: str, text: str, parameters: object) -> None:
    assert _bound("SELECT '?', a % 2, ?, ?", [b"x", 2], style, SNOWFLAKE) == (text, parameters)
    with pytest.raises(QueryError, match="2 question marks, and 1 values"):
        _bound("SELECT ?, ?", [1], style, SNOWFLAKE)


def test_plain_names_are_kept_as_the_engine_keeps_them(connection: DBAPIConnection, native: standin.Connection) -> None:
    table = pa.table({"id": [1, 2], "Mixed Case": ["a", None], "x": [0.1, float("inf")]})
    connection.load("leads", table, temporary=False)
    assert native.statements[-2:] == [
        'CREATE TABLE "LEADS" (\n  "ID" BIGINT,\n  "Mixed Case" VARCHAR,\n  "X" DOUBLE\n)',
        "INSERT INTO \"LEADS\"\nVALUES\n  (1, 'a', CAST('0.1' AS DOUBLE)),\n  (2, NULL, CAST('inf' AS DOUBLE))",
    ]
    place = connection.locate("leads")
    assert place is not None
    assert place.sql() == '"public"."leads"'
    assert connection.columns("public.LEADS") == {"id": "BIGINT", "Mixed Case": "VARCHAR", "x": "DOUBLE"}
    assert connection.named("public", ["Leads", "none"]) == {"leads": "table"}
    assert connection.named("public", []) == {}
    assert connection.frame("SELECT id, x FROM leads ORDER BY id").to_dict("list") == {
        "id": [1, 2], "x": [0.1, float("inf")],
    }  # fmt: skip
    assert (connection.current_database(), connection.current_schema()) == ("memory", "public")


def test_what_a_model_is_deployed_with(life: Life, native: standin.Connection) -> None:
    wh = sqlops.connect(native, dialect="snowflake")
    wh.connection.load("customers", pa.Table.from_pandas(life.customers, preserve_index=False), temporary=False)
    wh.register(life.tree)
    before = len(native.statements)
    wh.deploy("lead_score", 1, source="customers", keys="customer_id")
    done = [text.split("\n")[0][:60] for text in native.statements[before:] if not text.startswith(("SELECT", "WITH"))]
    assert [text for text in done if "sqlops" not in text.lower()] == [
        'CREATE OR REPLACE VIEW "PUBLIC"."LEAD_SCORE_V1" AS',
        'CREATE OR REPLACE FUNCTION "PUBLIC"."LEAD_SCORE_V1_PREDICT"(',
        'CREATE OR REPLACE FUNCTION "PUBLIC"."LEAD_SCORE_V1_PROBABILI',
        'CREATE OR REPLACE VIEW "PUBLIC"."LEAD_SCORE" AS',
        'CREATE OR REPLACE FUNCTION "PUBLIC"."LEAD_SCORE_PREDICT"("AG',
        'CREATE OR REPLACE FUNCTION "PUBLIC"."LEAD_SCORE_PROBABILITY"',
    ]
    (view,) = [text for text in native.statements if text.startswith('CREATE OR REPLACE VIEW "PUBLIC"."LEAD_SCORE" AS')]
    assert view == (
        'CREATE OR REPLACE VIEW "PUBLIC"."LEAD_SCORE" AS\nSELECT\n  "CUSTOMER_ID",\n  "PREDICTION",\n'
        '  "PROBABILITY_0",\n  "PROBABILITY_1"\nFROM "PUBLIC"."LEAD_SCORE_V1"'
    )
    assert wh.query("SELECT prediction FROM lead_score WHERE customer_id = 7")["prediction"].tolist() == [
        life.tree.score(life.customers[["age", "income", "city", "flag"]])["prediction"][7]
    ]


def test_what_is_no_connection(native: standin.Connection) -> None:
    with pytest.raises(ConnectionFailedError, match=r"a dict is no connection of Python's database API \(PEP 249\)"):
        sqlops.connect({}, dialect="snowflake")
    with pytest.raises(ConnectionFailedError, match="does not connect to tsql in this way: write the SQL of models"):
        sqlops.connect(native, dialect="tsql")
    with pytest.raises(ConnectionFailedError, match="this is a connection to sqlite, not to 'snowflake'"):
        sqlops.connect(sqlite3.connect(":memory:"), dialect="snowflake")


def test_errors(connection: DBAPIConnection) -> None:
    with pytest.raises(QueryError, match="snowflake refuses the statement: Catalog Error: Table with name NOWHERE"):
        connection.rows("SELECT * FROM nowhere")
    with pytest.raises(SourceError, match=r"has more parts than schema\.table"):
        connection.locate("a.b.c")
    with pytest.raises(SchemaError, match=r"column 'a' is list<item: int64>"):
        connection.load("lists", pa.table({"a": [[1]]}))
    with pytest.raises(RegistryError, match="by a connection of this kind"):
        connection.script("SELECT 1", "sqlops")


def test_rows_are_inserted_in_portions(native: standin.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlops.warehouses.dbapi.TEXT_AT_ONCE", 20)
    connection = DBAPIConnection(native, SNOWFLAKE)
    connection.load("t", pa.table({"x": [None, "b" * 30, "c", "d", "e"]}), temporary=False)
    inserted = [text.count("(") for text in native.statements if text.startswith("INSERT")]
    assert inserted == [1, 1, 3]
    assert connection.rows("SELECT count(*) FROM t WHERE x IS NULL OR length(x) > 0") == [(5,)]


@pytest.mark.parametrize("dialect", standin.ENGINES)
def test_texts_arrive_as_they_are(dialect: str) -> None:
    texts = [
        "5%",
        "100%% 'sure'",
        "%s %(p1)s",
        "back\\slash",
        'quo"te',
        "`tick`",
        "$$",
        "line\nbreak",
        "?",
        "größe",
        "",
    ]
    connection = DBAPIConnection(standin.Connection(dialect), get_dialect(dialect))
    connection.load("t", pa.table({"a": texts, "n": range(len(texts))}), temporary=False)
    assert [text for (text,) in connection.rows("SELECT a FROM t ORDER BY n")] == texts


def test_functions_with_other_parameters_go(life: Life, native: standin.Connection) -> None:
    wh = sqlops.connect(native, dialect="snowflake")
    put_customers(wh, life.customers)
    fewer = life.customers[["age", "income"]]
    small = sqlops.compile(LogisticRegression().fit(fewer, life.customers["converted"]), fewer, name="lead_score")
    for version, model in enumerate((small, life.tree, life.decision), start=1):
        wh.register(model)
        wh.deploy("lead_score", version, source="customers", keys="customer_id")

    def dropped(version: int) -> list[str]:
        before = len(native.statements)
        wh.promote("lead_score", version, allow_breaking=True)
        return [text for text in native.statements[before:] if text.startswith("DROP FUNCTION")]

    assert dropped(2) == [
        'DROP FUNCTION IF EXISTS "PUBLIC"."LEAD_SCORE_PREDICT"(DOUBLE, DOUBLE)',
        'DROP FUNCTION IF EXISTS "PUBLIC"."LEAD_SCORE_PROBABILITY"(DOUBLE, DOUBLE)',
    ]
    assert dropped(3) == [
        'DROP FUNCTION IF EXISTS "PUBLIC"."LEAD_SCORE_PROBABILITY"(DOUBLE, DOUBLE)',
        'DROP FUNCTION IF EXISTS "PUBLIC"."LEAD_SCORE_PROBABILITY"(DOUBLE, DOUBLE, VARCHAR, BOOLEAN)',
    ]


def test_views_that_bigquery_would_refuse_are_refused_before_anything_is_written(life: Life) -> None:
    native = standin.Connection("bigquery")
    wh = sqlops.connect(native, dialect="bigquery")
    put_customers(wh, life.customers)
    X, y = life.customers[["age", "income"]], life.customers["converted"]
    forest = RandomForestClassifier(150, random_state=0).fit(X, y)
    wh.register(sqlops.compile(forest, X, name="lead_score"))
    before = wh.events("lead_score")
    with pytest.raises(LimitError, match=r"takes a query of [\d,]+ bytes; bigquery takes views of 256,000; train"):
        wh.deploy("lead_score", 1, source="customers", keys="customer_id")
    pd.testing.assert_frame_equal(wh.events("lead_score"), before)


def test_redshift_replaces_views_in_a_transaction_only() -> None:
    native = standin.Connection("redshift")
    native.autocommit = True
    with pytest.raises(ConnectionFailedError, match=r"redshift replaces a view by dropping it.* without autocommit"):
        sqlops.connect(native, dialect="redshift")


def test_numbers_of_drivers() -> None:
    values = [Decimal("1"), Decimal("1.5"), memoryview(b"x"), bytearray(b"y"), None, "text"]
    assert list(map(_plain, values)) == [1, 1.5, b"x", b"y", None, "text"]


def test_a_failed_transaction_is_rolled_back() -> None:
    class Driver(standin.Connection):
        done: tuple[str, ...] = ()

        def commit(self) -> None:
            self.done += ("commit",)

        def rollback(self) -> None:
            self.done += ("rollback",)

    native = Driver("snowflake")
    connection = DBAPIConnection(native, SNOWFLAKE)
    with connection.transaction(), connection.transaction():
        connection.execute("CREATE TABLE a (b INT)")
    assert native.done == ("commit",)
    with pytest.raises(QueryError), connection.transaction():
        connection.execute("CREATE TABLE a (b INT)")
    assert native.done == ("commit", "rollback")
    connection.rows("SELECT 1")
    assert native.done == ("commit", "rollback", "commit")
