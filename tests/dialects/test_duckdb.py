import math
import struct

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.errors import SqlopsError
from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.operations import OPERATIONS
from sqlops.ir.program import Program
from sqlops.lowering import lower

DUCKDB = get_dialect("duckdb")
RNG = np.random.default_rng(7)
NUMBERS = np.concatenate(
    [
        [
            0.0,
            -0.0,
            0.5,
            -0.5,
            1.0,
            -1.0,
            1.5,
            2.5,
            -2.5,
            1e-300,
            5e-324,
            1e300,
            np.nan,
            np.inf,
            -np.inf,
            710.0,
            -745.0,
        ],
        RNG.normal(size=500) * 10.0 ** RNG.integers(-18, 4, 500),
    ]
)
X, Y = build.column("x", "double"), build.column("y", "double")


def run(program):
    other = np.roll(NUMBERS, 5)
    table = pa.table({"i": np.arange(len(NUMBERS)), "x": NUMBERS, "y": other})
    query = emit.select(lower(program, DUCKDB), DUCKDB, emit.Source(emit.table("t", DUCKDB)), keys=["i"])
    with duckdb.connect() as connection:
        connection.register("t", table)
        result = connection.sql(query.sql(dialect="duckdb")).to_arrow_table().sort_by("i")
    got = result["out"].to_numpy()
    want = evaluate(program, {"x": NUMBERS, "y": other}, len(NUMBERS))["out"]
    return got, want


def test_every_operation_is_spelled():
    assert set(DUCKDB.operations) == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operation_gives_what_numpy_gives(name):
    operation = OPERATIONS[name]
    condition = build.call("less", X, Y)
    args = [condition, build.is_missing(Y)] if name in ("and", "or", "not") else [X, Y]
    expr = build.call(name, *args[: operation.arity if operation.arity > 0 else 2])
    if name in ("maximum", "minimum"):
        expr = build.case([(build.all_of([build.is_finite(X), build.is_finite(Y)]), expr)], build.MISSING)
    if operation.type == "boolean":
        expr = build.indicator(expr)
    if operation.type == "bigint":
        expr = build.case(
            [(build.call("less", build.call("absolute", X), build.constant(2.0**53)), expr)],
            build.constant(0, "bigint"),
        )
    got, want = run(Program((X, Y), (("out", expr),)))
    exact = operation.type != "double" or name in (
        "add",
        "subtract",
        "multiply",
        "divide",
        "negative",
        "absolute",
        "rint",
    )
    # Two libraries' exp or tanh differ by a few units in the last place: 1e-15 is four of them.
    got, want = got.astype(np.float64), want.astype(np.float64)
    np.testing.assert_allclose(got, want, rtol=0 if exact else 1e-15, atol=0, equal_nan=True)


def test_every_double_survives_the_round_trip():
    bits = RNG.integers(0, 2**64, 2000, dtype=np.uint64).view(np.float64)
    values = [*bits[np.isfinite(bits)].tolist(), 0.1, 0.94, 1e22, 1e23, 5e-324, 1.7976931348623157e308, -0.0]
    with duckdb.connect() as connection:
        row = connection.execute(f"select {', '.join(map(DUCKDB.double, values))}").fetchone()
    assert [struct.pack("d", value) for value in row] == [struct.pack("d", value) for value in values]


def test_infinities_are_doubles():
    with duckdb.connect() as connection:
        assert connection.execute(f"select {DUCKDB.double(math.inf)}, {DUCKDB.double(-math.inf)}").fetchone() == (
            math.inf,
            -math.inf,
        )


@pytest.mark.parametrize("text", ["it's", 'a "b"', "\\", "\n", "größe 🚀", "", "--", "; drop table x", "%s {0} $1"])
def test_text_survives_the_round_trip(text):
    with duckdb.connect() as connection:
        query = f"select {DUCKDB.literal(text, 'text')} as {DUCKDB.identifier(text or 'empty')}"
        result = connection.execute(query)
        assert [column[0] for column in result.description] == [text or "empty"]
        assert result.fetchone() == (text,)


def test_unknown_dialect():
    with pytest.raises(SqlopsError, match=r"^unknown dialect 'oracle'; choose one of: duckdb$"):
        get_dialect("oracle")


@pytest.mark.parametrize("name", sorted(set(DUCKDB.operations) - {"and", "or", "not"}))
def test_no_function_fails_on_nan(name):
    texts = [DUCKDB.call(name, args) for args in (("nothing", "x"), ("x", "nothing"), ("nothing", "nothing"))]
    with duckdb.connect() as connection:
        connection.execute("create table numbers as select 'nan'::double as nothing, x from unnest([2e0, -2e0]) t(x)")
        for text in texts:
            assert len(connection.execute(f"select {text} from numbers").fetchall()) == 2
