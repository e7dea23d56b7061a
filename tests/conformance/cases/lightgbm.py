"""LightGBM."""

from functools import partial

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import (
    breast_cancer,
    categories,
    diabetes,
    flights,
    iris,
    labelled,
    two_of_three,
    wine,
    with_missing,
)

CASES = Cases("lightgbm")
QUICK = {"n_estimators": 12, "num_leaves": 8, "verbose": -1, "random_state": 0, "n_jobs": 1}
NATIVE = {"verbose": -1, "num_threads": 1, "num_leaves": 8, "seed": 0}
FOREST = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}

CLASSIFIERS = {
    "defaults": {},
    "dart": {"boosting_type": "dart", "drop_rate": 0.5},
    "goss": {"data_sample_strategy": "goss"},
    "random forest": FOREST,
    "regularised": {"reg_alpha": 1.0, "reg_lambda": 2.0, "max_depth": 2, "learning_rate": 0.5},
    "extra trees": {"extra_trees": True, "max_bin": 8},
    "linear trees": {"linear_tree": True, "linear_lambda": 0.1, "n_estimators": 5},
}
OBJECTIVES = (
    "regression",
    "regression_l1",
    "huber",
    "fair",
    "quantile",
    "mape",
    "poisson",
    "gamma",
    "tweedie",
)


def options(**given):
    return {**QUICK, **given}


for name, given in CLASSIFIERS.items():
    CASES.add(f"{name} (wine)")(partial(fitted, lgb.LGBMClassifier(**options(**given)), wine))
    CASES.add(f"{name} (breast cancer)", methods=["predict", "predict_proba"])(
        partial(fitted, lgb.LGBMClassifier(**options(**given)), breast_cancer)
    )
for objective in OBJECTIVES:
    CASES.add(f"{objective} (diabetes)")(
        partial(fitted, lgb.LGBMRegressor(**options(objective=objective)), partial(with_missing, diabetes))
    )
for kind in ("text", "bool", "negative", "hostile"):
    CASES.add(f"classes {kind}")(partial(fitted, lgb.LGBMClassifier(**QUICK), partial(labelled, kind)))
for name, given in {
    "square root": {"reg_sqrt": True},
    "square root, absolute error": {"reg_sqrt": True, "objective": "mae"},
    "random forest": FOREST,
    "random forest, poisson": {
        "boosting_type": "rf",
        "bagging_freq": 1,
        "bagging_fraction": 0.6,
        "objective": "poisson",
    },
    "dart": {"boosting_type": "dart", "drop_rate": 0.5},
    "monotone": {"monotone_constraints": [0, 0, 1, 0, 0, 0, 0, 0, -1, 0]},
    "no boost from average": {"boost_from_average": False},
    "custom objective": {"objective": lambda y, p: (p - y, np.ones_like(y))},
    "one leaf": {"min_child_samples": 1000},
}.items():
    CASES.add(f"{name} (diabetes)")(partial(fitted, lgb.LGBMRegressor(**options(**given)), diabetes))
for name, given in {
    "steep sigmoid": {"sigmoid": 2.5},
    "softmax of two classes": {"objective": "multiclass", "num_class": 2},
    "balanced": {"class_weight": "balanced"},
}.items():
    CASES.add(f"{name} (two classes)")(partial(fitted, lgb.LGBMClassifier(**options(**given)), two_of_three))
CASES.add("one against all (iris)")(
    partial(fitted, lgb.LGBMClassifier(**options(objective="multiclassova", sigmoid=0.7)), iris)
)
for name, given in {
    "missing values": {},
    "missing values not used": {"use_missing": False},
    "zero as missing": {"zero_as_missing": True},
    "linear trees, missing values": {"linear_tree": True, "linear_lambda": 0.1, "n_estimators": 5},
}.items():
    for data, of in ((iris, "three classes"), (two_of_three, "two classes"), (breast_cancer, "breast cancer")):
        CASES.add(f"{name} ({of})")(
            partial(fitted, lgb.LGBMClassifier(**options(**given)), partial(with_missing, data))
        )


@CASES.add("raw scores", methods=["decision_function"] if hasattr(lgb.LGBMClassifier, "decision_function") else None)
def raw_scores():
    X, y = wine()
    return lgb.LGBMClassifier(**QUICK).fit(X, y), X


@CASES.add("zeros among other values, zero as missing (array)")
def zeros():
    rng = np.random.default_rng(0)
    X = rng.choice([0.0, -0.0, 1e-36, -1e-36, 1e-35, 1.0, -2.0, np.nan, 3.5], size=(400, 3))
    y = np.nan_to_num(X[:, 0]) * 2 + (X[:, 1] == 0) - np.isnan(X[:, 2])
    return lgb.LGBMRegressor(zero_as_missing=True, **QUICK).fit(X, y), X


