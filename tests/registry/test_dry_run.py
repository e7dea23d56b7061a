from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from sqlops.artifacts.model import CompiledModel
from sqlops.errors import SourceError
from sqlops.warehouse import Warehouse
from tests.registry.conftest import state


def masked(sql: str) -> str:
    return re.sub(r"'\d{4}-\d\d-\d\d [\d:.]+'", "'<time>'", sql)


def test_registering(empty: Warehouse, logistic: CompiledModel) -> None:
    before = state(empty)
    sql = empty.register(logistic, dry_run=True)
    assert isinstance(sql, str)
    assert state(empty) == before
    assert sql.startswith(
        'BEGIN TRANSACTION;\n\nCREATE SCHEMA IF NOT EXISTS "sqlops";\n\nUSE "sqlops";\n\n-- The registry'
    )
    assert 'INSERT INTO "sqlops"."versions"' in sql
    assert sql.endswith("COMMIT;")


def test_deploying(wh: Warehouse) -> None:
    before = state(wh)
    sql = wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id", dry_run=True)
    assert isinstance(sql, str)
    assert state(wh) == before
    created = re.findall(r"CREATE OR REPLACE (\w+) (\S+?)[( ]", sql)
    assert created == [
        ("VIEW", '"main"."lead_score_v1"'),
        ("MACRO", '"main"."lead_score_v1_predict"'),
        ("MACRO", '"main"."lead_score_v1_probability"'),
        ("MACRO", '"main"."lead_score_v1_of"'),
        ("VIEW", '"main"."lead_score"'),
        ("MACRO", '"main"."lead_score_predict"'),
        ("MACRO", '"main"."lead_score_probability"'),
        ("MACRO", '"main"."lead_score_of"'),
    ]
    for statement in re.findall(r"CREATE OR REPLACE .*?;\n", sql, re.DOTALL):
        wh.connection.execute(statement)
    assert len(wh.query("SELECT * FROM lead_score")) == 300


def test_promoting(deployed: Warehouse) -> None:
    sql = deployed.promote("lead_score", 2, dry_run=True)
    assert isinstance(sql, str)
    view = sql[sql.index("CREATE OR REPLACE VIEW") : sql.index("CREATE OR REPLACE MACRO")]
    assert view == (
        'CREATE OR REPLACE VIEW "main"."lead_score" AS\nSELECT\n  "lead_id",\n  "prediction",\n  "probability_0",\n'
        '  "probability_1"\nFROM "main"."lead_score_v2";\n\n'
    )
    registry = sql[sql.index("UPDATE") :]
    assert masked(registry).split(";\n\n")[0] == (
        "UPDATE \"sqlops\".\"aliases\" SET version = 2\nWHERE\n  model = 'lead_score' AND alias = 'champion'"
    )


def test_dry_refresh_counts(deployed: Warehouse) -> None:
    def detail() -> str:
        sql = deployed.refresh("lead_score", prune=True, dry_run=True)
        assert isinstance(sql, str)
        found = re.search(r'{"changed".*?}', sql)
        return found[0] if found else ""

    assert detail() == '{"changed": 0, "new": 300, "removed": 0, "unchanged": 0}'
    deployed.refresh("lead_score")
    assert detail() == ""
    deployed.connection.execute("DELETE FROM crm.leads WHERE lead_id < 3")
    deployed.connection.execute('UPDATE crm.leads SET "select" = 77 WHERE lead_id = 9')
    assert detail() == '{"changed": 1, "new": 0, "removed": 2, "unchanged": 297}'


@pytest.mark.parametrize(
    "write",
    [
        lambda wh: wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id", dry_run=True),
        lambda wh: wh.promote("lead_score", 2, dry_run=True),
        lambda wh: wh.rollback("lead_score", to=2, dry_run=True),
        lambda wh: wh.refresh("lead_score", dry_run=True),
        lambda wh: wh.refresh("lead_score", full=True, prune=True, dry_run=True),
    ],
)
def test_nothing_is_written(deployed: Warehouse, write: Callable[[Warehouse], object]) -> None:
    before = state(deployed)
    assert isinstance(write(deployed), str)
    assert state(deployed) == before


def test_bad_input_is_refused_just_so(wh: Warehouse) -> None:
    with pytest.raises(SourceError, match="the source 'nowhere' does not exist"):
        wh.deploy("lead_score", 1, source="nowhere", keys="lead_id", dry_run=True)
