"""Bagging, AdaBoost, isolation forests, random trees embeddings, boosting that starts from an estimator."""

from functools import partial

import numpy as np
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import breast_cancer, diabetes, iris, labelled, linnerud, two_of_three, with_missing

CASES = Cases("ensembles")
SEED = {"random_state": 0}
TREE = DecisionTreeClassifier(max_depth=3, **SEED)
LOGISTIC = LogisticRegression(max_iter=60)
DATA = {"three classes": iris, "two classes": two_of_three}

BAGS = {
    "bagged trees": BaggingClassifier(n_estimators=6, **SEED),
    "bagged trees of some columns": BaggingClassifier(TREE, n_estimators=6, max_features=0.5, max_samples=0.3, **SEED),
    "bagged trees of columns drawn twice": BaggingClassifier(TREE, n_estimators=6, bootstrap_features=True, **SEED),
    "bagged trees without replacement": BaggingClassifier(
        TREE, n_estimators=4, max_samples=0.5, bootstrap=False, **SEED
    ),
    "bagged trees on ten rows": BaggingClassifier(TREE, n_estimators=7, max_samples=6, **SEED),
    "bagged extra trees": BaggingClassifier(ExtraTreeClassifier(max_depth=3), n_estimators=5, **SEED),
    "bagged logistic": BaggingClassifier(LOGISTIC, n_estimators=3, max_features=0.6, **SEED),
    "bagged votes": BaggingClassifier(LinearSVC(), n_estimators=5, max_features=0.6, **SEED),
    "bagged pipelines": BaggingClassifier(make_pipeline(StandardScaler(), LOGISTIC), n_estimators=3, **SEED),
    "bagged bags": BaggingClassifier(BaggingClassifier(TREE, n_estimators=3), n_estimators=2, max_features=0.7, **SEED),
    "boosted stumps": AdaBoostClassifier(n_estimators=8, **SEED),
    "boosted trees": AdaBoostClassifier(TREE, n_estimators=5, learning_rate=0.4, **SEED),
    "boosted extra trees": AdaBoostClassifier(ExtraTreeClassifier(max_depth=2), n_estimators=5, **SEED),
    "boosted logistic": AdaBoostClassifier(LOGISTIC, n_estimators=4, **SEED),
    "boosted, perfect at once": AdaBoostClassifier(DecisionTreeClassifier(**SEED), n_estimators=4, **SEED),
}
for name, estimator in BAGS.items():
    for kind, data in DATA.items():
        CASES.add(f"{name} ({kind})")(partial(fitted, estimator, data))
for name in ("bagged logistic", "boosted stumps", "boosted trees", "boosted logistic"):
    for kind, data in DATA.items():
        CASES.add(f"{name}, decisions ({kind})", methods=["predict", "predict_proba", "decision_function"])(
            partial(fitted, BAGS[name], data)
        )
for kind in ("text", "bool", "negative"):
    for name in ("bagged trees", "bagged votes", "boosted stumps"):
        CASES.add(f"{name}, classes {kind}")(partial(fitted, BAGS[name], partial(labelled, kind)))
CASES.add("bagged trees, missing values")(partial(fitted, BAGS["bagged trees"], partial(with_missing, iris)))
CASES.add("boosted trees, one class")(
    lambda: (AdaBoostClassifier(n_estimators=2).fit(iris()[0], np.full(150, "only")), iris()[0])
)

