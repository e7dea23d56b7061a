import math
import struct

import numpy as np
import pyarrow as pa
import pytest

from sqlops import emit
from sqlops.artifacts.relations import drop
from sqlops.dialects import DIALECTS, get_dialect
from sqlops.errors import SqlopsError
from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.operations import OPERATIONS
from sqlops.ir.program import Program
from sqlops.lowering import lower
from tests.sessions import SESSIONS, session

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


ENGINES = pytest.mark.parametrize(
    "engine", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in SESSIONS]
)
TABLE = "numbers_of_operations"

WITHOUT_NEGATIVE_ZERO = ("sqlite",)
"""Engines whose tables hold 0.0 where -0.0 was written."""


SMALL_QUOTIENTS = ("bigquery",)
"""Engines without an exact remainder of doubles, where it is missing from quotients of 2**53 on."""


def run(engine, program):
    opened = session(engine)
    numbers = NUMBERS + 0.0 if engine in WITHOUT_NEGATIVE_ZERO else NUMBERS
    other = np.roll(numbers, 5)
    opened.load(TABLE, pa.table({"i": np.arange(len(numbers)), "x": numbers, "y": other}))
    try:
        plan = lower(program, opened.dialect)
        query = emit.select(plan, opened.dialect, emit.Source(emit.table(TABLE, opened.dialect)), keys=["i"])
        result = opened.arrow(query).sort_by("i")
    finally:
        opened.execute(drop(emit.table(TABLE, opened.dialect), "TABLE"))
    got = result["out"].to_numpy()
    want = evaluate(program, {"x": numbers, "y": other}, len(numbers))["out"]
    return got, want


def values(engine, texts):
    """Return what expressions are."""
    row = opened_row(engine, texts)
    return [row[f"c{number}"][0].as_py() for number in range(len(texts))]


def opened_row(engine, texts):
    listed = ", ".join(f"{text} AS c{number}" for number, text in enumerate(texts))
    return session(engine).arrow(f"SELECT {listed}")


@pytest.mark.parametrize("name", DIALECTS)
def test_every_operation_is_spelled(name):
    assert set(get_dialect(name).operations) == set(OPERATIONS)


@ENGINES
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operation_gives_what_numpy_gives(name, engine):
    operation = OPERATIONS[name]
    condition = build.call("less", X, Y)
    args = [condition, build.is_missing(Y)] if name in ("and", "or", "not") else [X, Y]
    expr = build.call(name, *args[: operation.arity if operation.arity > 0 else 2])
    if name in ("maximum", "minimum"):
        expr = build.case([(build.all_of([build.is_finite(X), build.is_finite(Y)]), expr)], build.MISSING)
    if name == "remainder" and engine in SMALL_QUOTIENTS:
        quotient = build.call("absolute", build.call("divide", X, Y))
        expr = build.case([(build.call("less", quotient, build.constant(2.0**53)), expr)], build.MISSING)
    if operation.type == "boolean":
        expr = build.indicator(expr)
    if operation.type == "bigint":
        expr = build.case(
            [(build.call("less", build.call("absolute", X), build.constant(2.0**53)), expr)],
            build.constant(0, "bigint"),
        )
    got, want = run(engine, Program((X, Y), (("out", expr),)))
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


@ENGINES
def test_every_double_survives_the_round_trip(engine):
    bits = RNG.integers(0, 2**64, 800, dtype=np.uint64).view(np.float64)
    given = [*bits[np.isfinite(bits)].tolist(), 0.1, 0.94, 1e22, 1e23, 5e-324, 1.7976931348623157e308, -0.0]
    got = values(engine, [session(engine).dialect.double(value) for value in given])
    assert [struct.pack("d", value) for value in got] == [struct.pack("d", value) for value in given]


@ENGINES
def test_infinities_are_doubles(engine):
    double = session(engine).dialect.double
    assert values(engine, [double(math.inf), double(-math.inf)]) == [math.inf, -math.inf]


@ENGINES
@pytest.mark.parametrize("text", ["it's", 'a "b"', "\\", "\n", "größe 🚀", "", "--", "; drop table x", "%s {0} $1"])
def test_text_survives_the_round_trip(text, engine):
    dialect = session(engine).dialect
    result = session(engine).arrow(f"SELECT {dialect.literal(text, 'text')} AS {dialect.identifier(text or 'empty')}")
    assert result.to_pylist() == [{text or "empty": text}]


def test_unknown_dialect():
    with pytest.raises(SqlopsError, match=rf"^unknown dialect 'nosql'; choose one of: {', '.join(sorted(DIALECTS))}$"):
        get_dialect("nosql")


@ENGINES
@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"and", "or", "not"}))
def test_no_function_fails_on_nan(name, engine):
    opened = session(engine)
    texts = [opened.dialect.call(name, args) for args in (("gone", "x"), ("x", "gone"), ("gone", "gone"))]
    opened.load(TABLE, pa.table({"gone": [math.nan, math.nan], "x": [2.0, -2.0]}))
    try:
        for text in texts:
            assert len(opened.arrow(f"SELECT {text} AS y FROM {opened.dialect.relation(TABLE)}")) == 2
    finally:
        opened.execute(drop(emit.table(TABLE, opened.dialect), "TABLE"))
