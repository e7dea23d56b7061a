"""Neighbours of float32: pair by pair in float32, Euclidean in double, for whole matrices, or by trees of doubles."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.impute import KNNImputer
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestCentroid,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, iris, wine, with_missing

CASES = Cases("float32 neighbors")
SINGLE, DOUBLE = np.float32, np.float64


def fitted(estimator: Any, data: Any = iris, fit: Any = SINGLE, ask: Any = SINGLE, y: Any = None) -> tuple[Any, Any]:
    """Fit on every second row in one dtype, and ask about all in another."""
    X, target = data()
    target = target if y is None else target.astype(y)
    return clone(estimator).fit(X.astype(fit)[::2], target[::2]), X.astype(ask)


def positive(data: Any) -> tuple[Any, Any]:
    X, y = data()
    return X - X.min() + 0.5, y


METRICS: dict[str, dict[str, Any]] = {
    "euclidean": {},
    "sqeuclidean": {},
    "manhattan": {},
    "chebyshev": {},
    "minkowski": {"p": 3},
    "canberra": {},
    "braycurtis": {},
    "cosine": {},
    "correlation": {},
    "hamming": {},
}
for metric, options in METRICS.items():
    model = KNeighborsRegressor(4, metric=metric, weights="distance", algorithm="brute", **options)
    CASES.add(f"regressor {metric}, brute")(partial(fitted, model, partial(positive, diabetes)))
    voting = KNeighborsClassifier(5, metric=metric, algorithm="brute", **options)
    CASES.add(f"classifier {metric}, brute")(partial(fitted, voting, partial(positive, iris)))
for metric in ("euclidean", "manhattan", "minkowski"):
    for fit, ask in ((DOUBLE, SINGLE), (SINGLE, DOUBLE)):
        model = KNeighborsRegressor(4, metric=metric, p=3, weights="distance", algorithm="brute")
        name = f"regressor {metric}, brute, {fit.__name__} asked about {ask.__name__}"
        CASES.add(name)(partial(fitted, model, diabetes, fit, ask))
for algorithm in ("brute", "kd_tree", "ball_tree"):
    for metric in ("euclidean", "manhattan", "chebyshev"):
        model = RadiusNeighborsClassifier(0.7, metric=metric, algorithm=algorithm, weights="distance", outlier_label=7)
        CASES.add(f"radius {metric}, {algorithm}")(partial(fitted, model))
    model = LocalOutlierFactor(7, novelty=True, algorithm=algorithm)
    for fit, ask in ((SINGLE, SINGLE), (DOUBLE, SINGLE), (SINGLE, DOUBLE)):
        name = f"lof {algorithm}, {fit.__name__} asked about {ask.__name__}"
        CASES.add(name, methods=["predict", "decision_function"])(partial(fitted, model, diabetes, fit, ask))
CASES.add("lof manhattan, brute, contamination", methods=["predict", "decision_function", "score_samples"])(
    partial(
        fitted,
        LocalOutlierFactor(5, novelty=True, algorithm="brute", metric="manhattan", contamination=0.1),
        diabetes,
    )
)
for metric, options in {"minkowski": {"p": 3}, "canberra": {}, "haversine": {}}.items():
    model = RadiusNeighborsRegressor(0.3, metric=metric, algorithm="brute", **options)
    CASES.add(f"radius regressor {metric}, brute")(
        partial(fitted, model, lambda: (diabetes()[0][["bmi", "bp"]] * 10, diabetes()[1]))
    )
CASES.add("regressor haversine by distance, brute")(
    partial(
        fitted,
        KNeighborsRegressor(metric="haversine", algorithm="brute", weights="distance"),
        lambda: (diabetes()[0][["bmi", "bp"]] * 10, diabetes()[1]),
    )
)
for name, options in {
    "seuclidean": {"metric": "seuclidean", "metric_params": {"V": diabetes()[0].var().to_numpy() * 2}},
    "weighted minkowski": {"p": 1, "metric_params": {"w": np.linspace(0.5, 3, 10)}},
}.items():
    model = KNeighborsRegressor(4, algorithm="brute", weights="distance", **options)
    CASES.add(f"regressor {name}, brute")(partial(fitted, model, diabetes))
for weights in ("uniform", "distance"):
    model = KNeighborsRegressor(4, weights=weights)
    CASES.add(f"regressor of float32 targets, {weights}")(partial(fitted, model, diabetes, y=SINGLE))
    of_radius = RadiusNeighborsRegressor(0.1, weights=weights)
    CASES.add(f"radius regressor of float32 targets, {weights}")(partial(fitted, of_radius, diabetes, y=SINGLE))
for algorithm in ("brute", "kd_tree"):
    graph = KNeighborsTransformer(n_neighbors=4, algorithm=algorithm)
    CASES.add(f"graph of k neighbours, {algorithm}")(
        lambda graph=graph: (clone(graph).fit(iris()[0].astype(SINGLE)[::9]), iris()[0].astype(SINGLE))
    )
CASES.add("graph within a radius, brute, manhattan")(
    lambda: (
        RadiusNeighborsTransformer(radius=1.3, algorithm="brute", metric="manhattan").fit(
            iris()[0].astype(SINGLE)[::9]
        ),
        iris()[0].astype(SINGLE),
    )
)
for name, model in {
    "nearest centroid": NearestCentroid(),
    "nearest centroid manhattan": NearestCentroid(metric="manhattan"),
    "nearest centroid, shrunken": NearestCentroid(shrink_threshold=0.4),
    "nearest centroid, priors": NearestCentroid(priors=[0.2, 0.5, 0.3]),
}.items():
    CASES.add(name)(partial(fitted, model, wine))
CASES.add("float16, brute")(
    partial(fitted, KNeighborsRegressor(4, algorithm="brute"), partial(positive, iris), np.float16, np.float16)
)


@CASES.add("k-nn nan_euclidean")
def with_holes() -> tuple[Any, Any]:
    X, y = with_missing(iris)
    model = KNeighborsClassifier(metric="nan_euclidean", algorithm="brute", weights="distance")
    return model.fit(X.astype(SINGLE)[::2], y[::2]), X.astype(SINGLE)


@CASES.add("k-nn cosine of short rows")
def short_rows() -> tuple[Any, Any]:
    X = np.vstack([diabetes()[0].to_numpy()[:30], np.full((3, 10), 1e-8)]).astype(SINGLE)
    return KNeighborsClassifier(metric="cosine").fit(X, np.arange(33) // 6), X


@CASES.add("sparse, brute")
def sparse() -> tuple[Any, Any]:
    X, y = diabetes()
    X = csr_matrix(X.to_numpy(dtype=np.float32))
    return KNeighborsRegressor(weights="distance").fit(X[::2], y[::2]), X


def imputed(imputer: Any, fit: Any = SINGLE, ask: Any = SINGLE) -> tuple[Any, Any]:
    X, _ = with_missing(iris)
    return clone(imputer).fit(X.astype(fit)[::2]), X.astype(ask)


for name, imputer in {
    "imputer": KNNImputer(),
    "imputer by distance": KNNImputer(weights="distance", add_indicator=True),
}.items():
    CASES.add(name)(partial(imputed, imputer))
    CASES.add(f"{name}, fitted on doubles")(partial(imputed, imputer, fit=DOUBLE))
    CASES.add(f"{name}, asked about doubles")(partial(imputed, imputer, ask=DOUBLE))


@CASES.add("imputer of another missing value")
def another_missing_value() -> tuple[Any, Any]:
    X = with_missing(iris)[0].fillna(0.1).astype(SINGLE)
    return KNNImputer(missing_values=0.1, n_neighbors=3).fit(X[::2]), X


@CASES.add("imputer with a column of nothing")
def empty_column() -> tuple[Any, Any]:
    X = with_missing(wine, share=0.4)[0].iloc[:, :4].assign(empty=np.nan).astype(SINGLE)
    return KNNImputer(keep_empty_features=False, add_indicator=True).fit(X[:40]), X
