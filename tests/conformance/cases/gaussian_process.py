"""Gaussian processes."""

import warnings
from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    Exponentiation,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.cases.kernels import head
from tests.conformance.data import diabetes, iris, labelled, linnerud, two_of_three

CASES = Cases("gaussian process")

SCALES = np.array([0.3, 1.0, 2.0, 0.5, 1.5, 1.0, 3.0, 1.0, 0.7, 2.5])
KERNELS = {
    "default": None,
    "rbf": RBF(2.0),
    "rbf anisotropic": RBF(SCALES),
    "rbf of one scale in an array": RBF([2.0]),
    "constant times rbf plus noise": ConstantKernel(2.0) * RBF(1.5) + WhiteKernel(0.1),
    "matern 0.5": Matern(nu=0.5),
    "matern 1.5": Matern(nu=1.5),
    "matern 2.5 anisotropic": Matern(SCALES, nu=2.5),
    "matern inf": Matern(nu=np.inf),
    "rational quadratic": RationalQuadratic(1.2, alpha=0.7),
    "periodic": ExpSineSquared(1.3, periodicity=2.0) + WhiteKernel(50.0),
    "dot product": DotProduct(0.5) + WhiteKernel(),
    "dot product squared": DotProduct(0.5) ** 2 + WhiteKernel(),
    "exponent 1.5": Exponentiation(RBF(2.0) + ConstantKernel(0.2), 1.5),
    "product of two scales": RBF(1.0) * Matern(4.0, nu=1.5) + DotProduct() * ExpSineSquared() + WhiteKernel(50.0),
    "two anisotropic": RBF(SCALES) + RBF(SCALES[::-1].copy()),
    "constant": ConstantKernel(3.0) + WhiteKernel(1.0),
}
PAIRWISE = ("linear", "poly", "rbf", "laplacian", "sigmoid", "cosine", "chi2")


def fitted(estimator, data, scaler=None):
    X, y = data()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(scaler or StandardScaler(), clone(estimator)).fit(X, y), X


few = partial(head, diabetes, 60)
for name, kernel in KERNELS.items():
    CASES.add(f"regressor {name}")(
        partial(fitted, GaussianProcessRegressor(kernel, alpha=0.5, optimizer=None, normalize_y=True), few)
    )
for metric in PAIRWISE:
    kernel = PairwiseKernel(gamma=0.4, metric=metric) + WhiteKernel(20.0)
    CASES.add(f"regressor pairwise {metric}")(
        partial(fitted, GaussianProcessRegressor(kernel, alpha=3.0, optimizer=None), few, MinMaxScaler(clip=True))
    )
CASES.add("regressor, optimised")(
    partial(fitted, GaussianProcessRegressor(RBF() + WhiteKernel(), random_state=0), partial(head, diabetes, 40))
)
CASES.add("regressor, interpolating: the weights cancel")(
    partial(fitted, GaussianProcessRegressor(RBF(5.0), optimizer=None), partial(head, diabetes, 40))
)
for normalize in (False, True):
    CASES.add(f"regressor of three targets, normalize_y={normalize}")(
        partial(fitted, GaussianProcessRegressor(RBF(), alpha=0.1, optimizer=None, normalize_y=normalize), linnerud)
    )


@CASES.add("regressor, prior")
def prior():
    X, _ = few()
    return GaussianProcessRegressor(), X


flowers = partial(head, iris, 60)


def texts():
    X, y = labelled("text")
    return X[::3], y[::3]


pair = partial(head, two_of_three, 50)
CLASSIFIERS = {
    "default": None,
    "rbf anisotropic": 4.0 * RBF(SCALES[:4]),
    "noise and product": DotProduct(1.0) + WhiteKernel(0.5),
    "matern 1.5": 2.0 * Matern(nu=1.5),
    "cosine": PairwiseKernel(metric="cosine") * 3.0,
    "two": RBF(0.5) + RationalQuadratic(),
}
for name, kernel in CLASSIFIERS.items():
    plain = GaussianProcessClassifier(kernel, optimizer=None)
    CASES.add(f"classifier {name} (two classes)")(partial(fitted, plain, pair))
    if name in ("default", "noise and product"):
        CASES.add(f"classifier {name} (iris)")(partial(fitted, plain, flowers))
CASES.add("classifier, optimised (two classes)")(
    partial(fitted, GaussianProcessClassifier(1.0 * RBF(), random_state=0), pair)
)
CASES.add("classifier one against one", methods=["predict"])(
    partial(fitted, GaussianProcessClassifier(RBF(), optimizer=None, multi_class="one_vs_one"), flowers)
)
CASES.add("classifier, classes text")(partial(fitted, GaussianProcessClassifier(RBF(), optimizer=None), texts))
