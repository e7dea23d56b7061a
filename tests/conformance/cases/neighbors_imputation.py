"""The imputer that asks the nearest training rows."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.impute import KNNImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.data import iris, wine, with_missing

CASES = Cases("neighbors imputation")


def imputed(imputer, data):
    X, _ = with_missing(data)
    return clone(imputer).fit(X[::2]), X


for name, imputer in {
    "knn": KNNImputer(),
    "knn of 1": KNNImputer(n_neighbors=1),
    "knn by distance": KNNImputer(weights="distance"),
    "knn with indicators": KNNImputer(n_neighbors=3, add_indicator=True),
    "knn of more than there are": KNNImputer(n_neighbors=500),
}.items():
    CASES.add(f"{name} (iris)")(partial(imputed, imputer, iris))


def with_empty_column(imputer):
    X, _ = with_missing(wine, share=0.4)
    X = X.iloc[:, :5].assign(empty=np.nan)
    return imputer.fit(X[:40]), X


def with_empty_column_that_is_filled():
    """Return rows that have what no training row had, and rows that have nothing."""
    X = with_empty_column(KNNImputer())[1]
    return [X[:8].assign(empty=1.0), X[:2] * np.nan]


CASES.add("knn with a column of nothing", probes=lambda X: with_empty_column_that_is_filled())(
    partial(with_empty_column, KNNImputer(add_indicator=True))
)


@CASES.add("knn with a column of nothing that is kept", probes=lambda X: with_empty_column_that_is_filled())
def kept_empty_column():
    """Have no names: those of the imputer leave the column out."""
    imputer, X = with_empty_column(KNNImputer(keep_empty_features=True))
    model = make_pipeline(imputer, LinearRegression())
    return model.fit(X[:40], np.arange(40.0)), X


@CASES.add("knn of another missing value")
def another_missing_value():
    X, _ = with_missing(iris)
    X = X.fillna(-1.0)
    return KNNImputer(missing_values=-1).fit(X[::2]), X


@CASES.add("knn where nothing was missing in fit")
def complete():
    X, _ = iris()
    return KNNImputer().fit(X[::2]), with_missing(iris)[0]


@CASES.add("knn within a pipeline")
def pipeline():
    X, y = with_missing(wine)
    model = make_pipeline(StandardScaler(), KNNImputer(weights="distance"), LogisticRegression())
    return model.fit(X[::2], y[::2]), X
