"""Decompositions and mixtures of float32, and of doubles where the model was fitted on float32, and the other way."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone
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
)
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled

CASES = Cases("float32 decomposition")

SCORED = ["score_samples"]
MIXED = ["predict", "predict_proba"]
SPARSE = {"random_state": 0, "max_iter": 5}
THRESHOLD = {"transform_algorithm": "threshold", "random_state": 0, "max_iter": 5}


def fitted(model: Any, name: str = "wine", fit: Any = np.float32, given: Any = np.float32) -> tuple[Any, Any]:
    X = bundled(name)[0].iloc[:120]
    return clone(model).fit(X.astype(fit)), X.astype(given)


for name, model in {
    "pca": PCA(3),
    "pca of all components": PCA(),
    "pca, whitened": PCA(2, whiten=True),
    "factor analysis": FactorAnalysis(2),
    "factor analysis of all components": FactorAnalysis(4),
}.items():
    CASES.add(f"{name}, density", methods=SCORED)(partial(fitted, model, "iris"))
CASES.add("pca, density, fitted on doubles", methods=SCORED)(partial(fitted, PCA(3), "iris", np.float64))
CASES.add("pca, density of doubles", methods=SCORED)(partial(fitted, PCA(3), "iris", np.float32, np.float64))

for name, model in {
    "factor analysis": FactorAnalysis(2, rotation="varimax"),
    "incremental pca, whitened": IncrementalPCA(2, whiten=True, batch_size=50),
    "fast ica": FastICA(2, whiten="unit-variance", random_state=0),
    "sparse pca": SparsePCA(3, **SPARSE),
    "sparse pca, more components than columns": SparsePCA(6, **SPARSE),
    "sparse pca, hardly a penalty": SparsePCA(3, ridge_alpha=1e-4, **SPARSE),
    "mini-batch sparse pca": MiniBatchSparsePCA(2, **SPARSE),
    "dictionary": DictionaryLearning(3, transform_alpha=0.1, **THRESHOLD),
    "dictionary, positive codes": MiniBatchDictionaryLearning(3, positive_code=True, fit_algorithm="cd", **THRESHOLD),
    "dictionary, split signs": DictionaryLearning(3, transform_alpha=0.3, split_sign=True, **THRESHOLD),
    "dictionary, a threshold in double": DictionaryLearning(3, transform_alpha=np.float64(0.1), **THRESHOLD),
    "sparse coder": SparseCoder(
        np.array([[1, 0, 0.5, 0], [0, -1, 0, 2]], dtype=np.float32), transform_algorithm="threshold"
    ),
    "sparse coder of doubles": SparseCoder(np.eye(4)[:2], transform_algorithm="threshold", split_sign=True),
    "sparse coder of whole numbers": SparseCoder(np.eye(4, dtype=int), transform_algorithm="threshold"),
}.items():
    CASES.add(name)(partial(fitted, model, "iris"))
CASES.add("sparse pca, fitted on doubles")(partial(fitted, SparsePCA(2, **SPARSE), "iris", np.float64))
CASES.add("sparse pca of doubles")(partial(fitted, SparsePCA(2, **SPARSE), "iris", np.float32, np.float64))
CASES.add("factor analysis of float16")(partial(fitted, FactorAnalysis(2), "iris", np.float16, np.float16))
CASES.add("elliptic envelope")(partial(fitted, EllipticEnvelope(random_state=0), "iris"))

for kind in ("full", "tied", "diag", "spherical"):
    for methods in (MIXED, ["predict", "score_samples"]):
        model = GaussianMixture(3, covariance_type=kind, random_state=0)
        CASES.add(f"mixture, {kind}, {methods[1]}", methods=methods)(partial(fitted, model, "iris"))
    CASES.add(f"mixture, {kind}, fitted on doubles", methods=MIXED)(partial(fitted, model, "iris", np.float64))
    CASES.add(f"mixture, {kind}, of doubles", methods=MIXED)(partial(fitted, model, "iris", np.float32, np.float64))
    bayesian = BayesianGaussianMixture(n_components=3, covariance_type=kind, random_state=0)
    CASES.add(f"bayesian mixture, {kind}", methods=["predict", "score_samples"])(partial(fitted, bayesian, "iris"))
CASES.add("mixture of many columns", methods=MIXED)(
    partial(fitted, GaussianMixture(2, covariance_type="diag", random_state=0), "wine")
)
