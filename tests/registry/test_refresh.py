from __future__ import annotations

import pytest

from sqlops.artifacts.model import CompiledModel
from sqlops.errors import RegistryError, SourceError, VersionNotFoundError
from sqlops.warehouse import Warehouse
from tests.registry.conftest import events, state

COLUMNS = "lead_id, prediction, probability_0, probability_1"


def counts(wh: Warehouse, **options: bool) -> tuple[int, int, int, int]:
    done = wh.refresh("lead_score", **options)
    return done.new, done.changed, done.unchanged, done.removed


def fits_view(wh: Warehouse) -> bool:
    stored = wh.connection.rows(f"SELECT {COLUMNS} FROM lead_score_scores ORDER BY ALL")
    return stored == wh.connection.rows(f"SELECT {COLUMNS} FROM lead_score ORDER BY ALL")


def test_only_new_and_changed_rows_are_scored(deployed: Warehouse) -> None:
    run = deployed.connection.execute
    assert counts(deployed) == (300, 0, 0, 0)
    assert fits_view(deployed)
    before = state(deployed)
    assert counts(deployed) == (0, 0, 300, 0)
    assert state(deployed) == before
    run('UPDATE crm.leads SET "a b""c" = NULL WHERE lead_id = 1')
    run('UPDATE crm.leads SET "select" = 99 WHERE lead_id IN (2, 3)')
    run("INSERT INTO crm.leads VALUES (1001, 0.5, 2), (1002, NULL, NULL)")
    run("DELETE FROM crm.leads WHERE lead_id = 300")
    assert counts(deployed) == (2, 3, 296, 0)
    stamps = deployed.connection.rows("SELECT count(*) FROM lead_score_scores GROUP BY scored_at ORDER BY ALL")
    assert stamps == [(5,), (297,)]
    run("DELETE FROM lead_score_scores WHERE lead_id = 300")
    assert fits_view(deployed)
    names = deployed.connection.columns("lead_score_scores")
    assert names == {
        "lead_id": "BIGINT",
        "prediction": "BIGINT",
        "probability_0": "DOUBLE",
        "probability_1": "DOUBLE",
        "input_hash": "VARCHAR",
        "model_version": "INTEGER",
        "scored_at": "TIMESTAMP",
    }
    assert events(deployed)[-2:] == [(1, "refreshed"), (1, "refreshed")]


def test_values_that_move_between_columns_are_changes(deployed: Warehouse) -> None:
    run = deployed.connection.execute
    run('CREATE TABLE pairs AS SELECT 1 AS id, 12.0::DOUBLE AS "a b""c", 3 AS "select"')
    deployed.deploy("lead_score", 1, source="pairs", keys="id", allow_breaking=True)
    assert counts(deployed) == (1, 0, 0, 0)
    for change in ('"a b""c" = 1.0, "select" = 23', '"a b""c" = NULL', '"select" = NULL', '"a b""c" = \'nan\''):
        run(f"UPDATE pairs SET {change}")
        assert counts(deployed) == (0, 1, 0, 0)
        assert counts(deployed) == (0, 0, 1, 0)


def test_rows_that_left_stay_unless_pruned(deployed: Warehouse) -> None:
    deployed.refresh("lead_score")
    deployed.connection.execute("DELETE FROM crm.leads WHERE lead_id <= 20")
    assert counts(deployed) == (0, 0, 280, 0)
    assert deployed.connection.rows("SELECT count(*) FROM lead_score_scores") == [(300,)]
    assert counts(deployed, prune=True) == (0, 0, 280, 20)
    assert fits_view(deployed)


def test_another_version_scores_every_row_again(deployed: Warehouse) -> None:
    deployed.refresh("lead_score")
    deployed.promote("lead_score", 2)
    done = deployed.refresh("lead_score")
    assert (done.new, done.changed, done.unchanged) == (0, 300, 0)
    assert str(done) == "main.lead_score_scores: 0 new, 300 changed, 0 unchanged (version 2)"
    assert deployed.connection.rows("SELECT DISTINCT model_version FROM lead_score_scores") == [(2,)]
    assert fits_view(deployed)
    assert counts(deployed, full=True) == (0, 300, 0, 0)


def test_columns_of_a_breaking_promotion(deployed: Warehouse, regression: CompiledModel) -> None:
    deployed.register(regression)
    deployed.deploy("lead_score", 3, source="crm.leads", keys="lead_id")
    deployed.refresh("lead_score")
    deployed.promote("lead_score", 3, allow_breaking=True)
    before = state(deployed)
    with pytest.raises(
        RegistryError,
        match="table 'lead_score_scores' does not fit version 3: 'prediction' is BIGINT, not DOUBLE: pass full=True",
    ):
        deployed.refresh("lead_score")
    assert state(deployed) == before
    assert counts(deployed, full=True) == (300, 0, 0, 0)
    deployed.connection.execute("ALTER TABLE lead_score_scores DROP COLUMN prediction")
    deployed.connection.execute('UPDATE crm.leads SET "select" = 7 WHERE lead_id < 3')
    assert counts(deployed) == (0, 2, 298, 0)
    assert deployed.connection.rows("SELECT count(prediction) FROM lead_score_scores") == [(2,)]


def test_refusals(wh: Warehouse) -> None:
    with pytest.raises(VersionNotFoundError, match="there is no model 'churn'"):
        wh.refresh("churn")
    with pytest.raises(RegistryError, match="no version of model 'lead_score' is deployed"):
        wh.refresh("lead_score")
    wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    wh.refresh("lead_score")
    before = state(wh)
    wh.connection.execute("INSERT INTO crm.leads VALUES (1, 0, 0)")
    with pytest.raises(SourceError, match="key 'lead_id' is not unique, 1 values occur more than once"):
        wh.refresh("lead_score")
    wh.connection.execute('DELETE FROM crm.leads WHERE "a b""c" = 0 AND "select" = 0 AND lead_id = 1')
    assert state(wh) == before


def test_source_with_columns_of_the_score_table(deployed: Warehouse) -> None:
    deployed.connection.execute(
        "CREATE VIEW crm.named AS SELECT *, 'x' AS input_hash, 1 AS model_version, 2 AS s, 3 AS t FROM crm.leads"
    )
    deployed.deploy("lead_score", 1, source="crm.named", keys="lead_id")
    assert counts(deployed) == (300, 0, 0, 0)
    assert counts(deployed) == (0, 0, 300, 0)
