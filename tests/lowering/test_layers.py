"""Layers and large affine maps over arrays: the text, and what DuckDB makes of missing and infinite values."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sqlops import emit
from sqlops.artifacts.run import run_in_duckdb
from sqlops.dialects import get_dialect
from sqlops.dialects.base import Dialect
from sqlops.ir import affine, build, layers
from sqlops.ir.nodes import Activation, Affine, DenseLayers, Operator
from sqlops.ir.operators import OPERATORS
from sqlops.ir.program import Program
from sqlops.lowering import lower
from sqlops.schema import Column, LogicalType, Output, Role, Signature

DUCKDB = get_dialect("duckdb")
NUMBER = LogicalType.NUMBER
TWO_LAYERS = """\
WITH _constants AS MATERIALIZED (
  SELECT
    CAST([[7.0e0, 1.0e0, 2.0e0], [8.0e0, 3.0e0, 4.0e0]] AS DOUBLE[][]) AS _k0,
    CAST([[5.0e0, 6.0e0]] AS DOUBLE[][]) AS _k1
), _input AS NOT MATERIALIZED (
  SELECT
    CASE WHEN NOT isnan(CAST("c0" AS DOUBLE)) THEN CAST("c0" AS DOUBLE) END AS _x0,
    CASE WHEN NOT isnan(CAST("c1" AS DOUBLE)) THEN CAST("c1" AS DOUBLE) END AS _x1
  FROM "t" AS _source
), _stage1 AS NOT MATERIALIZED (
  SELECT
    [1.0e0, coalesce(_x0, CAST('nan' AS DOUBLE)), coalesce(_x1, CAST('nan' AS DOUBLE))] AS _v0
  FROM _input
), _stage2 AS NOT MATERIALIZED (
  SELECT
    _k1,
    list_transform(list_transform(_k0, lambda _unit: list_inner_product(_unit, _v0)), lambda _unit: \
CASE WHEN (_unit < 0.0e0) THEN 0.0e0 ELSE _unit END) AS _v1
  FROM _stage1
  CROSS JOIN _constants
), _stage3 AS NOT MATERIALIZED (
  SELECT
    list_transform(_k1, lambda _unit: list_inner_product(_unit, _v1)) AS _v2
  FROM _stage2
)
SELECT
  (_v2[1] + 9.0e0) AS "o0"
