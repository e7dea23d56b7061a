"""Rows that are refused: many limits are one comparison, and its answer is that of all of them."""

import numpy as np
import pyarrow as pa

from sqlops.dialects import get_dialect
from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.program import Check, Program
from sqlops.lowering import lower
from tests.lowering.test_neighbors import score

COLUMNS = [build.column(name, "double") for name in "abcd"]
LARGEST = float(np.finfo(np.float64).max)


def limited(column, bound):
    return build.call("less_equal", build.call("absolute", column), build.constant(bound))


def program(*conditions):
    checks = tuple(Check(condition, "step", "why") for condition in conditions)
    is_missing = build.case([(build.is_missing(COLUMNS[3]), build.constant(1.0))], build.constant(0.0))
    return Program(tuple(COLUMNS), (("first", COLUMNS[0]), ("last is missing", is_missing)), checks)


def test_one_comparison_accepts_what_all_accept():
    conditions = [build.is_finite(COLUMNS[0]), limited(COLUMNS[1], 1e300), build.is_finite(COLUMNS[2])]
    values = [0.0, -0.0, 1.0, 1e300, np.nextafter(1e300, np.inf), LARGEST, -LARGEST, np.inf, -np.inf, np.nan]
    rows = np.array([[a, b, c, d] for a in values for b in values for c in values for d in (1.0, np.nan)])
    columns = dict(zip("abcd", rows.T, strict=True))
    expected = evaluate(program(*conditions), columns, len(rows))
    plan = lower(program(*conditions), get_dialect("duckdb"))
    assert any("abs(_x0) + abs(_x1) + abs(_x2)" in column.text for stage in plan.stages for column in stage.columns)
    for from_pandas in (True, False):
        table = {name: pa.array(column, from_pandas=from_pandas) for name, column in columns.items()}
        got = score(program(*conditions), table)
        for name, column in expected.items():
            np.testing.assert_array_equal(got[name], column)


def test_nan_stays_where_it_refuses_the_row_and_only_there():
    either = build.any_of([build.is_missing(COLUMNS[1]), build.is_finite(COLUMNS[1])])
    plan = lower(program(build.is_finite(COLUMNS[0]), either), get_dialect("duckdb"))
    assert {item.input.name: item.may_be_nan for item in plan.inputs} == {"a": True, "b": False, "d": False}
