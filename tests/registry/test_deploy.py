from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.errors import ParityError, RegistryError
from sqlops.lowering.plan import ConstantArray
from sqlops.parity import Sample
from sqlops.warehouse import Warehouse
from tests.registry.conftest import events, make_leads, relations, state

CALL = 'lead_score_{}("a b""c", "select")'


def test_deployment_creates_views_and_functions(wh: Warehouse, logistic: CompiledModel, leads: pd.DataFrame) -> None:
    before = set(relations(wh))
    done = wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    assert sorted(set(relations(wh)) - before) == [
        "main.lead_score",
        "main.lead_score_of()",
        "main.lead_score_predict()",
        "main.lead_score_probability()",
        "main.lead_score_v1",
        "main.lead_score_v1_of()",
        "main.lead_score_v1_predict()",
        "main.lead_score_v1_probability()",
    ]
    assert (done.source, done.keys, done.view, done.in_force, done.changed) == (
        "crm.leads",
        ("lead_id",),
        "main.lead_score_v1",
        True,
        True,
    )
    assert done.parity is not None
    assert done.parity.ok
    assert done.parity.rows >= 200
    assert str(done) == "lead_score version 1 deployed over crm.leads as view main.lead_score_v1 (in force)"
    scored = wh.query("SELECT * FROM lead_score ORDER BY lead_id")
    assert list(scored.columns) == ["lead_id", "prediction", "probability_0", "probability_1"]
    pd.testing.assert_frame_equal(scored.drop(columns="lead_id"), logistic.score(leads), check_dtype=False)
    by_function = wh.query(
        f"SELECT {CALL.format('predict')} AS prediction, {CALL.format('probability')} AS probability_1"
        " FROM crm.leads ORDER BY lead_id"
    )
    pd.testing.assert_frame_equal(by_function, scored[["prediction", "probability_1"]])
    by_relation = wh.query("SELECT * FROM lead_score_of('crm.leads') ORDER BY lead_id")
    assert list(by_relation.columns) == ["lead_id", *leads.columns, "prediction", "probability_0", "probability_1"]
    pd.testing.assert_frame_equal(by_relation[scored.columns], scored)


def test_parity_is_written_down(deployed: Warehouse) -> None:
    rows = deployed.connection.rows(
        "SELECT version, output, rows >= 200, differing, ok FROM sqlops.parity_checks ORDER BY ALL"
    )
    outputs = ("prediction", "probability_0", "probability_1")
    assert rows == [(version, output, True, 0, True) for version in (1, 2) for output in outputs]


def test_parity_gate_leaves_nothing(empty: Warehouse, logistic: CompiledModel) -> None:
    expected = dict(logistic.sample.expected)
    expected["probability_1"] = expected["probability_1"] + 1e-6
    wrong = CompiledModel(logistic.name, logistic.signature, logistic.program, Sample(logistic.sample.inputs, expected))
    empty.register(wrong)
    before = state(empty)
    with pytest.raises(ParityError, match=r"duckdb and the recorded answers of lead_score version 1 .*probability_1"):
        empty.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    assert state(empty) == before


def test_repeated_deployment_changes_nothing(deployed: Warehouse) -> None:
    before = state(deployed)
    done = deployed.deploy("lead_score", 1, source='"crm".leads', keys=["LEAD_ID"])
    assert (done.changed, done.in_force, done.keys) == (False, True, ("lead_id",))
    assert state(deployed) == before


def test_dropped_view_is_made_again(deployed: Warehouse) -> None:
    for dropped in ("lead_score_v1", "lead_score"):
        deployed.connection.execute(f"DROP VIEW {dropped}")
        assert deployed.deploy("lead_score", 1, source="crm.leads", keys="lead_id").changed
        assert len(deployed.query(f"SELECT * FROM {dropped}")) == 300


def test_views_of_an_older_sqlops_are_made_again(deployed: Warehouse) -> None:
    deployed.connection.execute("UPDATE sqlops.deployments SET sqlops_version = '0.0.1' WHERE version = 1")
    assert deployed.deploy("lead_score", 1, source="crm.leads", keys="lead_id").changed
    assert not deployed.deploy("lead_score", 1, source="crm.leads", keys="lead_id").changed


