"""Trees, forests and gradient boosting."""

from functools import partial

import numpy as np
import pandas as pd
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

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

CASES = Cases("trees")
SEED = {"random_state": 0}

CLASSIFIERS = {
    "tree": DecisionTreeClassifier(**SEED),
    "tree of depth 3": DecisionTreeClassifier(max_depth=3, **SEED),
    "tree, entropy": DecisionTreeClassifier(criterion="entropy", min_samples_leaf=5, **SEED),
    "tree, pruned": DecisionTreeClassifier(ccp_alpha=0.02, **SEED),
    "tree, weighted": DecisionTreeClassifier(class_weight="balanced", max_leaf_nodes=6, **SEED),
    "stump": DecisionTreeClassifier(max_depth=1, **SEED),
    "tree that is one leaf": DecisionTreeClassifier(min_samples_split=10_000, **SEED),
    "extra tree": ExtraTreeClassifier(**SEED),
    "forest": RandomForestClassifier(n_estimators=25, **SEED),
    "forest of depth 4": RandomForestClassifier(n_estimators=60, max_depth=4, **SEED),
    "forest without bootstrap": RandomForestClassifier(n_estimators=10, bootstrap=False, max_features=2, **SEED),
    "extra trees": ExtraTreesClassifier(n_estimators=25, max_depth=6, **SEED),
    "boosting": GradientBoostingClassifier(n_estimators=40, **SEED),
    "boosting from zero": GradientBoostingClassifier(n_estimators=20, init="zero", learning_rate=0.3, **SEED),
    "boosting, subsample and early stop": GradientBoostingClassifier(
        n_estimators=60, subsample=0.5, n_iter_no_change=3, **SEED
    ),
}
REGRESSORS = {
    "tree": DecisionTreeRegressor(**SEED),
    "tree, absolute error": DecisionTreeRegressor(criterion="absolute_error", max_depth=4, **SEED),
    "tree, poisson": DecisionTreeRegressor(criterion="poisson", max_depth=5, **SEED),
    "extra tree": ExtraTreeRegressor(max_depth=6, **SEED),
    "forest": RandomForestRegressor(n_estimators=15, max_depth=8, **SEED),
    "extra trees": ExtraTreesRegressor(n_estimators=15, max_depth=8, **SEED),
}
LOSSES = {
    "boosting": GradientBoostingRegressor(n_estimators=70, **SEED),
    "boosting from zero": GradientBoostingRegressor(n_estimators=30, init="zero", **SEED),
    "boosting, huber": GradientBoostingRegressor(loss="huber", n_estimators=30, **SEED),
    "boosting, absolute error": GradientBoostingRegressor(loss="absolute_error", n_estimators=30, **SEED),
    "boosting, quantile": GradientBoostingRegressor(loss="quantile", n_estimators=30, **SEED),
}

for name, estimator in CLASSIFIERS.items():
    CASES.add(f"{name} (wine)")(partial(fitted, estimator, wine))
    CASES.add(f"{name} (breast cancer)")(partial(fitted, estimator, breast_cancer))
for name, estimator in REGRESSORS.items():
    CASES.add(f"{name} regressor (diabetes)")(partial(fitted, estimator, diabetes))
    CASES.add(f"{name} regressor (linnerud, three targets)")(partial(fitted, estimator, linnerud))
for name, estimator in LOSSES.items():
    CASES.add(f"{name} regressor (diabetes)")(partial(fitted, estimator, diabetes))

for name, estimator in {
    "tree": DecisionTreeClassifier(**SEED),
    "forest": RandomForestClassifier(n_estimators=20, **SEED),
    "extra trees": ExtraTreesClassifier(n_estimators=20, **SEED),
    "tree that needs no missing values": DecisionTreeClassifier(monotonic_cst=[1, 0, 0, 0], **SEED),
}.items():
    data = two_of_three if "needs no" in name else partial(with_missing, iris)
    CASES.add(f"{name}, missing values in training")(partial(fitted, estimator, data))
for name, estimator in {
    "tree": DecisionTreeRegressor(max_depth=7, **SEED),
    "forest": RandomForestRegressor(n_estimators=10, max_depth=6, **SEED),
    "extra trees": ExtraTreesRegressor(n_estimators=10, max_depth=6, **SEED),
}.items():
    CASES.add(f"{name} regressor, missing values in training")(
        partial(fitted, estimator, partial(with_missing, diabetes))
    )
for kind in ("text", "bool", "negative", "float", "hostile"):
    CASES.add(f"forest, classes {kind}")(
        partial(fitted, RandomForestClassifier(n_estimators=8, max_depth=3, **SEED), partial(labelled, kind))
    )
CASES.add("boosting, exponential loss", methods=["predict", "predict_proba", "decision_function"])(
    partial(fitted, GradientBoostingClassifier(loss="exponential", n_estimators=30, **SEED), breast_cancer)
)
CASES.add("boosting, decisions of three classes", methods=["decision_function"])(
    partial(fitted, GradientBoostingClassifier(n_estimators=20, **SEED), wine)
)
CASES.add("forest (digits, ten classes, integers)")(
    partial(fitted, RandomForestClassifier(n_estimators=12, max_depth=7, **SEED), digits)
)


@CASES.add("forest on float32")
def single_precision():
    X, y = breast_cancer()
    X = X.astype(np.float32)
    return RandomForestClassifier(n_estimators=10, **SEED).fit(X, y), X


@CASES.add("forest at ties of one half")
def ties():
    """Shares of leaves that add up to exactly one half, in an order that rounding can tell."""
    rng = np.random.default_rng(1)
    X = pd.DataFrame(rng.integers(0, 3, size=(300, 4)).astype(float), columns=list("abcd"))
    y = rng.integers(0, 2, size=300)
    return RandomForestClassifier(n_estimators=30, max_depth=3, bootstrap=False, max_features=1, **SEED).fit(X, y), X


@CASES.add("tree of depth over one hundred")
def deep():
    X = 2.0 ** np.linspace(-100, 100, 800)[:, None]
    return DecisionTreeRegressor(criterion="squared_error").fit(X, X[:, 0] ** 3), X


@CASES.add("tree on values that float32 cannot tell apart")
def close():
    rng = np.random.default_rng(2)
    X = 16_777_216 + rng.integers(0, 64, size=(400, 2)).astype(float) / 4
    return DecisionTreeClassifier(**SEED).fit(X, X[:, 0] > X[:, 1]), X


@CASES.add("tree on subnormal and huge values")
def extreme():
    X = np.concatenate([10.0 ** np.arange(-320, 38), -(10.0 ** np.arange(-320, 38))])[:, None]
    return DecisionTreeRegressor(**SEED).fit(X, np.arange(len(X))), X
