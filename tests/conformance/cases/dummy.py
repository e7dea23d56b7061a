"""Dummy estimators."""

from functools import partial

import numpy as np
from scipy.sparse import csc_matrix
from sklearn.base import clone
from sklearn.dummy import DummyClassifier, DummyRegressor

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, flights, iris, labelled, linnerud, multilabel

CASES = Cases("dummy")


def fitted(model, data):
    X, y = data()
    return clone(model).fit(X, y), X


def skewed(kind):
    X, y = labelled(kind)
    return X[20:], y[20:]


CLASSIFIERS = {"prior": DummyClassifier(), "most frequent": DummyClassifier(strategy="most_frequent")}
CONSTANTS = {"text": "virginica", "bool": True, "negative": 40, "float": 7, "hostile": "it's"}
for name, model in CLASSIFIERS.items():
    for kind in CONSTANTS:
        CASES.add(f"{name}, classes {kind}")(partial(fitted, model, partial(skewed, kind)))
    CASES.add(f"{name}, three targets")(partial(fitted, model, multilabel))
    CASES.add(f"{name} of what has text and holes")(partial(fitted, model, flights))
    CASES.add(f"{name}, one class")(lambda model=model: (clone(model).fit(iris()[0], ["only"] * 150), iris()[0]))
for kind, constant in CONSTANTS.items():
    model = DummyClassifier(strategy="constant", constant=constant)
    CASES.add(f"constant, classes {kind}")(partial(fitted, model, partial(skewed, kind)))
CASES.add("constant, three targets")(
    lambda: fitted(DummyClassifier(strategy="constant", constant=[1, 0, 1]), multilabel)
)


@CASES.add("prior, sparse targets")
def sparse_targets():
    X, y = multilabel()
    return DummyClassifier().fit(X, csc_matrix(y)), X


@CASES.add("prior, weighted, one row")
def weighted():
    X, y = iris()
    return DummyClassifier().fit(X, y, sample_weight=np.arange(150)), X.head(1)


REGRESSORS = {
    "mean": DummyRegressor(),
    "median": DummyRegressor(strategy="median"),
    "quantile": DummyRegressor(strategy="quantile", quantile=0.9),
}
for name, model in REGRESSORS.items():
    CASES.add(name)(partial(fitted, model, diabetes))
    CASES.add(f"{name}, three targets")(partial(fitted, model, linnerud))
CASES.add("constant number")(partial(fitted, DummyRegressor(strategy="constant", constant=3), diabetes))
CASES.add("constant number, three targets")(
    lambda: fitted(DummyRegressor(strategy="constant", constant=[1.5, 2, -3]), linnerud)
)
CASES.add("mean of what has text and holes")(
    lambda: (DummyRegressor().fit(flights()[0], np.arange(2000)), flights()[0])
)
