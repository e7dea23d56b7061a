"""The models whose SQL is stored for every dialect that is generated; run as a module, this rewrites what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBRegressor

import sqlops
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects import GENERATED
from sqlops.errors import CompileError

STORED = Path(__file__).parent / "generated"
DIALECTS = ("bigquery", *(dialect.name for dialect in GENERATED))


def _bunch(load: Callable[..., Any], columns: int) -> tuple[pd.DataFrame, Any]:
    X, y = load(return_X_y=True, as_frame=True)
    X.columns = [name.replace(" (cm)", "").replace(" ", "_") for name in X.columns]
    return X.iloc[:, :columns], y


def _logistic() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_iris, 2)
    X["colour"] = np.array(["red", "it's blue", "größe"])[np.arange(len(X)) % 3]
    X.iloc[::7, 0] = np.nan
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    steps = ColumnTransformer([("numbers", numbers, X.columns[:2]), ("colour", OneHotEncoder(), ["colour"])])
    return make_pipeline(steps, LogisticRegression()).fit(X, y == 2), X


def _boosting() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_diabetes, 4)
    return GradientBoostingRegressor(n_estimators=5, max_depth=2, random_state=0).fit(X, y), X


def _forest() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_iris, 4)
    return RandomForestClassifier(4, max_depth=3, random_state=0).fit(X, y), X


def _lightgbm() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_diabetes, 4)
    return LGBMRegressor(n_estimators=3, num_leaves=6, verbose=-1, random_state=0).fit(X, y), X


def _xgboost() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_diabetes, 4)
    return XGBRegressor(n_estimators=3, max_depth=2).fit(X, y), X


def _kmeans() -> tuple[Any, pd.DataFrame]:
    X, _ = _bunch(load_iris, 4)
    return KMeans(3, n_init=1, random_state=0).fit(X), X


def _labels() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_iris, 4)
    names = np.array(["it's setosa", "versicolor", "größe"])[y]
    return DecisionTreeClassifier(random_state=0).fit(X, names), X


def _calibrated() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_breast_cancer, 3)
    X, y = X[:80], y[:80]
    return CalibratedClassifierCV(LogisticRegression(), method="isotonic", ensemble=False).fit(X, y), X


def _svc() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_iris, 2)
    X, y = X[::4], y[::4]
    return SVC().fit(X, y), X


def _deep() -> tuple[Any, pd.DataFrame]:
    X, y = _bunch(load_diabetes, 3)
    return DecisionTreeClassifier(max_depth=14, random_state=0).fit(X[:90], y[:90] > 140), X[:90]


MODELS: Mapping[str, Callable[[], tuple[Any, pd.DataFrame]]] = {
    "logistic": _logistic,
    "boosting": _boosting,
    "forest": _forest,
    "lightgbm": _lightgbm,
    "xgboost": _xgboost,
    "kmeans": _kmeans,
    "labels": _labels,
    "calibrated": _calibrated,
    "svc": _svc,
    "deep": _deep,
}


@cache
def compiled(name: str) -> CompiledModel:
    """Return a model, compiled."""
    estimator, X = MODELS[name]()
    return sqlops.compile(estimator, X, name=name)


def written(name: str, dialect: str) -> str:
    """Return the SQL of a model, or the error that says why there is none."""
    try:
        return compiled(name).sql(dialect, source="crm.leads", keys=["id"]) + "\n"
    except CompileError as error:
        return f"-- {error}\n"


def path_of(name: str, dialect: str) -> Path:
    """Return where the SQL of a model is stored."""
    return STORED / dialect / f"{name}.sql"


def rewrite() -> None:
    """Store the SQL of all models for all dialects."""
    for dialect in DIALECTS:
        for name in MODELS:
            path = path_of(name, dialect)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(written(name, dialect), encoding="utf-8")


if __name__ == "__main__":
    rewrite()
