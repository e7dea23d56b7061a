"""XGBoost."""

import json
from functools import partial

import numpy as np
import pandas as pd
import xgboost as xgb
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
    linnerud,
    multilabel,
    wine,
    with_missing,
)

CASES = Cases("xgboost")
QUICK = {"n_estimators": 10, "max_depth": 3, "n_jobs": 1, "random_state": 0}
DART = {"booster": "dart", "rate_drop": 0.4}


def zero_one(data):
    X, y = data()
    return X, (y == y.max()).astype(int)


def in_unit(data):
    X, y = data()
    return X, y / 400


for name, given in {
    "defaults": {},
    "dart": DART,
    "forests": {"num_parallel_tree": 3, "subsample": 0.7},
    "exact": {"tree_method": "exact", "learning_rate": 0.8},
    "approx, lossguide": {"tree_method": "approx", "grow_policy": "lossguide", "max_leaves": 7},
    "base score": {"base_score": 0.3},
    "linear": {"booster": "gblinear"},
}.items():
    for data, of in ((wine, "wine"), (partial(zero_one, wine), "wine, one class against the rest")):
        CASES.add(f"{name} ({of})")(partial(fitted, xgb.XGBClassifier(**{**QUICK, **given}), data))
for name, given in {
    "missing values": {},
    "missing values and dart": DART,
    "missing values, linear": {"booster": "gblinear"},
}.items():
    for data, of in ((iris, "three classes"), (partial(zero_one, iris), "two classes")):
        CASES.add(f"{name} ({of})")(
            partial(fitted, xgb.XGBClassifier(**{**QUICK, **given}), partial(with_missing, data))
        )
CASES.add("random forest classifier (wine)")(
    partial(fitted, xgb.XGBRFClassifier(n_estimators=9, max_depth=4, random_state=0, n_jobs=1), wine)
)
CASES.add("random forest regressor (diabetes)")(
    partial(fitted, xgb.XGBRFRegressor(n_estimators=9, max_depth=4, random_state=0, n_jobs=1), diabetes)
)
for objective in ("multi:softmax", "multi:softprob"):
    CASES.add(f"{objective} (wine)")(partial(fitted, xgb.XGBClassifier(objective=objective, **QUICK), wine))
CASES.add("binary:hinge (wine)")(
    partial(fitted, xgb.XGBClassifier(objective="binary:hinge", **QUICK), partial(zero_one, wine))
)
CASES.add("binary:logitraw (wine)", methods=["predict"])(
    partial(fitted, xgb.XGBClassifier(objective="binary:logitraw", **QUICK), partial(zero_one, wine))
)
for objective in (
    "reg:squarederror",
    "reg:squaredlogerror",
    "reg:pseudohubererror",
    "reg:absoluteerror",
    "reg:gamma",
    "reg:tweedie",
    "count:poisson",
    "survival:cox",
    "rank:pairwise",
):
    CASES.add(f"{objective} (diabetes)")(partial(fitted, xgb.XGBRegressor(objective=objective, **QUICK), diabetes))
for name, given in {
    "reg:logistic": {"objective": "reg:logistic"},
    "one quantile": {"objective": "reg:quantileerror", "quantile_alpha": 0.7},
    "several quantiles": {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5, 0.9]},
    "base score": {"base_score": 0.25, "max_delta_step": 0.1},
    "dart": DART,
    "linear": {"booster": "gblinear"},
    "linear, coordinate descent": {"booster": "gblinear", "updater": "coord_descent"},
}.items():
    CASES.add(f"{name} (diabetes)")(partial(fitted, xgb.XGBRegressor(**{**QUICK, **given}), partial(in_unit, diabetes)))
for strategy in ("one_output_per_tree", "multi_output_tree"):
    model = xgb.XGBRegressor(multi_strategy=strategy, tree_method="hist", **QUICK)
    CASES.add(f"three targets, {strategy} (linnerud)")(partial(fitted, model, linnerud))
    model = xgb.XGBClassifier(multi_strategy=strategy, tree_method="hist", **QUICK)
    CASES.add(f"labels that may hold at once, {strategy} (iris)")(partial(fitted, model, multilabel))
    CASES.add(f"labels that may hold at once, {strategy}, missing values (iris)")(
        partial(fitted, model, partial(with_missing, multilabel))
    )
