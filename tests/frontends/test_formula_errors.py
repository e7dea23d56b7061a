"""What predictors made of formulas refuse to compile, with the whole message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.mixture import GaussianMixture
from sklearn.naive_bayes import BernoulliNB, MultinomialNB

import sqlops
from sqlops.errors import CompileError

X = np.array([[1.0, 0.0], [2.0, 0.0], [3.0, 5.0], [4.0, 4.0], [0.0, 7.0], [1.0, 3.0]])
y = np.array([0, 0, 1, 1, 2, 2])


def message(model: Any, X: Any, **options: Any) -> str:
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model, X, **options)
    return str(caught.value)


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_random_answers(strategy: str) -> None:
    model = DummyClassifier(strategy=strategy).fit(X, y)
    assert message(model, X) == (
        f"step 'DummyClassifier': DummyClassifier(strategy='{strategy}') is not supported; its answers are random: "
        "fit with prior, most_frequent or constant"
    )


def test_a_projection_that_was_not_fitted() -> None:
    model = LinearDiscriminantAnalysis(solver="lsqr").fit(X, y)
    assert message(model, X, methods="transform") == (
        "step 'LinearDiscriminantAnalysis': LinearDiscriminantAnalysis(solver='lsqr') is not supported; "
        "it has no transform: fit with solver='svd' or 'eigen'"
    )


@pytest.mark.parametrize("model", [MultinomialNB(alpha=0), BernoulliNB(alpha=0)])
def test_probabilities_of_zero_on_a_sparse_matrix(model: Any) -> None:
    name = type(model).__name__
    sparse = csr_matrix(X)
    with np.errstate(divide="ignore", invalid="ignore"):
        model.fit(sparse, y)
    assert message(model, sparse) == (
        f"step '{name}': {name}(alpha=0) is not supported; some probabilities are zero: "
        "fit with a larger alpha, or on a dense X"
    )


def test_isotonic_regression_of_two_columns() -> None:
    model = IsotonicRegression().fit(X[:, 0], y)
    assert (
        message(model, X) == "step 'IsotonicRegression': IsotonicRegression takes one column, not 2; pass that column"
    )


@pytest.mark.parametrize("dtype", [np.int16, np.uint8, bool])
def test_mixtures_of_numbers_whose_squares_overflow(dtype: type) -> None:
    small = X.astype(dtype)
    model = GaussianMixture(1).fit(X)
    assert message(model, small) == (
        f"step 'GaussianMixture': 'x0' and its 1 neighbours are {np.dtype(dtype)}, in which distances overflow; "
        "fit on float64: X.astype('float64')"
    )
