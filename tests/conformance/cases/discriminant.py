"""Discriminant analysis."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.covariance import LedoitWolf
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis as Linear
from sklearn.discriminant_analysis import QuadraticDiscriminantAnalysis as Quadratic
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.conformance.cases import Cases
from tests.conformance.data import breast_cancer, digits, iris, labelled, two_of_three, wine

CASES = Cases("discriminant")

EVERY = ("predict", "predict_proba", "decision_function")
LINEAR = {
    "linear svd": Linear(),
    "linear lsqr": Linear(solver="lsqr"),
    "linear lsqr shrunk": Linear(solver="lsqr", shrinkage="auto"),
    "linear eigen": Linear(solver="eigen", shrinkage=0.3),
    "linear eigen of another covariance": Linear(solver="eigen", covariance_estimator=LedoitWolf()),
    "linear with one component": Linear(n_components=1),
}
PRIORS = {"two": [0.9, 0.1], "three": [0.7, 0.0, 0.3]}
QUADRATIC = {
    "quadratic": Quadratic(),
    "quadratic regularised": Quadratic(reg_param=0.2),
    "quadratic eigen": Quadratic(solver="eigen"),
    "quadratic eigen shrunk": Quadratic(solver="eigen", shrinkage=0.1),
    "quadratic with covariances": Quadratic(store_covariance=True),
}
DATA = {"iris": iris, "two classes": two_of_three}


def fitted(model, data, dtype=np.float64):
    X, y = data()
    return clone(model).fit(X.astype(dtype), y), X.astype(dtype)


for name, model in (LINEAR | QUADRATIC).items():
    for data, load in DATA.items():
        CASES.add(f"{name} ({data})", methods=EVERY)(partial(fitted, model, load))
for name, model in {"linear": Linear(), "quadratic": Quadratic(reg_param=0.01)}.items():
    CASES.add(f"{name} (breast cancer, not scaled)", methods=EVERY)(partial(fitted, model, breast_cancer))
    CASES.add(f"{name} (wine)", methods=EVERY)(partial(fitted, model, wine))
for name, model in LINEAR.items():
    if "lsqr" not in name:
        CASES.add(f"{name}, transform (wine)", methods=["transform"])(partial(fitted, model, wine))
        CASES.add(f"{name}, transform (two classes)", methods=["transform"])(partial(fitted, model, two_of_three))
for name, data in (("three", iris), ("two", two_of_three)):
    priors = PRIORS[name]
    CASES.add(f"linear, priors of {name}", methods=EVERY)(partial(fitted, Linear(priors=priors), data))
    CASES.add(f"quadratic, priors of {name}", methods=EVERY)(partial(fitted, Quadratic(priors=priors), data))
    for model in (Linear(), Linear(solver="eigen"), Quadratic()):
        solver = f"{type(model).__name__} {model.solver}"
        CASES.add(f"{solver} of {name}, float32", methods=EVERY)(partial(fitted, model, data, np.float32))
CASES.add("linear, transform, float32", methods=["transform"])(partial(fitted, Linear(), iris, np.float32))
CASES.add("linear (digits)")(partial(fitted, Linear(), digits))
for kind in ("text", "bool", "negative"):
    CASES.add(f"linear, classes {kind}")(partial(fitted, Linear(), partial(labelled, kind)))
    CASES.add(f"quadratic, classes {kind}")(partial(fitted, Quadratic(), partial(labelled, kind)))


@CASES.add("linear, then logistic regression")
def projected():
    X, y = wine()
    return make_pipeline(Linear(), LogisticRegression()).fit(X, y), X


@CASES.add("quadratic, columns far from zero", probes=lambda X: [X + 1e9])
def far():
    X, y = iris()
    return Quadratic().fit(X + 1e6, y), X + 1e6


for model in (Linear(), Quadratic()):

    @CASES.add(f"{type(model).__name__}, integers, one row")
    def integers(model=model):
        X, y = wine()
        X = X[["alcohol", "proline"]].round().astype(int)
        return clone(model).fit(X, y), X.head(1)
