"""What `compile` refuses, and SQL of names and values that are hard to print."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier

import sqlops
from sqlops.errors import (
    InvalidNameError,
    NotFittedError,
    SchemaError,
    SqlopsError,
    UnsupportedOptionError,
    UnsupportedTypeError,
)

X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 0.0, 1.0, 1.0]})
Y = [1.0, 2.0, 3.0, 5.0]


def over_a_table(model, frame, keys=("id",)):
    with duckdb.connect() as connection:
        connection.register("frame", pa.Table.from_pandas(frame.assign(id=range(len(frame)))))
        connection.execute("create table t as from frame")
        return connection.execute(model.sql(source="t", keys=list(keys)) + " order by 1").fetchall()


def test_line_breaks_in_categories_and_classes_survive_printing():
    frame = pd.DataFrame({"s": ["x\ny", "x", "z", "x\ny\n q", "\u2028", "a\r\nb"] * 3})
    model = sqlops.compile(OrdinalEncoder().fit(frame), frame)
    codes = OrdinalEncoder().fit_transform(frame)[:, 0].tolist()
    assert over_a_table(model, frame) == list(enumerate(codes))
    one_hot = OneHotEncoder(sparse_output=False).fit(frame[:2])
    features = one_hot.transform(frame[:2])
    classes = np.array(["x\n y", "ok"])
    tree = DecisionTreeClassifier().fit(features, classes)
    got = over_a_table(sqlops.compile(tree, features), pd.DataFrame(features, columns=["x0", "x1"]))
    assert [row[1] for row in got] == classes.tolist()


def test_line_breaks_in_names_survive_printing():
    frame = X.rename(columns={"a": "a\n  b"})
    model = sqlops.compile(LinearRegression().fit(frame, Y), frame)
    got = [row[1] for row in over_a_table(model, frame)]
    np.testing.assert_allclose(got, model.estimator.predict(frame), rtol=1e-12)


def test_names_that_differ_in_case_can_be_scored_in_python():
    frame = X.rename(columns={"b": "A"})
    model = sqlops.compile(LinearRegression().fit(frame, Y), frame)
    assert model.verify(frame).ok
    with pytest.raises(SchemaError, match="columns 'a' and 'A' differ only in case"):
        model.sql(source="t")


def test_one_key_may_be_a_string():
    model = sqlops.compile(LinearRegression().fit(X, Y), X)
    assert model.sql(source="t", keys="id") == model.sql(source="t", keys=["id"])


def test_a_key_named_like_an_output_is_refused():
    model = sqlops.compile(LinearRegression().fit(X, Y), X)
    with pytest.raises(SchemaError) as error:
        model.sql(source="t", keys="Prediction")
    assert str(error.value) == (
        "the source does not fit the model: key 'Prediction' has the name of an output; "
        "rename it in the source, or in a view over it"
    )


def test_one_method_may_be_a_string():
    model = sqlops.compile(LogisticRegression().fit(X, [0, 1, 0, 1]), X, methods="predict")
    assert [output.name for output in model.signature.outputs] == ["prediction"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: sqlops.compile(LinearRegression(), X),
            "step 'LinearRegression': LinearRegression is not fitted; call",
        ),
        (lambda: sqlops.compile(LinearRegression, X), "LinearRegression is a class; pass a fitted object of it"),
        (
            lambda: sqlops.compile(SimpleImputer().fit(X * np.nan), X * np.nan),
            "SimpleImputer gives no columns: all of them were dropped when it was fitted; fit it on columns that",
        ),
        (
            lambda: sqlops.compile(HistGradientBoostingClassifier(max_iter=2).fit(X, [0] * 4), X),
            "step 'HistGradientBoostingClassifier': HistGradientBoostingClassifier(classes_=[0]) is not "
            "supported; fit on at least two classes",
        ),
        (
            lambda: sqlops.compile(LinearRegression().fit(X, Y), X[["b", "a"]]),
            "X does not fit the model: its columns are in another order than in fit; pass the X of fit",
        ),
        (
            lambda: sqlops.compile(LinearRegression().fit(X, Y), X[["b"]]),
            "X does not fit the model: column 'a' is missing; pass the X of fit",
        ),
        (
            lambda: sqlops.compile(LinearRegression().fit(X, Y), X.assign(a=pd.Timestamp("2026-01-01"))),
            "column 'a' has type datetime64[us]; convert them to numbers, booleans or text, before fitting",
        ),
        (
            lambda: sqlops.compile(LogisticRegression().fit(X, ["a b", "a_b"] * 2), X),
            "the outputs for probability of 'a b' and probability of 'a_b' would both be the column 'probability_a_b'",
        ),
        (
            lambda: sqlops.compile(LinearRegression().fit(X, Y), X, methods=["predict_proba"]),
            "LinearRegression has no predict_proba in SQL; choose among: predict",
        ),
    ],
)
def test_refusals(make, message):
    with pytest.raises(SqlopsError) as error:
        make()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("name", ["select", "Order", "1st", "a b", "", "a" * 49, "größe", "a;b"])
def test_names_that_no_view_can_have(name):
    with pytest.raises(InvalidNameError):
        sqlops.compile(LinearRegression().fit(X, Y), X, name=name)


def test_errors_of_compiling_share_a_base():
    assert issubclass(NotFittedError, SqlopsError)
    assert issubclass(UnsupportedTypeError, SqlopsError)


def test_frames_that_no_table_can_hold():
    frame = X.assign(s=["p", "q", "p", "q"])
    encoder = OneHotEncoder(handle_unknown="ignore").fit(frame[["s"]])
    model = sqlops.compile(encoder, frame[["s"]])
    with pytest.raises(SchemaError, match="column 's' holds a value that no table can"):
        model.score(pd.DataFrame({"s": pd.Series(["\ud800"], dtype=object)}))


def test_integers_beyond_64_bits_are_scored_as_doubles():
    model = sqlops.compile(LinearRegression().fit(X, Y), X)
    huge = X.assign(a=pd.Series([10**30] * 4, dtype=object))
    assert model.verify(huge).ok


def test_an_array_is_verified_against_an_estimator_of_frames():
    model = sqlops.compile(LinearRegression().fit(X, Y), X)
    assert model.verify(X.to_numpy()).ok


def forest():
    rows = np.random.default_rng(0).normal(size=(200, 3))
    return RandomForestClassifier(5, max_depth=5, random_state=0).fit(rows, rows.sum(axis=1) > 0), rows


@pytest.mark.parametrize(
    ("strategy", "word"), [("case", "CASE WHEN _x0 "), ("bitmasks", "bit_count"), ("traversal", "list_transform")]
)
def test_a_strategy_writes_trees_as_asked_and_is_saved(strategy, word, tmp_path):
    fitted, rows = forest()
    model = sqlops.compile(fitted, rows, strategy=strategy)
    assert word in model.sql(source="t")
    assert model.verify(rows).ok
    saved = sqlops.load(model.save(tmp_path / "model.sqlops"))
    assert saved.strategy == strategy
    assert saved.sql(source="t") == model.sql(source="t")
    assert model.digest != sqlops.compile(fitted, rows).digest


def test_a_strategy_that_does_not_fit_is_refused():
    fitted, rows = forest()
    with pytest.raises(UnsupportedOptionError, match="there is no strategy 'fast'; choose among: case, bitmasks"):
        sqlops.compile(fitted, rows, strategy="fast")
    grown = RandomForestClassifier(1, random_state=0).fit(rows, np.arange(200) % 2)
    message = "strategy 'bitmasks' takes trees of up to 64 leaves, and one has more; use strategy='traversal'"
    with pytest.raises(UnsupportedOptionError, match=message):
        sqlops.compile(grown, rows, strategy="bitmasks")