def test_view_is_mended_when_its_source_has_changed(deployed: Warehouse) -> None:
    deployed.connection.execute("ALTER TABLE crm.leads ALTER lead_id TYPE INTEGER")
    assert deployed.deploy("lead_score", 2, source="crm.leads", keys="lead_id").changed
    assert len(deployed.query("SELECT * FROM lead_score_v2")) == 300
    with pytest.raises(RegistryError, match="column 'lead_id' would turn from BIGINT to INTEGER"):
        deployed.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    deployed.deploy("lead_score", 1, source="crm.leads", keys="lead_id", allow_breaking=True)
    assert len(deployed.query("SELECT * FROM lead_score")) == 300


def test_other_source_replaces_the_view(deployed: Warehouse) -> None:
    deployed.connection.execute("CREATE TABLE crm.few AS SELECT * FROM crm.leads LIMIT 7")
    assert deployed.deploy("lead_score", 1, source="crm.few", keys="lead_id").changed
    assert len(deployed.query("SELECT * FROM lead_score")) == 7
    assert len(deployed.query("SELECT * FROM lead_score_v2")) == 300
    assert events(deployed)[-1] == (1, "deployed")
    assert deployed.versions("lead_score")["source"].tolist() == ["crm.few", "crm.leads"]


def test_other_keys_of_the_version_in_force_are_refused(deployed: Warehouse) -> None:
    deployed.connection.execute("CREATE VIEW crm.renamed AS SELECT lead_id AS id, * EXCLUDE (lead_id) FROM crm.leads")
    before = state(deployed)
    with pytest.raises(RegistryError, match="what reads 'lead_score' would break: column 'lead_id' would go"):
        deployed.deploy("lead_score", 1, source="crm.renamed", keys="id")
    assert state(deployed) == before
    deployed.deploy("lead_score", 1, source="crm.renamed", keys="id", allow_breaking=True)
    assert deployed.query("SELECT * FROM lead_score LIMIT 1").columns[0] == "id"


def test_missing_values_give_missing_scores(deployed: Warehouse) -> None:
    deployed.connection.execute(
        """CREATE TABLE odd AS SELECT * FROM (VALUES
        (NULL::DOUBLE, 1), ('nan'::DOUBLE, 1), ('inf'::DOUBLE, 1), (1.0, NULL)) AS t("a b""c", "select")"""
    )
    scored = deployed.query(f"SELECT {CALL.format('v1_predict')} AS p, {CALL.format('v1_probability')} AS q FROM odd")
    assert scored.isna().all(axis=None)
    assert deployed.query("SELECT prediction FROM lead_score_v1_of('odd')")["prediction"].isna().all()
    assert deployed.connection.rows("SELECT lead_score_probability(NULL, 1), lead_score_predict(1, 1)") == [(None, 0)]


def test_functions_take_columns_named_like_their_insides(deployed: Warehouse) -> None:
    deployed.connection.execute(
        'CREATE TABLE inside AS SELECT "select" AS _x0, "a b""c" AS _x1, lead_id AS _a0, 0 AS _source FROM crm.leads'
    )
    got = deployed.query("SELECT lead_score_probability(_x1, _x0) AS p FROM inside ORDER BY _a0")
    want = deployed.query("SELECT probability_1 AS p FROM lead_score ORDER BY lead_id")
    pd.testing.assert_frame_equal(got, want)


