"""What estimators of neighbours and clusterers refuse, and how they say it."""

import numpy as np
import pytest
from sklearn.cluster import AffinityPropagation, FeatureAgglomeration
from sklearn.datasets import load_iris
from sklearn.impute import KNNImputer
from sklearn.manifold import Isomap
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    LocalOutlierFactor,
    NearestNeighbors,
)

from sqlops import compile as compile_model
from sqlops.errors import CompileError, UnsupportedEstimatorError, UnsupportedOptionError

X, Y = load_iris(return_X_y=True)


def weigh(distances):
    return np.exp(-distances)


def distance(left, right):
    return np.abs(left - right).sum()


def squares():
    return ((X[:, np.newaxis] - X) ** 2).sum(axis=2)


REFUSED = {
    "weights": KNeighborsClassifier(weights=weigh).fit(X, Y),
    "metric": KNeighborsClassifier(metric=distance).fit(X, Y),
    "novelty": LocalOutlierFactor().fit(X),
    "pooling_func": FeatureAgglomeration(pooling_func=np.argmax).fit(X),
    "metric_params": KNeighborsClassifier(metric="canberra", metric_params={"w": np.ones(4)}, algorithm="brute").fit(
        X, Y
    ),
}


WEIGHTS = {"w": np.arange(4.0)}
PARAMS = {
    "doubles have no weights": (
        KNeighborsRegressor(metric="braycurtis", algorithm="brute", metric_params=WEIGHTS),
        "w",
    ),
    "a k-d tree": (KNeighborsRegressor(metric="p", algorithm="kd_tree", metric_params=WEIGHTS), "ball_tree"),
    "no variances": (KNeighborsRegressor(metric="seuclidean", algorithm="brute"), "'V'"),
    "no covariances": (KNeighborsRegressor(metric="mahalanobis", algorithm="brute"), "'VI'"),
    "two powers": (KNeighborsClassifier(p=1, metric_params={"p": 3}, algorithm="brute"), "give p once"),
}


@pytest.mark.filterwarnings("ignore:Parameter p is found")
@pytest.mark.parametrize("name", PARAMS)
def test_parameters_that_the_library_does_not_take_or_misreads(name):
    model, instead = PARAMS[name]
    with pytest.raises(UnsupportedOptionError, match=instead):
        compile_model(model.fit(X, Y), X + 1)


@pytest.mark.parametrize("option", REFUSED)
def test_options_that_are_no_formula(option):
    with pytest.raises(UnsupportedOptionError, match=option):
        compile_model(REFUSED[option], X)


def test_precomputed_distances():
    with pytest.raises(CompileError, match="precomputed"):
        compile_model(KNeighborsClassifier(metric="precomputed").fit(squares(), Y), squares())
    with pytest.raises(UnsupportedOptionError, match="affinity"):
        compile_model(AffinityPropagation(affinity="precomputed", random_state=0).fit(-squares()), squares())


def test_imputer_by_a_function():
    def metric(left, right, *, missing_values):
        return 0.0

    with pytest.raises(UnsupportedOptionError, match="metric"):
        compile_model(KNNImputer(metric=metric).fit(X), X)
    with pytest.raises(UnsupportedOptionError, match="weights"):
        compile_model(KNNImputer(weights=weigh).fit(X), X)


@pytest.mark.parametrize("estimator", [NearestNeighbors(), Isomap()])
def test_classes_that_are_refused_say_why(estimator):
    with pytest.raises(UnsupportedEstimatorError, match=r"not supported: it"):
        compile_model(estimator.fit(X), X)
