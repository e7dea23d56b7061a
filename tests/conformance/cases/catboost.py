"""CatBoost."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

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
    multilabel,
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
for loss in ("MultiLogloss", "MultiCrossEntropy"):
    CASES.add(f"{loss} (iris)")(partial(fitted, classifier(loss_function=loss), multilabel))
    CASES.add(f"{loss} of one label (iris)")(
        partial(fitted, classifier(loss_function=loss), lambda: (multilabel()[0], multilabel()[1][:, :1]))
    )
CASES.add("three targets (linnerud)")(partial(fitted, regressor(loss_function="MultiRMSE"), linnerud))


@CASES.add("named labels, another probability threshold (iris)")
def named_labels():
    X, y = multilabel()
    model = classifier(loss_function="MultiLogloss", class_names=["not first", "long", "it's"]).fit(X, y)
    model.set_probability_threshold(0.2)
    return model, X


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


def by_statistics(make, **given):
    X, y = flights()
    X, y = X[["month", "carrier", "origin", "distance", "dep_delay"]].iloc[:300], y[:300]
    given = {"one_hot_max_size": 2, "cat_features": ["month", "carrier", "origin"], **given}
    return make(**given).fit(X, y if make is classifier else X.pop("distance")), X


PAIRS = {"max_ctr_complexity": 2, "depth": 5, "iterations": 15}

for name, given in {
    "one by one": {"max_ctr_complexity": 1},
    "in pairs": PAIRS,
    "up to four at once, some one by one": {**PAIRS, "max_ctr_complexity": 4, "one_hot_max_size": 3},
    "depthwise": {**PAIRS, "grow_policy": "Depthwise"},
    "lossguide, nan_mode=Max": {**PAIRS, "grow_policy": "Lossguide", "nan_mode": "Max"},
    "in pairs, nan_mode=Max": {**PAIRS, "nan_mode": "Max", "random_seed": 5},
    "the most frequent": {**PAIRS, "ctr_leaf_count_limit": 4},
    "all of one kind stored": {"store_all_simple_ctr": True},
}.items():
    CASES.add(f"statistics of categories, {name} (flights)")(partial(by_statistics, classifier, **given))
for name in (
    "Borders:TargetBorderCount=3",
    "Borders:Prior=0.3/1:CtrBorderCount=4",
    "Buckets",
    "Buckets:TargetBorderCount=3",
    "BinarizedTargetMeanValue:TargetBorderCount=4",
    "Counter:Prior=0.7/1",
):
    given = {"simple_ctr": [name], "combinations_ctr": [name], **PAIRS}
    CASES.add(f"statistics of categories, {name} (flights)")(partial(by_statistics, regressor, **given))


@CASES.add("statistics of categories, three classes (flights)")
def statistics_of_three_classes():
    X, _ = flights()
    X = X[["month", "carrier", "dest", "dep_delay", "origin"]].iloc[:300]
    model = classifier(cat_features=["month", "carrier", "dest"], **PAIRS)
    return model.fit(X, X.pop("origin")), X


@CASES.add("statistics of categories, labels that may hold at once (flights)")
def statistics_of_labels():
    X, y = flights()
    X = X[["month", "carrier", "dep_delay"]].iloc[:300]
    labels = np.column_stack([y[:300], X["dep_delay"] > 0])
    given = {"loss_function": "MultiLogloss", "simple_ctr": ["Counter"], "combinations_ctr": ["Counter"], **PAIRS}
    return classifier(cat_features=["month", "carrier"], **given).fit(X, labels), X


@CASES.add("statistics of categories, booleans and pandas categories (flights)")
def statistics_of_other_types():
    X, y = flights()
    X = X[["carrier", "dest", "dep_delay"]].iloc[:300].assign(early=X["sched_dep_time"] < 900)
    X = X.astype({"carrier": "category"})
    model = classifier(cat_features=["carrier", "dest", "early"], one_hot_max_size=1, **PAIRS)
    return model.fit(X, y[:300]), X


@CASES.add("statistics of categories, in a sum of models (flights)")
def statistics_of_two_models():
    first, X = by_statistics(classifier, max_ctr_complexity=1)
    second, _ = by_statistics(classifier, **PAIRS, learning_rate=0.3)
    return cb.sum_models([first, second], weights=[0.5, 2.0], ctr_merge_policy="LeaveMostDiversifiedTable"), X


def reloaded(model, change=str):
    """Return a model read from its JSON, perhaps after a change to it."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        model.save_model(str(path), format="json")
        path.write_text(change(path.read_text()))
        return type(model)().load_model(str(path), format="json")


@CASES.add("loaded from a file (iris)")
def from_file():
    X, y = iris()
    return reloaded(classifier().fit(X, y)), X


@CASES.add("statistics of categories, of kinds that only a GPU fits (flights)")
def statistics_of_a_gpu():
    kinds = ["Counter", "BinarizedTargetMeanValue"]
    model, X = by_statistics(regressor, simple_ctr=kinds, combinations_ctr=kinds, **PAIRS)

    def change(text):
        return text.replace("Counter", "FeatureFreq").replace("BinarizedTarget", "FloatTarget")

    return reloaded(model, change), X


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