def test_inputs_named_like_the_insides() -> None:
    names = ["_x1", "_v0", "prediction", "_a0", "_row", "_constants", "_arguments", "naïve 😀", "x" * 200]
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(60, len(names))), columns=names)
    fitted = LogisticRegression().fit(frame, frame.sum(axis=1) > 0)
    model = sqlops.compile(fitted, frame, name="hostile")
    with sqlops.connect(":memory:") as wh:
        table = pa.Table.from_pandas(frame).append_column("id", pa.array(range(60)))
        wh.connection.load("rows", table, temporary=False)
        wh.register(model)
        wh.deploy("hostile", 1, source="rows", keys="id")
        arguments = ", ".join('"' + name.replace('"', '""') + '"' for name in frame.columns)
        want = model.score(frame)
        got = wh.query("SELECT prediction, probability_True FROM hostile ORDER BY id")
        assert got["prediction"].tolist() == want["prediction"].tolist()
        by_function = wh.query(f"SELECT hostile_probability({arguments}) AS p FROM rows ORDER BY id")
        np.testing.assert_array_equal(by_function["p"], want["probability_True"])
        ((parameters,),) = wh.connection.rows(
            "SELECT parameters FROM duckdb_functions() WHERE function_name = 'hostile_predict'"
        )
        assert parameters[:7] == ["_x1_", "_v0_", "prediction_", "_a0_", "_row_", "_constants_", "_arguments"]


def test_database_file_alone_is_enough(deployed: Warehouse, path: Path) -> None:
    want = deployed.connection.rows("SELECT * FROM lead_score ORDER BY ALL")
    deployed.close()
    queries = (
        "SELECT * FROM {}lead_score ORDER BY ALL",
        "SELECT lead_id, prediction, probability_0, probability_1 FROM {}lead_score_of('{}crm.leads') ORDER BY ALL",
        'SELECT lead_id, {}lead_score_predict("a b""c", "select"), 1 - {}lead_score_probability("a b""c", "select"),'
        ' {}lead_score_v1_probability("a b""c", "select") FROM {}crm.leads ORDER BY ALL',
    )
    with duckdb.connect(path, read_only=True) as plain:
        plain.execute("USE crm")
        for query in queries[:1]:
            assert plain.execute(query.format("main.")).fetchall() == want
        plain.execute("USE main")
        for query in queries:
            np.testing.assert_allclose(plain.execute(query.replace("{}", "")).fetchall(), want)
    with duckdb.connect() as other:
        other.execute(f"ATTACH '{path}' AS other (READ_ONLY)")
        for query in queries:
            text = query.replace("{}crm", "other.crm").replace("{}", "other.main.")
            np.testing.assert_allclose(other.execute(text).fetchall(), want)


def test_taken_names_are_left_alone(wh: Warehouse) -> None:
    wh.connection.execute("CREATE TABLE lead_score_v1 (x INTEGER)")
    wh.connection.execute("CREATE MACRO Lead_Score_predict(x) AS x")
    wh.connection.execute("CREATE TABLE lead_score_scores (x INTEGER)")
    before = state(wh)
    with pytest.raises(
        RegistryError,
        match="schema 'main' has function 'Lead_Score_predict', table 'lead_score_scores', table 'lead_score_v1'",
    ):
        wh.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    assert state(wh) == before


def test_regression_has_one_function(empty: Warehouse, regression: CompiledModel, leads: pd.DataFrame) -> None:
    empty.register(regression)
    empty.deploy("lead_score", 1, source="crm.leads", keys="lead_id")
    assert "main.lead_score_probability()" not in relations(empty)
    got = empty.query('SELECT lead_score_predict("a b""c", "select") AS p FROM crm.leads ORDER BY lead_id')
    np.testing.assert_allclose(got["p"], leads.iloc[:, 0] * 2, rtol=1e-9, atol=1e-12)


def test_several_keys_and_a_quoted_source(wh: Warehouse) -> None:
    wh.connection.execute('CREATE SCHEMA "My CRM"')
    wh.connection.execute(
        'CREATE VIEW "My CRM"."leads.by day" AS SELECT lead_id % 10 AS "a day", lead_id AS "order", * FROM crm.leads'
    )
    done = wh.deploy("lead_score", 1, source='"My CRM"."leads.by day"', keys=["order", "a day"])
    assert done.source == '"My CRM"."leads.by day"'
    assert list(wh.query("SELECT * FROM lead_score LIMIT 1").columns)[:2] == ["order", "a day"]
    assert not wh.deploy("lead_score", 1, source='"My CRM"."leads.by day"', keys=["order", "a day"]).changed
    assert wh.refresh("lead_score").new == 300


