from __future__ import annotations

import datetime

import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression
from sqlglot import exp

import sqlops
from sqlops.errors import ConnectionFailedError, QueryError, SourceError
from sqlops.monitoring.windows import moment_sql
from sqlops.warehouse import Warehouse
from sqlops.warehouses.base import dotted
from sqlops.warehouses.spark import SparkConnection, open_spark
from tests import spark

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture
def connection() -> SparkConnection:
    """A connection to the session of this process, its current schema empty."""
    connection = SparkConnection(spark.session())
    connection.execute("DROP SCHEMA IF EXISTS crm CASCADE")
    connection.execute("DROP SCHEMA IF EXISTS tests CASCADE")
    connection.execute("CREATE SCHEMA tests")
    connection.execute("USE tests")
    return connection


def test_reading_and_writing(connection: SparkConnection) -> None:
    connection.execute("CREATE TABLE t (a INT, b STRING)")
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, "it's"))
    assert connection.rows(exp.select("*").from_("t")) == [(1, "it's")]
    assert connection.rows("SELECT b FROM t WHERE a = ?", (1,)) == [("it's",)]
    assert connection.frame("FROM t").to_dict("list") == {"a": [1], "b": ["it's"]}
    assert connection.arrow("SELECT * FROM t WHERE a = ?", (1,)).to_pylist() == [{"a": 1, "b": "it's"}]


def test_loading(connection: SparkConnection) -> None:
    table = pa.table({"a b": [1.5, None], "xs": [[1, 2], None]})
    connection.load("`odd name`", table)
    connection.load("tests.kept", table, temporary=False)
    assert connection.columns("`odd name`") == {"a b": "DOUBLE", "xs": "ARRAY<BIGINT>"}
    assert sorted(connection.rows("FROM kept"), key=str) == [(1.5, [1, 2]), (None, None)]
    assert connection.named("tests", ["KEPT", "odd name"]) == {"kept": "table"}
    with pytest.raises(QueryError, match="already exists"):
        connection.load("tests.kept", table, temporary=False)
    connection.execute("DROP TABLE `odd name`")
    assert connection.columns("`odd name`") is None


def test_numbers_without_a_sign(connection: SparkConnection) -> None:
    largest = 2**64 - 1
    connection.load(
        "large", pa.table({"x": pa.array([largest, None], pa.uint64()), "y": pa.array([255, 0], pa.uint8())})
    )
    found = connection.rows("SELECT CAST(x AS DOUBLE), y FROM large ORDER BY x")
    connection.execute("DROP VIEW large")
    assert found == [(None, 0), (float(largest), 255)]


def test_locating(connection: SparkConnection) -> None:
    connection.execute("CREATE SCHEMA crm")
    connection.execute("CREATE TABLE crm.leads (a INT, at TIMESTAMP, span INTERVAL DAY TO SECOND)")
    connection.execute("CREATE VIEW top AS FROM crm.leads")
    found = {name: connection.locate(name) for name in ("CRM.leads", "top", "spark_catalog.crm.leads", "leads")}
    shown = {name: place and dotted(place, connection.dialect) for name, place in found.items()}
    assert shown == {
        "CRM.leads": "`CRM`.`leads`",
        "top": "tests.top",
        "spark_catalog.crm.leads": "crm.leads",
        "leads": None,
    }
    assert connection.columns("crm.leads") == {"a": "INTEGER", "at": "TIMESTAMP", "span": "INTERVAL DAY TO SECOND"}
    for name in ("", "a b", "range(1)", "a.b.c.d", "(select 1)"):
        with pytest.raises(SourceError):
            connection.locate(name)
    assert (connection.current_database(), connection.current_schema()) == ("spark_catalog", "tests")


def test_named_finds_tables_views_and_functions(connection: SparkConnection) -> None:
    connection.execute("CREATE TABLE kept (a INT)")
    connection.execute("CREATE VIEW top AS FROM kept")
    connection.execute("CREATE FUNCTION twice(x DOUBLE) RETURNS DOUBLE RETURN 2 * x")
    names = ["Kept", "TOP", "twice", "abs"]
    assert connection.named("tests", names) == {"kept": "table", "top": "view", "twice": "function"}


def test_scripts_run_in_their_schema(connection: SparkConnection) -> None:
    connection.execute("CREATE SCHEMA crm")
    connection.script("CREATE TABLE a (x STRING);\nINSERT INTO a VALUES (';');", "crm")
    assert connection.rows("SELECT * FROM crm.a") == [(";",)]
    assert connection.current_schema() == "tests"


