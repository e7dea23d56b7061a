"""CatBoost."""

from functools import partial

import catboost as cb
import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import (
    breast_cancer,
    diabetes,
    flights,
    iris,
    labelled,
    linnerud,
    wine,
    with_missing,
)

CASES = Cases("catboost")
QUICK = {
    "iterations": 10,
    "depth": 3,
    "random_seed": 0,
    "thread_count": 1,
    "verbose": 0,
    "allow_writing_files": False,
}


def classifier(**given):
    return cb.CatBoostClassifier(**{**QUICK, **given})


def regressor(**given):
    return cb.CatBoostRegressor(**{**QUICK, **given})


for name, given in {
    "defaults": {},
    "one against all": {"loss_function": "MultiClassOneVsAll"},
    "depthwise": {"grow_policy": "Depthwise"},
    "lossguide": {"grow_policy": "Lossguide", "max_leaves": 6},
    "ordered, deep": {"boosting_type": "Ordered", "depth": 6, "iterations": 4},
    "plain, bernoulli": {"bootstrap_type": "Bernoulli", "subsample": 0.6, "boosting_type": "Plain"},
    "few borders": {"border_count": 4, "l2_leaf_reg": 20},
}.items():
    CASES.add(f"{name} (wine)")(partial(fitted, classifier(**given), wine))
    if "loss_function" not in given:
        CASES.add(f"{name} (breast cancer)")(partial(fitted, classifier(**given), breast_cancer))
CASES.add("cross entropy (breast cancer)")(partial(fitted, classifier(loss_function="CrossEntropy"), breast_cancer))
for kind in ("text", "bool", "negative", "float", "hostile"):
    CASES.add(f"classes {kind}")(partial(fitted, classifier(), partial(labelled, kind)))
for mode in ("Min", "Max"):
    CASES.add(f"missing values, nan_mode={mode} (iris)")(
        partial(fitted, classifier(nan_mode=mode), partial(with_missing, iris))
    )
    CASES.add(f"missing values, nan_mode={mode} (diabetes)")(
        partial(fitted, regressor(nan_mode=mode), partial(with_missing, diabetes))
    )
CASES.add("missing values in prediction only")(
    partial(fitted, regressor(nan_mode="Forbidden", grow_policy="Lossguide"), diabetes)
)
for loss in (
    "RMSE",
    "MAE",
    "Quantile:alpha=0.8",
    "MultiQuantile:alpha=0.1,0.9",
    "LogLinQuantile:alpha=0.7",
    "Expectile:alpha=0.3",
    "Huber:delta=20",
    "LogCosh",
    "MAPE",
    "Lq:q=3",
    "Poisson",
    "Tweedie:variance_power=1.5",
    "RMSEWithUncertainty",
    "Cox",
):
    CASES.add(f"{loss} (diabetes)")(partial(fitted, regressor(loss_function=loss), diabetes))
for name, given in {
    "boost from average": {"boost_from_average": True, "model_shrink_rate": 0.1, "learning_rate": 0.3},
    "lossguide": {"grow_policy": "Lossguide"},
    "constant target": {"iterations": 2},
}.items():
    data = (lambda: (diabetes()[0], np.full(442, 7.5) + (np.arange(442) == 0))) if "constant" in name else diabetes
    CASES.add(f"{name} (diabetes)")(partial(fitted, regressor(**given), data))
CASES.add("three targets (linnerud)")(partial(fitted, regressor(loss_function="MultiRMSE"), linnerud))


@CASES.add("another probability threshold")
def threshold():
    X, y = breast_cancer()
    model = classifier().fit(X, y)
    model.set_probability_threshold(0.3)
    return model, X


@CASES.add("scale and bias set by hand")
def scaled():
    X, y = diabetes()
    model = regressor().fit(X, y)
    model.set_scale_and_bias(0.5, 3.25)
    return model, X


@CASES.add("best iteration")
def best():
    X, y = breast_cancer()
    model = classifier(iterations=60, learning_rate=0.7, early_stopping_rounds=3)
    return model.fit(X[100:], y[100:], eval_set=(X[:100], y[:100])), X


@CASES.add("array without names")
def array():
    X, y = wine()
    return classifier().fit(X.to_numpy(), y), X.to_numpy()


@CASES.add("base class, ranker's loss")
def ranker():
    X, y = diabetes()
    pool = cb.Pool(X, (y > 150).astype(int), group_id=np.repeat([0, 1], 221))
    return cb.CatBoost({**QUICK, "loss_function": "QueryRMSE"}).fit(pool), X


@CASES.add("ranker")
def rank():
    X, y = diabetes()
    model = cb.CatBoostRanker(**QUICK, loss_function="YetiRank")
    return model.fit(X, (y > 150).astype(int), group_id=np.repeat([0, 1], 221)), X


def one_hot(make, **given):
    model = make(cat_features=["month", "carrier", "origin", "early"], one_hot_max_size=50, iterations=20, **given)
    X, y = flights()
    X = X[["month", "carrier", "origin", "distance", "dep_delay"]].assign(early=X["sched_dep_time"] < 900)
    X = X.astype({"origin": "category"})
    return model.fit(X, y if make is classifier else X["distance"]), X


for policy in ("SymmetricTree", "Depthwise"):
    CASES.add(f"categories one by one, {policy} (flights)")(partial(one_hot, classifier, grow_policy=policy))
    CASES.add(f"categories one by one, regression, {policy} (flights)")(partial(one_hot, regressor, grow_policy=policy))


@CASES.add("integers, booleans and float32 (flights)")
def integers():
    X, y = flights()
    X = pd.DataFrame(
        {"late": y, "month": X["month"], "distance": X["distance"].astype("float32"), "time": X["sched_dep_time"]}
    )
    return regressor().fit(X, X["month"] * np.where(y, 2.0, 1.0)), X


@CASES.add("infinite and huge values (array)")
def infinities():
    rng = np.random.default_rng(0)
    X = rng.choice([3.4028235e38, -3.4028235e38, 1e30, 0.0, 1.0, -1.0, np.nan], size=(300, 3))
    y = (X[:, 0] > 1e30) + 2.0 * np.isnan(X[:, 1]) + (X[:, 2] > 0)
    return regressor(nan_mode="Max", iterations=20).fit(X, y), X


@CASES.add("values that float32 cannot tell apart")
def close():
    rng = np.random.default_rng(2)
    X = 16_777_216 + rng.integers(0, 64, size=(400, 2)).astype(float) / 4
    return classifier().fit(X, X[:, 0] > X[:, 1]), X


@CASES.add("after a scaler (wine)")
def pipeline():
    X, y = wine()
    return make_pipeline(StandardScaler(), classifier()).fit(X, y), X


@CASES.add("one row, a constant column")
def one_row():
    X, y = iris()
    X = X.assign(constant=1.0)
    return classifier().fit(X, y), X.iloc[:1]