def test_wide_model_deploys_and_refreshes() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(40, 60)), columns=[f"c{number}" for number in range(60)])
    model = sqlops.compile(LinearRegression().fit(frame, frame["c0"]), frame, name="wide")
    with sqlops.connect(":memory:") as wh:
        wh.connection.load("rows", pa.Table.from_pandas(frame.assign(id=range(40))), temporary=False)
        wh.register(model)
        wh.deploy("wide", 1, source="rows", keys="id")
        assert wh.refresh("wide").new == 40
        assert wh.refresh("wide").unchanged == 40


def test_constants_are_a_table(
    deployed: Warehouse, regression: CompiledModel, leads: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = regression.plan("duckdb")
    with_constants = replace(
        plan,
        outputs=tuple(replace(column, text=f"{column.text} + _c0[2] + len(_c1)") for column in plan.outputs),
        outputs_join_constants=True,
        constants=(
            ConstantArray("_c0", np.array([0.1, -2.0]), "double"),
            ConstantArray("_c1", np.array(["it's", None], dtype=object), "text"),
        ),
    )
    monkeypatch.setattr(CompiledModel, "plan", lambda self, dialect: with_constants)
    deployed.register(regression)
    deployed.deploy("lead_score", 3, source="crm.leads", keys="lead_id")
    constants = deployed.connection.rows("FROM sqlops.lead_score_v3_constants")
    assert constants == [([0.1, -2.0], ["it's", None])]
    deployed.promote("lead_score", 3, allow_breaking=True)
    assert deployed.refresh("lead_score").new == 300
    got = deployed.query(
        'SELECT s.prediction AS a, o.prediction AS b, lead_score_predict("a b""c", "select") AS c, t.prediction AS d'
        " FROM lead_score s JOIN lead_score_of('crm.leads') o USING (lead_id)"
        " JOIN lead_score_scores t USING (lead_id) ORDER BY lead_id"
    )
    for column in "abcd":
        np.testing.assert_allclose(got[column], leads.iloc[:, 0] * 2, rtol=1e-9, atol=1e-12)


def test_live_connection_stays_open(leads: pd.DataFrame, logistic: CompiledModel) -> None:
    with duckdb.connect() as native:
        native.execute("CREATE SCHEMA here; USE here")
        native.register("given", make_leads())
        native.execute("CREATE TABLE leads AS SELECT row_number() OVER () AS id, * FROM given")
        native.unregister("given")
        with sqlops.connect(native) as wh:
            wh.register(logistic)
            done = wh.deploy("lead_score", 1, source="leads", keys="id")
            assert (done.source, done.view) == ("here.leads", "here.lead_score_v1")
        assert native.execute("SELECT count(*) FROM lead_score").fetchall() == [(300,)]
        native.execute("BEGIN")
        with pytest.raises(RegistryError, match="a transaction is open on this connection already"):
            sqlops.connect(native).promote("lead_score", 1)
        native.execute("ROLLBACK")


def test_a_network_of_arrays_is_a_view_and_functions_whatever_its_columns_are_called(wh: Warehouse) -> None:
    X = make_leads().set_axis(["_unit", "_k0"], axis=1)
    labels = make_leads().sum(axis=1) > 2
    network = MLPClassifier((80,), max_iter=5, random_state=0).fit(X, labels)
    model = sqlops.compile(network, X, name="network")
    assert len(model.plan("duckdb").constants) == 2
    wh.connection.load("network_rows", pa.Table.from_pandas(X.assign(row=range(len(X)))), temporary=False)
    wh.register(model)
    assert wh.deploy("network", 1, source="network_rows", keys="row").parity.ok
    call = 'network_probability("_unit", "_k0")'
    columns = wh.query(f"SELECT probability_true AS p, {call} AS q FROM network_of('network_rows') ORDER BY row")
    assert (columns["p"] == columns["q"]).all()
    np.testing.assert_allclose(columns["p"], network.predict_proba(X)[:, 1], rtol=1e-9)