MEANS = {
    "bagged regression trees": BaggingRegressor(DecisionTreeRegressor(max_depth=4), n_estimators=6, **SEED),
    "bagged regression trees of some columns": BaggingRegressor(
        DecisionTreeRegressor(max_depth=4), n_estimators=6, max_features=4, bootstrap_features=True, **SEED
    ),
    "bagged linear": BaggingRegressor(LinearRegression(), n_estimators=4, max_features=0.5, **SEED),
    "median of boosted trees": AdaBoostRegressor(n_estimators=7, **SEED),
    "median of boosted stumps, square": AdaBoostRegressor(
        DecisionTreeRegressor(max_depth=1), n_estimators=10, loss="square", **SEED
    ),
    "median of boosted linear, exponential": AdaBoostRegressor(
        LinearRegression(), n_estimators=5, loss="exponential", learning_rate=0.5, **SEED
    ),
    "median of one": AdaBoostRegressor(n_estimators=1, **SEED),
}
for name, estimator in MEANS.items():
    CASES.add(name)(partial(fitted, estimator, diabetes))
CASES.add("median of fifty boosted trees")(partial(fitted, AdaBoostRegressor(n_estimators=50, **SEED), diabetes))
for name in ("bagged regression trees", "bagged linear"):
    CASES.add(f"{name} (three targets)")(partial(fitted, MEANS[name], linnerud))

DETECTORS = {
    "isolation forest": IsolationForest(n_estimators=10, **SEED),
    "isolation forest, contamination": IsolationForest(n_estimators=10, contamination=0.1, **SEED),
    "isolation forest, contamination on a row": IsolationForest(n_estimators=7, contamination=1 / 149, **SEED),
    "isolation forest of some columns": IsolationForest(n_estimators=8, max_features=2, max_samples=40, **SEED),
    "isolation forest, bootstrap": IsolationForest(n_estimators=8, bootstrap=True, max_samples=0.4, **SEED),
    "isolation forest of single rows": IsolationForest(n_estimators=3, max_samples=1, **SEED),
}


def detecting(estimator, data):
    X, _ = data()
    return estimator.fit(X), X


for name, estimator in DETECTORS.items():
    CASES.add(name, methods=["predict", "decision_function", "score_samples"])(partial(detecting, estimator, iris))
CASES.add("isolation forest, missing values")(
    partial(detecting, DETECTORS["isolation forest, contamination"], partial(with_missing, iris))
)
CASES.add("isolation forest on float32")(
    lambda: (IsolationForest(n_estimators=5, **SEED).fit(iris()[0].astype(np.float32)), iris()[0].astype(np.float32))
)

for name, estimator in {
    "embedding": RandomTreesEmbedding(n_estimators=4, max_depth=3, **SEED),
    "embedding, dense": RandomTreesEmbedding(n_estimators=3, max_leaf_nodes=5, sparse_output=False, **SEED),
}.items():
    CASES.add(name)(partial(detecting, estimator, iris))
CASES.add("embedding in a pipeline")(
    partial(fitted, make_pipeline(RandomTreesEmbedding(n_estimators=4, max_depth=3, **SEED), LOGISTIC), iris)
)

STARTS = {
    "boosting from a forest": GradientBoostingClassifier(
        init=RandomForestClassifier(n_estimators=4, max_depth=3, **SEED), n_estimators=5, max_depth=2, **SEED
    ),
    "boosting from a tree that is sure": GradientBoostingClassifier(
        init=DecisionTreeClassifier(**SEED), n_estimators=3, max_depth=2, **SEED
    ),
    "boosting from a linear model": GradientBoostingClassifier(init=LOGISTIC, n_estimators=3, max_depth=2, **SEED),
}
for name, estimator in STARTS.items():
    for kind, data in DATA.items():
        CASES.add(f"{name} ({kind})")(partial(fitted, estimator, data))
CASES.add("boosting from a forest, exponential")(
    partial(
        fitted,
        GradientBoostingClassifier(
            init=RandomForestClassifier(n_estimators=4, max_depth=3, **SEED), loss="exponential", n_estimators=5, **SEED
        ),
        breast_cancer,
    )
)
CASES.add("boosting from a forest regressor")(
    partial(
        fitted,
        GradientBoostingRegressor(
            init=RandomForestRegressor(n_estimators=4, max_depth=3, **SEED), n_estimators=5, **SEED
        ),
        diabetes,
    )
)
