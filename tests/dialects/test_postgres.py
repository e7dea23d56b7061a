from __future__ import annotations

import math
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.tree import DecisionTreeRegressor

import sqlops
from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.errors import UnsupportedOptionError
from sqlops.ir.evaluate import evaluate
from tests.sessions import session
from tests.tolerances import ORDER_OF_SUM, OWN_FUNCTION

pytestmark = pytest.mark.xdist_group("postgres")

DIALECT = get_dialect("postgres")
RNG = np.random.default_rng(3)
X = pd.DataFrame(RNG.normal(size=(200, 3)), columns=["age", "income", "tenure"])
Y = (X["age"] + X["income"] > 0).astype(int)
TABLE = "postgres_leads"


@pytest.fixture(scope="module")
def leads() -> Iterator[str]:
    """A table of 20,000 rows with an index."""
    opened = session("postgres")
    rows = pd.DataFrame(RNG.normal(size=(20_000, 3)), columns=list(X.columns)).assign(lead_id=np.arange(20_000))
    opened.load(TABLE, pa.Table.from_pandas(rows, preserve_index=False), temporary=False)
    opened.execute(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (lead_id)")
    opened.execute(f"ANALYZE {TABLE}")
    yield TABLE
    opened.execute(f"DROP TABLE {TABLE}")


def model(estimator: object, columns: list[str] | None = None) -> sqlops.CompiledModel:
    return sqlops.compile(estimator, X[columns] if columns else X)


def explained(query: str, *settings: str) -> str:
    opened = session("postgres")
    try:
        for setting in settings:
            opened.execute(f"SET {setting}")
        found = opened.arrow(f"EXPLAIN (VERBOSE) {query}")
    finally:
        opened.execute("RESET ALL")
    return "\n".join(found.column(0).to_pylist())


def test_sql_of_a_small_model() -> None:
    ages = pd.DataFrame({"age": [1.0, 2.0, 3.0]})
    fitted = make_pipeline(SimpleImputer(), DecisionTreeRegressor(max_depth=1)).fit(ages, [0.25, 0.25, 4.0])
    assert sqlops.compile(fitted, ages).sql("postgres", source="crm.leads", keys="lead_id") == (
        "WITH _input AS (\n  WITH _fence AS (\n    SELECT\n      1\n  )\n  SELECT\n"
        '    "lead_id" AS _key0,\n'
        "    nullif(CAST(\"age\" AS float8), CAST('nan' AS float8)) AS _x0\n"
        '  FROM "crm"."leads" AS _source\n)\nSELECT\n  _key0 AS "lead_id",\n'
        "  CASE WHEN ((_x0 IS NULL) OR (abs(_x0) <= CAST('3.4028235677973362e+38' AS float8))) THEN"
        " CASE WHEN _x0 > CAST('2.5000001192092896' AS float8) THEN CAST('4.0' AS float8)"
        " ELSE CAST('0.25' AS float8) END END AS \"prediction\"\nFROM _input"
    )


def test_filters_on_keys_reach_the_index_and_each_stage_is_computed_once(leads: str) -> None:
    scored = model(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y))
    plan = explained(f"SELECT * FROM ({scored.sql('postgres', source=leads, keys='lead_id')}) AS s WHERE lead_id = 42")
    assert "Index Cond: (_source.lead_id = 42)" in plan or "Index Cond: (postgres_leads.lead_id = 42)" in plan
    assert "Seq Scan" not in plan
    assert plan.count("exp(") == 1
    assert plan.count("Subquery Scan") == len(scored.plan("postgres").stages) + 1


def test_stages_run_in_parallel(leads: str) -> None:
    scored = model(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y))
    query = f"SELECT sum(probability_1) FROM ({scored.sql('postgres', source=leads, keys='lead_id')}) AS s"
    plan = explained(query, "min_parallel_table_scan_size = 0", "parallel_setup_cost = 0")
    assert plan.index("Gather") < plan.index("Subquery Scan")


