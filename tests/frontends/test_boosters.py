"""What the frontends of boosting libraries and statsmodels refuse, and how fitted objects of theirs are asked."""

from __future__ import annotations

from typing import Any

import catboost as cb
import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
import xgboost as xgb
from sklearn.datasets import load_breast_cancer, load_iris, load_linnerud
from sklearn.pipeline import make_pipeline

import sqlops
from sqlops.errors import CompileError, SchemaError
from sqlops.estimators import feature_names
from tests.conformance.cases.xgboost import without_categories
from tests.conformance.data import categories, flights

LIGHT = {"n_estimators": 3, "num_leaves": 4, "verbose": -1, "n_jobs": 1}
EXTREME = {"n_estimators": 3, "max_depth": 2, "n_jobs": 1}
CAT = {"iterations": 3, "depth": 2, "verbose": 0, "thread_count": 1, "allow_writing_files": False}


def iris() -> tuple[pd.DataFrame, Any]:
    return load_iris(return_X_y=True, as_frame=True)


def cancer() -> tuple[pd.DataFrame, Any]:
    return load_breast_cancer(return_X_y=True, as_frame=True)


def refusal(model: Any, X: Any) -> str:
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model, X)
    return str(caught.value)


def squared(y: Any, raw: Any) -> tuple[Any, Any]:
    return raw - y, np.ones_like(y)


def test_lightgbm_classifier_with_a_callable_objective() -> None:
    X, y = cancer()
    text = refusal(lgb.LGBMClassifier(objective=squared, **LIGHT).fit(X, y), X)
    assert text.startswith("step 'LGBMClassifier': LGBMClassifier(objective=<function squared")
    assert text.endswith("its predict gives raw scores: compile `booster_` instead")


@pytest.mark.parametrize(
    ("given", "data", "expected"),
    [
        (
            {"pred_early_stop": True},
            cancer,
            "LGBMClassifier(pred_early_stop=True) is not supported; predict with all trees",
        ),
        (
            {},
            lambda: (cancer()[0], np.zeros(569)),
            "LGBMClassifier(classes_=[0.0]) is not supported; fit on at least two classes",
        ),
    ],
)
def test_lightgbm_options(given: dict[str, Any], data: Any, expected: str) -> None:
    X, y = data()
    assert refusal(lgb.LGBMClassifier(**LIGHT, **given).fit(X, y), X) == f"step 'LGBMClassifier': {expected}"


def test_lightgbm_categories_that_are_none() -> None:
    X, y = categories()
    model = lgb.LGBMClassifier(**LIGHT).fit(X, y)
    assert refusal(model, X.astype({"origin": str})) == (
        "step 'LGBMClassifier': 3 columns are pandas categoricals ('month', 'carrier', 'dest'), 4 were in training; "
        "pass the X it was fitted on"
    )


