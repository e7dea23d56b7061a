"""Metrics of neighbours and densities: weights of columns, what scipy computes otherwise, and all that trees know."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import (
    KernelDensity,
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
)

from tests.conformance.cases import Cases
from tests.conformance.data import breast_cancer, diabetes, iris, wine

CASES = Cases("metrics")
LENGTHS = np.array([0.5, 2, 1, 3.0])
UNEVEN = np.array([0.1, 0.7, 0.3, 1.1])
"""Weights whose sums are rounded."""


def of_every_second(estimator: Any, data: Any, fit: Any = None, ask: Any = None) -> tuple[Any, Any]:
    """Fit on every second row, in one dtype, and ask about all in another."""
    X, y = data()
    return clone(estimator).fit(X.astype(fit or X.dtypes.iloc[0])[::2], y[::2]), X.astype(ask or X.dtypes.iloc[0])


def whole() -> tuple[Any, Any]:
    """Return iris in millimetres from the middle: small whole numbers of either sign, some of them zero."""
    X, y = iris()
    return (X * 10 - (X * 10).median()).round().astype(np.int64), y


def zeros_and_ones() -> tuple[Any, Any]:
    X, y = breast_cancer()
    return (X.median() < X).iloc[:300:2, ::4].astype(np.float64), y[:300:2]


BOOLEAN = ("jaccard", "dice", "rogerstanimoto", "russellrao", "sokalsneath", "yule")
for metric in ("hamming", *BOOLEAN):
    weights = np.array([0.1, 0.7, 0.3, 1.1, 0.2, 0.0, 2.5, 0.6])
    for name, model in {
        "classifier": KNeighborsClassifier(4, metric=metric, algorithm="brute", metric_params={"w": weights}),
        "regressor": KNeighborsRegressor(
            4, metric=metric, algorithm="brute", weights="distance", metric_params={"w": weights}
        ),
    }.items():
        CASES.add(f"{name} {metric}, weighted columns")(partial(of_every_second, model, zeros_and_ones))
CASES.add("classifier jaccard, weighted columns of booleans")(
    partial(
        of_every_second,
        KNeighborsClassifier(4, metric="jaccard", algorithm="brute", metric_params={"w": np.arange(8.0)}),
        zeros_and_ones,
        bool,
        bool,
    )
)


@CASES.add("hamming, weights of 70 columns")
def long_hamming():
    rng = np.random.default_rng(0)
    X, w = rng.integers(0, 3, (80, 70)).astype(float), rng.random(70)
    model = KNeighborsRegressor(3, metric="hamming", algorithm="brute", metric_params={"w": w}, weights="distance")
    return model.fit(X[::2], np.arange(40.0)), X


@CASES.add("russellrao, weights of 70 columns")
def long_russellrao():
    rng = np.random.default_rng(0)
    X, w = rng.integers(0, 2, (80, 70)).astype(float), rng.random(70)
    model = KNeighborsRegressor(3, metric="russellrao", algorithm="brute", metric_params={"w": w}, weights="distance")
    return model.fit(X[::2], np.arange(40.0)), X


for metric in ("sqeuclidean", "chebyshev", "canberra", "braycurtis", "hamming"):
    for name, w in {"even": LENGTHS, "uneven": UNEVEN}.items():
        model = KNeighborsClassifier(4, metric=metric, algorithm="brute", metric_params={"w": w})
        CASES.add(f"classifier {metric} of integers, {name} weights")(partial(of_every_second, model, whole))
    model = KNeighborsRegressor(
        4, metric=metric, algorithm="brute", weights="distance", metric_params={"w": np.array([1, 0, 2, 0.3])}
    )
    CASES.add(f"regressor {metric} of integers, a column that does not count")(partial(of_every_second, model, whole))
    CASES.add(f"regressor {metric}, weights, float32 asked about doubles")(
        partial(of_every_second, model, iris, np.float32, np.float64)
    )
for metric in ("canberra", "braycurtis", "chebyshev", "sqeuclidean"):
    model = KNeighborsRegressor(4, metric=metric, algorithm="brute", weights="distance")
    CASES.add(f"regressor {metric} of integers")(partial(of_every_second, model, whole))
CASES.add("regressor braycurtis of integers by a tree")(
    partial(of_every_second, KNeighborsRegressor(4, metric="braycurtis", algorithm="ball_tree"), whole)
)
CASES.add("regressor braycurtis, doubles asked about float32")(
    partial(
        of_every_second,
        KNeighborsRegressor(4, metric="braycurtis", algorithm="brute", weights="distance"),
        iris,
        np.float64,
        np.float32,
    )
)
for p in (0.5, 1, 2, 3, np.inf):
    model = KNeighborsClassifier(4, p=p, algorithm="brute", metric_params={"w": UNEVEN})
    CASES.add(f"classifier minkowski of integers, p={p}, weights")(partial(of_every_second, model, whole))
for algorithm in ("kd_tree", "ball_tree"):
    for p in (None, 1, 3, np.inf):
        params = None if p is None else {"p": p}
        model = KNeighborsRegressor(4, metric="p", algorithm=algorithm, metric_params=params, weights="distance")
        CASES.add(f"regressor by the metric 'p' of {p}, {algorithm}")(partial(of_every_second, model, iris))
CASES.add("regressor by the metric 'p', weighted columns, ball tree")(
    partial(
        of_every_second,
        KNeighborsRegressor(4, metric="p", algorithm="ball_tree", metric_params={"p": 3, "w": UNEVEN}),
        iris,
    )
)
for metric in ("euclidean", "sqeuclidean"):
    model = KNeighborsRegressor(
        4, metric=metric, algorithm="brute", weights="distance", metric_params={"w": LENGTHS * 100}
    )
    CASES.add(f"regressor {metric}, weights that the library ignores")(partial(of_every_second, model, iris))
for metric in ("cosine", "nan_euclidean"):
    # Of neighbours of one class, the mean is a whole number, but for what the library rounds to float32.
    model = KNeighborsRegressor(3, metric=metric, algorithm="brute", weights="distance")
    CASES.add(f"regressor {metric} of float32 and whole targets")(
        partial(of_every_second, model, iris, np.float32, np.float32)
    )
for metric in ("l1", "l2", "infinity", "sokalmichener"):
    data = zeros_and_ones if metric == "sokalmichener" else iris
    model = KNeighborsRegressor(4, metric=metric, algorithm="ball_tree", weights="distance")
    CASES.add(f"regressor {metric} by a tree")(partial(of_every_second, model, data))
for metric in ("canberra", "hamming", "seuclidean", "mahalanobis"):
    X, _ = iris()
    params = {"seuclidean": {"V": X.var().to_numpy()}, "mahalanobis": {"VI": np.linalg.inv(np.cov(X.T))}}.get(metric)
    for algorithm in ("brute", "ball_tree"):
        options: dict[str, Any] = {"metric": metric, "metric_params": params, "algorithm": algorithm}
        CASES.add(f"radius {metric}, {algorithm}")(
            partial(of_every_second, RadiusNeighborsClassifier(0.55, outlier_label=7, **options), iris)
        )
        CASES.add(f"lof {metric}, {algorithm}", methods=["predict", "score_samples"])(
            partial(of_every_second, LocalOutlierFactor(6, novelty=True, **options), iris)
        )
CASES.add("radius hamming, weighted columns")(
    partial(
        of_every_second,
        RadiusNeighborsRegressor(0.4, metric="hamming", algorithm="brute", metric_params={"w": UNEVEN}),
        whole,
    )
)
CASES.add("lof sqeuclidean of integers, weighted columns", methods=["predict", "score_samples"])(
    partial(
        of_every_second,
        LocalOutlierFactor(6, novelty=True, metric="sqeuclidean", algorithm="brute", metric_params={"w": UNEVEN}),
        whole,
    )
)
for metric in ("hamming", "braycurtis"):
    CASES.add(f"graph of k neighbours, {metric}, weighted columns")(
        lambda metric=metric: (
            KNeighborsTransformer(n_neighbors=3, metric=metric, algorithm="brute", metric_params={"w": UNEVEN}).fit(
                whole()[0][::15]
            ),
            whole()[0],
        )
    )


def density(options: dict[str, Any], data: Any = iris, weighted: bool = False) -> tuple[Any, Any]:
    X, _ = data()
    weights = np.arange(len(X[::2])) % 5 if weighted else None
    return KernelDensity(**options).fit(X[::2], sample_weight=weights), X


def add_density(name: str, data: Any = iris, weighted: bool = False, **options: Any) -> None:
    CASES.add(f"density {name}", methods=["score_samples"])(partial(density, options, data, weighted))


def angles() -> tuple[Any, Any]:
    X, y = wine()
    return X[["alcohol", "hue"]] / 10, y


SPREAD = iris()[0].cov().to_numpy()
for algorithm in ("kd_tree", "ball_tree"):
    for p in (1, 1.5, 3, np.inf):
        options = {"metric": "minkowski", "metric_params": {"p": p}, "algorithm": algorithm}
        add_density(f"minkowski p={p}, {algorithm}", bandwidth=0.6, kernel="gaussian", **options)
add_density("minkowski p=0.5, kd_tree", metric="minkowski", metric_params={"p": 0.5}, kernel="exponential")
for p in (1, 2, 2.5):
    for kernel in ("gaussian", "epanechnikov"):
        options = {"metric": "p", "metric_params": {"p": p, "w": UNEVEN}, "algorithm": "ball_tree"}
        add_density(f"{kernel}, weighted minkowski p={p}", bandwidth=0.7, kernel=kernel, **options)
KERNELS = ("gaussian", "tophat", "epanechnikov", "exponential", "linear")
for kernel in KERNELS:
    add_density(f"{kernel}, mahalanobis", kernel=kernel, metric="mahalanobis", metric_params={"V": SPREAD})
    add_density(f"{kernel}, canberra", kernel=kernel, metric="canberra", bandwidth=0.3)
    add_density(f"{kernel}, hamming", kernel=kernel, metric="hamming", bandwidth=0.8)
    add_density(f"{kernel}, jaccard", zeros_and_ones, kernel=kernel, metric="jaccard", bandwidth=0.5)
    add_density(f"{kernel}, braycurtis", kernel=kernel, metric="braycurtis", bandwidth=0.1)
for kernel in (*KERNELS, "cosine"):
    add_density(f"{kernel}, haversine", angles, kernel=kernel, metric="haversine", bandwidth=0.05)
for metric in ("dice", "rogerstanimoto", "russellrao", "sokalsneath", "sokalmichener"):
    for kernel in ("gaussian", "exponential"):
        add_density(f"{kernel}, {metric}", zeros_and_ones, kernel=kernel, metric=metric, bandwidth=0.4)
for metric in ("l1", "l2", "cityblock", "infinity", "chebyshev"):
    add_density(metric, metric=metric, kernel="tophat", bandwidth=0.9)
add_density("mahalanobis by VI, weighted", weighted=True, metric="mahalanobis", metric_params={"VI": np.eye(4) * 2})
add_density("seuclidean", metric="seuclidean", metric_params={"V": LENGTHS}, kernel="linear")
add_density("canberra, weighted", weighted=True, metric="canberra", kernel="exponential")
add_density("hamming of integers, weighted", whole, weighted=True, metric="hamming")
add_density("haversine of one row", lambda: (angles()[0][:1], None), metric="haversine")
add_density("minkowski of ten columns", diabetes, metric="minkowski", metric_params={"p": 4}, bandwidth=0.05)
for kernel in ("gaussian", "tophat", "linear"):
    # Most rows are in sparse places, where the library's own bounds leave little of the sum, or a trace of nothing.
    add_density(f"{kernel} of many nodes, narrow", wine, kernel=kernel, bandwidth=9.0, leaf_size=4)
    add_density(f"{kernel} of one node, narrow", wine, kernel=kernel, bandwidth=9.0, leaf_size=1000)
