import duckdb
import numpy as np
import pytest

from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.ir import build
from sqlops.ir.convolution import Convolution
from sqlops.ir.kernel import Kernel
from sqlops.ir.program import Program
from sqlops.lowering import lower

DUCKDB = get_dialect("duckdb")
RADIAL = ("exp", ("multiply", -0.5, ("square", ("measure", 0))))


def columns(n):
    return tuple(build.column(f"x{number}", "double") for number in range(n))


def kernel(references, formula=RADIAL, kind="euclidean", **options):
    references = np.asarray(references, dtype=np.float64)
    weights = np.arange(1.0, len(references) + 1)[np.newaxis]
    return Kernel(
        columns(references.shape[1]), references, ((kind, None),), formula, weights, np.array([0.25]), **options
    )


def planned(operator):
    outputs = tuple((f"y{number}", value) for number, value in enumerate(build.elements(operator)))
    return lower(Program(operator.inputs, outputs), DUCKDB)


def sql(plan, *, constants=None):
    source = emit.Source(emit.table("t", DUCKDB))
    return emit.select(plan, DUCKDB, source, constants=constants).sql(dialect="duckdb", pretty=True)


def test_a_kernel_is_functions_of_lists():
    plan = planned(kernel([[1.0, 2.0], [3.0, 4.0]]))
    expected = """\
, _stage1 AS NOT MATERIALIZED (
  SELECT
    [coalesce(_x0, CAST('nan' AS DOUBLE)), coalesce(_x1, CAST('nan' AS DOUBLE))] AS _v0
  FROM _input
), _stage2 AS NOT MATERIALIZED (
  SELECT
    _k1,
    list_transform(_k0, lambda _reference: list_distance(_v0, _reference)) AS _v1
  FROM _stage1
  CROSS JOIN _constants
), _stage3 AS NOT MATERIALIZED (
  SELECT
    _k1,
    list_transform(_v1, lambda _item: (exp(((-0.5e0 * ((_item * _item))))))) AS _v2
  FROM _stage2
)
SELECT
  (list_inner_product(_v2, _k1[1]) + 0.25e0) AS "y0"
FROM _stage3"""
    assert sql(plan).endswith(expected)


def test_the_text_is_as_long_for_many_references():
    table = emit.table("constants", DUCKDB)
    few, many = (sql(planned(kernel(np.ones((n, 3)))), constants=table) for n in (5, 5000))
    assert few == many


def test_a_linear_kernel_is_an_affine_map():
    plan = planned(kernel([[1.0, 2.0], [3.0, 4.0]], ("add", ("multiply", 2.0, ("measure", 0)), 1.0), "product"))
    assert not plan.constants
    assert plan.outputs[0].text == "(_x0 * 14.0e0 + _x1 * 20.0e0 + 3.25e0)"


def test_no_references_leave_the_intercept():
    assert planned(kernel(np.empty((0, 2)))).outputs[0].text == "0.25e0"


@pytest.mark.parametrize("kind", ["euclidean", "product", "manhattan", "chebyshev", "chi2", "cosine"])
@pytest.mark.parametrize("formula", [RADIAL, ("sin", ("measure", 0)), ("log", ("measure", 0))])
def test_a_missing_or_infinite_value_is_no_error(kind, formula):
    query = sql(planned(kernel(np.ones((3, 2)), formula, kind)))
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t (x0 DOUBLE, x1 DOUBLE)")
    connection.execute("INSERT INTO t VALUES (NULL, 1), ('inf', 1), ('nan', 0), (1e300, 1)")
    rows = connection.execute(query).fetchall()
    assert len(rows) == 4
    assert rows[0][0] is None or np.isnan(rows[0][0])


def test_a_convolution_with_a_missing_value_is_no_error():
    factors = (np.eye(3)[:, :2], np.ones((3, 2)))
    query = sql(planned(Convolution(columns(2), factors)))
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT * FROM (VALUES (NULL, 1e0), (2e0, 3e0)) v(x0, x1)")
    missing, present = connection.execute(query).fetchall()
    assert all(value is None or np.isnan(value) for value in missing)
    assert present == (25.0, 25.0, 25.0)
