"""What only ClickHouse can show: functions inlined, readers with their own settings, and sessions that meet."""

from __future__ import annotations

import time
from collections.abc import Iterator

import clickhouse_connect
import pytest

import sqlops
from sqlops.errors import ConflictError, ParityError, QueryError, RegistryError
from sqlops.parity import ParityReport
from sqlops.registry import gate, log
from sqlops.warehouse import Warehouse
from sqlops.warehouses.clickhouse import ClickHouseConnection
from tests.warehouses.conftest import INPUTS, Life, put_customers
from tests.warehouses.engines import WAREHOUSES
from tests.warehouses.test_life import KEYS, read, require_scores

pytestmark = pytest.mark.xdist_group("clickhouse")


@pytest.fixture
def wh(life: Life) -> Iterator[Warehouse]:
    """A database with two versions of a model in it, none deployed."""
    with WAREHOUSES["clickhouse"]() as warehouse:
        put_customers(warehouse, life.customers)
        warehouse.register(life.logistic)
        warehouse.register(life.tree)
        yield warehouse


def deploy(wh: Warehouse, *versions: int) -> None:
    for version in versions:
        wh.deploy("lead_score", version, source="customers", keys=KEYS)


def tables(wh: Warehouse) -> list[str]:
    """Return what is in both schemas, without the registry's own tables and views."""
    rows = wh.connection.rows(
        "SELECT name FROM system.tables WHERE database = ? OR (database = ? AND name LIKE 'lead%') ORDER BY name",
        (wh.connection.current_schema(), wh.schema),
    )
    return [name for (name,) in rows]


def test_functions_are_inlined(wh: Warehouse) -> None:
    deploy(wh, 1, 2)
    name = f"{wh.connection.current_schema()}_lead_score_predict"
    for version in (1, 2):
        wh.promote("lead_score", version)
        rows = wh.connection.rows(f"EXPLAIN QUERY TREE SELECT {name}({', '.join(INPUTS)}) FROM customers")
        called = [line for (line,) in rows if "FUNCTION id" in line]
        assert len(called) > 10
        assert not any("lead_score" in line for line in called)


def test_readers_need_no_settings(wh: Warehouse, life: Life) -> None:
    deploy(wh, 1, 2)
    with clickhouse_connect.get_client(dsn=f"chdb://memory/{wh.connection.current_schema()}") as reader:
        for view, model in (("lead_score_v1", life.logistic), ("lead_score_v2", life.tree)):
            got = reader.query_df(f"SELECT * FROM {view} ORDER BY customer_id")
            want = model.score(life.customers[INPUTS])
            assert got["prediction"].tolist() == want["prediction"].tolist()
            assert got["probability_1"].to_numpy() == pytest.approx(want["probability_1"].to_numpy(), rel=1e-9)
        versions = f"SELECT model, version FROM {wh.schema}.versions ORDER BY version"
        assert reader.query(versions).result_rows == [("lead_score", 1), ("lead_score", 2)]


def test_a_live_client_is_a_warehouse(wh: Warehouse) -> None:
    deploy(wh, 1)
    with sqlops.connect(wh.connection._client, schema=wh.schema) as other:
        assert isinstance(other.connection, ClickHouseConnection)
        assert other.versions("lead_score")["in_force"].tolist() == [True, False]
    assert len(wh.query("SELECT * FROM lead_score")) > 0


def test_a_session_that_only_reads(wh: Warehouse) -> None:
    deploy(wh, 1)
    url = f"chdb://memory/{wh.connection.current_schema()}"
    with sqlops.connect(url, schema=wh.schema, read_only=True) as reader:
        assert len(reader.query("SELECT * FROM lead_score")) > 0
        with pytest.raises(QueryError, match="readonly"):
            reader.deploy("lead_score", 2, source="customers", keys=KEYS)
    assert wh.versions("lead_score")["deployed"].tolist() == [True, False]


