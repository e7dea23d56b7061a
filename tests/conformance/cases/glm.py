"""Generalised linear models."""

from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, wine

CASES = Cases("glm")

MODELS = {
    "poisson": PoissonRegressor(),
    "poisson without intercept": PoissonRegressor(fit_intercept=False),
    "poisson newton": PoissonRegressor(solver="newton-cholesky", alpha=0.01),
    "gamma": GammaRegressor(),
    "gamma without intercept": GammaRegressor(fit_intercept=False),
    **{
        f"tweedie power={power} link={link}": TweedieRegressor(power=power, link=link, max_iter=200)
        for power in (-1, 0, 1, 1.5, 2, 3)
        for link in ("auto", "log")
    },
    "tweedie power=0 link=identity": TweedieRegressor(power=0, link="identity"),
    "tweedie power=1 link=identity": TweedieRegressor(power=1, link="identity", alpha=100.0),
}


def fitted(model, dtype=np.float64):
    X, y = diabetes()
    return clone(model).fit(X.astype(dtype), y), X.astype(dtype)


for name, model in MODELS.items():
    CASES.add(name)(partial(fitted, model))
for name in ("poisson", "gamma", "tweedie power=1.5 link=auto", "tweedie power=0 link=identity"):
    CASES.add(f"{name}, float32")(partial(fitted, MODELS[name], np.float32))


@CASES.add("poisson, columns far apart (scores that overflow)", probes=lambda X: [X * 1e3, X * -1e3])
def not_scaled():
    X, y = wine()
    return PoissonRegressor(max_iter=20).fit(X, y), X


@CASES.add("poisson, integers")
def integers():
    X, y = wine()
    X = X.round().astype(int)
    return PoissonRegressor(max_iter=20).fit(X, y), X


@CASES.add("tweedie, sparse")
def sparse():
    X, y = wine()
    X = csr_matrix(X.where(X.mean() < X, 0.0) / X.max())
    return TweedieRegressor(power=1.5).fit(X, y), X


@CASES.add("gamma, one column, one row")
def one_row():
    X, y = diabetes()
    return GammaRegressor().fit(X[["bmi"]], y), X[["bmi"]].head(1)
