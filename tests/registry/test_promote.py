from __future__ import annotations

import pytest
from sklearn.linear_model import LogisticRegression

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.errors import RegistryError, VersionNotFoundError
from sqlops.registry.promote import Promotion
from sqlops.warehouse import Warehouse
from tests.registry.conftest import events, make_labels, make_leads, relations, state

DEPLOYED = [(1, "registered"), (2, "registered"), (1, "deployed"), (2, "deployed")]


def scores(wh: Warehouse, view: str) -> list[tuple[object, ...]]:
    return wh.connection.rows(f"SELECT * FROM {view} ORDER BY lead_id")


def by_functions(wh: Warehouse) -> list[tuple[object, ...]]:
    columns = '"a b""c", "select"'
    return wh.connection.rows(
        f"SELECT lead_id, lead_score_predict({columns}), 1 - lead_score_probability({columns}),"
        f" lead_score_probability({columns}) FROM crm.leads ORDER BY lead_id"
    )


def test_there_and_back(deployed: Warehouse) -> None:
    first, second = scores(deployed, "lead_score_v1"), scores(deployed, "lead_score_v2")
    assert first != second
    assert scores(deployed, "lead_score") == first
    assert deployed.promote("lead_score", 2) == Promotion("lead_score", 2, 1, changed=True)
    assert scores(deployed, "lead_score") == second
    assert by_functions(deployed) == second
    assert deployed.rollback("lead_score") == Promotion("lead_score", 1, 2, changed=True)
    assert scores(deployed, "lead_score") == first
    assert deployed.promote("lead_score", 2).changed
    assert deployed.rollback("lead_score", to=1).changed
    assert events(deployed) == [
        *DEPLOYED,
        (2, "promoted"),
        (1, "rolled_back"),
        (2, "promoted"),
        (1, "rolled_back"),
    ]


def test_repeated_calls_change_nothing(deployed: Warehouse) -> None:
    deployed.promote("lead_score", 2)
    before = state(deployed)
    assert deployed.promote("lead_score", 2) == Promotion("lead_score", 2, 2, changed=False)
    assert state(deployed) == before
    deployed.rollback("lead_score")
    before = state(deployed)
    again = deployed.rollback("lead_score")
    assert again == Promotion("lead_score", 1, 1, changed=False)
    assert str(again) == "lead_score version 1 was in force already: nothing changed"
    assert deployed.rollback("lead_score", to=1) == again
    assert state(deployed) == before


def test_refusals(wh: Warehouse) -> None:
    def refused(message: str) -> None:
        before = state(wh)
        with pytest.raises((RegistryError, VersionNotFoundError), match=message):
            wh.promote("lead_score", 2)
        assert state(wh) == before

    refused("no version of model 'lead_score' is deployed: deploy one first")
    wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    refused(r"lead_score version 2 is not deployed \(deployed: 1\): deploy it first")
    with pytest.raises(RegistryError, match="has nothing to go back to: version 1 is the first in force"):
        wh.rollback("lead_score")
    with pytest.raises(VersionNotFoundError, match="there is no model 'churn'"):
        wh.rollback("churn")
    with pytest.raises(VersionNotFoundError, match="has no version 5"):
        wh.rollback("lead_score", to=5)
    wh.deploy("lead_score", 2, source="crm.leads", keys="lead_id")
    wh.connection.execute("DROP VIEW lead_score_v2")
    refused("the view of lead_score version 2 was dropped: deploy the version again")


def test_promotion_keeps_the_columns_that_others_read(deployed: Warehouse, regression: CompiledModel) -> None:
    deployed.register(regression)
    deployed.deploy("lead_score", 3, source="crm.leads", keys="lead_id")
    before = state(deployed)
    with pytest.raises(
        RegistryError,
        match="what reads 'lead_score' would break: column 'prediction' would turn from BIGINT to DOUBLE; "
        "column 'probability_0' would go; column 'probability_1' would go",
    ):
        deployed.promote("lead_score", 3)
    assert state(deployed) == before
    deployed.promote("lead_score", 3, allow_breaking=True)
    assert list(deployed.query("SELECT * FROM lead_score").columns) == ["lead_id", "prediction"]
    assert "main.lead_score_probability()" not in relations(deployed)
    deployed.rollback("lead_score")
    assert by_functions(deployed) == scores(deployed, "lead_score_v1")


def test_new_columns_may_follow(deployed: Warehouse) -> None:
    frame = make_leads()
    fitted = LogisticRegression(C=0.1).fit(frame, make_labels(frame))
    methods = ["predict", "predict_proba", "decision_function"]
    deployed.register(sqlops.compile(fitted, frame, name="lead_score", methods=methods))
    deployed.deploy("lead_score", 3, source="crm.leads", keys="lead_id")
    deployed.connection.execute("CREATE VIEW report AS SELECT lead_id, probability_1 FROM lead_score")
    deployed.promote("lead_score", 3)
    columns = ["lead_id", "prediction", "probability_0", "probability_1", "decision"]
    assert list(deployed.query("SELECT * FROM lead_score").columns) == columns
    assert len(deployed.query("SELECT * FROM report")) == 300
    assert deployed.rollback("lead_score").version == 1
