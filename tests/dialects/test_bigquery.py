"""BigQuery, on Google's reference evaluator."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot
from sklearn.datasets import load_diabetes
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import StandardScaler

import sqlops
from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.errors import LimitError
from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.program import Program
from sqlops.lowering import lower
from sqlops.monitoring.windows import later_sql, moment_sql, parse_window, start_sql
from tests.dialects.generated_models import MODELS, compiled
from tests.sessions import session
from tests.tolerances import SCALED_SUM

pytestmark = pytest.mark.xdist_group("bigquery")

BIGQUERY = get_dialect("bigquery")
LARGEST = 1.7976931348623157e308


def value(text):
    return session("bigquery").arrow(f"SELECT {text} AS x")["x"][0].as_py()


def test_sql_of_a_model():
    X = pd.DataFrame({"rooms": [1.0, 2.0, 4.0], "it's new": [True, False, True]})
    rent = LinearRegression().fit(X, [3.0, 4.0, 9.0])
    rent.coef_, rent.intercept_ = np.array([1.0, 1.5]), 2.0
    model = sqlops.compile(rent, X, name="rent")
    assert (
        model.sql("bigquery", source="project.crm.flats", keys="id")
        == """\
WITH _input AS (
  SELECT
    `id` AS _key0,
    CAST(`rooms` AS FLOAT64) AS _x0,
    CAST(SAFE_CAST(`it's new` AS INT64) AS FLOAT64) AS _x1
  FROM `project`.`crm`.`flats` AS _source
)
SELECT
  _key0 AS `id`,
  CASE WHEN (IFNULL(ABS(_x0) < CAST('inf' AS FLOAT64), FALSE) AND IFNULL(ABS(_x1) < CAST('inf' AS FLOAT64), FALSE))\
 THEN CASE WHEN abs(_x0) <= 8.452712498170644e+270 AND abs(_x1) <= 5.635141665447096e+270\
 THEN (_x0 * 1.0e0 + _x1 * 1.5e0 + 2.0e0)\
 ELSE IEEE_DIVIDE((_x0 * 2.710505431213761e-20 + _x1 * 4.0657581468206416e-20), 2.710505431213761e-20) END END\
 AS `prediction`
