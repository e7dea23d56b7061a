from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

import sqlops
from sqlops.errors import RegistryVersionError, SchemaError, SourceError, SqlopsError, VersionNotFoundError
from sqlops.warehouse import Warehouse
from tests.registry.conftest import state

SOURCES = {
    "no_key": "SELECT * EXCLUDE (lead_id) FROM crm.leads",
    "null_keys": "SELECT CASE WHEN lead_id <= 298 THEN lead_id END AS lead_id, * EXCLUDE (lead_id) FROM crm.leads",
    "repeated": "SELECT lead_id // 2 AS lead_id, * EXCLUDE (lead_id) FROM crm.leads",
    "unlike": 'SELECT lead_id, [\'x\'] AS "a b""c" FROM crm.leads',
    "texts": 'SELECT lead_id, \'x\' AS "a b""c", [1] AS "select" FROM crm.leads',
    "clash": "SELECT lead_id AS prediction, * FROM crm.leads",
    "stamped": "SELECT lead_id AS scored_at, * FROM crm.leads",
}

CASES = [
    ("nowhere", "lead_id", SourceError, "the source 'nowhere' does not exist: create the table or view first"),
    ("other.nowhere", "lead_id", SourceError, "the source 'other.nowhere' does not exist"),
    ("(SELECT 1)", "lead_id", SourceError, "'(SELECT 1)' is no name of a relation"),
    ("crm.leads; DROP TABLE crm.leads", "lead_id", SourceError, "is no name of a relation"),
    ("crm.leads", [], SourceError, "a deployment needs keys"),
    ("no_key", "lead_id", SourceError, "the source 'no_key' has no key column 'lead_id': it has 'a b\"c', 'select'"),
    ("null_keys", "lead_id", SourceError, "the source 'null_keys': key 'lead_id' is NULL in 2 rows"),
    ("repeated", "lead_id", SourceError, "key 'lead_id' is not unique, 149 values occur more than once"),
    (
        "unlike",
        "lead_id",
        SchemaError,
        "the source 'unlike' does not fit the model: column 'a b\"c' is VARCHAR[], the model takes number; "
        "column 'select' (integer) is missing; put a view with the columns of training over it",
    ),
    (
        "texts",
        "lead_id",
        SchemaError,
        "column 'a b\"c' is VARCHAR, the model takes number; column 'select' is INTEGER[], the model takes integer",
    ),
    ("clash", "prediction", SourceError, "'prediction' would be two columns of the view or the score table"),
    ("stamped", "scored_at", SourceError, "'scored_at' would be two columns of the view or the score table"),
    ("temporary", "lead_id", SourceError, "the source 'temporary' is temporary"),
]


@pytest.mark.parametrize(("source", "keys", "kind", "message"), CASES)
def test_bad_sources_are_refused_in_one_line(
    wh: Warehouse, source: str, keys: str | list[str], kind: type[SqlopsError], message: str
) -> None:
    for name, query in SOURCES.items():
        wh.connection.execute(f"CREATE VIEW {name} AS {query}")
    wh.connection.execute("CREATE TEMPORARY TABLE temporary AS FROM crm.leads")
    before = state(wh)
    with pytest.raises(kind) as caught:
        wh.deploy("lead_score", 1, source=source, keys=keys)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert state(wh) == before


def test_missing_version(wh: Warehouse) -> None:
    before = state(wh)
    with pytest.raises(VersionNotFoundError, match="model 'lead_score' has no version 3: it has 1 to 2"):
        wh.deploy("lead_score", 3, source="crm.leads", keys="lead_id")
    assert state(wh) == before


def test_python_variables_are_no_sources(wh: Warehouse, leads: pd.DataFrame) -> None:
    rows = leads.assign(lead_id=range(len(leads)))
    assert len(rows)
    with pytest.raises(SourceError, match="the source 'rows' does not exist"):
        wh.deploy("lead_score", 1, source="rows", keys="lead_id")


def test_columns_that_differ_in_case() -> None:
    frame = pd.DataFrame({"Age": np.arange(20.0), "age": np.arange(20.0) ** 2})
    model = sqlops.compile(LinearRegression().fit(frame, frame["Age"]), frame, name="twins")
    with sqlops.connect(":memory:") as wh:
        wh.connection.execute("CREATE TABLE people AS SELECT i AS id, i AS age FROM range(9) AS t(i)")
        wh.register(model)
        with pytest.raises(SchemaError, match="columns 'Age' and 'age' differ only in case"):
            wh.deploy("twins", 1, source="people", keys="id")


def test_source_may_spell_its_columns_in_another_case(wh: Warehouse) -> None:
    wh.connection.execute(
        'CREATE VIEW shouted AS SELECT lead_id AS "LEAD_ID", "a b""c" AS "A B""C", "select" AS "SELECT" FROM crm.leads'
    )
    assert wh.deploy("lead_score", 1, source="SHOUTED", keys="lead_id").keys == ("LEAD_ID",)
    assert len(wh.query("SELECT * FROM lead_score")) == 300


def test_registry_of_a_newer_version(deployed: Warehouse, path, logistic) -> None:
    deployed.connection.execute("INSERT INTO sqlops.migrations VALUES (9001, 'future', '99.0', now()::TIMESTAMP)")
    before = state(deployed)
    message = (
        r"the registry in schema 'sqlops' has migration 9001, written by sqlops 99.0; this sqlops .*: upgrade sqlops"
    )
    for write in (
        lambda: deployed.register(logistic, card={"new": 1}),
        lambda: deployed.promote("lead_score", 2),
        lambda: deployed.refresh("lead_score"),
        lambda: sqlops.connect(path),
    ):
        with pytest.raises(RegistryVersionError, match=message):
            write()
    assert state(deployed) == before
