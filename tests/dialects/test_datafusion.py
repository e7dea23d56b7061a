"""What is special about DataFusion: it merges stages wrongly, and has words of its own for what is missing."""

import pyarrow as pa
import pytest
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from sqlops import compile as compile_model
from sqlops import emit
from tests.sessions import session


@pytest.fixture
def opened():
    opened = session("datafusion")
    frame = load_iris(as_frame=True).data.set_axis(list("abcd"), axis=1)
    opened.load("flowers", pa.Table.from_pandas(frame.assign(id=range(len(frame)))))
    yield opened
    opened.execute("DROP TABLE flowers")


def query_of(model, opened):
    return emit.select(
        model.plan("datafusion"), opened.dialect, emit.Source(emit.table("flowers", opened.dialect)), keys=["id"]
    )


def explained(opened, sql):
    return dict(zip(*opened.arrow(f"EXPLAIN {sql}").to_pydict().values(), strict=True))


def test_a_linear_model_is_this_query(opened):
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.set_axis(list("abcd"), axis=1)[["a"]]
    fitted = LinearRegression().fit(X, y)
    fitted.coef_[:], fitted.intercept_ = 0.5, 2.0
    finite = "(abs(_x0) < CAST('inf' AS DOUBLE))"
    assert (
        emit.render(query_of(compile_model(fitted, X), opened), opened.dialect)
        == f"""WITH _fence AS (
  SELECT
    1 AS _one
), _input AS (
  SELECT
    "id" AS _key0,
    CAST("a" AS DOUBLE) AS _x0
  FROM "flowers" AS _source
)
SELECT
  _key0 AS "id",
  CASE WHEN {finite} THEN (_x0 * 0.5e0 + 2.0e0) END AS "prediction"
FROM _fence
CROSS JOIN _input"""
    )


def test_stages_are_kept_apart_and_the_key_reaches_the_source(opened):
    """Merged into the stage before, a lambda would read another column."""
    X, y = load_iris(return_X_y=True, as_frame=True)
    X = X.set_axis(list("abcd"), axis=1)
    query = emit.render(query_of(compile_model(SVC().fit(X, y == 1), X), opened), opened.dialect)
    plans = explained(opened, f"SELECT * FROM ({query}) AS scored WHERE id = 7")
    physical = plans["physical_plan"].splitlines()
    assert sum("array_transform" in line for line in physical) == 2
    assert not any(line.count("array_transform") > 1 for line in physical)
    assert "FilterExec: id@4 = 7" in physical[-2]
    assert "DataSourceExec" in physical[-1]


def test_merged_lambdas_fail(opened):
    """When this passes in the engine, stages need no join between them."""
    inner = "SELECT id, array_transform(make_array(a, b), _x -> _x * a) AS xs FROM flowers"
    with pytest.raises(Exception, match="LambdaVariable"):
        opened.arrow(f"WITH inside AS ({inner}) SELECT id, array_transform(xs, _x -> exp(_x)) AS ys FROM inside")


@pytest.mark.parametrize(
    ("text", "value"),
    [("0e0 / z", None), ("-(0e0 / z)", None), ("-z", 0.0), ("z + 1e0", 1.0), ("CAST('nan' AS DOUBLE)", None)],
)
def test_any_nan_is_missing_and_minus_zero_stays(text, value):
    opened = session("datafusion")
    missing = opened.dialect.missing_as_null.format(text)
    assert opened.arrow(f"SELECT {missing} AS y FROM (SELECT 0e0 AS z) AS t")["y"].to_pylist() == [value]


def test_minus_zero_is_one_of_several_constants_that_zero_is():
    opened = session("datafusion")
    dialect = opened.dialect
    for few in ([0.0, 1.0], [*map(float, range(40))]):
        text = dialect.is_in("z", [dialect.double(value) for value in few], "double")
        assert opened.arrow(f"SELECT {text} AS y FROM (SELECT -0e0 AS z UNION ALL SELECT 0e0) AS t")[
            "y"
        ].to_pylist() == [
            True,
            True,
        ]


def test_marks_in_a_text_are_not_taken_for_matches():
    opened = session("datafusion")
    words = ["one two", "\ufdd0one\ufdd1 two\ufdd2", ""]
    find = opened.dialect.texts.find_all.format("t", r"'[a-z]+'", 0)
    opened.load("words", pa.table({"t": words}))
    found = opened.arrow(f"SELECT {find} AS y FROM words")["y"].to_pylist()
    opened.execute("DROP TABLE words")
    assert found == [["one", "two"], ["one", "two"], []]


def test_vocabularies_are_looked_up_by_case():
    texts = ["red green", "green blue", "blue red red"]
    model = compile_model(make_pipeline(CountVectorizer(), MultinomialNB()).fit(texts, [0, 1, 1]), texts)
    assert model.plan("datafusion").constants == ()
    assert model.plan("duckdb").constants != ()