@pytest.mark.parametrize(
    "estimator",
    [
        LinearRegression(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(5, max_depth=4, random_state=0),
    ],
    ids=["linear", "pipeline", "forest"],
)
def test_no_row_fails_a_query(estimator: object) -> None:
    estimator.fit(X, Y)  # type: ignore[attr-defined]
    values = [0.0, 5e-324, 1e-310, 1e-160, 1.0, 1e160, 1.7e308, -1.7e308, math.inf, math.nan]
    grid = np.array(np.meshgrid(values, values, values)).reshape(3, -1)
    compiled = model(estimator)
    opened = session("postgres")
    opened.load("extremes", pa.table(dict(zip(X.columns, grid, strict=True))))
    try:
        query = emit.select(compiled.plan("postgres"), DIALECT, emit.Source(emit.table("extremes", DIALECT)))
        found = opened.arrow(query)
    finally:
        opened.execute("DROP TABLE extremes")
    assert found.num_rows == grid.shape[1]
    assert 0 < found.column("prediction").null_count < found.num_rows


def test_a_weight_near_the_largest_double_gives_what_it_gives_in_numpy() -> None:
    line = LinearRegression().fit(X, Y)
    line.coef_ = np.array([1e300, -2.0, 0.5])
    compiled = model(line)
    grid = np.array(np.meshgrid([0.0, 1e-310, 3e-300, 1.0, 1e160], [0.0, 1.0, -1e160], [2.0, 1e300])).reshape(3, -1)
    columns = dict(zip(X.columns, grid, strict=True))
    opened = session("postgres")
    opened.load("weighed", pa.table(columns))
    try:
        query = emit.select(compiled.plan("postgres"), DIALECT, emit.Source(emit.table("weighed", DIALECT)))
        found = opened.arrow(query).column("prediction").to_numpy()
    finally:
        opened.execute("DROP TABLE weighed")
    want = evaluate(compiled.program, columns, grid.shape[1])["prediction"]
    np.testing.assert_allclose(np.sort(found), np.sort(want), rtol=ORDER_OF_SUM)


def test_names_are_cut_where_the_engine_would_cut_them() -> None:
    names = ["größe " * 20 + ending for ending in "ab"]
    scaler = StandardScaler().fit(pd.DataFrame(RNG.normal(size=(20, 2)), columns=names))
    compiled = sqlops.compile(scaler, pd.DataFrame(RNG.normal(size=(20, 2)), columns=names))
    source = emit.Source(None, {names[0]: "one", names[1]: "two"})
    outputs = emit.select(compiled.plan("postgres"), DIALECT, source).named_selects
    assert len(set(outputs)) == 2
    assert all(len(name.encode()) <= 63 and name.startswith("gr__e_gr__e") for name in outputs)


def test_too_many_outputs_are_an_error_that_says_the_limit() -> None:
    texts = [f"word{number}" for number in range(1700)]
    compiled = sqlops.compile(CountVectorizer().fit(texts), texts)
    with pytest.raises(
        UnsupportedOptionError,
        match=r"the model has 1,700 keys and outputs, and postgres selects at most 1,664 columns",
    ):
        compiled.sql("postgres", source="documents")


def test_a_forest_of_44_000_nodes() -> None:
    """The form of large ensembles here is nested CASE: it is planned in no time, and stops at the first branch."""
    wide = pd.DataFrame(RNG.normal(size=(12_000, 20)), columns=[f"x{number}" for number in range(20)])
    target = (wide.sum(axis=1) > 0).astype(int)
    forest = RandomForestClassifier(100, max_depth=9, random_state=0).fit(wide, target)
    nodes = sum(tree.tree_.node_count for tree in forest.estimators_)
    assert nodes > 40_000
    rows = wide[:10_000].assign(row=np.arange(10_000))
    compiled = sqlops.compile(forest, wide)
    opened = session("postgres")
    opened.load("wide_rows", pa.Table.from_pandas(rows, preserve_index=False))
    try:
        query = emit.select(
            compiled.plan("postgres"), DIALECT, emit.Source(emit.table("wide_rows", DIALECT)), keys=["row"]
        )
        scored = opened.arrow(query).to_pandas().sort_values("row")
    finally:
        opened.execute("DROP TABLE wide_rows")
    np.testing.assert_array_equal(scored["prediction"], forest.predict(wide[:10_000]))
    np.testing.assert_allclose(scored["probability_1"], forest.predict_proba(wide[:10_000])[:, 1], rtol=ORDER_OF_SUM)


def test_powers_and_roots_of_anything() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        steps = make_pipeline(FunctionTransformer(np.exp), FunctionTransformer(np.square))
    compiled = sqlops.compile(steps, X[["age"]])
    opened = session("postgres")
    values = [-1e308, -400.0, -0.0, 1.0, 360.0, 800.0, 1e308]
    opened.load("ages", pa.table({"age": values}))
    try:
        query = emit.select(compiled.plan("postgres"), DIALECT, emit.Source(emit.table("ages", DIALECT)))
        found = opened.arrow(query).column(0).to_pylist()
    finally:
        opened.execute("DROP TABLE ages")
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(found, np.square(np.exp(values)), rtol=OWN_FUNCTION)
