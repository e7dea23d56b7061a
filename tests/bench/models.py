"""The models of ``make bench``, fitted: each the same in every run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from lightgbm import LGBMClassifier
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from xgboost import XGBClassifier

from tests.bench.data import frame_of_mixed, frame_of_numbers, numbers

Fitted = tuple[Any, pd.DataFrame]
"""A fitted estimator, and its X."""


def on_numbers(model: Any, rows: int) -> Fitted:
    X, (_, y) = frame_of_numbers(rows, seed=0), numbers(rows)
    return model.fit(X, y), X


def logistic() -> Fitted:
    return on_numbers(make_pipeline(StandardScaler(), LogisticRegression()), 10_000)


def gradient_boosting() -> Fitted:
    return on_numbers(GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0), 5_000)


def lightgbm() -> Fitted:
    model, X = on_numbers(LGBMClassifier(n_estimators=200, num_leaves=31, random_state=0, verbose=-1), 31_500)
    assert sum(tree["num_leaves"] for tree in model.booster_.dump_model()["tree_info"]) == 200 * 31
    return model, X


def hist() -> Fitted:
    return on_numbers(HistGradientBoostingClassifier(max_iter=100, max_leaf_nodes=31, random_state=0), 31_500)


def xgboost() -> Fitted:
    return on_numbers(XGBClassifier(n_estimators=200, max_depth=6, random_state=0), 31_500)


def nodes(forest: Any) -> int:
    return sum(tree.tree_.node_count for tree in forest.estimators_)


def forest() -> Fitted:
    model, X = on_numbers(RandomForestClassifier(100, max_depth=8, max_features=10, random_state=0, n_jobs=-1), 17_500)
    assert 43_000 <= nodes(model) <= 45_000
    return model, X


def grown_forest(trees: int = 100) -> Fitted:
    model, X = on_numbers(RandomForestClassifier(trees, random_state=0, n_jobs=-1), 31_500)
    assert nodes(model) >= 8_200 * trees
    return model, X


def perceptron() -> Fitted:
    return on_numbers(MLPClassifier((100,), max_iter=20, random_state=0), 10_000)


def svc() -> Fitted:
    model, X = on_numbers(SVC(gamma=0.05), 1_520)
    assert len(model.support_vectors_) >= 1_000
    return model, X


def neighbors() -> Fitted:
    return on_numbers(KNeighborsClassifier(5), 5_000)


def mixed_preparation(X: pd.DataFrame) -> ColumnTransformer:
    """Return what imputes and scales the numbers, and encodes the texts."""
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), list(X.columns[:10])),
            ("texts", OneHotEncoder(handle_unknown="ignore"), list(X.columns[10:])),
        ]
    )


def mixed() -> Fitted:
    X = frame_of_mixed(17_500, seed=0)
    numeric, texts = list(X.columns[:10]), list(X.columns[10:])
    groups = X[texts].apply(lambda column: column.str[1:].astype(int) % 3 - 1)
    noise = np.random.default_rng(2).normal(size=len(X))
    y = (X[numeric[:5]].fillna(0).sum(axis=1) + groups.sum(axis=1) + 2 * noise > 0).astype(int)
    model = make_pipeline(mixed_preparation(X), RandomForestClassifier(100, max_depth=8, random_state=0, n_jobs=-1))
    return model.fit(X, y), X


MODELS: dict[str, Callable[[], Fitted]] = {
    "logistic": logistic,
    "gradient_boosting": gradient_boosting,
    "lightgbm": lightgbm,
    "hist": hist,
    "xgboost": xgboost,
    "forest": forest,
    "grown_forest": grown_forest,
    "perceptron": perceptron,
    "svc": svc,
    "neighbors": neighbors,
    "mixed": mixed,
}