def test_values_come_back_as_python_has_them(connection: SparkConnection) -> None:
    moment = datetime.datetime(2024, 1, 2, 3, 4, 5, 600)
    assert connection.rows("SELECT ?, ?, ?, CAST(NULL AS INT)", (True, 0.1, "ß")) == [(True, 0.1, "ß", None)]
    assert connection.rows("SELECT TIMESTAMP_NTZ '2024-01-02 03:04:05.0006'") == [(moment,)]


def test_times_with_a_zone_are_read_in_utc(connection: SparkConnection) -> None:
    zone = "spark.sql.session.timeZone"
    before = connection.rows("SELECT current_timezone()")[0][0]
    query = (
        "CREATE VIEW berlin AS SELECT TIMESTAMP'2024-03-31 00:30:00+01:00' AS happened"
        " UNION ALL SELECT TIMESTAMP'1969-12-31 23:59:59.5+00:00'"
    )
    connection.execute(query)
    types = connection.columns("berlin")
    assert types == {"happened": "TIMESTAMP"}
    moment = moment_sql(connection.dialect.identifier("happened"), types["happened"], connection.dialect)
    connection.execute(f"SET {zone} = Europe/Berlin")
    try:
        read = connection.rows(f"SELECT CAST({moment} AS STRING) FROM berlin ORDER BY 1")
    finally:
        connection.execute(f"SET {zone} = {before}")
        connection.execute("DROP VIEW berlin")
    assert read == [("1969-12-31 23:59:59.5",), ("2024-03-30 23:30:00",)]


def test_what_fails_says_why(connection: SparkConnection) -> None:
    with pytest.raises(QueryError, match=r"^Spark refuses the statement: \[TABLE_OR_VIEW_NOT_FOUND\].*`nowhere`"):
        connection.rows("FROM nowhere")
    with pytest.raises(QueryError, match="DIVIDE_BY_ZERO"):
        connection.arrow("SELECT 1 / 0 AS x")
    deep = "SELECT 1 AS x"
    for _ in range(130):
        deep = f"SELECT x + 1 AS x FROM ({deep}) LATERAL VIEW explode(array(1)) e AS y"
    with pytest.raises(QueryError, match=r"^Spark refuses the statement: Max iterations \(100\) reached"):
        connection.rows(deep)
    with pytest.raises(ConnectionFailedError, match="leave out read_only="):
        open_spark("spark://local[1]", read_only=True)


def test_connecting(connection: SparkConnection) -> None:
    """A live session stays open when the warehouse is closed."""
    with sqlops.connect(spark.session()) as warehouse:
        assert warehouse.connection.dialect.name == "spark"
    assert connection.rows("SELECT 1") == [(1,)]


def test_a_model_is_deployed_promoted_and_refreshed(connection: SparkConnection) -> None:
    """What `test_life` tries in the long run, once."""
    connection.execute("DROP SCHEMA IF EXISTS sqlops CASCADE")
    X = pd.DataFrame({"x": [1.0, 2.0, 4.0]})
    models = [sqlops.compile(LinearRegression().fit(X, y), X, name="rent") for y in ([3.0, 5.0, 9.0], [1.0, 2.0, 4.0])]
    connection.load("flats", pa.table({"id": [1, 2], "x": [8.0, None]}), temporary=False)
    warehouse = Warehouse(connection)
    for version, model in enumerate(models, start=1):
        warehouse.register(model)
        warehouse.deploy("rent", version, source="flats", keys="id")

    def scores(relation: str) -> list[tuple[int, float | None]]:
        return [
            (key, None if score is None else round(score, 9))
            for key, score in connection.rows(f"SELECT id, prediction FROM {relation} ORDER BY id")
        ]

    assert scores("rent") == [(1, 17.0), (2, None)]
    warehouse.promote("rent", 2)
    assert scores("rent") == [(1, 8.0), (2, None)]
    assert connection.rows("SELECT round(rent_predict(8.0), 9)") == [(8.0,)]
    assert str(warehouse.refresh("rent")) == "tests.rent_scores: 2 new, 0 changed, 0 unchanged (version 2)"
    connection.execute("INSERT INTO flats VALUES (3, 1)")
    assert str(warehouse.refresh("rent")) == "tests.rent_scores: 1 new, 0 changed, 2 unchanged (version 2)"
    assert scores("rent_scores") == [(1, 8.0), (2, None), (3, 1.0)]
    assert warehouse.events("rent")["event"].tolist() == [
        *("registered", "deployed") * 2, "promoted", "refreshed", "refreshed",
    ]  # fmt: skip
    connection.execute("DROP SCHEMA sqlops CASCADE")