@CASES.add("zeros among other values (array)")
def zeros_present():
    rng = np.random.default_rng(0)
    X = rng.choice([0.0, 1e-36, -1e-36, 1e-34, -1e-34, 1.0, -2.0], size=(400, 3))
    y = np.sign(X[:, 0]) * 2 + (X[:, 1] == 0)
    return lgb.LGBMRegressor(min_data_in_bin=1, **QUICK).fit(X, y), X


@CASES.add("categories (flights)")
def by_dtype():
    X, y = categories()
    return lgb.LGBMClassifier(cat_smooth=1, min_data_per_group=5, **QUICK).fit(X, y), X


@CASES.add("categories, one against rest (flights)")
def by_dtype_one_hot():
    X, y = categories()
    X["origin"] = X["origin"].cat.as_ordered()
    return lgb.LGBMClassifier(max_cat_to_onehot=100, min_data_per_group=5, **QUICK).fit(X, y), X


@CASES.add("categories of training in another order (flights)")
def another_order():
    X, _ = categories()
    model = lgb.LGBMRegressor(**QUICK).fit(X, X["dep_delay"].fillna(0))
    some = X.iloc[:200]
    return model, some.assign(carrier=some["carrier"].cat.remove_unused_categories().cat.add_categories(["ZZ"]))


@CASES.add("categories by number, negative, broken and missing (array)")
def by_number():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(-3, 30, 500), rng.normal(size=500), rng.integers(0, 4, 500)]).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X[:, 0]) % 3 == 0) | (X[:, 1] > 1)
    model = lgb.LGBMClassifier(min_data_per_group=2, cat_smooth=1, **QUICK)
    return model.fit(X, y, categorical_feature=[0, 2]), X


@CASES.add("integers, booleans and float32 (flights)")
def integers():
    X, y = flights()
    X = pd.DataFrame(
        {"late": y, "month": X["month"], "distance": X["distance"].astype("float32"), "time": X["sched_dep_time"]}
    )
    return lgb.LGBMRegressor(**QUICK).fit(X, X["month"] * np.where(y, 2.0, 1.0)), X


@CASES.add("early stop (breast cancer)")
def early_stop():
    X, y = breast_cancer()
    model = lgb.LGBMClassifier(**options(n_estimators=60, learning_rate=0.4))
    return model.fit(X[100:], y[100:], eval_set=[(X[:100], y[:100])], callbacks=[lgb.early_stopping(2)]), X


@CASES.add("ranker (diabetes)")
def ranker():
    X, y = diabetes()
    return lgb.LGBMRanker(**QUICK).fit(X, (y > 150).astype(int), group=[221, 221]), X


@CASES.add("after a scaler (wine)")
def pipeline():
    X, y = wine()
    return make_pipeline(StandardScaler(), lgb.LGBMClassifier(**QUICK)).fit(X.to_numpy(), y), X.to_numpy()


@CASES.add("one row, a constant column")
def one_row():
    X, y = iris()
    X = X.assign(constant=1.0)
    return lgb.LGBMClassifier(**QUICK).fit(X, y), X.iloc[:1]


def native(given, data=breast_cancer, rounds=12):
    X, y = data()
    return lgb.train({**NATIVE, **given}, lgb.Dataset(X, y), rounds), X


for objective in ("binary", "cross_entropy", "cross_entropy_lambda", "regression"):
    CASES.add(f"native {objective}")(partial(native, {"objective": objective}))
for objective in ("multiclass", "multiclassova"):
    CASES.add(f"native {objective}")(partial(native, {"objective": objective, "num_class": 3}, wine))
CASES.add("native linear trees of three classes")(
    partial(native, {"objective": "multiclass", "num_class": 3, "linear_tree": True}, iris, 4)
)


@CASES.add("native, best iteration, from a file with categories")
def from_text():
    X, y = categories()
    train, valid = lgb.Dataset(X[500:], y[500:]), lgb.Dataset(X[:500], y[:500])
    model = lgb.train(
        {"objective": "binary", "learning_rate": 0.5, **NATIVE}, train, 40, [valid], callbacks=[lgb.early_stopping(2)]
    )
    return lgb.Booster(model_str=model.model_to_string()), X


@CASES.add("native, continued on other data (array)")
def continued():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 3))
    y = X[:, 0] + rng.normal(size=300)
    first = lgb.train(NATIVE, lgb.Dataset(X, y), 5)
    holes = np.where(rng.random(X.shape) < 0.2, np.nan, X)
    return lgb.train(NATIVE, lgb.Dataset(holes, y), 5, init_model=first), holes
