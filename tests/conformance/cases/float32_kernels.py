"""Kernel methods on float32: kernels that scikit-learn computes in float32, and those that it makes doubles of."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.decomposition import KernelPCA
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.neighbors import KernelDensity
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KernelCenterer, MinMaxScaler, StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, iris, two_of_three

CASES = Cases("float32 kernels")
SINGLE, DOUBLE = np.float32, np.float64


def head(data: Any, n: int = 80) -> tuple[Any, Any]:
    X, y = data()
    rows = np.random.default_rng(0).permutation(len(X))[:n]
    return X.iloc[rows], y.iloc[rows]


few = partial(head, diabetes)
flowers = partial(head, iris)


def fitted(estimator: Any, data: Any = flowers, fit: Any = SINGLE, ask: Any = SINGLE) -> tuple[Any, Any]:
    """Fit on numbers of one dtype, and ask about the same in another."""
    X, y = data()
    return clone(estimator).fit(X.astype(fit), y), X.astype(ask)


SAMPLERS = {
    "rbf sampler": RBFSampler(n_components=9, random_state=0),
    "rbf sampler gamma scale": RBFSampler(gamma="scale", n_components=5, random_state=1),
    "skewed chi2 sampler": SkewedChi2Sampler(skewedness=0.3, n_components=6, random_state=0),
    "skewed chi2 sampler, a number of numpy": SkewedChi2Sampler(
        skewedness=np.float64(0.3), n_components=6, random_state=0
    ),
    "additive chi2 sampler": AdditiveChi2Sampler(sample_steps=3),
    "additive chi2 sampler of 1 step": AdditiveChi2Sampler(sample_steps=1),
    "additive chi2 sampler, a number of numpy": AdditiveChi2Sampler(sample_steps=2, sample_interval=np.float64(0.3)),
    "count sketch": make_pipeline(
        MinMaxScaler((-3, 4), clip=True),
        PolynomialCountSketch(gamma=0.7, degree=3, coef0=1.5, n_components=11, random_state=0),
    ),
    "count sketch, gamma in float32": PolynomialCountSketch(gamma=np.float32(0.7), n_components=11, random_state=0),
}
for name, model in SAMPLERS.items():
    CASES.add(name)(partial(fitted, model))
for name in ("rbf sampler", "skewed chi2 sampler"):
    CASES.add(f"{name}, fitted on doubles")(partial(fitted, SAMPLERS[name], fit=DOUBLE))
    CASES.add(f"{name}, asked about doubles")(partial(fitted, SAMPLERS[name], ask=DOUBLE))


@CASES.add("additive chi2 sampler, sparse")
def sparse_sampler() -> tuple[Any, Any]:
    X = csr_matrix(np.array([[0, 1.5, 2], [3, 0, 0], [0, 0, 7.25]], dtype=np.float32))
    return AdditiveChi2Sampler(sample_steps=3).fit(X), X


KERNELS: dict[str, dict[str, Any]] = {
    "linear": {},
    "poly": {},
    "poly degree 2.5": {"kernel": "poly", "degree": 2.5, "gamma": np.float64(0.3), "coef0": 2},
    "poly degree 1": {"kernel": "poly", "degree": 1, "gamma": 0.3},
    "polynomial": {"degree": 2},
    "rbf": {},
    "rbf, gamma a number of numpy": {"kernel": "rbf", "gamma": np.float64(2.1)},
    "sigmoid": {"gamma": 0.01, "coef0": 0.5},
    "laplacian": {},
    "cosine": {},
    "chi2": {"gamma": 0.5},
    "additive_chi2": {},
}
for name, options in KERNELS.items():
    options = {"kernel": name, **options}
    ridge = make_pipeline(MinMaxScaler(clip=True), KernelRidge(alpha=0.5, **options))
    CASES.add(f"ridge {name}")(partial(fitted, ridge, few))
    nystroem = make_pipeline(MinMaxScaler(clip=True), Nystroem(n_components=7, random_state=0, **options))
    CASES.add(f"nystroem {name}")(partial(fitted, nystroem))
for name in ("linear", "poly", "rbf", "sigmoid", "cosine"):
    pca = make_pipeline(StandardScaler(), KernelPCA(n_components=4, kernel=name))
    CASES.add(f"pca {name}")(partial(fitted, pca))
for name, estimator in {
    "ridge": KernelRidge(kernel="rbf", gamma=2),
    "nystroem": Nystroem(n_components=7, random_state=0),
    "pca": KernelPCA(n_components=3, kernel="rbf"),
}.items():
    CASES.add(f"{name}, fitted on doubles")(partial(fitted, estimator, fit=DOUBLE))
    CASES.add(f"{name}, asked about doubles")(partial(fitted, estimator, ask=DOUBLE))


@CASES.add("ridge of targets in float32")
def single_targets() -> tuple[Any, Any]:
    X, y = few()
    return KernelRidge(kernel="rbf", gamma=3).fit(X.astype(SINGLE), y.astype(SINGLE)), X.astype(SINGLE)


def short_rows(dtype: Any) -> tuple[Any, Any]:
    """Have rows of nearly no length, which scikit-learn does not bring to length one."""
    X = np.vstack([few()[0].to_numpy()[:30], np.full((3, 10), 1e-8), np.full((3, 10), 1e-17)]).astype(dtype)
    return KernelRidge(kernel="cosine").fit(X, np.arange(36.0)), X


CASES.add("ridge cosine of short rows")(partial(short_rows, SINGLE))
CASES.add("ridge cosine of short rows of doubles")(partial(short_rows, DOUBLE))


@CASES.add("ridge trained on a sparse matrix")
def sparse_ridge() -> tuple[Any, Any]:
    X, y = few()
    X = csr_matrix(X.to_numpy(dtype=np.float32))
    return KernelRidge(kernel="rbf", gamma=3).fit(X, y), X


@CASES.add("centerer")
def centerer() -> tuple[Any, Any]:
    K = flowers()[0].to_numpy(dtype=np.float32)[:9]
    K = K @ K.T
    return KernelCenterer().fit(K), K


@CASES.add("centerer fitted on doubles")
def centerer_of_doubles() -> tuple[Any, Any]:
    K = flowers()[0].to_numpy()[:9]
    K = K @ K.T
    return KernelCenterer().fit(K), K.astype(np.float32)


@CASES.add("density", methods=["score_samples"])
def density() -> tuple[Any, Any]:
    X = flowers()[0].astype(SINGLE)
    return KernelDensity(bandwidth=0.8).fit(X), X


def propagated(estimator: Any) -> tuple[Any, Any]:
    X, y = iris()
    hidden = np.random.default_rng(0).random(len(y)) < 0.6
    return clone(estimator).fit(X.astype(SINGLE), np.where(hidden, -1, y)), X.astype(SINGLE)


for estimator in (LabelPropagation(), LabelSpreading(), LabelPropagation(kernel="knn", n_neighbors=5, max_iter=20)):
    CASES.add(f"{estimator}")(partial(propagated, estimator))


def process(estimator: Any, data: Any, fit: Any = SINGLE, ask: Any = SINGLE) -> tuple[Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fitted(make_pipeline(StandardScaler(), estimator), data, fit, ask)


GAUSSIAN: dict[str, Any] = {
    "rbf": ConstantKernel(2.0) * RBF(1.5) + WhiteKernel(0.1),
    "matern and periodic": Matern(2.0, nu=1.5) + RationalQuadratic() * ExpSineSquared() + WhiteKernel(50.0),
    "dot product": DotProduct(0.5),
    "dot product, a number of numpy": DotProduct(np.float64(0.7)) ** 2 + WhiteKernel(),
    "products in float32": (DotProduct(1.3) + PairwiseKernel(gamma=0.1, metric="rbf")) * DotProduct() ** 2,
    "laplacian": PairwiseKernel(gamma=0.4, metric="laplacian") + DotProduct(),
    "cosine": PairwiseKernel(metric="cosine"),
}
some = partial(head, diabetes, 50)
for name, kernel in GAUSSIAN.items():
    CASES.add(f"process {name}")(
        partial(process, GaussianProcessRegressor(kernel, alpha=5.0, optimizer=None, normalize_y=True), some)
    )
CASES.add("process, optimised")(
    partial(process, GaussianProcessRegressor(DotProduct() + WhiteKernel(), random_state=0), some)
)
for fit, ask in ((SINGLE, DOUBLE), (DOUBLE, SINGLE)):
    CASES.add(f"process, {fit.__name__} asked about {ask.__name__}")(
        partial(
            process,
            GaussianProcessRegressor(GAUSSIAN["products in float32"], alpha=5.0, optimizer=None),
            some,
            fit,
            ask,
        )
    )
for name in ("rbf", "products in float32", "cosine"):
    model = GaussianProcessClassifier(GAUSSIAN[name], optimizer=None)
    CASES.add(f"process classifier {name}")(partial(process, model, partial(head, two_of_three, 50)))
CASES.add("process classifier of three")(
    partial(process, GaussianProcessClassifier(DotProduct(), optimizer=None), partial(head, iris, 50))
)


@CASES.add("process of targets in float32")
def process_of_single_targets() -> tuple[Any, Any]:
    X, y = some()
    X, y = X.astype(SINGLE), y.astype(SINGLE)
    return GaussianProcessRegressor(DotProduct(0.5), alpha=1.0, optimizer=None).fit(X, y), X
