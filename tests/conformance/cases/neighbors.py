"""Estimators that ask the nearest training rows."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NearestCentroid,
    NeighborhoodComponentsAnalysis,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import (
    breast_cancer,
    diabetes,
    digits,
    iris,
    labelled,
    linnerud,
    two_of_three,
    wine,
    with_missing,
)

CASES = Cases("neighbors")


def scaled(estimator):
    return make_pipeline(StandardScaler(), estimator)


def half(data):
    """Return every second row: the others are new to a model."""
    X, y = data()
    return X[::2], y[::2]


def fitted_on_half(estimator, data):
    X, y = half(data)
    return clone(estimator).fit(X, y), data()[0]


def positive(data):
    X, y = data()
    return X[::3] - X.min() + 0.5, y[::3]


def bits(data):
    X, y = data()
    return (X.median() < X).iloc[::3], y[::3]


for weights in ("uniform", "distance"):
    for k in (1, 2, 12):
        CASES.add(f"k-nn of {k}, weights {weights} (iris: duplicates and ties)")(
            partial(fitted, KNeighborsClassifier(k, weights=weights), iris)
        )
for algorithm in ("brute", "kd_tree", "ball_tree"):
    for weights in ("uniform", "distance"):
        model = KNeighborsClassifier(algorithm=algorithm, weights=weights)
        CASES.add(f"k-nn {algorithm}, {weights} (wine, scaled)")(partial(fitted_on_half, scaled(model), wine))
        model = KNeighborsRegressor(algorithm=algorithm, weights=weights)
        CASES.add(f"k-nn regressor {algorithm}, {weights} (diabetes)")(partial(fitted_on_half, model, diabetes))
    CASES.add(f"k-nn {algorithm} (breast cancer, not scaled)")(
        partial(fitted_on_half, KNeighborsClassifier(algorithm=algorithm), breast_cancer)
    )
    CASES.add(f"k-nn {algorithm} (iris)")(partial(fitted, KNeighborsClassifier(algorithm=algorithm), iris))
CASES.add("k-nn (digits: whole numbers of 64 columns)")(partial(fitted_on_half, KNeighborsClassifier(), digits))
CASES.add("k-nn of two classes")(partial(fitted_on_half, KNeighborsClassifier(3), two_of_three))
for kind in ("text", "bool", "float"):
    CASES.add(f"k-nn, classes {kind}")(partial(fitted, KNeighborsClassifier(), partial(labelled, kind)))

METRICS = {
    "manhattan": {},
    "cityblock": {},
    "l1": {},
    "l2": {},
    "chebyshev": {},
    "euclidean": {},
    "sqeuclidean": {},
    "minkowski": {"p": 3},
    "canberra": {},
    "braycurtis": {},
    "cosine": {},
    "correlation": {},
    "hamming": {},
}
for metric, options in METRICS.items():
    model = KNeighborsClassifier(4, metric=metric, **options)
    CASES.add(f"k-nn {metric} (wine, positive)")(partial(fitted, model, partial(positive, wine)))
    model = KNeighborsRegressor(4, metric=metric, weights="distance", **options)
    CASES.add(f"k-nn regressor {metric} (iris, half)")(partial(fitted_on_half, model, iris))
for metric in ("jaccard", "dice", "rogerstanimoto", "russellrao", "sokalsneath", "yule"):
    CASES.add(f"k-nn {metric} (wine, booleans)")(
        partial(fitted, KNeighborsClassifier(4, metric=metric), partial(bits, wine))
    )
for p in (0.5, 1, 1.5, np.inf):
    CASES.add(f"k-nn p={p} (iris)")(partial(fitted, KNeighborsClassifier(p=p, algorithm="brute"), iris))
for p in (1, 2, 3):
    for algorithm in ("brute", "ball_tree"):
        model = KNeighborsClassifier(
            p=p, algorithm=algorithm, weights="distance", metric_params={"w": np.array([0.5, 2, 1, 3.0])}
        )
        CASES.add(f"k-nn weighted minkowski p={p} {algorithm} (iris)")(partial(fitted_on_half, model, iris))
for weights in ("uniform", "distance"):
    model = KNeighborsRegressor(metric="correlation", weights=weights, metric_params={"w": np.array([0.5, 2, 1, 3.0])})
    CASES.add(f"k-nn weighted correlation, {weights} (iris)")(partial(fitted_on_half, model, iris))
for algorithm in ("brute", "ball_tree"):
    X, _ = iris()
    for metric, params in {
        "seuclidean": {"V": X.var().to_numpy()},
        "mahalanobis": {"VI": np.linalg.inv(np.cov(X.T))},
    }.items():
        model = KNeighborsRegressor(metric=metric, metric_params=params, algorithm=algorithm, weights="distance")
        CASES.add(f"k-nn regressor {metric} {algorithm} (iris)")(partial(fitted_on_half, model, iris))
CASES.add("k-nn mahalanobis by V (iris)")(
    partial(
        fitted_on_half,
        KNeighborsClassifier(metric="mahalanobis", metric_params={"V": np.cov(iris()[0].T)}, algorithm="ball_tree"),
        iris,
    )
)


@CASES.add("k-nn haversine (two columns of wine as angles)")
def haversine():
    X, y = wine()
    X = X[["alcohol", "hue"]] / 10
    return KNeighborsClassifier(metric="haversine", weights="distance", algorithm="ball_tree").fit(X[::2], y[::2]), X


@CASES.add("k-nn nan_euclidean (wine with missing values)")
def with_holes():
    X, y = with_missing(wine)
    return KNeighborsClassifier(metric="nan_euclidean", algorithm="brute").fit(X[::2], y[::2]), X


@CASES.add("k-nn of several targets")
def several_targets():
    X, y = iris()
    return KNeighborsClassifier().fit(X[::2], np.column_stack([y, y == 1, y // 2])[::2]), X


@CASES.add("k-nn of several targets by distance")
def several_weighted_targets():
    X, y = iris()
    return KNeighborsClassifier(weights="distance").fit(X[::2], np.column_stack([y, y == 1])[::2]), X


@CASES.add("k-nn fitted on a sparse matrix")
def sparse():
    from scipy.sparse import csr_matrix

    X, y = iris()
    return KNeighborsClassifier().fit(csr_matrix(X[::2].to_numpy()), y[::2]), X.to_numpy()


@CASES.add("k-nn of float32")
def single():
    X, y = iris()
    X = X.astype(np.float32)
    return KNeighborsClassifier(algorithm="kd_tree", weights="distance").fit(X[::2], y[::2]), X


@CASES.add("k-nn of float32, brute")
def single_brute():
    X, y = wine()
    X = X.astype(np.float32)
    return KNeighborsClassifier(algorithm="brute").fit(X[::2], y[::2]), X


@CASES.add("k-nn of integers")
def integers():
    X, y = wine()
    X = np.round(X.to_numpy()).astype(np.int64)
    return KNeighborsClassifier(weights="distance").fit(X[::2], y[::2]), X


@CASES.add("k-nn, every row twice")
def duplicated():
    X, y = wine()
    model = KNeighborsRegressor(4, weights="distance").fit(np.vstack([X, X]), np.concatenate([y, y]))
    return model, X.to_numpy()


@CASES.add("k-nn, one row in X")
def one_row():
    X, y = iris()
    return KNeighborsClassifier().fit(X, y), X[:1]


@CASES.add("k-nn of one class and a constant column")
def one_class():
    X, y = iris()
    return KNeighborsClassifier().fit(X[:50].assign(same=1.0), y[:50]), X[:70].assign(same=1.0)


CASES.add("k-nn regressor of three targets")(partial(fitted, KNeighborsRegressor(3), linnerud))
CASES.add("k-nn regressor of three targets by distance")(
    partial(fitted, KNeighborsRegressor(3, weights="distance"), linnerud)
)
CASES.add("k-nn regressor of whole targets")(partial(fitted_on_half, KNeighborsRegressor(), iris))

for weights in ("uniform", "distance"):
    for algorithm in ("brute", "kd_tree"):
        for outlier in (None, "most_frequent", 7):
            model = RadiusNeighborsClassifier(0.45, weights=weights, algorithm=algorithm, outlier_label=outlier)
            CASES.add(f"radius {weights} {algorithm}, outliers {outlier} (iris)")(partial(fitted_on_half, model, iris))
        model = RadiusNeighborsRegressor(0.45, weights=weights, algorithm=algorithm)
        CASES.add(f"radius regressor {weights} {algorithm} (iris, whole targets)")(partial(fitted_on_half, model, iris))
        model = RadiusNeighborsRegressor(0.1, weights=weights, algorithm=algorithm)
        CASES.add(f"radius regressor {weights} {algorithm} (diabetes)")(partial(fitted_on_half, model, diabetes))
CASES.add("radius manhattan")(
    partial(fitted_on_half, RadiusNeighborsClassifier(0.7, metric="manhattan", outlier_label="most_frequent"), iris)
)
CASES.add("radius regressor of three targets")(partial(fitted, RadiusNeighborsRegressor(30.0), linnerud))
CASES.add("radius, classes text")(
    partial(fitted_on_half, RadiusNeighborsClassifier(0.4, outlier_label="setosa"), partial(labelled, "text"))
)


@CASES.add("radius of several targets")
def radius_of_several():
    X, y = iris()
    model = RadiusNeighborsClassifier(0.4, outlier_label=[1, 0], weights="distance")
    return model.fit(X[::2], np.column_stack([y, y == 1])[::2]), X


def outliers(model, data):
    X, _ = data()
    return clone(model).fit(X[::2]), X


for name, model in {
    "lof": LocalOutlierFactor(novelty=True),
    "lof of 5, contamination": LocalOutlierFactor(5, novelty=True, contamination=0.2),
    "lof manhattan": LocalOutlierFactor(7, novelty=True, metric="manhattan"),
    "lof brute": LocalOutlierFactor(7, novelty=True, algorithm="brute"),
}.items():
    methods = ["predict", "decision_function", "score_samples"]
    CASES.add(f"{name} (iris)", methods=methods)(partial(outliers, model, iris))

for name, model in {
    "nearest centroid": NearestCentroid(),
    "nearest centroid manhattan": NearestCentroid(metric="manhattan"),
    "nearest centroid, shrunken": NearestCentroid(shrink_threshold=0.4),
    "nearest centroid, empirical priors": NearestCentroid(priors="empirical"),
}.items():
    CASES.add(f"{name} (wine)")(partial(fitted, model, wine))
    CASES.add(f"{name} (two classes)")(partial(fitted, model, two_of_three))
CASES.add("nearest centroid, priors", methods=["predict", "predict_proba", "decision_function"])(
    partial(fitted, NearestCentroid(priors=[0.2, 0.5, 0.3]), iris)
)
CASES.add("nearest centroid manhattan, priors")(
    partial(fitted, NearestCentroid(metric="manhattan", priors=[0.2, 0.5, 0.3]), iris)
)
CASES.add("nearest centroid, classes text")(partial(fitted, NearestCentroid(), partial(labelled, "text")))

for init in ("identity", "pca"):
    model = NeighborhoodComponentsAnalysis(2, init=init, max_iter=5, random_state=0)
    CASES.add(f"nca {init}")(partial(fitted, model, iris))
CASES.add("nca before k-nn")(
    partial(
        fitted_on_half,
        make_pipeline(NeighborhoodComponentsAnalysis(2, max_iter=5, random_state=0), KNeighborsClassifier(3)),
        iris,
    )
)


def graph(model):
    X, _ = iris()
    return clone(model).fit(X[::9]), X


for mode in ("distance", "connectivity"):
    CASES.add(f"graph of k neighbours, {mode}")(partial(graph, KNeighborsTransformer(n_neighbors=4, mode=mode)))
    CASES.add(f"graph within a radius, {mode}")(partial(graph, RadiusNeighborsTransformer(radius=0.7, mode=mode)))
