"""Kernel methods that are no support vector machines: ridge, components, densities, label propagation, feature maps."""

from functools import partial

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.decomposition import KernelPCA
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
from tests.conformance.cases.linear import fitted
from tests.conformance.data import CLASSES, diabetes, iris, linnerud, two_of_three, wine

CASES = Cases("kernels")


def head(data, n=80):
    X, y = data()
    rows = np.random.default_rng(0).permutation(len(X))[:n]
    return X.iloc[rows], y.iloc[rows]


few = partial(head, diabetes)
flowers = partial(head, iris)


KERNELS = {
    "linear": {},
    "poly": {},
    "poly degree 2.5": {"kernel": "poly", "degree": 2.5, "gamma": 0.3, "coef0": 2},
    "polynomial": {"degree": 2},
    "rbf": {},
    "rbf gamma 2": {"kernel": "rbf", "gamma": 2.0},
    "sigmoid": {"gamma": 0.01, "coef0": 0.5},
    "laplacian": {},
    "cosine": {},
    "chi2": {"gamma": 0.5},
    "additive_chi2": {},
}
for name, options in KERNELS.items():
    options = {"kernel": name, **options}
    CASES.add(f"ridge {name}")(
        partial(fitted, make_pipeline(MinMaxScaler(clip=True), KernelRidge(alpha=0.5, **options)), few)
    )
    CASES.add(f"nystroem {name}")(
        partial(
            fitted, make_pipeline(MinMaxScaler(clip=True), Nystroem(n_components=7, random_state=0, **options)), flowers
        )
    )
for name in ("linear", "poly", "rbf", "sigmoid", "cosine"):
    CASES.add(f"pca {name}")(
        partial(fitted, make_pipeline(StandardScaler(), KernelPCA(n_components=4, kernel=name)), flowers)
    )
CASES.add("pca of all components, gamma 0.7")(
    partial(fitted, KernelPCA(kernel="rbf", gamma=0.7), partial(head, iris, 30))
)
CASES.add("ridge of three targets")(partial(fitted, KernelRidge(kernel="rbf", gamma=1e-4), linnerud))
CASES.add("ridge of integers")(
    lambda: (KernelRidge(kernel="rbf").fit([[0, 1], [2, 1], [3, 4]], [1, 2, 3]), np.array([[0, 1], [2, 1], [5, 4]]))
)
CASES.add("nystroem with kernel_params")(
    partial(
        fitted,
        Nystroem(kernel="poly", kernel_params={"degree": 2, "coef0": 3}, n_components=5, random_state=0),
        flowers,
    )
)


@CASES.add("ridge trained on a sparse matrix")
def sparse_ridge():
    X, y = few()
    return KernelRidge(kernel="rbf", gamma=3).fit(csr_matrix(X.to_numpy()), y), csr_matrix(X.to_numpy())


@CASES.add("centerer")
def centerer():
    X, _ = flowers()
    K = X.to_numpy()[:9] @ X.to_numpy()[:9].T
    return KernelCenterer().fit(K), K


CASES.add("rbf sampler")(partial(fitted, RBFSampler(n_components=9, random_state=0), flowers))
CASES.add("rbf sampler gamma scale")(partial(fitted, RBFSampler(gamma="scale", n_components=5, random_state=1), wine))
CASES.add("skewed chi2 sampler")(
    partial(fitted, SkewedChi2Sampler(skewedness=0.3, n_components=6, random_state=0), flowers)
)
for steps, interval in ((1, None), (2, None), (3, None), (4, 0.3)):
    CASES.add(f"additive chi2 sampler, {steps} steps")(
        partial(fitted, AdditiveChi2Sampler(sample_steps=steps, sample_interval=interval), flowers)
    )


@CASES.add("additive chi2 sampler of integers")
def chi2_of_integers():
    X = pd.DataFrame({"a": [0, 1, 2, 50], "b": [3, 0, 7, 1]})
    return AdditiveChi2Sampler(sample_steps=2).fit(X), X


@CASES.add("additive chi2 sampler of a sparse matrix")
def chi2_of_sparse():
    X = csr_matrix(np.array([[0, 1.5, 2], [3, 0, 0], [0, 0, 7.25]]))
    return AdditiveChi2Sampler(sample_steps=3).fit(X), X


for degree, coef0 in ((1, 0), (2, 0), (2, 1.5), (3, 1)):
    sketch = PolynomialCountSketch(gamma=0.7, degree=degree, coef0=coef0, n_components=11, random_state=0)
    CASES.add(f"count sketch, degree {degree}, coef0 {coef0}")(
        partial(fitted, make_pipeline(StandardScaler(), MinMaxScaler((-3, 4), clip=True), sketch), flowers)
    )
CASES.add("count sketch of 100 components (diabetes)")(
    partial(fitted, make_pipeline(MinMaxScaler(clip=True), PolynomialCountSketch(random_state=0)), few)
)


def density(options, data=flowers, weights=None):
    X, _ = data()
    return KernelDensity(**options).fit(X, sample_weight=weights), X


def petals():
    X, y = flowers()
    return X.iloc[:, 2:], y


for name in ("gaussian", "tophat", "epanechnikov", "exponential", "linear"):
    CASES.add(f"density {name}", methods=["score_samples"])(partial(density, {"kernel": name, "bandwidth": 0.8}))
# In four dimensions the library's norm of the cosine kernel is the logarithm of a negative number.
CASES.add("density cosine", methods=["score_samples"])(
    partial(density, {"kernel": "cosine", "bandwidth": 0.8}, data=petals)
)
for metric in ("manhattan", "chebyshev", "minkowski"):
    CASES.add(f"density {metric}", methods=["score_samples"])(partial(density, {"metric": metric, "bandwidth": 0.3}))
for metric, params in (("minkowski", {"p": 1}), ("p", {"p": 2}), ("seuclidean", {"V": [0.5, 1.0, 2.0, 0.1]})):
    CASES.add(f"density {metric} {params}", methods=["score_samples"])(
        partial(density, {"metric": metric, "metric_params": params, "algorithm": "ball_tree", "bandwidth": 0.7})
    )
for bandwidth in ("scott", "silverman"):
    CASES.add(f"density, bandwidth {bandwidth}", methods=["score_samples"])(partial(density, {"bandwidth": bandwidth}))
CASES.add("density, ball tree, depth first", methods=["score_samples"])(
    partial(density, {"algorithm": "ball_tree", "breadth_first": False, "leaf_size": 5})
)
CASES.add("density, weighted", methods=["score_samples"])(
    partial(density, {"bandwidth": 0.5}, weights=np.arange(80) % 7)
)


def propagated(estimator, data=iris, names=None):
    X, y = data()
    y = y.to_numpy().copy()
    y = np.array(CLASSES[names])[y] if names else y
    hidden = np.random.default_rng(0).random(len(y)) < 0.6
    return clone(estimator).fit(X, np.where(hidden, -1, y)), X


for estimator in (
    LabelPropagation(),
    LabelPropagation(gamma=3, max_iter=5),
    LabelSpreading(),
    LabelSpreading(alpha=0.7),
    LabelPropagation(kernel="knn", n_neighbors=5, max_iter=20),
    LabelSpreading(kernel="knn"),
):
    CASES.add(f"{estimator} (iris)")(partial(propagated, estimator))
CASES.add("label spreading (two classes)")(partial(propagated, LabelSpreading(gamma=2), two_of_three))
