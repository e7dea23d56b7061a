"""What kernel estimators cannot do in SQL is refused with the part and a way out."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import Matern, PairwiseKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.neighbors import KernelDensity
from sklearn.semi_supervised import LabelPropagation
from sklearn.svm import SVC, SVR

import sqlops
from sqlops.errors import UnsupportedOptionError

X, Y = (part[::5] for part in load_iris(return_X_y=True))
GRAM = X @ X.T


def euclidean(x, y):
    return np.sqrt(np.sum((x - y) ** 2))


def scaled_product(x, y, gamma):
    return gamma * x @ y


REFUSED = {
    "callable svm": (lambda: SVR(kernel=rbf_kernel).fit(X, Y), X, "fit with one of: linear, poly, rbf, sigmoid"),
    "precomputed svm": (lambda: SVC(kernel="precomputed").fit(GRAM, Y), GRAM, "fit with one of"),
    "ties of pairs": (
        lambda: SVC(break_ties=True, decision_function_shape="ovo").fit(X, Y),
        X,
        "decision_function_shape='ovr'",
    ),
    "callable ridge": (lambda: KernelRidge(kernel=lambda x, y: x @ y).fit(X, Y), X, "use a kernel by name"),
    "precomputed ridge": (lambda: KernelRidge(kernel="precomputed").fit(GRAM, Y), GRAM, "use a kernel by name"),
    "rough matern": (lambda: GaussianProcessRegressor(Matern(nu=0.7), alpha=1).fit(X, Y), X, "no Bessel functions"),
    "callable pairwise": (
        lambda: GaussianProcessRegressor(PairwiseKernel(metric=scaled_product), optimizer=None, alpha=1).fit(X, Y),
        X,
        "use a kernel by name",
    ),
    "callable labels": (lambda: LabelPropagation(kernel=rbf_kernel).fit(X, Y), X, "fit with kernel='rbf'"),
    "density within a tolerance": (lambda: KernelDensity(rtol=1e-3).fit(X), X, "set rtol=0"),
    "density by a function": (
        lambda: KernelDensity(metric="pyfunc", metric_params={"func": euclidean}, algorithm="ball_tree").fit(X),
        X,
        "a metric with a name",
    ),
    "density by a weighted k-d tree": (
        lambda: KernelDensity(metric="minkowski", metric_params={"p": 3, "w": np.arange(4.0)}).fit(X),
        X,
        "use algorithm='ball_tree'",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_option_that_is_not_covered_says_what_would_work(name):
    build, data, hint = REFUSED[name]
    with pytest.raises(UnsupportedOptionError, match=hint):
        sqlops.compile(build(), data)
