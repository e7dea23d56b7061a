"""What is special about Spark: stages are kept apart, filters reach the scan, constants are found when planning."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPRegressor
from sqlglot import exp

import sqlops
from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects import get_dialect
from sqlops.errors import LimitError
from sqlops.ir import build
from sqlops.ir.program import Program
from sqlops.lowering import lower
from tests.sessions import session

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

DIALECT = get_dialect("spark")
RNG = np.random.default_rng(0)
ROWS = 200
X = pd.DataFrame(RNG.normal(size=(ROWS, 3)).round(2), columns=["a", "b", "c"])
Y = X["a"] + np.sin(X["b"]) * X["c"]


@pytest.fixture
def people() -> str:
    opened = session("spark")
    opened.execute("DROP TABLE IF EXISTS people")
    opened.load("people", pa.Table.from_pandas(X.assign(id=np.arange(ROWS))), temporary=False)
    return "people"


def query(model: CompiledModel, source: str) -> str:
    select = emit.select(model.plan("spark"), DIALECT, emit.Source(emit.table(source, DIALECT)), keys=["id"])
    return emit.render(select, DIALECT)


def explained(text: str) -> str:
    (row,) = session("spark").arrow(f"EXPLAIN EXTENDED {text}").to_pylist()
    return str(row["plan"])


def optimized(text: str) -> str:
    return explained(text).split("== Optimized Logical Plan ==")[1].split("== Physical Plan ==")[0]


def test_the_query_of_a_small_model() -> None:
    fitted = LinearRegression().fit([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]], [2.0, 3.0, 1.0])
    fitted.coef_, fitted.intercept_ = np.array([2.0, 0.5]), 1.0
    model = sqlops.compile(fitted, X[["a", "b"]])
    assert query(model, "people") == (
        "WITH _input AS (\n"
        "  SELECT\n"
        "    `id` AS _key0,\n"
        "    CAST(`a` AS DOUBLE) AS _x0,\n"
        "    CAST(`b` AS DOUBLE) AS _x1\n"
        "  FROM `people` AS _source\n"
        ")\n"
        "SELECT\n"
        "  _key0 AS `id`,\n"
        "  CASE WHEN (coalesce(abs(_x0) <= 1.7976931348623157e308, FALSE)"
        " AND coalesce(abs(_x1) <= 1.7976931348623157e308, FALSE))"
        " THEN (_x0 * 2.0e0 + _x1 * 0.5e0 + 1.0e0) END AS `prediction`\n"
        "FROM _input LATERAL VIEW explode(array(1)) _fence"
    )


def test_a_layer_is_computed_once(people: str) -> None:
    """Merged into the lambda of the next one, it would be computed for each of its units."""
    hidden = (16, 17, 18)
    model = sqlops.compile(MLPRegressor(hidden_layer_sizes=hidden, max_iter=20, random_state=0).fit(X, Y), X)
    text = query(model, people)
    plan = optimized(text)
    assert plan.count("aggregate(") == text.count("aggregate(") > 1
    assert plan.count("transform([[") == plan.count("aggregate("), "constants are literals where they are read"
    assert plan.count("Generate explode([1])") == text.count("LATERAL VIEW")


def test_constants_are_found_when_the_query_is_planned(people: str) -> None:
    forest = RandomForestRegressor(4, random_state=0).fit(X, Y)
    model = sqlops.compile(forest, X)
    plan = lower(model.program, DIALECT, "traversal")
    select = emit.select(plan, DIALECT, emit.Source(emit.table(people, DIALECT)), keys=["id"])
    assert "from_json('[{" in emit.render(select, DIALECT)
    assert "from_json" not in optimized(emit.render(select, DIALECT))
    got = session("spark").arrow(select).sort_by("id")["prediction"].to_numpy()
    np.testing.assert_array_equal(got, forest.predict(X))


def test_many_small_trees_are_methods_that_java_compiles(people: str) -> None:
    """Java interprets methods of more than 8,000 bytecodes, however often they run."""
    fitted = GradientBoostingRegressor(n_estimators=60, random_state=0).fit(X, Y)
    text = query(sqlops.compile(fitted, X, strategy="case"), people)
    (row,) = session("spark").arrow(f"EXPLAIN CODEGEN {text}").to_pylist()
    (largest,) = re.findall(r"maxMethodCodeSize:(\d+)", row["plan"])
    assert int(largest) < 8_000


def chain(n: int) -> Program:
    """Return a Program that takes n stages: each uses twice what the one before gives."""
    x = build.column("x", "double")
    expr = x
    for _ in range(n):
        expr = build.call("add", build.call("multiply", expr, build.constant(0.5)), build.call("divide", x, expr))
    return Program((x,), (("prediction", expr),))


def test_many_stages_are_kept_apart_only_where_it_matters() -> None:
    """Inputs that are constants would be folded into every stage of those that are not kept apart."""

    def views(n: int) -> int:
        plan = lower(chain(n), DIALECT)
        assert len(plan.stages) == n - 1
        text = emit.render(emit.select(plan, DIALECT, emit.Source(exp.to_table("t"))), DIALECT)
        assert ("inline(array(struct(" in text) == (n > 44)
        return text.count("LATERAL VIEW")

    assert views(44) == 44
    assert views(45) == 2
    opened = session("spark")
    opened.execute("CREATE OR REPLACE TEMPORARY VIEW t AS SELECT 1.5D AS x, 7 AS _x0")
    select = emit.select(lower(chain(80), DIALECT), DIALECT, emit.Source(exp.to_table("t")))
    x = value = 1.5
    for _ in range(80):
        value = value * 0.5 + x / value
    assert opened.arrow(select).to_pylist() == [{"prediction": value}]


def test_more_stages_than_spark_resolves_are_refused() -> None:
    with pytest.raises(LimitError, match=r"takes queries in \d+ levels; spark resolves 90 by default"):
        emit.select(lower(chain(100), DIALECT), DIALECT, emit.Source(exp.to_table("t")))


def test_conditions_on_keys_reach_the_scan(people: str) -> None:
    model = sqlops.compile(MLPRegressor(hidden_layer_sizes=(3,), max_iter=20, random_state=0).fit(X, Y), X)
    plan = explained(f"SELECT * FROM ({query(model, people)}) AS scores WHERE id = 7")
    assert "PushedFilters: [IsNotNull(id), EqualTo(id,7)]" in plan


def test_whole_rows_pass_through(people: str) -> None:
    model = sqlops.compile(LinearRegression().fit(X, Y), X)
    select = emit.select(model.plan("spark"), DIALECT, emit.Source(emit.table(people, DIALECT)), whole_row=True)
    assert session("spark").arrow(select).column_names == ["a", "b", "c", "id", "prediction"]


def test_a_function_gives_the_model_s_answers() -> None:
    """Functions in SQL are macros: the optimizer sees their body."""
    opened = session("spark")
    opened.execute("CREATE OR REPLACE TEMPORARY FUNCTION twice(x DOUBLE) RETURNS DOUBLE RETURN x * 2e0")
    assert "twice" not in optimized("SELECT twice(id) AS y FROM range(3)")


def test_minus_zero_divides_by_its_sign() -> None:
    texts = [DIALECT.call("divide", (x, y)) for x in ("1e0", "-1e0", "0e0") for y in ("0e0", "-0e0")]
    listed = ", ".join(f"{text} AS c{number}" for number, text in enumerate(texts))
    row = session("spark").arrow(f"SELECT {listed}").to_pylist()[0]
    np.testing.assert_array_equal(list(row.values()), [np.inf, -np.inf, -np.inf, np.inf, np.nan, np.nan])


def test_fingerprints_tell_what_is_missing() -> None:
    opened = session("spark")
    rows = ["1, CAST(NULL AS INT), 'a'", "CAST(NULL AS INT), 1, 'a'", "1, 1, 'NULL'", "1, 1, NULL", "1, 1, 'a, b'"]
    union = " UNION ALL ".join(f"SELECT {row}" for row in rows)
    text = f"SELECT {DIALECT.fingerprint.format('a, b, c')} AS mark FROM ({union}) AS given (a, b, c)"
    assert len(set(opened.arrow(text)["mark"].to_pylist())) == len(rows)
