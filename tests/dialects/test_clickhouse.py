"""What is special about ClickHouse: stages are computed once, constants are scalars, aliases hide columns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.datasets import load_diabetes, load_iris
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

import sqlops
from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.relations import constants_row
from sqlops.dialects import get_dialect
from sqlops.ir import build
from sqlops.ir.program import Program
from sqlops.lowering import STRATEGIES, Strategy, lower
from sqlops.warehouses.clickhouse import ClickHouseConnection
from tests.sessions import session
from tests.tolerances import ORDER_OF_SUM

CLICKHOUSE = get_dialect("clickhouse")


@pytest.fixture
def connection() -> Iterator[ClickHouseConnection]:
    """Return the session, in a database that is dropped after the test."""
    opened = session("clickhouse")
    assert isinstance(opened, ClickHouseConnection)
    opened.execute("CREATE DATABASE here")
    yield opened
    opened.execute("DROP DATABASE here")


@pytest.fixture(scope="module")
def flowers() -> tuple[CompiledModel, pd.DataFrame]:
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.set_axis(["a", "b", "c", "d"], axis=1)[["a", "c"]]
    return sqlops.compile(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y == 2), X, name="iris"), X


def query(model: CompiledModel, table: str, keys: tuple[str, ...] = ("id",), constants: str | None = None) -> str:
    source = emit.Source(emit.table(table, CLICKHOUSE))
    named = emit.table(constants, CLICKHOUSE) if constants else None
    return emit.render(
        emit.select(model.plan("clickhouse"), CLICKHOUSE, source, keys=keys, constants=named), CLICKHOUSE
    )


def with_ids(X: pd.DataFrame) -> pa.Table:
    return pa.table({"id": np.arange(len(X)), **{name: X[name].to_numpy() for name in X.columns}})


def test_aliases_are_told_from_columns(connection: ClickHouseConnection) -> None:
    """A column may be called as the query calls another one: ClickHouse reads aliases first."""
    a, b = build.column("_x1", "double"), build.column("_x0", "double")
    program = Program((a, b), (("_o1", build.subtract(a, b)), ("_v0", b)))
    source = emit.Source(emit.table("here.t", CLICKHOUSE))
    text = emit.render(emit.select(lower(program, CLICKHOUSE), CLICKHOUSE, source, keys=["_o0"]), CLICKHOUSE)
    assert (
        text
        == """\
WITH _input AS (
  SELECT
    _source."_o0" AS _key0,
    if(isNaN(toFloat64(_source."_x1")), NULL, toFloat64(_source."_x1")) AS _x0,
    if(isNaN(toFloat64(_source."_x0")), NULL, toFloat64(_source."_x0")) AS _x1
  FROM "here"."t" AS _source
), _output AS (
  SELECT
    _key0,
    (_x0 - _x1) AS _o0,
    _x1 AS _o1
  FROM _input
)
SELECT
  _output._key0 AS "_o0",
  _output._o0 AS "_o1",
  _output._o1 AS "_v0"
FROM _output"""
    )
    connection.load("here.t", pa.table({"_o0": [7], "_x0": [2.0], "_x1": [5.0]}), temporary=False)
    assert connection.rows(text) == [(7, 3.0, 2.0)]


def test_constants_are_scalars(connection: ClickHouseConnection) -> None:
    """They are values of the query, or columns of a table with one row; no stage joins or carries them."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    model = sqlops.compile(KNeighborsRegressor(3).fit(X[:200], y[:200]), X[:50])
    plan = model.plan("clickhouse")
    connection.load("here.t", with_ids(X[:50]), temporary=False)
    connection.load("here.constants", constants_row(plan), temporary=False)
    inline, stored = query(model, "here.t"), query(model, "here.t", constants="here.constants")
    assert inline.startswith("WITH (\n  SELECT\n    CAST('[[0.03")
    assert stored.startswith(
        'WITH (\n  SELECT\n    _constants._k0\n  FROM "here"."constants" AS _constants\n) AS _k0, ('
    )
    assert "JOIN" not in inline + stored
    want = model.estimator.predict(X[:50])
    for text in (inline, stored):
        np.testing.assert_allclose(
            connection.arrow(f"SELECT prediction FROM ({text}) ORDER BY id")["prediction"].to_numpy(), want, rtol=1e-9
        )


def test_a_stage_is_computed_once(
    flowers: tuple[CompiledModel, pd.DataFrame], connection: ClickHouseConnection
) -> None:
    model, X = flowers
    connection.load("here.t", with_ids(X), temporary=False)
    explained = connection.rows(f"EXPLAIN actions = 1, pretty = 0, compact = 0 {query(model, 'here.t')}")
    text = "\n".join(line for (line,) in explained)
    assert text.count("FUNCTION exp(") == 1
    assert text.count("FUNCTION multiply(") == 2