for name, given in {"dart": DART, "hinge": {"objective": "binary:hinge"}, "linear": {"booster": "gblinear"}}.items():
    CASES.add(f"labels that may hold at once, {name} (iris)")(
        partial(fitted, xgb.XGBClassifier(**{**QUICK, **given}), multilabel)
    )
CASES.add("labels that may hold at once, forests (iris)")(
    partial(fitted, xgb.XGBRFClassifier(n_estimators=9, max_depth=4, random_state=0, n_jobs=1), multilabel)
)


@CASES.add("many trees (diabetes)")
def many():
    X, y = diabetes()
    return xgb.XGBRegressor(n_estimators=120, max_depth=2, n_jobs=1).fit(X, y), X


@CASES.add("early stop (breast cancer)")
def early_stop():
    X, y = breast_cancer()
    model = xgb.XGBClassifier(n_estimators=60, learning_rate=0.6, early_stopping_rounds=2, n_jobs=1)
    return model.fit(X[100:], y[100:], eval_set=[(X[:100], y[:100])], verbose=False), X


for missing in (0.0, -1.0, 0.1, np.inf, -np.inf):

    @CASES.add(f"missing={missing} (array)")
    def marked(missing=missing):
        rng = np.random.default_rng(0)
        X = rng.choice([0.0, 0.1, -1.0, 0.5, 2.0, 1e-300, np.nan, missing], size=(300, 3))
        y = np.nan_to_num(X[:, 0], posinf=9, neginf=-9) + (X[:, 1] == missing)
        return xgb.XGBRegressor(missing=missing, **QUICK).fit(X, y), X


@CASES.add("custom objective (diabetes)")
def custom():
    X, y = diabetes()
    return xgb.XGBRegressor(objective=lambda y, p: (p - y, np.ones_like(y)), **QUICK).fit(X, y), X


@CASES.add("ranker (diabetes)")
def ranker():
    X, y = diabetes()
    return xgb.XGBRanker(**QUICK).fit(X, (y > 150).astype(int), qid=np.repeat([0, 1], 221)), X


@CASES.add("categories (flights)")
def by_dtype():
    X, y = categories()
    model = xgb.XGBClassifier(enable_categorical=True, max_cat_to_onehot=2, **QUICK)
    return model.fit(X, y), X.iloc[:300]


@CASES.add("categories, one against rest (flights)")
def by_dtype_one_hot():
    X, _ = categories()
    model = xgb.XGBRegressor(enable_categorical=True, max_cat_to_onehot=100, **QUICK)
    return model.fit(X, X["dep_delay"].fillna(0)), X.iloc[:300]


@CASES.add("categories that are not all in the data (flights)")
def another_order():
    X, y = categories()
    model = xgb.XGBClassifier(enable_categorical=True, **QUICK).fit(X, y)
    some = X.iloc[:100]
    return model, some.assign(carrier=some["carrier"].cat.remove_unused_categories())


def without_categories(model):
    """Return a booster as XGBoost 3.0 would have saved it."""
    document = json.loads(model.save_raw("json"))
    booster = document["learner"]["gradient_booster"]
    booster.get("gbtree", booster)["model"].pop("cats", None)
    return xgb.Booster(model_file=bytearray(json.dumps({**document, "version": [3, 0, 0]}).encode()))


for name, given in {
    "sets": {"max_cat_to_onehot": 2},
    "one against the rest": {"max_cat_to_onehot": 100},
    "dart": DART,
}.items():

    @CASES.add(f"categories that the model does not store, {name} (flights)")
    def before_they_were_stored(given=given):
        X, y = categories()
        model = xgb.XGBClassifier(enable_categorical=True, **{**QUICK, **given}).fit(X, y)
        model._Booster = without_categories(model.get_booster())
        return model, X.iloc[:300]


@CASES.add("native, categories that the model does not store (flights)")
def native_before_they_were_stored():
    model, X = native({"objective": "binary:logistic"}, categories)
    return without_categories(model), X.iloc[:300]


def numbered(max_cat_to_onehot):
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(0, 30, 500), rng.normal(size=500), rng.integers(0, 4, 500)]).astype(float)
    X[rng.random(X.shape) < 0.1] = np.nan
    y = ((np.nan_to_num(X[:, 0]) % 3 == 0) | (X[:, 1] > 1)).astype(int)
    types = ["c", "q", "c"]
    return {"feature_types": types, "max_cat_to_onehot": max_cat_to_onehot, "enable_categorical": True}, X, y


