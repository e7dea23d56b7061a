from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import sqlops

from .conftest import leads, run
from .test_models import refusal

WINDOWS = ("--timestamp", "created_at", "--window", "month", "--label", "converted")


@pytest.fixture
def database(compiled: Path) -> Path:
    """The folder, with leads.duckdb that holds the leads."""
    frame = leads()
    with duckdb.connect("leads.duckdb") as connection:
        connection.register("frame", frame)
        connection.execute("create table leads as select * from frame")
    return compiled


@pytest.fixture
def deployed(database: Path) -> Path:
    """The folder, with version 1 registered and deployed."""
    baseline = ("--baseline", "train.parquet", "--target", "converted")
    assert run("register", "leads.duckdb", "lead_score.sqlops", *baseline).exit_code == 0
    assert run("deploy", "leads.duckdb", "lead_score", 1, "--source", "leads", "--keys", "lead_id").exit_code == 0
    return database


def add_second_version() -> None:
    """Register and deploy a model of the same leads that differs."""
    from .conftest import INPUTS, fitted

    frame = leads()[50:]
    sqlops.compile(fitted(frame), frame[INPUTS], name="lead_score").save("second.sqlops")
    assert run("register", "leads.duckdb", "second.sqlops").exit_code == 0
    assert run("deploy", "leads.duckdb", "lead_score", 2, "-s", "leads", "-k", "lead_id").exit_code == 0


def query(sql: str) -> list[dict[str, Any]]:
    """Return the rows of a query by way of the command line."""
    done = run("query", "leads.duckdb", sql, "--format", "json")
    assert done.exit_code == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def test_register_and_deploy_say_what_they_did(database: Path) -> None:
    done = run("register", "leads.duckdb", "lead_score.sqlops", "--card", "owner=crm", "--card", "purpose=a=b")
    assert (done.exit_code, done.stdout, done.stderr) == (
        0,
        "name    lead_score\nnumber  1\n",
        "lead_score version 1\n",
    )
    again = run("register", "leads.duckdb", "lead_score.sqlops", "--format", "csv")
    assert again.stdout == "name,number\nlead_score,1\n"
    done = run("deploy", "leads.duckdb", "lead_score", 1, "--source", "leads", "--keys", "lead_id", "-f", "json")
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["version"], result["keys"], result["in_force"]) == (1, ["lead_id"], True)
    assert query("select count(*) as n from lead_score") == [{"n": 400}]
    assert json.loads(query("select card from sqlops.versions")[0]["card"]) == {"owner": "crm", "purpose": "a=b"}


def test_dry_runs_print_sql_and_write_nothing(deployed: Path) -> None:
    add_second_version()
    before = query("select count(*) as n from sqlops.events")
    for arguments in (
        ("register", "leads.duckdb", "lead_score.sqlops"),
        ("deploy", "leads.duckdb", "lead_score", 1, "-s", "leads", "-k", "lead_id"),
        ("promote", "leads.duckdb", "lead_score", 2),
        ("refresh", "leads.duckdb", "lead_score"),
        ("monitor", "leads.duckdb", "lead_score", *WINDOWS),
    ):
        done = run(*arguments, "--dry-run")
        assert done.exit_code == 0, done.stderr
        assert done.stdout.strip().endswith(";")
    assert query("select count(*) as n from sqlops.events") == before


def test_promote_and_roll_back(deployed: Path) -> None:
    add_second_version()
    done = run("promote", "leads.duckdb", "lead_score", 2, "--format", "json")
    assert json.loads(done.stdout) == {"name": "lead_score", "version": 2, "previous": 1, "changed": True}
    assert run("rollback", "leads.duckdb", "lead_score").exit_code == 0
    versions = json.loads(run("versions", "leads.duckdb", "lead_score", "--format", "json").stdout)
    assert [(row["version"], row["in_force"]) for row in versions] == [(1, True), (2, False)]
    events = json.loads(run("events", "leads.duckdb", "--format", "json").stdout)
    kinds = [row["event"] for row in events]
    assert [kinds.count(kind) for kind in ("registered", "deployed", "promoted", "rolled_back")] == [2, 2, 1, 1], kinds
    models = run("models", "leads.duckdb", "--format", "csv")
    assert models.stdout.splitlines()[1].startswith("lead_score,2,1,")


def test_refresh_counts_rows(deployed: Path) -> None:
    first = json.loads(run("refresh", "leads.duckdb", "lead_score", "-f", "json").stdout)
    second = json.loads(run("refresh", "leads.duckdb", "lead_score", "-f", "json").stdout)
    assert (first["new"], second["new"], second["unchanged"]) == (400, 0, 400)


def test_monitor_exits_with_3_when_an_alert_is_open(deployed: Path) -> None:
    calm = run("monitor", "leads.duckdb", "lead_score", *WINDOWS, "--format", "json")
    rows = json.loads(calm.stdout)
    assert {row["metric"] for row in rows} >= {"psi", "null_rate", "auc"}
    assert calm.exit_code == (3 if any(row["status"] == "alert" for row in rows) else 0)
    with duckdb.connect("leads.duckdb") as connection:
        connection.execute("update leads set age = age + 60")
    done = run("monitor", "leads.duckdb", "lead_score", *WINDOWS)
    assert done.exit_code == 3
    assert " alert" in done.stderr
    assert "psi" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    alerts = json.loads(
        run("metrics", "leads.duckdb", "lead_score", "--metric", "psi", "--status", "alert", "-f", "json").stdout
    )
    assert {(row["metric"], row["status"]) for row in alerts} == {("psi", "alert")}


def test_tables_fit_into_eighty_columns(deployed: Path) -> None:
    run("monitor", "leads.duckdb", "lead_score", *WINDOWS)
    for arguments in (["models"], ["versions", "lead_score"], ["events"], ["metrics", "lead_score"]):
        done = run(arguments[0], "leads.duckdb", *arguments[1:])
        assert done.exit_code == 0, done.stderr
        assert 20 < max(map(len, done.stdout.splitlines())) <= 80


def test_queries_cannot_write(deployed: Path) -> None:
    assert "read-only" in refusal("query", "leads.duckdb", "drop table leads")
    assert "nonsense" in refusal("query", "leads.duckdb", "select * from nonsense")


def test_refusals_are_one_line(deployed: Path) -> None:
    assert "9" in refusal("promote", "leads.duckdb", "lead_score", 9)
    assert "nope" in refusal("versions", "leads.duckdb", "nope")
    assert "nope" in refusal("deploy", "leads.duckdb", "lead_score", 1, "-s", "nope", "-k", "lead_id")
    assert "nope" in refusal("deploy", "leads.duckdb", "lead_score", 1, "-s", "leads", "-k", "nope")
    assert "there is no database" in refusal("models", "nope.duckdb")
    Path("noise.duckdb").write_bytes(b"noise" * 1000)
    assert "not a DuckDB database" in refusal("models", "noise.duckdb")
    leads().drop(columns=["age", "income"]).to_parquet("keys.parquet")
    text = refusal("register", "leads.duckdb", "lead_score.sqlops", "--baseline", "keys.parquet")
    assert "'age' is missing; column 'income' is missing" in text


def test_wrong_options_are_wrong_usage(deployed: Path) -> None:
    assert run("register", "leads.duckdb", "lead_score.sqlops", "--card", "owner").exit_code == 2
    assert run("register", "leads.duckdb", "lead_score.sqlops", "--target", "converted").exit_code == 2
    assert run("monitor", "leads.duckdb", "lead_score").exit_code == 2
