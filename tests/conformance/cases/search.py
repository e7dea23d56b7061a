"""Searches, thresholds, and other estimators that hand over to one part."""

from functools import partial

import numpy as np
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LinearRegression, LogisticRegression, RANSACRegressor, Ridge
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import diabetes, iris, labelled, two_of_three

CASES = Cases("search")
LOGISTIC = LogisticRegression(max_iter=60)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
ALL = ["predict", "predict_proba", "decision_function"]


def second(results):
    return 1


def narrowest(scaler, X, y):
    return -float(np.abs(scaler.transform(X)).max())


SEARCHES = {
    "grid": GridSearchCV(LOGISTIC, {"C": [0.1, 1]}, cv=2),
    "grid, callable refit": GridSearchCV(LOGISTIC, {"C": [0.1, 1]}, cv=2, refit=second),
    "grid, two scores": GridSearchCV(
        TREE, {"max_depth": [1, 2]}, cv=2, scoring=["accuracy", "f1_macro"], refit="f1_macro"
    ),
    "randomized": RandomizedSearchCV(TREE, {"max_depth": [1, 2, 4]}, n_iter=2, cv=2, random_state=0),
    "halving grid": HalvingGridSearchCV(TREE, {"max_depth": [1, 2, 4]}, cv=2, random_state=0),
    "halving random": HalvingRandomSearchCV(TREE, {"max_depth": [1, 2, 4]}, cv=2, random_state=0),
    "grid of pipelines": GridSearchCV(
        make_pipeline(StandardScaler(), LOGISTIC), {"logisticregression__C": [0.1, 1]}, cv=2
    ),
    "grid of grids": GridSearchCV(GridSearchCV(TREE, {"max_depth": [1, 2]}, cv=2), {"cv": [2]}, cv=2),
}
for name, estimator in SEARCHES.items():
    CASES.add(name)(partial(fitted, estimator, iris))
CASES.add("grid, all methods", methods=ALL)(partial(fitted, SEARCHES["grid"], two_of_three))
CASES.add("grid of regressors")(partial(fitted, GridSearchCV(Ridge(), {"alpha": [0.1, 1]}, cv=2), diabetes))
CASES.add("frozen", methods=ALL)(lambda: (FrozenEstimator(LOGISTIC.fit(*iris())), iris()[0]))
CASES.add("self training, text")(
    lambda: (SelfTrainingClassifier(LOGISTIC).fit(iris()[0], np.where(np.arange(150) % 3, -1, iris()[1])), iris()[0])
)
CASES.add("self training on a tree")(
    lambda: (SelfTrainingClassifier(TREE).fit(iris()[0], np.where(np.arange(150) % 3, -1, iris()[1])), iris()[0])
)
CASES.add("ransac")(partial(fitted, RANSACRegressor(random_state=0), diabetes))
CASES.add("ransac on trees")(
    partial(fitted, RANSACRegressor(DecisionTreeRegressor(max_depth=3), random_state=0, min_samples=50), diabetes)
)


@CASES.add("frozen transformer in a pipeline")
def frozen_transformer():
    X, y = iris()
    return make_pipeline(FrozenEstimator(StandardScaler().fit(X)), LOGISTIC).fit(X, y), X


def two(kind):
    X, y = labelled(kind)
    return X[y != y[0]], y[y != y[0]]


for threshold, pos in ((0.3, None), ("auto", "virginica"), (0.8, "versicolor")):
    for method in ("auto", "decision_function"):
        model = FixedThresholdClassifier(LOGISTIC, threshold=threshold, pos_label=pos, response_method=method)
        CASES.add(f"fixed threshold {threshold} of {pos}, {method}", methods=ALL)(
            partial(fitted, model, partial(two, "text"))
        )
CASES.add("fixed threshold without probabilities", methods=["predict", "decision_function"])(
    partial(fitted, FixedThresholdClassifier(LinearSVC(), threshold=0.4), two_of_three)
)
CASES.add("fixed threshold of a tree, exactly at a share")(
    partial(fitted, FixedThresholdClassifier(DecisionTreeClassifier(max_depth=1), threshold=1.0), two_of_three)
)
CASES.add("fixed threshold, booleans")(
    lambda: (FixedThresholdClassifier(TREE, threshold=0.2, pos_label=False).fit(iris()[0], iris()[1] > 0), iris()[0])
)
TUNED = {
    "tuned threshold": TunedThresholdClassifierCV(LOGISTIC, cv=2),
    "tuned threshold, f1 and decisions": TunedThresholdClassifierCV(
        LOGISTIC, scoring="f1", response_method="decision_function", cv=2, thresholds=11
    ),
    "tuned threshold, without refit": TunedThresholdClassifierCV(LOGISTIC, cv=0.5, refit=False, random_state=0),
    "tuned threshold, given thresholds": TunedThresholdClassifierCV(TREE, cv=2, thresholds=[0.1, 0.5, 0.9]),
}
for name, estimator in TUNED.items():
    CASES.add(name)(partial(fitted, estimator, two_of_three))


@CASES.add("tuned threshold of the first class, fitted before")
def tuned_first():
    from sklearn.metrics import f1_score, make_scorer

    X, y = two("text")
    scoring = make_scorer(f1_score, pos_label="versicolor")
    return TunedThresholdClassifierCV(LOGISTIC.fit(X, y), cv="prefit", refit=False, scoring=scoring).fit(X, y), X


@CASES.add("ransac on an array of integers")
def integers():
    X, y = diabetes()
    X = (X * 1000).round().astype(np.int64).to_numpy()
    return RANSACRegressor(LinearRegression(), random_state=0).fit(X, y), X


CASES.add("grid of transformers", methods=["transform"])(
    partial(fitted, GridSearchCV(StandardScaler(), {"with_mean": [True, False]}, cv=2, scoring=narrowest), iris)
)
CASES.add("fixed threshold of what was fitted before")(
    lambda: (FixedThresholdClassifier(FrozenEstimator(LOGISTIC.fit(*two_of_three())), threshold=0.7), two_of_three()[0])
)
