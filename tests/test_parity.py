import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression

import sqlops
from sqlops.errors import ParityError
from sqlops.ir import build
from sqlops.ir.program import Program
from sqlops.ir.rounding import rounding_bounds
from sqlops.parity import Sample, compare, expected_outputs, prove
from sqlops.schema import Column, LogicalType, Output, Role, Signature

NUMBER = Output("p", LogicalType.NUMBER, Role.PREDICTION)
LABEL = Output("label", LogicalType.TEXT, Role.PREDICTION)
SIGNATURE = Signature((), (NUMBER, LABEL), "classification")
NOTHING = lambda rows: {"p": np.zeros(len(rows)), "label": np.zeros(len(rows))}  # noqa: E731


def report(want, got, labels=("a",), got_labels=("a",), bounds=NOTHING):
    def column(values):
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array

    expected = {"p": np.array(want), "label": column(labels)}
    return compare(expected, {"p": np.array(got), "label": column(got_labels)}, SIGNATURE, bounds)


@pytest.mark.parametrize(
    ("want", "got", "ok"),
    [
        (1.0, 1.0 + 5e-10, True),
        (1.0, 1.0 + 2e-9, False),
        (np.nan, np.nan, True),
        (np.nan, 0.0, False),
        (0.0, np.nan, False),
        (np.inf, np.inf, True),
        (np.inf, 1e308, False),
        (1e308, np.inf, False),
        (0.0, 1e-300, False),
        (0.0, -0.0, True),
    ],
)
def test_numbers(want, got, ok):
    assert report([want], [got]).ok is ok


def test_labels_must_be_equal():
    assert not report([0.0], [0.0], ["a"], ["b"]).ok
    assert not report([0.0], [0.0], [None], ["b"]).ok
    assert report([0.0], [0.0], [None], [None]).ok


def test_the_report_says_where_and_how_much():
    got = report([1.0, 2.0, 4.0], [1.0, 2.5, 4.0], ["a", "b", "c"], ["a", "b", "x"])
    assert str(got) == (
        "p: 1 of 3 rows differ, worst 0.5 absolute, 0.25 relative\n"
        "label: 1 of 3 rows differ, worst 0 absolute, 0 relative"
    )
    assert got.to_frame()["differing"].tolist() == [1, 1]
    assert got.rows == 3


def test_cancellation_is_allowed_what_rounding_can_do_and_no_more():
    x = build.column("x", "double")
    (score,) = build.affine([x, x], np.array([[1e8, -1e8]]), np.array([1e-3]))
    columns = {"x": np.array([1.0])}
    bound = rounding_bounds(Program((x,), (("p", score),)), columns, 1)["p"][0]
    assert 1e-8 < bound < 1e-6
    assert report([1e-3], [1e-3 + bound / 2], bounds=lambda rows: {"p": np.full(len(rows), bound)}).ok
    assert not report([1e-3], [1e-3 + bound * 2], bounds=lambda rows: {"p": np.full(len(rows), bound)}).ok


def test_rows_that_the_estimator_refuses_are_missing():
    X = np.arange(10.0)[:, None]
    estimator = LinearRegression().fit(X, 2 * X[:, 0])
    X[3], X[7] = np.nan, np.inf
    column = Column("x0", LogicalType.NUMBER, LogicalType.NUMBER)
    signature = Signature((column,), (NUMBER,), "regression")
    got = expected_outputs(estimator, X, signature)["p"]
    np.testing.assert_allclose(got, [0, 2, 4, np.nan, 8, 10, 12, np.nan, 16, 18], atol=1e-12)


class Doubled(LogisticRegression):
    """A subclass that predicts something else; compiling it as its base class would be silently wrong."""


def test_an_estimator_that_does_something_else_is_not_compiled():
    X = np.arange(20.0)[:, None]
    with pytest.raises(sqlops.SqlopsError, match=r"tests\.Doubled is not supported"):
        sqlops.compile(Doubled().fit(X, X[:, 0] > 4), X)


def test_a_frontend_that_is_wrong_is_found_when_compiling():
    x = build.column("x", "double")
    program = Program((x,), (("p", x), ("label", build.constant("a"))))
    sample = Sample(
        {"x": np.array([1.0, 2.0])}, {"p": np.array([1.0, 3.0]), "label": np.array(["a", "a"], dtype=object)}
    )
    with pytest.raises(ParityError) as error:
        prove(program, SIGNATURE, sample)
    assert str(error.value) == (
        "the compiled model and the estimator differ on the sample (p: 1 of 2 rows, by up to 1); "
        "please report this as a bug with the model's class"
    )
