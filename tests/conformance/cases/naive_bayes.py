"""Naive Bayes."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from tests.conformance.cases import Cases
from tests.conformance.data import CLASSES, breast_cancer, digits, flights, iris, labelled, two_of_three, wine

CASES = Cases("naive bayes")


def counts():
    """Return what is written in digits: small counts, many of them zero."""
    X, y = digits()
    return X.iloc[:200, 2::5], y[:200] % 3


def two_counts():
    X, y = counts()
    return X[y > 0], y[y > 0]


def codes():
    """Return categories as their numbers."""
    X, y = flights()
    X = pd.DataFrame({name: X[name].astype("category").cat.codes for name in ("month", "carrier", "origin")})
    return X[:300], y[:300]


def fitted(model, data, dtype=None):
    X, y = data()
    X = X if dtype is None else X.astype(dtype)
    return clone(model).fit(X, y), X


def sparse(model, data=counts):
    X, y = data()
    X = csr_matrix(X)
    return clone(model).fit(X, y), X


def in_parts(model, data):
    """Fit on three parts, with a class that is never seen."""
    X, y = data()
    classes = [*np.unique(y), 99]
    model = clone(model)
    for start in range(3):
        model.partial_fit(X[start::3], y[start::3], classes=classes)
    return model, X


GAUSSIAN = {
    "gaussian": GaussianNB(),
    "gaussian smoothed": GaussianNB(var_smoothing=0.1),
}
for name, model in GAUSSIAN.items():
    for load in (iris, two_of_three, breast_cancer, wine):
        CASES.add(f"{name} ({load.__name__})")(partial(fitted, model, load))
        CASES.add(f"{name} ({load.__name__}), float32")(partial(fitted, model, load, np.float32))
CASES.add("gaussian, priors")(partial(fitted, GaussianNB(priors=[0.6, 0.0, 0.4]), iris))
CASES.add("gaussian in parts")(partial(in_parts, GaussianNB(), iris))
CASES.add("gaussian (digits, constant columns)")(partial(fitted, GaussianNB(), digits))
CASES.add("gaussian, constant columns, not smoothed")(partial(fitted, GaussianNB(var_smoothing=0), counts))

DISCRETE = {
    "multinomial": MultinomialNB(),
    "multinomial alpha=0.1": MultinomialNB(alpha=0.1),
    "multinomial equal priors": MultinomialNB(fit_prior=False),
    "complement": ComplementNB(),
    "complement normalised": ComplementNB(norm=True, alpha=0.5),
    "bernoulli": BernoulliNB(),
    "bernoulli binarize=3.5": BernoulliNB(binarize=3.5),
    "bernoulli binarize=0.1": BernoulliNB(binarize=0.1, alpha=0.01),
    "bernoulli not binarized": BernoulliNB(binarize=None),
}
ZEROS = {
    "multinomial alpha=0": MultinomialNB(alpha=0),
    "multinomial alpha=0, at least 1e-10": MultinomialNB(alpha=0, force_alpha=False),
    "complement alpha=0": ComplementNB(alpha=0),
    "bernoulli alpha=0": BernoulliNB(alpha=0),
}


def bits(data):
    X, y = data()
    return (X > 0).astype(float), y


for name, model in DISCRETE.items():
    binary = model.get_params().get("binarize", 0) is None
    three, two = (partial(bits, data) if binary else data for data in (counts, two_counts))
    CASES.add(name)(partial(fitted, model, three))
    CASES.add(f"{name}, two classes")(partial(fitted, model, two))
    CASES.add(f"{name}, integers")(partial(fitted, model, three, int))
    CASES.add(f"{name}, float32")(partial(fitted, model, three, np.float32))
    CASES.add(f"{name}, sparse")(partial(sparse, model, three))
    CASES.add(f"{name}, in parts")(partial(in_parts, model, three))
for name, model in ZEROS.items():
    CASES.add(name)(partial(fitted, model, counts))
CASES.add("bernoulli at its threshold, float32", probes=lambda X: [X * 0 + np.float32(0.1)])(
    partial(fitted, BernoulliNB(binarize=0.1), counts, np.float32)
)
CASES.add("multinomial, class_prior")(partial(fitted, MultinomialNB(class_prior=[0.5, 0.3, 0.2]), counts))
CASES.add("multinomial, one alpha per column")(lambda: fitted(MultinomialNB(alpha=np.linspace(0.1, 2, 13)), counts))
for model in (GaussianNB(), MultinomialNB(), ComplementNB(), BernoulliNB()):
    name = type(model).__name__
    CASES.add(f"{name}, one class")(lambda model=model: (clone(model).fit(counts()[0], [5] * 200), counts()[0]))
    for kind in ("text", "bool", "negative"):
        CASES.add(f"{name}, classes {kind}")(partial(fitted, model, partial(labelled, kind)))

CATEGORICAL = {
    "categorical": CategoricalNB(),
    "categorical alpha=0.1": CategoricalNB(alpha=0.1),
    "categorical equal priors": CategoricalNB(fit_prior=False),
    "categorical, more than seen": CategoricalNB(min_categories=30),
    "categorical, more than seen by column": CategoricalNB(min_categories=[14, 20, 3]),
    "categorical alpha=0": CategoricalNB(alpha=0),
}
for name, model in CATEGORICAL.items():
    CASES.add(name)(partial(fitted, model, codes))
    CASES.add(f"{name}, doubles (cut to integers)")(partial(fitted, model, codes, float))
CASES.add("categorical, float32")(partial(fitted, CategoricalNB(), codes, np.float32))
CASES.add("categorical, one class")(lambda: (CategoricalNB().fit(codes()[0], [True] * 300), codes()[0]))


@CASES.add("categorical of three text classes, behind an encoder")
def encoded():
    X, _ = flights()
    X = X[["carrier", "origin", "dest"]].dropna()[:400]
    y = np.array(CLASSES["text"])[np.arange(400) % 3]
    return make_pipeline(OrdinalEncoder(), CategoricalNB()).fit(X, y), X


@CASES.add("categorical, in parts")
def categorical_in_parts():
    X, y = codes()
    model = CategoricalNB(min_categories=30)
    for start in range(3):
        model.partial_fit(X[start::3], y[start::3], classes=[False, True])
    return model, X


@CASES.add("gaussian, one column, one row")
def one_row():
    X, y = iris()
    X = X[["petal width (cm)"]]
    return GaussianNB().fit(X, y), X.head(1)