for limit in (1, 50):

    @CASES.add(f"categories by number, at most {limit} against the rest (array)", probes=lambda X: [broken(X)])
    def by_number(limit=limit):
        given, X, y = numbered(limit)
        return xgb.XGBClassifier(**given, **QUICK).fit(X, y), X


def broken(X):
    """Return codes that are none."""
    codes = [-1.0, -0.5, -1e-50, 0.5, 1.9999999999, 2.5, 30.0, 1e9, np.inf, -np.inf]
    rows = np.repeat(X[:1], len(codes), axis=0)
    rows[:, 0] = codes
    return rows


@CASES.add("integers, booleans and float32 (flights)")
def integers():
    X, y = flights()
    X = pd.DataFrame(
        {"late": y, "month": X["month"], "distance": X["distance"].astype("float32"), "time": X["sched_dep_time"]}
    )
    return xgb.XGBRegressor(**QUICK).fit(X, X["month"] * np.where(y, 2.0, 1.0)), X


@CASES.add("values that float32 cannot tell apart")
def close():
    rng = np.random.default_rng(2)
    X = 16_777_216 + rng.integers(0, 64, size=(400, 2)).astype(float) / 4
    return xgb.XGBClassifier(**QUICK).fit(X, (X[:, 0] > X[:, 1]).astype(int)), X


@CASES.add("after a scaler (wine)")
def pipeline():
    X, y = wine()
    return make_pipeline(StandardScaler(), xgb.XGBClassifier(**QUICK)).fit(X, y), X


@CASES.add("one row, a constant column")
def one_row():
    X, y = iris()
    X = X.assign(constant=1.0)
    return xgb.XGBClassifier(**QUICK).fit(X, y), X.iloc[:1]


def native(given, data=None):
    X, y = data() if data else zero_one(wine)
    given = {"max_depth": 3, "nthread": 1, **given}
    return xgb.train(given, xgb.DMatrix(X, y, enable_categorical=True), 8), X


for objective in ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:squarederror"):
    CASES.add(f"native {objective}")(partial(native, {"objective": objective}))
for objective in ("multi:softmax", "multi:softprob"):
    CASES.add(f"native {objective}")(partial(native, {"objective": objective, "num_class": 3}, wine))
CASES.add("native dart")(partial(native, {"objective": "binary:logistic", **DART}))
CASES.add("native dart of three classes")(
    partial(native, {"objective": "multi:softprob", "num_class": 3, **DART}, wine)
)
CASES.add("native linear")(partial(native, {"objective": "reg:squarederror", "booster": "gblinear"}, diabetes))
CASES.add("native categories")(partial(native, {"objective": "binary:logistic"}, categories))


@CASES.add("native, from a file of XGBoost 2, whose base score is one number")
def of_version_two():
    model, X = native({"objective": "binary:logistic", "base_score": 0.3})
    document = json.loads(model.save_raw("json"))
    document["version"] = [2, 1, 0]
    document["learner"]["learner_model_param"]["base_score"] = "3E-1"
    return xgb.Booster(model_file=bytearray(json.dumps(document).encode())), X


@CASES.add("native, all iterations after an early stop (array)")
def all_iterations():
    X, y = zero_one(wine)
    X = X.to_numpy()
    parts = xgb.DMatrix(X[40:], y[40:]), xgb.DMatrix(X[:40], y[:40])
    given = {"objective": "binary:logistic", "eta": 0.9}
    return xgb.train(given, parts[0], 30, evals=[(parts[1], "v")], early_stopping_rounds=2, verbose_eval=False), X


@CASES.add("native, a slice of the iterations")
def some_iterations():
    model, X = native({"objective": "multi:softprob", "num_class": 3}, wine)
    return model[2:5], X


@CASES.add("dart of three targets (linnerud)")
def dart_targets():
    X, y = linnerud()
    return xgb.XGBRegressor(**{**QUICK, **DART}).fit(X, y), X


@CASES.add("native survival:aft")
def accelerated_failure_time():
    X, y = diabetes()
    train = xgb.DMatrix(X, label_lower_bound=y, label_upper_bound=np.where(y > 200, np.inf, y))
    return xgb.train({"objective": "survival:aft", "max_depth": 3, "nthread": 1}, train, 8), X
