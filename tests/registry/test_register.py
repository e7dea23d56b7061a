from __future__ import annotations

import json

import pandas as pd
import pytest

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.errors import ArtifactError, InvalidNameError, RegistryError, SchemaError, VersionNotFoundError
from sqlops.registry.versions import Version
from sqlops.warehouse import Warehouse
from tests.registry.conftest import AMOUNT, events, make_labels, relations, state


def test_connecting_and_reading_writes_nothing(empty: Warehouse) -> None:
    assert empty.models().empty
    assert empty.events().empty
    with pytest.raises(VersionNotFoundError, match="there is no model 'lead_score'; none is registered"):
        empty.versions("lead_score")
    assert relations(empty) == ["crm.", "crm.leads"]


def test_same_content_is_the_same_version(empty: Warehouse, logistic: CompiledModel, tree: CompiledModel) -> None:
    assert empty.register(logistic) == Version("lead_score", 1)
    before = state(empty)
    assert empty.register(logistic) == Version("lead_score", 1)
    assert state(empty) == before
    assert empty.register(tree) == Version("lead_score", 2)
    assert events(empty) == [(1, "registered"), (2, "registered")]
    assert str(Version("lead_score", 2)) == "lead_score version 2"


def test_model_comes_back_without_its_file(wh: Warehouse, tree: CompiledModel, leads: pd.DataFrame) -> None:
    loaded = wh.load("lead_score", 2)
    assert (loaded.name, loaded.digest, loaded.signature) == (tree.name, tree.digest, tree.signature)
    pd.testing.assert_frame_equal(loaded.score(leads), tree.score(leads))


def test_models_and_versions_are_listed(deployed: Warehouse) -> None:
    models = deployed.models()
    assert models[["model", "versions", "in_force"]].values.tolist() == [["lead_score", 2, 1]]
    versions = deployed.versions("lead_score")
    columns = ["version", "in_force", "deployed", "source", "task"]
    assert versions[columns].values.tolist() == [
        [1, True, True, "crm.leads", "classification"],
        [2, False, True, "crm.leads", "classification"],
    ]


def test_card_and_target_are_kept_and_may_be_mended(empty: Warehouse, logistic: CompiledModel) -> None:
    empty.register(logistic, card={"owner": "o'hara", "π": [1, None]}, target="converted")
    stored = "SELECT card, target FROM sqlops.versions"
    assert empty.connection.rows(stored) == [('{"owner": "o\'hara", "π": [1, null]}', "converted")]
    empty.register(logistic)
    empty.register(logistic, card={"owner": "smith"})
    assert empty.connection.rows(stored) == [('{"owner": "smith"}', "converted")]
    assert events(empty) == [(1, "registered"), (1, "described")]


def test_baseline_is_frozen_once(empty: Warehouse, logistic: CompiledModel, leads: pd.DataFrame) -> None:
    empty.register(logistic)
    for _ in range(2):
        assert empty.register(logistic, baseline=leads, target=make_labels(leads)) == Version("lead_score", 1)
    assert events(empty) == [(1, "registered"), (1, "described"), (1, "baseline_frozen")]
    assert empty.connection.rows("SELECT target, baseline_rows FROM sqlops.versions") == [("converted", 300)]


def test_baseline_must_have_the_inputs(empty: Warehouse, logistic: CompiledModel, leads: pd.DataFrame) -> None:
    with pytest.raises(SchemaError, match="column 'a b\"c' is missing"):
        empty.register(logistic, baseline=leads.drop(columns=AMOUNT))
    with pytest.raises(RegistryError, match="the target has 299 values, the baseline 300 rows"):
        empty.register(logistic, baseline=leads, target=[0] * 299)
    with pytest.raises(RegistryError, match="the baseline has no target column 'bought'"):
        empty.register(logistic, baseline=leads, target="bought")
    with pytest.raises(RegistryError, match="the target's values belong to a baseline"):
        empty.register(logistic, target=[0, 1])
    with pytest.raises(RegistryError, match="the card cannot be written as JSON"):
        empty.register(logistic, card={"when": object()})
    assert relations(empty) == ["crm.", "crm.leads"]


def test_names_that_differ_in_case_are_refused(wh: Warehouse, logistic: CompiledModel) -> None:
    other = CompiledModel("Lead_Score", logistic.signature, logistic.program, logistic.sample)
    with pytest.raises(
        InvalidNameError, match="'Lead_Score' and the registered model 'lead_score' differ only in case"
    ):
        wh.register(other)
    with pytest.raises(InvalidNameError, match="cannot name a model"):
        wh.register(CompiledModel("lead score", logistic.signature, logistic.program, logistic.sample))


def test_altered_artifact_is_refused(wh: Warehouse) -> None:
    first, second = (f"(SELECT artifact FROM sqlops.versions WHERE version = {number})" for number in (1, 2))
    wh.connection.execute(f"UPDATE sqlops.versions SET artifact = {second} WHERE version = 1")
    with pytest.raises(ArtifactError, match="the registry holds another model as lead_score version 1"):
        wh.load("lead_score", 1)
    wh.connection.execute(f"UPDATE sqlops.versions SET artifact = {first}[1:100] WHERE version = 1")
    with pytest.raises(ArtifactError, match="'lead_score version 1' is no compiled model, or is corrupt"):
        wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id")


def test_missing_versions_are_named(wh: Warehouse) -> None:
    with pytest.raises(VersionNotFoundError, match="model 'lead_score' has no version 7: it has 1 to 2"):
        wh.load("lead_score", 7)
    with pytest.raises(VersionNotFoundError, match="there is no model 'churn'; there are: lead_score"):
        wh.load("churn", 1)


def test_schema_is_configurable(tmp_path, logistic: CompiledModel) -> None:
    with sqlops.connect(tmp_path / "x.duckdb", schema="ml_registry") as wh:
        wh.register(logistic)
        assert wh.connection.rows("SELECT model, version FROM ml_registry.versions") == [("lead_score", 1)]
        assert wh.connection.current_schema() == "main"
        assert json.loads(wh.events()["detail"][0]) == {"digest": logistic.digest}
    with pytest.raises(InvalidNameError, match="'my schema' cannot name a schema"):
        sqlops.connect(tmp_path / "x.duckdb", schema="my schema")
