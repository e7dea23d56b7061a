from dataclasses import replace

import numpy as np
import pytest

from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.errors import SchemaError, SourceError
from sqlops.ir import build, trees
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import Check, Program
from sqlops.ir.trees import join
from sqlops.lowering import lower
from tests.ir.test_trees import chain

DUCKDB = get_dialect("duckdb")
X, Y = build.column("x", "double"), build.column('a "quoted" y', "double")


def sql(program, **options):
    source = emit.Source(emit.table("crm.leads", DUCKDB))
    return emit.select(lower(program, DUCKDB), DUCKDB, source, **options).sql(dialect="duckdb", pretty=True)


def test_an_affine_map_with_a_check():
    (score,) = build.affine([X, Y], np.array([[2.0, -0.5]]), np.array([0.1]))
    checks = (Check(build.is_finite(X), "step", "x is missing"),)
    expected = """\
WITH _input AS NOT MATERIALIZED (
  SELECT
    "lead id" AS _key0,
    CAST("x" AS DOUBLE) AS _x0,
    CASE WHEN NOT isnan(CAST("a ""quoted"" y" AS DOUBLE)) THEN CAST("a ""quoted"" y" AS DOUBLE) END AS _x1
  FROM "crm"."leads" AS _source
)
SELECT
  _key0 AS "lead id",
  CASE WHEN coalesce(isfinite(_x0), FALSE) THEN (_x0 * 2.0e0 + _x1 * -0.5e0 + 0.1e0) END AS "prediction"
FROM _input"""
    assert sql(Program((X, Y), (("prediction", score),), checks), keys=["lead id"]) == expected


def test_what_is_used_twice_becomes_a_column_of_a_stage():
    root = build.call("sqrt", build.add(X, build.constant(1.0)))
    program = Program((X,), (("one", build.add(root, X)), ("two", build.call("negative", root))))
    expected = """\
WITH _input AS NOT MATERIALIZED (
  SELECT
    CASE WHEN NOT isnan(CAST("x" AS DOUBLE)) THEN CAST("x" AS DOUBLE) END AS _x0
  FROM "crm"."leads" AS _source
), _stage1 AS NOT MATERIALIZED (
  SELECT
    _x0,
    CASE WHEN (_x0 + 1.0e0) >= 0 THEN sqrt((_x0 + 1.0e0)) END AS _v0
  FROM _input
)
SELECT
  (_v0 + _x0) AS "one",
  (-_v0) AS "two"
FROM _stage1"""
    assert sql(program) == expected


def test_columns_that_nothing_reads_are_not_read():
    assert "quoted" not in sql(Program((X, Y), (("x", X),)))


def test_a_model_without_inputs():
    expected = """\
WITH _input AS NOT MATERIALIZED (
  SELECT
    1 AS _none
  FROM "crm"."leads" AS _source
)
SELECT
  4.5e0 AS "prediction"
FROM _input"""
    assert sql(Program((X,), (("prediction", build.constant(4.5)),))) == expected


def test_names_that_differ_only_in_case_are_refused():
    twin = build.column("X", "double")
    program = Program((X, twin), (("prediction", build.add(X, twin)),))
    with pytest.raises(SchemaError) as error:
        sql(program)
    assert str(error.value) == (
        "the source does not fit the model: columns 'x' and 'X' differ only in case; "
        "duckdb cannot tell them apart: rename one"
    )


def test_a_source_that_is_no_name_is_refused():
    with pytest.raises(SourceError, match="is no name of a relation"):
        emit.table("leads; drop table x", DUCKDB)


def score_in_duckdb(program, values):
    import duckdb

    plan = lower(program, DUCKDB)
    with duckdb.connect() as connection:
        connection.execute("create table t (i bigint, x double)")
        connection.executemany("insert into t values (?, ?)", [[i, v] for i, v in enumerate(values)])
        source = emit.Source(emit.table("t", DUCKDB))
        query = emit.select(plan, DUCKDB, source, keys=["i"]).order_by("i").sql(dialect="duckdb")
        return [row[1:] for row in connection.execute(query).fetchall()]


def small_tree(value):
    tree = chain(2)
    return tree.__class__(**{**{n: getattr(tree, n) for n in tree.__slots__}, "value": np.asarray(value, dtype=float)})


def test_a_small_tree_of_two_outputs_is_a_case_for_each():
    ensemble = join([small_tree([[0, 0], [1, 5], [0, 0], [2, 6], [3, 7]])], [X], [0.0, 0.0])
    first, second = build.elements(ensemble)
    plan = lower(Program((X,), (("p", first), ("q", second))), DUCKDB)
    assert plan.constants == ()
    assert [column.text for column in plan.outputs] == [
        "CASE WHEN _x0 > -0.0e0 THEN 1.0e0 ELSE CASE WHEN _x0 <= -2.0e0 THEN 3.0e0 ELSE 2.0e0 END END",
        "CASE WHEN _x0 > -0.0e0 THEN 5.0e0 ELSE CASE WHEN _x0 <= -2.0e0 THEN 7.0e0 ELSE 6.0e0 END END",
    ]