@pytest.mark.parametrize(
    "model",
    [
        lgb.LGBMClassifier(),
        lgb.LGBMRegressor(),
        xgb.XGBClassifier(),
        xgb.Booster(),
        cb.CatBoostClassifier(),
        cb.CatBoost(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_that_are_not_fitted(model: Any) -> None:
    X, _ = iris()
    name = type(model).__name__
    assert refusal(model, X) == f"step '{name}': {name} is not fitted; call fit before compiling"


def test_columns_of_another_number() -> None:
    X, y = iris()
    booster = lgb.train({"verbose": -1}, lgb.Dataset(X.to_numpy(), y), 2)
    assert refusal(booster, X.iloc[:, :2].to_numpy()) == (
        "step 'Booster': Booster was fitted on 4 columns, not 2; pass the X it was fitted on"
    )


@pytest.mark.parametrize("make", [lambda: lgb.LGBMClassifier(**LIGHT), lambda: cb.CatBoostClassifier(**CAT)])
def test_columns_in_another_order(make: Any) -> None:
    X, y = iris()
    with pytest.raises(SchemaError, match="its columns are in another order than in fit"):
        sqlops.compile(make().fit(X, y), X.iloc[:, ::-1])


def test_xgboost_with_one_class() -> None:
    X, y = cancer()
    assert refusal(xgb.XGBClassifier(base_score=0.5, **EXTREME).fit(X, 0 * y), X) == (
        "step 'XGBClassifier': XGBClassifier(n_classes_=1) is not supported; fit on at least two classes"
    )


def test_xgboost_categories_that_the_model_does_not_know() -> None:
    X, y = flights()
    X = X[["month", "distance"]]
    model = xgb.XGBClassifier(enable_categorical=True, **EXTREME).fit(X, y)
    assert refusal(model, X.astype({"month": "category"})) == (
        "step 'XGBClassifier': pandas categories in 'month', which had none in training; pass the X it was fitted on"
    )


def test_xgboost_categories_with_another_dtype() -> None:
    X, y = categories()
    model = xgb.XGBClassifier(enable_categorical=True, max_cat_to_onehot=2, **EXTREME).fit(X[["dest", "carrier"]], y)
    model._Booster = without_categories(model.get_booster())
    few = X[["dest", "carrier"]].iloc[:5]
    few = few.assign(dest=few["dest"].cat.remove_unused_categories())
    text = refusal(model, few)
    assert text.startswith("step 'XGBClassifier': the dtype of 'dest' has 4 categories, and the trees know of number ")
    assert text.endswith("; pass the X it was fitted on, with its dtypes")
    assert "1 columns are pandas categoricals" in refusal(model, few.astype({"dest": str}))


def catboost_flights(**given: Any) -> tuple[Any, pd.DataFrame]:
    X, y = flights()
    X = X[["carrier", "dest"]]
    return cb.CatBoostClassifier(**{**CAT, "depth": 4, **given}, cat_features=["carrier", "dest"]).fit(X, y), X


HASHES = "are not in X, and it keeps only their hashes; pass the X it was fitted on"


def test_catboost_statistics_of_categories_that_only_training_had() -> None:
    model, X = catboost_flights(max_ctr_complexity=1)
    text = refusal(model, X[:5])
    assert " categories that the model has statistics of (Borders of 'carrier') " in text
    assert text.endswith(HASHES)


def test_catboost_statistics_of_combinations_that_only_training_had() -> None:
    X, y = flights()
    X = pd.DataFrame({"a": X["carrier"], "b": X["month"].astype(str), "c": X["dep_delay"].fillna(0)})
    every = X.drop_duplicates("a").index.union(X.drop_duplicates("b").index)
    given = {**CAT, "iterations": 20, "depth": 6, "max_ctr_complexity": 3, "cat_features": ["a", "b"]}
    model = cb.CatBoostClassifier(**given, simple_ctr=["Counter"]).fit(X, y)
    assert sqlops.compile(model, X.loc[every]).verify(X).ok
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sqlops.frontends.catboost_statistics.MOST_COMBINATIONS", 10)
        text = refusal(model, X.loc[every])
        assert sqlops.compile(model, X).verify(X).ok
    assert " combinations that the model has statistics of (" in text
    assert text.endswith(HASHES + ", or fit with max_ctr_complexity=1")


def test_catboost_statistics_of_too_many_combinations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlops.frontends.catboost_statistics._EXACT", 10)
    assert refusal(*catboost_flights(max_ctr_complexity=2, iterations=20)).endswith(
        "combinations of features are more than numbers can tell apart; fit with a lower max_ctr_complexity"
    )


def test_catboost_statistics_that_were_not_kept() -> None:
    assert refusal(*catboost_flights(final_ctr_computation_mode="Skip")) == (
        "step 'CatBoostClassifier': the model has no tables of the statistics of categories that it splits on; fit "
        "with final_ctr_computation_mode='Default'"
    )


def test_catboost_statistics_of_several_binarizations() -> None:
    X, _ = flights()
    kinds = ["Borders:TargetBorderCount=1", "Borders:TargetBorderCount=2"]
    model = cb.CatBoostRegressor(**CAT, cat_features=["carrier"], simple_ctr=kinds, combinations_ctr=kinds)
    assert refusal(model.fit(X[["carrier"]], X["distance"]), X[["carrier"]]) == (
        "step 'CatBoostRegressor': statistics of type Borders of several binarizations of the target are not "
        "supported: CatBoost writes those of one only; give each type in simple_ctr, combinations_ctr and "
        "per_feature_ctr one TargetBorderCount"
    )


def test_catboost_statistics_of_several_targets() -> None:
    X, y = flights()
    model = cb.CatBoostClassifier(**CAT, loss_function="MultiLogloss", cat_features=["carrier"])
    y = np.column_stack([y, X["distance"] > 900])
    X = X[["carrier"]]
    assert refusal(model.fit(X, y), X) == (
        "step 'CatBoostClassifier': statistics of type Borders of several targets are not supported: CatBoost writes "
        "those of one only; fit with simple_ctr=['Counter'] and combinations_ctr=['Counter']"
    )


def test_catboost_categories_that_only_training_had() -> None:
    model, X = catboost_flights(one_hot_max_size=255, iterations=30)
    text = refusal(model, X[:5])
    assert text.startswith("step 'CatBoostClassifier': ")
    assert "are not in X, and the model keeps only their hashes; pass the X it was fitted on" in text


def test_catboost_text() -> None:
    X, y = flights()
    X = pd.DataFrame({"text": X["carrier"] + " to " + X["dest"] + " from " + X["origin"], "delay": X["dep_delay"]})
    model = cb.CatBoostClassifier(**CAT, text_features=["text"]).fit(X, y)
    assert refusal(model, X) == (
        "step 'CatBoostClassifier': CatBoostClassifier(text_features=['text']) is not supported; turn them into "
        "numbers before fitting"
    )


def test_catboost_infinite_borders() -> None:
    X = np.random.default_rng(0).choice([np.inf, -np.inf, 0.0, 1.0], size=(200, 2))
    text = refusal(cb.CatBoostRegressor(**CAT).fit(X, np.isinf(X[:, 0]) + X[:, 0].clip(-1, 1)), X)
    assert text.startswith("step 'CatBoostRegressor': CatBoost cannot write the model as JSON: ")


def test_catboost_trees_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlops.frontends.catboost.MOST_NODES", 20)
    X, y = iris()
    assert refusal(cb.CatBoostClassifier(**CAT).fit(X, y), X) == (
        "step 'CatBoostClassifier': 3 trees of this depth have more than 20 nodes; fit shallower or fewer trees"
    )


def test_statsmodels_formula_that_transforms() -> None:
    X, y = iris()
    X.columns = list("abcd")
    fitted = smf.ols("y ~ a + np.log(b)", X.assign(y=y)).fit()
    assert refusal(fitted, X) == (
        "step 'RegressionResultsWrapper': the formula's term 'np.log(b)' is neither a column of numbers nor a "
        "level of a category; compute it before, and fit on the computed columns"
    )


def test_statsmodels_models_that_are_not_covered() -> None:
    X, y = cancer()
    X = sm.add_constant(X[["mean radius"]])
    fitted = sm.ZeroInflatedPoisson(np.asarray(y) * 3, X).fit(disp=0, maxiter=2)
    assert "ZeroInflatedPoisson" in refusal(fitted, X)


def test_statsmodels_classes_that_are_not_registered() -> None:
    X, y = load_linnerud(return_X_y=True, as_frame=True)
    model = sm.tsa.AutoReg(y["Weight"], 1).fit()
    assert "statsmodels.AutoRegResultsWrapper is not supported" in refusal(model, X)


def test_lightgbm_names_are_spelled_as_in_the_frame() -> None:
    X, y = cancer()
    model = lgb.LGBMClassifier(**LIGHT).fit(X, y)
    assert feature_names(model) == [name.replace(" ", "_") for name in X.columns]
    assert feature_names(make_pipeline(model), list(X.columns)) == list(X.columns)
    assert [c.name for c in sqlops.compile(make_pipeline(model), X).signature.inputs] == list(X.columns)


def test_models_fitted_on_arrays_know_no_names() -> None:
    X, y = iris()
    arrays = X.to_numpy(), y.to_numpy()
    assert feature_names(lgb.LGBMClassifier(**LIGHT).fit(*arrays)) is None
    assert feature_names(cb.CatBoostClassifier(**CAT).fit(*arrays)) is None
    assert feature_names(xgb.XGBClassifier(**EXTREME).fit(*arrays)) is None
    assert feature_names(sm.OLS(arrays[1], arrays[0]).fit()) is None
