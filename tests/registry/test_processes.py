"""Two sessions, two processes, and a process killed in the middle."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.errors import ConflictError, ConnectionFailedError, SqlopsError
from sqlops.registry import deploy as deploying
from sqlops.registry import promote as promoting
from sqlops.registry import refresh as refreshing
from sqlops.warehouse import Warehouse
from tests.registry.conftest import events, state

KILLED = """
import os, sys
import sqlops
from sqlops.warehouses.duckdb import DuckDBConnection

path, action, fatal = sys.argv[1:4]
run = DuckDBConnection._run

def dying(self, text, parameters=()):
    if fatal in text:
        run(self, text, parameters) if fatal != "COMMIT" else None
        os._exit(9)
    return run(self, text, parameters)

DuckDBConnection._run = dying
wh = sqlops.connect(path)
if action == "deploy":
    wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
elif action == "promote":
    wh.promote("lead_score", 2)
else:
    wh.refresh("lead_score")
"""


SECOND = """
import sys
import sqlops

try:
    sqlops.connect(sys.argv[1])
except sqlops.SqlopsError as error:
    print(type(error).__name__, error)
"""


def run_killed(path: Path, action: str, fatal: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), action, fatal], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (9, "")


@pytest.mark.parametrize("fatal", ["CREATE OR REPLACE VIEW", "_sqlops_sample", "lead_score_v1_of", "events", "COMMIT"])
def test_killed_deployment_leaves_nothing(wh: Warehouse, path: Path, fatal: str) -> None:
    before = state(wh)
    wh.close()
    run_killed(path, "deploy", fatal)
    with sqlops.connect(path) as again:
        assert state(again) == before
        assert again.deploy("lead_score", 1, source="crm.leads", keys="lead_id").changed
        assert len(again.query("SELECT * FROM lead_score")) == 300


@pytest.mark.parametrize("fatal", ["CREATE TABLE", "DELETE FROM", "INSERT INTO", "COMMIT"])
def test_killed_refresh_loses_nothing(deployed: Warehouse, path: Path, fatal: str) -> None:
    if fatal == "DELETE FROM":
        deployed.refresh("lead_score")
        deployed.promote("lead_score", 2)
    before = state(deployed)
    deployed.close()
    run_killed(path, "refresh", fatal)
    with sqlops.connect(path) as again:
        assert state(again) == before
        again.refresh("lead_score")
        assert again.refresh("lead_score").unchanged == 300


def test_killed_promotion_leaves_the_version_in_force(deployed: Warehouse, path: Path) -> None:
    before = state(deployed)
    want = deployed.connection.rows("SELECT * FROM lead_score ORDER BY ALL")
    deployed.close()
    run_killed(path, "promote", "promotions")
    with sqlops.connect(path) as again:
        assert state(again) == before
        assert again.connection.rows("SELECT * FROM lead_score ORDER BY ALL") == want


def test_second_process_gets_a_clear_error(deployed: Warehouse, path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SECOND, str(path)], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.startswith(f"ConnectionFailedError '{path}' is in use by process ")
    assert done.stdout.endswith(": only one process may open it to write, close the other or try again later\n")
    assert deployed.promote("lead_score", 2).changed


ACTIONS = {
    "deploy": lambda c: deploying.deploy(c, "sqlops", "lead_score", 2, "crm.leads", ["lead_id"]),
    "promote": lambda c: promoting.promote(c, "sqlops", "lead_score", 2),
    "rollback": lambda c: promoting.rollback(c, "sqlops", "lead_score", to=2),
    "refresh": lambda c: refreshing.refresh(c, "sqlops", "lead_score"),
}


@pytest.mark.parametrize("first", ["promote", "refresh", "deploy"])
@pytest.mark.parametrize("second", ["promote", "refresh", "rollback"])
def test_two_sessions_that_overlap(deployed: Warehouse, path: Path, first: str, second: str) -> None:
    if first == "deploy":
        deployed.connection.execute("DROP MACRO lead_score_v2_predict")
    with sqlops.connect(path) as other:
        one, two = deployed.connection, other.connection
        with one.transaction():
            ACTIONS[first](one)
            with pytest.raises(ConflictError, match="another session changed the same thing at the same time"):
                ACTIONS[second](two)
        ACTIONS[second](two)
        assert other.connection.rows("SELECT count(*) FROM lead_score") == [(300,)]


def test_two_threads_promote_at_once(deployed: Warehouse, path: Path) -> None:
    ready = threading.Barrier(2)
    outcomes: list[str] = []

    def promote() -> None:
        with sqlops.connect(path) as wh:
            ready.wait()
            try:
                outcomes.append(f"changed {wh.promote('lead_score', 2).changed}")
            except ConflictError:
                outcomes.append("conflict")

    threads = [threading.Thread(target=promote) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("changed True") == 1
    assert [event for event in events(deployed) if event == (2, "promoted")] == [(2, "promoted")]


def test_two_sessions_register_at_once(
    empty: Warehouse, path: Path, logistic: CompiledModel, tree: CompiledModel
) -> None:
    with sqlops.connect(path) as other:
        with empty.connection.transaction():
            empty.register(logistic)
            with pytest.raises(ConflictError):
                other.register(tree)
        assert other.register(tree).number == 2


def test_failure_in_the_middle_rolls_back(deployed: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(deployed)

    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(promoting, "record", interrupted)
    with pytest.raises(KeyboardInterrupt):
        deployed.promote("lead_score", 2)
    assert state(deployed) == before
    monkeypatch.undo()
    assert deployed.promote("lead_score", 2).changed


def test_failed_migration_restores_the_search_path(empty: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    from sqlops.registry import migrations

    broken = tmp_path / "0001_registry.sql"
    broken.write_text("CREATE TABLE migrations (number INTEGER); CREATE TABLE no such thing;")
    monkeypatch.setattr(migrations, "sql_files", lambda dialect: [broken])
    before = state(empty)
    with pytest.raises(SqlopsError, match="syntax error"):
        migrations.migrate(empty.connection, "sqlops")
    assert state(empty) == before
    assert empty.connection.current_schema() == "main"


def test_read_only(deployed: Warehouse, path: Path) -> None:
    deployed.close()
    with sqlops.connect(path, read_only=True) as first, sqlops.connect(path, read_only=True) as second:
        assert first.models()["in_force"].tolist() == [1]
        assert len(second.query("FROM lead_score")) == 300
        with pytest.raises(SqlopsError, match="the database is open read-only: open it to write"):
            first.promote("lead_score", 2)
    with pytest.raises(ConnectionFailedError, match="does not exist, and a read-only connection does not create it"):
        sqlops.connect(path.with_name("none.duckdb"), read_only=True)