def test_a_model_that_answers_otherwise_leaves_nothing(wh: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(report: ParityReport, what: str) -> None:
        raise ParityError(what, report)

    before = tables(wh)
    monkeypatch.setattr(gate, "require_parity", fail)
    with pytest.raises(ParityError):
        deploy(wh, 2)
    assert tables(wh) == before
    assert wh.connection.rows(f"SELECT * FROM {wh.schema}.objects") == []


def test_tables_that_nobody_reads_are_dropped(wh: Warehouse, life: Life) -> None:
    deploy(wh, 2)
    wh.refresh("lead_score")
    first = tables(wh)
    put_customers(wh, life.customers.assign(age=life.customers["age"] + 1))
    assert wh.refresh("lead_score").changed == len(life.customers)
    wh.deploy("lead_score", 2, source="customers", keys=KEYS)
    second = tables(wh)
    assert len(first) == len(second)
    (gone,), (new,) = set(first) - set(second), set(second) - set(first)
    assert gone.startswith("lead_score_scores_")
    assert new.startswith("lead_score_scores_")


def test_the_view_is_never_without_its_columns(wh: Warehouse, life: Life) -> None:
    deploy(wh, 1)
    wh.connection.execute("CREATE VIEW others AS SELECT customer_id AS id, age, income, city, flag FROM customers")
    with pytest.raises(RegistryError, match="column 'customer_id' would go"):
        wh.deploy("lead_score", 1, source="others", keys=["id"])
    require_scores(read(wh, "lead_score"), life.logistic, life)
    require_scores(read(wh, "lead_score_v1"), life.logistic, life)
    assert wh.deploy("lead_score", 1, source="others", keys=["id"], allow_breaking=True).changed
    assert "id" in wh.query("SELECT * FROM lead_score").columns


def test_of_two_sessions_that_promote_at_once_the_last_wins(wh: Warehouse, life: Life) -> None:
    deploy(wh, 1, 2)
    url = f"chdb://memory/{wh.connection.current_schema()}"
    execute = wh.connection.execute

    def meet(sql: object, parameters: object = ()) -> None:
        if "aliases_log" in str(sql):
            with sqlops.connect(url, schema=wh.schema) as other:
                other.rollback("lead_score", to=1)
        execute(sql, parameters)  # type: ignore[arg-type]

    wh.connection.execute = meet  # type: ignore[method-assign]
    wh.promote("lead_score", 2)
    del wh.connection.execute
    # The other session saw the first version in force, and let the view show it again.
    require_scores(read(wh, "lead_score"), life.logistic, life)
    assert wh.versions("lead_score")["in_force"].tolist() == [False, True]
    assert not wh.promote("lead_score", 2).changed
    require_scores(read(wh, "lead_score"), life.tree, life)


def test_a_dry_run_has_no_transaction(wh: Warehouse) -> None:
    text = wh.deploy("lead_score", 1, source="customers", keys=KEYS, dry_run=True)
    assert "BEGIN" not in text
    assert text.index('"lead_score_v1" AS') < text.index('"lead_score" AS') < text.index('"aliases_log"')
    assert "events_log" in text.split(";\n\n")[-1]


def test_entries_go_on_after_those_of_a_clock_that_is_ahead(wh: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy(wh, 1, 2)
    monkeypatch.setattr(log, "CLOCK", log.Clock())
    log.CLOCK.after(2 * time.time_ns())
    wh.promote("lead_score", 2)
    monkeypatch.setattr(log, "CLOCK", log.Clock())
    assert wh.rollback("lead_score").version == 1
    assert wh.versions("lead_score")["in_force"].tolist() == [True, False]


def test_a_version_that_another_session_registers_is_a_conflict(wh: Warehouse, life: Life) -> None:
    execute, others = wh.connection.execute, [life.decision]

    def meet(sql: object, parameters: object = ()) -> None:
        execute(sql, parameters)  # type: ignore[arg-type]
        if "versions_log" in str(sql) and others:
            values = ", ".join("'other'" if column == "digest" else column for column in log.columns()["versions"])
            table = f"{wh.schema}.versions_log"
            query = f"SELECT {values}, entry + 1, gone FROM {table} WHERE digest = '{others.pop().digest}'"
            execute(f"INSERT INTO {table} {query}")

    wh.connection.execute = meet  # type: ignore[method-assign]
    with pytest.raises(ConflictError, match="lead_score version 3 at the same time: run it again"):
        wh.register(life.decision)
    del wh.connection.execute
    assert wh.register(life.decision).number == 4