@pytest.mark.parametrize("depth", [150, 1500])
def test_trees_deeper_than_an_expression_may_nest(depth):
    ensemble = join([chain(depth), chain(3)], [X], [0.25])
    (total,) = build.elements(ensemble)
    program = Program((X,), (("p", total),))
    values = [None, 1.0, *(-float(v) - 0.5 for v in range(0, 2 * depth + 4, max(1, depth // 50)))]
    matrix = np.array([[np.nan if v is None else v] for v in values])

    expected = trees.evaluate(ensemble, list(matrix.T), len(matrix))
    assert [row[0] for row in score_in_duckdb(program, values)] == expected[:, 0].tolist()


def test_several_outputs_of_many_trees_come_from_the_constants():
    rng = np.random.default_rng(0)
    ensemble = join([small_tree(rng.normal(size=(5, 3))) for _ in range(100)], [X], [0.5, 0.0, -1.0])
    assert isinstance(ensemble, TreeEnsemble)
    program = Program((X,), tuple(zip("pqr", build.elements(ensemble), strict=True)))
    plan = lower(program, DUCKDB, "case")
    assert [(constant.name, len(constant.values)) for constant in plan.constants] == [
        ("_k0", 500),
        ("_k1", 500),
        ("_k2", 500),
    ]
    values = [None, 1.0, -1.0, -2.0, -3.0]
    matrix = np.array([[np.nan if v is None else v] for v in values])

    expected = trees.evaluate(ensemble, list(matrix.T), len(matrix))
    assert score_in_duckdb(program, values) == [tuple(row) for row in expected.tolist()]


def test_long_sums_keep_their_order_across_stages():
    rng = np.random.default_rng(3)
    weights = rng.normal(size=200) * 10.0 ** rng.integers(-12, 12, 200)
    expr = build.sum_of([build.multiply(X, build.constant(w)) for w in weights])
    program = Program((X,), (("p", expr),))
    assert len(lower(program, DUCKDB).stages) == 6
    total = 1.7 * weights[0]
    for weight in weights[1:]:
        total = total + 1.7 * weight
    assert score_in_duckdb(program, [1.7]) == [(total,)]


@pytest.mark.parametrize(("n_terms", "n_stages"), [(10, 1), (100, 4), (1000, 21), (5000, 21)])
def test_sums_of_long_texts_take_more_stages_but_not_too_many(n_terms, n_stages):
    spark = replace(get_dialect("spark"), longest_sum_text=4_000)
    columns = [build.column(f"x{number}", "double") for number in range(n_terms)]
    terms = [build.call("floor", column) for column in columns]
    plan = lower(Program(tuple(columns), (("total", build.sum_of(terms)),)), spark)
    sums = [*(column.text for stage in plan.stages for column in stage.columns), plan.outputs[0].text]
    assert len(sums) == n_stages
    assert n_terms > 1000 or max(map(len, sums)) < 4_000


def test_trees_in_float32_are_added_in_float32():
    trees = [chain(1), chain(1)]
    (score,) = build.elements(join(trees, [X], [0.5], single=True))
    text = sql(Program((X,), (("score", score),)))
    assert text.count("AS FLOAT)") == 3
    assert "CAST((CAST(0.5e0 AS FLOAT) + CAST(CASE WHEN" in text
    assert text.rstrip().endswith('AS FLOAT)) AS DOUBLE) AS "score"\nFROM _input')


def test_a_long_set_of_categories_is_tested_once_for_all_nodes():
    def tree(members, value):
        return trees.Tree(
            feature=np.zeros(3, np.int32),
            threshold=np.zeros(3),
            left=np.array([1, -1, -1], np.int32),
            right=np.array([2, -1, -1], np.int32),
            missing_left=np.zeros(3, bool),
            value=np.array([[0.0], [value], [-value]]),
            category_set=np.array([0, -1, -1], np.int32),
            category_sets=(np.array(members),),
        )

    long, short = [1.0, 4.0, 6.0], [2.0, 5.0]
    parts = [tree(members, value) for members, value in ((long, 1.0), (short, 10.0), (long, 100.0), (short, 1000.0))]
    x = build.column("x", "double")
    ensemble = join(parts, [x], [0.0], [np.arange(8.0)])
    program = Program((x,), tuple(zip(["score"], build.elements(ensemble), strict=True)), ())
    text = sql(program)
    assert text.count("= 4.0e0") == 1
    assert text.count("= 5.0e0") == 2
    expected = [(1 if x in long else -1) * 101.0 + (1 if x in short else -1) * 1010.0 for x in range(8)]
    scored = score_in_duckdb(program, [*map(float, range(8)), None])
    assert scored == [(y,) for y in [*expected, -1111.0]]
