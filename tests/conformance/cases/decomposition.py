"""Decompositions, mixtures and the elliptic envelope."""

from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import (
    PCA,
    DictionaryLearning,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    MiniBatchDictionaryLearning,
    MiniBatchSparsePCA,
    SparseCoder,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.linear_model import LogisticRegression
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.data import breast_cancer, diabetes, digits, iris, wine

CASES = Cases("decomposition")


def fitted(estimator, data, rows=200):
    X, y = data()
    X = X[:rows]
    return estimator.fit(X, y[:rows]), X


def add(name, estimator, data=wine, rows=200, **options):
    CASES.add(name, **options)(partial(fitted, estimator, data, rows))


add("pca", PCA(3))
add("pca whitened", PCA(3, whiten=True))
add("pca all components", PCA(), iris)
add("pca share of variance", PCA(0.9), breast_cancer)
add("pca rank deficient whitened", PCA(whiten=True, svd_solver="covariance_eigh"), digits)
add("pca density", PCA(3), methods=["score_samples"])
add("pca density all components", PCA(), iris, methods=["score_samples"])
add("pca density whitened", PCA(2, whiten=True), iris, methods=["score_samples"])
add("incremental pca", IncrementalPCA(3, batch_size=50))
add("incremental pca whitened", IncrementalPCA(2, whiten=True, batch_size=50), iris)
add("truncated svd", TruncatedSVD(3), digits)
add("fast ica", FastICA(3, whiten="unit-variance", random_state=0), iris)
add("fast ica not whitened", FastICA(whiten=False, random_state=0, max_iter=20), iris)
add("factor analysis", FactorAnalysis(3))
add("factor analysis rotated", FactorAnalysis(2, rotation="varimax"), iris)
add("factor analysis density", FactorAnalysis(2), iris, methods=["score_samples"])
add("factor analysis density of all", FactorAnalysis(4), iris, methods=["score_samples"])
add("sparse pca", SparsePCA(3, random_state=0, max_iter=10), iris)
add("sparse pca more components than columns", SparsePCA(6, random_state=0, max_iter=5), iris)
add("mini-batch sparse pca", MiniBatchSparsePCA(2, random_state=0, max_iter=5), iris)
add("dictionary threshold", DictionaryLearning(3, transform_algorithm="threshold", random_state=0, max_iter=5), iris)
add(
    "dictionary threshold split and positive",
    DictionaryLearning(
        3, transform_algorithm="threshold", transform_alpha=0.3, split_sign=True, random_state=0, max_iter=5
    ),
    iris,
)
add(
    "mini-batch dictionary positive codes",
    MiniBatchDictionaryLearning(
        3, transform_algorithm="threshold", positive_code=True, random_state=0, max_iter=3, fit_algorithm="cd"
    ),
    iris,
)
add(
    "sparse coder",
    SparseCoder(np.array([[1.0, 0, 0.5, 0], [0, -1, 0, 2]]), transform_algorithm="threshold", split_sign=True),
    iris,
)
add("rbm", BernoulliRBM(5, random_state=0, n_iter=2), lambda: (digits()[0] / 16, digits()[1]))


@CASES.add("pca of float32")
def pca_single():
    X = wine()[0].to_numpy(np.float32)
    return PCA(3).fit(X), X


@CASES.add("truncated svd of sparse")
def svd_sparse():
    X = csr_matrix(digits()[0].to_numpy()[:150])
    return TruncatedSVD(3).fit(X), X


@CASES.add("pca in a pipeline")
def pipeline():
    X, y = breast_cancer()
    X, y = X[:200], y[:200]
    return make_pipeline(StandardScaler(), PCA(5), LogisticRegression()).fit(X, y), X


for kind in ("full", "tied", "diag", "spherical"):
    for methods in (["predict", "predict_proba"], ["predict", "score_samples"]):
        of = f"{kind} {methods[1]}"
        add(f"mixture {of}", GaussianMixture(3, covariance_type=kind, random_state=0), iris, methods=methods)
        add(
            f"bayesian mixture {of}",
            BayesianGaussianMixture(n_components=3, covariance_type=kind, random_state=0),
            iris,
            methods=methods,
        )
add(
    "bayesian mixture of a dirichlet distribution",
    BayesianGaussianMixture(
        n_components=4, weight_concentration_prior_type="dirichlet_distribution", random_state=0, max_iter=30
    ),
    iris,
)
add("mixture of one", GaussianMixture(1), diabetes)


def whole_iris():
    X, y = iris()
    return (10 * X).round().astype(np.int64), y


def whole_iris_int32():
    X, y = whole_iris()
    return X.astype(np.int32), y


# The library stores the distances of whole numbers as whole numbers, and what does not fit is whatever C makes of it.
for kind in ("full", "tied", "diag", "spherical"):
    for data in (whole_iris, whole_iris_int32):
        add(
            f"mixture {kind} of {data.__name__}",
            GaussianMixture(3, covariance_type=kind, random_state=0),
            data,
            made=False,
            methods=["predict", "score_samples"],
        )
add(
    "bayesian mixture of whole numbers",
    BayesianGaussianMixture(n_components=3, random_state=0),
    whole_iris,
    made=False,
)
add("elliptic envelope", EllipticEnvelope(random_state=0), iris)
add("elliptic envelope at an integer rank", EllipticEnvelope(random_state=0, contamination=0.1), iris, rows=101)
add(
    "elliptic envelope scores",
    EllipticEnvelope(random_state=0, assume_centered=True, support_fraction=0.8),
    wine,
    methods=["predict", "decision_function", "score_samples"],
)
