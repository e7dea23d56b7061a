"""Clusterers that tell the cluster of new rows."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.cluster import (
    AffinityPropagation,
    AgglomerativeClustering,
    Birch,
    BisectingKMeans,
    FeatureAgglomeration,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.data import breast_cancer, diabetes, digits, iris, wine

CASES = Cases("clustering")


def clustered(estimator, data):
    X, _ = data()
    return clone(estimator).fit(X[::2]), X


K_MEANS = {
    "k-means": KMeans(3, random_state=0),
    "k-means of 1": KMeans(1, random_state=0),
    "k-means of 40": KMeans(40, n_init=1, random_state=0),
    "k-means elkan": KMeans(5, algorithm="elkan", init="random", n_init=2, random_state=0),
    "mini-batch k-means": MiniBatchKMeans(6, random_state=0, n_init=2),
    "bisecting k-means": BisectingKMeans(6, random_state=0),
    "bisecting k-means, largest cluster": BisectingKMeans(9, random_state=0, bisecting_strategy="largest_cluster"),
    "bisecting k-means of 1": BisectingKMeans(1, random_state=0),
}
for name, model in K_MEANS.items():
    CASES.add(f"{name} (wine, not scaled)")(partial(clustered, model, wine))
    CASES.add(f"{name}, transform (iris)", methods=["transform"])(partial(clustered, model, iris))
CASES.add("k-means (digits: more centers than expressions)")(
    partial(clustered, KMeans(30, n_init=1, random_state=0), digits)
)
CASES.add("k-means, transform (digits)", methods=["transform"])(
    partial(clustered, KMeans(30, n_init=1, random_state=0), digits)
)
CASES.add("scaled k-means (breast cancer)")(
    partial(clustered, make_pipeline(StandardScaler(), KMeans(4, random_state=0)), breast_cancer)
)

OTHERS = {
    "mean shift": MeanShift(),
    "mean shift of a bandwidth": MeanShift(bandwidth=0.8, bin_seeding=True),
    "mean shift, orphans": MeanShift(bandwidth=0.8, cluster_all=False),
    "affinity propagation": AffinityPropagation(random_state=0),
    "affinity propagation that did not converge": AffinityPropagation(max_iter=2, random_state=0),
    "birch": Birch(threshold=0.4),
    "birch without a global step": Birch(n_clusters=None, threshold=0.3),
    "birch with another global step": Birch(n_clusters=AgglomerativeClustering(4), threshold=0.3),
}
for name, model in OTHERS.items():
    CASES.add(f"{name} (iris)")(partial(clustered, model, iris))
CASES.add("birch, transform", methods=["transform"])(partial(clustered, Birch(threshold=0.5), iris))
CASES.add("birch (wine, scaled)")(partial(clustered, make_pipeline(StandardScaler(), Birch()), wine))

POOLS = (
    np.mean, np.average, np.median, np.max, np.min, np.ptp, np.sum, np.prod, np.var, np.std, np.linalg.norm,
    np.nanmean, np.nanmedian, np.nanmax, np.nanmin, np.nansum, np.nanprod, np.nanvar, np.nanstd,
)  # fmt: skip
for pool in POOLS:
    CASES.add(f"feature agglomeration, {pool.__name__}")(
        partial(clustered, FeatureAgglomeration(3, pooling_func=pool), wine)
    )
CASES.add("feature agglomeration of all")(partial(clustered, FeatureAgglomeration(1, pooling_func=np.median), diabetes))


def single(estimator):
    X, _ = iris()
    X = X.astype(np.float32)
    return clone(estimator).fit(X[::2]), X


for method in ("predict", "transform"):
    for name, model in {"k-means": KMeans(5, random_state=0), "birch": Birch(threshold=0.4)}.items():
        CASES.add(f"{name} of float32, {method}", methods=[method])(partial(single, model))
for pool in POOLS:
    CASES.add(f"feature agglomeration of float32, {pool.__name__}")(
        partial(single, FeatureAgglomeration(2, pooling_func=pool))
    )


@CASES.add("k-means of integers")
def integers(model=None):
    X, _ = wine()
    X = np.round(X.to_numpy()).astype(np.int64)
    return (model or KMeans(4, random_state=0)).fit(X), X


for pool in (np.mean, np.median, np.max, np.sum, np.prod, np.ptp, np.std, np.linalg.norm):
    CASES.add(f"feature agglomeration of integers, {pool.__name__}")(
        partial(integers, FeatureAgglomeration(4, pooling_func=pool))
    )
for pool in (np.var, np.std):
    CASES.add(f"feature agglomeration, {pool.__name__} with a degree of freedom less")(
        partial(clustered, FeatureAgglomeration(3, pooling_func=partial(pool, ddof=1)), wine)
    )


@CASES.add("k-means of one column and rows halfway between centers")
def halfway():
    X = np.array([[0.0], [0.0], [1.0], [1.0], [3.0], [3.0]])
    model = KMeans(3, init=np.array([[0.0], [1.0], [3.0]]), n_init=1).fit(X)
    return model, np.array([[0.5], [2.0], [0.0], [2.5], [-4.0]])