FROM _input"""
    )


@pytest.mark.parametrize(
    ("left", "right"),
    [(LARGEST, LARGEST), (-LARGEST, -LARGEST), (LARGEST, -LARGEST), (1e300, 1e9), (-1e300, 1e9), (math.inf, -math.inf)],
)
@pytest.mark.parametrize(("name", "function"), [("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply)])
def test_overflow_is_infinity(name, function, left, right):
    with np.errstate(all="ignore"):
        want = float(function(left, right))
    got = value(BIGQUERY.call(name, (BIGQUERY.double(left), BIGQUERY.double(right))))
    assert got == want or (math.isnan(got) and math.isnan(want))


FACTORS = [1.0, -0.3, 7.5, -1e9, 1e300, LARGEST, 5e-324]
NUMBERS = [0.0, 3.7, -1e-3, 1e300, -1.7e308, 5e-324, math.inf]


def evaluated(exprs, columns):
    """Return what BigQuery makes of expressions over columns, and what the reference evaluator does."""
    inputs = tuple(build.column(name, "double") for name in columns)
    program = Program(inputs, tuple((f"out{number}", expr) for number, expr in enumerate(exprs)))
    opened = session("bigquery")
    opened.load("numbers", pa.table({"i": list(range(len(NUMBERS))), **columns}))
    query = emit.select(lower(program, BIGQUERY), BIGQUERY, emit.Source(emit.table("numbers", BIGQUERY)), keys=["i"])
    found = opened.arrow(query).sort_by("i")
    wanted = evaluate(program, {name: np.array(values) for name, values in columns.items()}, len(NUMBERS))
    return [found[name].to_numpy() for name in wanted], list(wanted.values())


def test_products_with_a_constant_are_exact_and_never_fail():
    x = build.column("x", "double")
    got, want = evaluated([build.call("multiply", x, build.constant(factor)) for factor in FACTORS], {"x": NUMBERS})
    np.testing.assert_array_equal(got, want)


def test_sums_never_fail():
    x, y = build.column("x", "double"), build.column("y", "double")
    sums = [build.sum_of([x, y, build.constant(1.0)]), build.sum_of([x, x, x])]
    sums.append(build.affine([x, y], np.array([[2.0, -1e300]]), np.array([0.5]))[0])
    weights = np.array([[1e300, 1e-3], [1e250, 1e-3], [LARGEST, 1e-300], [-3.0, math.inf], [1e-300, -1e-310]])
    sums += build.affine([x, y], weights, np.full(len(weights), 2.0))
    got, want = evaluated(sums, {"x": NUMBERS, "y": [2.0, 1e300, 7.0, -1.7e308, 1e-300, math.inf, -5.0]})
    np.testing.assert_allclose(got, want, rtol=SCALED_SUM)


@pytest.mark.parametrize("name", ["logistic", "forest", "svc", "labels"])
def test_the_text_of_a_query_gives_what_its_stages_do_as_subqueries(name):
    model = compiled(name)
    _, X = MODELS[name]()
    opened = session("bigquery")
    opened.load("leads", pa.table({"id": list(range(len(X)))} | {column: X[column].tolist() for column in X}))
    source = emit.Source(emit.table("leads", BIGQUERY))
    nested = opened.arrow(emit.select(model.plan("bigquery"), BIGQUERY, source, keys=["id"]))
    assert opened.arrow(model.sql("bigquery", source="leads", keys="id")).equals(nested)


def test_float32_rounds_half_to_even():
    rng = np.random.default_rng(0)
    halves = (rng.integers(2**23, 2**24, 60) + 0.5) * 2.0 ** rng.integers(-100, 100, 60)
    beside = np.nextafter(halves, np.where(rng.random(60) < 0.5, np.inf, -np.inf))
    ends = np.array([2 - 2.0**-30, 2 - 2.0**-52, 1 + 2.0**-30, 1.5 * 2.0**-149, 2.0**-150, 3.4028235677973362e38, 1e39])
    given = np.concatenate([halves, beside, ends, -ends, -halves])
    opened = session("bigquery")
    opened.load("halves", pa.table({"i": np.arange(len(given)), "x": given}))
    got = opened.arrow(f"SELECT i, {BIGQUERY.call('float32', ('x',))} AS y FROM halves").sort_by("i")["y"].to_numpy()
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, given.astype(np.float32).astype(np.float64))


def test_a_row_of_huge_numbers_does_not_fail_the_query():
    X = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [1e300, -1e300, 1e299]})
    model = sqlops.compile(StandardScaler().fit(X[["x"]]), X[["x"]], name="scaled")
    opened = session("bigquery")
    opened.load("huge", pa.table({"x": [1e308, -1e308, math.nan, 2.0]}))
    query = emit.select(model.plan("bigquery"), BIGQUERY, emit.Source(emit.table("huge", BIGQUERY)))
    assert [row is None or math.isfinite(row) for row in opened.arrow(query)["x"].to_pylist()] == [True] * 4


def test_a_query_beyond_the_limit_names_it():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    forest = RandomForestRegressor(60, random_state=0).fit(X, y)
    model = sqlops.compile(forest, X, name="forest")
    with pytest.raises(
        LimitError, match=r"^this model takes a query of [\d,]+ bytes; bigquery takes queries of 1,000,000; train"
    ):
        model.sql("bigquery", source="t")


def test_a_query_that_fits_only_in_one_line_is_one_line():
    X = pd.DataFrame({"rooms": [1.0, 2.0, 4.0]})
    model = sqlops.compile(LinearRegression().fit(X, [3.0, 5.0, 9.0]), X, name="rent")
    query = emit.select(model.plan("bigquery"), BIGQUERY, emit.Source(emit.table("t", BIGQUERY)))
    short = emit.render(query, replace(BIGQUERY, longest_query=10_000))
    line = emit.render(query, replace(BIGQUERY, longest_query=len(short) - 1))
    assert "\n" in short
    assert sqlglot.parse_one(line, dialect="bigquery") == sqlglot.parse_one(short, dialect="bigquery")
    assert "\n" not in line


@pytest.mark.parametrize(
    "window", ["second", "hour", "day", "week", "month", "quarter", "year", "36 hours", "2 weeks", "5 months"]
)
def test_windows_begin_where_duckdb_says(window):
    moments = ["1969-12-31 23:59:59.5", "1999-12-31 00:00:00", "2000-01-02 23:59:59.999999", "2024-02-29 12:00:00"]

    def starts(name):
        opened = session(name)
        dialect = opened.dialect
        listed = " UNION ALL ".join(f"SELECT {number} AS n, '{text}' AS t" for number, text in enumerate(moments))
        moment = moment_sql("t", dialect.types["datetime"], dialect)
        start = start_sql(moment, parse_window(window), dialect)
        end = later_sql(start, parse_window(window).interval, dialect)
        query = f"SELECT CAST({start} AS {dialect.types['text']}) AS s, CAST({end} AS {dialect.types['text']}) AS e, n"
        rows = opened.arrow(f"{query} FROM ({listed}) AS moments ORDER BY n").to_pylist()
        return [(row["s"], row["e"]) for row in rows]

    assert starts("bigquery") == starts("duckdb")


def test_times_with_a_zone_are_read_in_utc():
    opened = session("bigquery")
    moment = moment_sql("TIMESTAMP '2024-03-31 00:30:00+01:00'", "TIMESTAMP", opened.dialect)
    assert opened.arrow(f"SELECT CAST({moment} AS STRING) AS m").to_pylist() == [{"m": "2024-03-30 23:30:00"}]