FROM _stage3"""
EVERY: tuple[Activation, ...] = ("identity", "logistic", "relu", "tanh")


def columns(n: int) -> tuple[build.Input, ...]:
    return tuple(build.column(f"c{number}", "double") for number in range(n))


def program(operator: Operator) -> Program:
    outputs = tuple((f"o{number}", expr) for number, expr in enumerate(build.elements(operator)))
    return Program(operator.inputs, outputs)  # type: ignore[arg-type]


def in_duckdb(operator: Operator, X: np.ndarray, dialect: Dialect = DUCKDB) -> np.ndarray:
    made = program(operator)
    signature = Signature(
        tuple(Column(item.name, NUMBER, NUMBER) for item in made.inputs),
        tuple(Output(name, NUMBER, Role.DECISION) for name, _ in made.outputs),
        "regression",
        (),
    )
    frame = pd.DataFrame(X, columns=[item.name for item in made.inputs])
    return run_in_duckdb(lower(made, dialect), signature, frame).to_numpy()


def random_layers(sizes: list[int], activation: Activation) -> DenseLayers:
    rng = np.random.default_rng(0)
    weights = tuple(rng.normal(size=(after, before)) / np.sqrt(before) for before, after in pairwise(sizes))
    return DenseLayers(columns(sizes[0]), weights, tuple(rng.normal(size=len(w)) for w in weights), activation)


def test_two_layers() -> None:
    weights = (np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0]]))
    operator = DenseLayers(columns(2), weights, (np.array([7.0, 8.0]), np.array([9.0])), "relu")
    source = emit.Source(emit.table("t", DUCKDB))
    text = emit.select(lower(program(operator), DUCKDB), DUCKDB, source).sql(dialect="duckdb", pretty=True)
    assert text == TWO_LAYERS


@pytest.mark.parametrize("dialect", [DUCKDB, replace(DUCKDB, lists=None)], ids=["lists", "no lists"])
@pytest.mark.parametrize("activation", EVERY)
@pytest.mark.parametrize("sizes", [[1, 1], [3, 4, 2], [5, 30, 20, 1]])
def test_the_values(activation: Activation, sizes: list[int], dialect: Dialect) -> None:
    operator = random_layers(sizes, activation)
    X = np.random.default_rng(1).normal(size=(50, sizes[0])) * 10.0 ** np.arange(-2, 3)[np.arange(50) % 5][:, None]
    expected = layers.evaluate(operator, list(X.T), len(X))
    bound = layers.error(operator, list(X.T), list(np.zeros(X.T.shape)), len(X))
    got = in_duckdb(operator, X, dialect)
    assert (np.abs(got - expected) <= 2 * bound).all()
    assert (bound < 1e-11 * np.abs(X).max(axis=1, initial=1.0)[:, None]).all()


@pytest.mark.parametrize("activation", EVERY)
def test_missing_and_infinite_values(activation: Activation) -> None:
    operator = random_layers([3, 40, 20, 2], activation)
    X = np.array([[np.nan, 1.0, 2.0], [np.inf, 1.0, 2.0], [1.0, -np.inf, np.inf], [1e300, 0.0, -1e300]])
    with np.errstate(all="ignore"):
        expected = layers.evaluate(operator, list(X.T), len(X))
    np.testing.assert_allclose(in_duckdb(operator, X), expected, rtol=1e-12)


def test_many_sums_of_many_columns_are_arrays_of_the_columns_that_are_read() -> None:
    weights = np.random.default_rng(0).normal(size=(10, 40))
    weights[:, 7] = 0.0
    operator = Affine(columns(40), weights, np.arange(10.0))
    plan = lower(program(operator), DUCKDB)
    assert [constant.values.shape for constant in plan.constants] == [(10, 40)]
    assert "c7" not in [item.input.name for item in plan.inputs] or "_x7" not in plan.stages[0].columns[0].text
    X = np.random.default_rng(1).normal(size=(20, 40))
    X[3, 7], X[4, 8] = np.nan, np.nan
    expected = affine.evaluate(operator, list(X.T), len(X))
    assert np.isnan(expected).all(axis=1).tolist() == [row == 4 for row in range(20)]
    np.testing.assert_allclose(in_duckdb(operator, X), expected, rtol=1e-12)


def test_where_some_weights_are_zero_sums_are_written_out() -> None:
    weights = np.random.default_rng(0).normal(size=(10, 40))
    weights[3, 7] = 0.0
    assert lower(program(Affine(columns(40), weights, np.zeros(10))), DUCKDB).constants == ()


def test_weights_are_not_in_the_text_of_the_stages() -> None:
    plan = lower(program(random_layers([20, 100, 100, 3], "tanh")), DUCKDB)
    assert [constant.values.shape for constant in plan.constants] == [(100, 21), (100, 101), (3, 100)]
    assert sum(len(column.text) for stage in plan.stages for column in stage.columns) < 2000


def test_single_precision_bounds_what_float32_does() -> None:
    operator = random_layers([5, 30, 20, 1], "relu")
    single = DenseLayers(operator.inputs, operator.weights, operator.intercepts, "relu", single=True)
    X = np.random.default_rng(1).normal(size=(50, 5)).astype(np.float32)
    values = X
    for number, (weights, intercept) in enumerate(zip(operator.weights, operator.intercepts, strict=True)):
        values = (np.maximum(values, 0) if number else values) @ weights.T.astype(np.float32)
        values += intercept.astype(np.float32)
    doubles = X.astype(np.float64)
    numerics = OPERATORS[DenseLayers]
    bound = numerics.error(single, list(doubles.T), list(np.zeros(X.T.shape)), len(X))
    difference = np.abs(values - numerics.evaluate(single, list(doubles.T), len(X)))
    assert (difference <= bound).all()
    assert difference.max() > 1e-9