def test_a_filter_reaches_the_table(
    flowers: tuple[CompiledModel, pd.DataFrame], connection: ClickHouseConnection
) -> None:
    model, X = flowers
    connection.execute(
        "CREATE TABLE here.t (id Int64, a Float64, c Float64) ENGINE = MergeTree ORDER BY id"
        " SETTINGS index_granularity = 10"
    )
    connection.load("rows_of_test", with_ids(X))
    connection.execute("INSERT INTO here.t SELECT id, a, c FROM rows_of_test")
    connection.execute("DROP TABLE rows_of_test")
    connection.execute(f"CREATE VIEW here.scored AS {query(model, 'here.t')}")
    explained = connection.rows("EXPLAIN indexes = 1 SELECT prediction FROM here.scored WHERE id = 77")
    text = "\n".join(line.strip() for (line,) in explained)
    assert "Condition: (id in [77, 77])\nParts: 1/1\nGranules: 1/15" in text


def test_views_need_no_settings(connection: ClickHouseConnection) -> None:
    """A view is written by a session with raised limits; what reads it has those of ClickHouse."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    forest = RandomForestRegressor(30, max_depth=6, random_state=0).fit(X, y)
    model = sqlops.compile(forest, X, strategy="case")
    connection.load("here.t", with_ids(X), temporary=False)
    connection.execute(f"CREATE VIEW here.scored AS {query(model, 'here.t')}")
    limits = ("max_query_size", "max_parser_depth", "max_ast_depth", "max_ast_elements", "max_expanded_ast_elements")
    defaults = ", ".join(f"{name} = DEFAULT" for name in (*limits, "max_subquery_depth"))
    got = connection.arrow(f"SELECT prediction FROM here.scored ORDER BY id SETTINGS {defaults}")
    np.testing.assert_allclose(got["prediction"].to_numpy(), forest.predict(X), rtol=1e-9)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("splits_missing_off", [False, True])
def test_every_form_of_trees(splits_missing_off: bool, strategy: Strategy, connection: ClickHouseConnection) -> None:
    """Comparisons with NaN are false: also where a split sends only what is missing to the right."""
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X = X.mask(np.random.default_rng(0).random(X.shape) < 0.1)
    X.iloc[0, 0] = np.inf
    if splits_missing_off:
        X["sex"] = X["sex"].where(X["bp"] > 0)
        trees = HistGradientBoostingRegressor(max_iter=10).fit(X, X["sex"].isna() * 100.0 + y)
    else:
        X.iloc[0, 0] = 0.0
        trees = RandomForestRegressor(10, max_depth=5, random_state=0).fit(X, y)
    model = sqlops.compile(trees, X, strategy=strategy)
    connection.load("here.t", with_ids(X), temporary=False)
    got = connection.arrow(f"SELECT prediction FROM ({query(model, 'here.t')}) ORDER BY id")["prediction"].to_numpy()
    np.testing.assert_allclose(got, trees.predict(X), rtol=ORDER_OF_SUM)


@pytest.mark.parametrize("n_categories", [3, 40])
def test_zero_is_found_whatever_its_sign(n_categories: int, connection: ClickHouseConnection) -> None:
    """CASE with constants, and IN, tell -0 from 0."""
    values = np.append(np.arange(n_categories) / 2, -0.0)
    X = pd.DataFrame({"x": values})
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(X[:-1])
    model = sqlops.compile(encoder, X)
    connection.load("here.t", with_ids(X), temporary=False)
    got = connection.arrow(f"SELECT * FROM ({query(model, 'here.t')}) ORDER BY id")["x"].to_numpy()
    np.testing.assert_array_equal(got, [*range(n_categories), 0])
    is_member = build.is_in(build.column("x", "double"), values.tolist())
    program = Program((build.column("x", "double"),), (("y", build.indicator(is_member)),))
    plan = lower(program, CLICKHOUSE)
    text = emit.render(emit.select(plan, CLICKHOUSE, emit.Source(emit.table("here.t", CLICKHOUSE))), CLICKHOUSE)
    assert connection.rows(f"SELECT min(y) FROM ({text})") == [(1.0,)]


@pytest.mark.parametrize(
    ("given", "period"), [(5.5, 3.0), (-5.5, 3.0), (5.5, -3.0), (1e300, 7.3), (-1e300, 7.3), (5e-324, 3.0), (6.0, 3.0)]
)
def test_a_remainder_is_exact(given: float, period: float, connection: ClickHouseConnection) -> None:
    text = CLICKHOUSE.call("remainder", ("x", CLICKHOUSE.double(period)))
    ((got,),) = connection.rows(
        f"SELECT {text} FROM (SELECT CAST({CLICKHOUSE.double(given)} AS Nullable(Float64)) AS x)"
    )
    assert got == np.remainder(given, period)


@pytest.mark.parametrize("n_references", [513, 514, 515])
def test_neighbors_among_any_number_of_references(connection: ClickHouseConnection, n_references: int) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n_references, 4)), columns=list("abcd"))
    model = sqlops.compile(KNeighborsRegressor().fit(X, X["a"]), X, name="near")
    table = pa.Table.from_pandas(X.assign(id=range(n_references)), preserve_index=False)
    connection.load("here.rows", table, temporary=False)
    got = connection.frame(f"SELECT * FROM ({query(model, 'here.rows')}) ORDER BY id")
    assert got["prediction"].to_numpy() == pytest.approx(model.score(X)["prediction"].to_numpy(), rel=ORDER_OF_SUM)
