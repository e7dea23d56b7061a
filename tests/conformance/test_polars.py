"""Every estimator, fitted on polars frames of Float32: scikit-learn keeps it in some, and makes doubles in others."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, StandardScaler
from sklearn.utils import all_estimators

import sqlops
from sqlops.frontends.base import registrations
from tests.conformance.tables import bundled

OTHER_X = {
    "CountVectorizer": "texts",
    "DictVectorizer": "dictionaries",
    "FeatureHasher": "dictionaries",
    "HashingVectorizer": "texts",
    "IsotonicRegression": "one column",
    "LabelBinarizer": "labels",
    "LabelEncoder": "labels",
    "MultiLabelBinarizer": "labels",
    "TfidfVectorizer": "texts",
}
CLASSIFIER = make_pipeline(StandardScaler(), LogisticRegression())
REGRESSOR = make_pipeline(StandardScaler(), Ridge())
"""Parts whose scaler makes doubles of a polars frame that is handed on to them, and keeps an array of float32."""

GRID: dict[str, Any] = {"standardscaler__with_mean": [False]}
FEW: dict[str, Any] = {"n_components": 2}
ONE: dict[str, Any] = {"n_components": 1}
TREES: dict[str, Any] = {"n_estimators": 5, "max_depth": 3}
CODES: dict[str, Any] = {**FEW, "transform_algorithm": "threshold", "max_iter": 5}
OF_CLASSIFIER: dict[str, Any] = {"estimator": CLASSIFIER}
OF_REGRESSOR: dict[str, Any] = {"estimator": REGRESSOR}
OF_RIDGE: dict[str, Any] = {"estimator": Ridge()}

OPTIONS: dict[str, dict[str, Any]] = {
    "AdaBoostClassifier": {"n_estimators": 5},
    "AdaBoostRegressor": {"n_estimators": 5},
    "BaggingClassifier": {**OF_CLASSIFIER, "n_estimators": 3},
    "BaggingRegressor": {**OF_REGRESSOR, "n_estimators": 3},
    "BernoulliRBM": {**FEW, "n_iter": 2},
    "CCA": ONE,
    "CalibratedClassifierCV": {**OF_CLASSIFIER, "ensemble": False},
    "ClassifierChain": {"estimator": CLASSIFIER},
    "ColumnTransformer": {"transformers": [("scale", StandardScaler(), [0, 1])], "remainder": "passthrough"},
    "DictionaryLearning": CODES,
    "ExtraTreesClassifier": TREES,
    "ExtraTreesRegressor": TREES,
    "FeatureUnion": {"transformer_list": [("keep", "passthrough"), ("norm", Normalizer()), ("scale", MinMaxScaler())]},
    "FixedThresholdClassifier": OF_CLASSIFIER,
    "FrozenEstimator": {"estimator": None},
    "GaussianRandomProjection": FEW,
    "GradientBoostingClassifier": {**TREES, "init": CLASSIFIER},
    "GradientBoostingRegressor": {**TREES, "init": REGRESSOR},
    "GridSearchCV": {**OF_CLASSIFIER, "param_grid": GRID, "cv": 2},
    "HalvingGridSearchCV": {**OF_CLASSIFIER, "param_grid": GRID, "cv": 2},
    "HalvingRandomSearchCV": {**OF_CLASSIFIER, "param_distributions": GRID, "cv": 2, "n_candidates": 1},
    "HistGradientBoostingClassifier": {"max_iter": 3},
    "HistGradientBoostingRegressor": {"max_iter": 3},
    "IsolationForest": {"n_estimators": 5},
    "IterativeImputer": {"max_iter": 2},
    "LocalOutlierFactor": {"novelty": True},
    "LogisticRegressionCV": {"Cs": 2, "cv": 2, "l1_ratios": [0], "use_legacy_attributes": False},
    "MLPClassifier": {"hidden_layer_sizes": (4,), "max_iter": 20},
    "MLPRegressor": {"hidden_layer_sizes": (4,), "max_iter": 20},
    "MiniBatchDictionaryLearning": CODES,
    "MissingIndicator": {"features": "all"},
    "MultiOutputClassifier": OF_CLASSIFIER,
    "MultiOutputRegressor": OF_REGRESSOR,
    "Nystroem": {"n_components": 5},
    "OneVsOneClassifier": OF_CLASSIFIER,
    "OneVsRestClassifier": OF_CLASSIFIER,
    "OutputCodeClassifier": OF_CLASSIFIER,
    "PLSCanonical": ONE,
    "PLSSVD": ONE,
    "Pipeline": {"steps": [("norm", Normalizer()), ("model", REGRESSOR)]},
    "PolynomialCountSketch": {"n_components": 3},
    "RANSACRegressor": {**OF_REGRESSOR, "min_samples": 10},
    "RBFSampler": {"n_components": 3},
    "RFE": OF_RIDGE,
    "RFECV": {**OF_RIDGE, "cv": 2},
    "RandomForestClassifier": TREES,
    "RandomForestRegressor": TREES,
    "RandomTreesEmbedding": {"n_estimators": 3, "max_depth": 2},
    "RandomizedSearchCV": {**OF_CLASSIFIER, "param_distributions": GRID, "cv": 2, "n_iter": 1},
    "RegressorChain": {"estimator": REGRESSOR},
    "SelectFromModel": OF_RIDGE,
    "SelectKBest": {"k": 2},
    "SelfTrainingClassifier": OF_CLASSIFIER,
    "SequentialFeatureSelector": {**OF_RIDGE, "cv": 2},
    "SkewedChi2Sampler": {"n_components": 3},
    "SparseCoder": {"dictionary": np.eye(4, dtype=np.float32), "transform_algorithm": "threshold"},
    "SparseRandomProjection": FEW,
    "StackingClassifier": {"estimators": [("part", CLASSIFIER)], "cv": 2, "passthrough": True},
    "StackingRegressor": {"estimators": [("part", REGRESSOR)], "cv": 2, "passthrough": True},
    "TransformedTargetRegressor": {"regressor": REGRESSOR},
    "TunedThresholdClassifierCV": {**OF_CLASSIFIER, "cv": 2},
    "VotingClassifier": {"estimators": [("part", CLASSIFIER)], "voting": "soft"},
    "VotingRegressor": {"estimators": [("part", REGRESSOR)]},
}
TWO_CLASSES = ("FixedThresholdClassifier", "TunedThresholdClassifierCV")
SEVERAL_LABELS = ("ClassifierChain", "MultiOutputClassifier")
SEVERAL_NUMBERS = ("MultiOutputRegressor", "RegressorChain")

REGISTERED = {item.class_name for item in registrations() if item.package == "sklearn"}
CLASSES = {name: cls for name, cls in all_estimators() if name in REGISTERED - set(OTHER_X)}
SCHEMAS = {
    "Float32": [pl.Float32] * 4,
    "Float32 and Int16": [pl.Float32, pl.Int16, pl.Float32, pl.Float32],
    "Float32 and Float64": [pl.Float32, pl.Float64, pl.Float32, pl.Float32],
    "Float32 and Boolean": [pl.Float32, pl.Float32, pl.Float32, pl.Boolean],
}
MIXED = (
    "Binarizer",
    "ColumnTransformer",
    "FeatureUnion",
    "GaussianNB",
    "KMeans",
    "KNeighborsRegressor",
    "Ridge",
    "SelectKBest",
    "SimpleImputer",
    "StackingRegressor",
    "StandardScaler",
)
EACH = [(name, "Float32") for name in CLASSES] + [(name, schema) for name in MIXED for schema in list(SCHEMAS)[1:]]


def frame(schema: list[Any]) -> pl.DataFrame:
    X = pl.from_pandas(bundled("wine")[0].iloc[::6, [0, 4, 6, 9]].add(0.1))
    flags = [name for name, dtype in zip(X.columns, schema, strict=True) if dtype == pl.Boolean]
    above = X.with_columns(pl.col(name) > 5 for name in flags)
    return above.cast(dict(zip(X.columns, schema, strict=True)))


def target(name: str, X: pl.DataFrame) -> Any:
    """Return what an estimator of some name learns to predict."""
    classes = bundled("wine")[1].to_numpy()[::6]
    if name in TWO_CLASSES:
        return classes > 0
    if name in SEVERAL_LABELS:
        return np.column_stack([classes > 0, classes > 1]).astype(int)
    if name in SEVERAL_NUMBERS or name.startswith("MultiTask"):
        return np.column_stack([X.to_numpy()[:, 0] + classes, classes])
    return classes + 1


def fitted(name: str, X: pl.DataFrame) -> Any:
    """Return an estimator that was fitted on a polars frame."""
    if name == "FrozenEstimator":
        return FrozenEstimator(clone(CLASSIFIER).fit(X, target(name, X)))
    model = CLASSES[name](**OPTIONS.get(name, {}))
    if "random_state" in model.get_params(deep=False):
        model.set_params(random_state=0)
    return model.fit(X, target(name, X))


@pytest.mark.parametrize(("name", "schema"), EACH)
def test_polars(name: str, schema: str) -> None:
    """A model of a polars frame gives the estimator's answers, whatever it makes of float32."""
    X = frame(SCHEMAS[schema])
    if name == "KernelCenterer":
        X = X.head(4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = fitted(name, X)
        assert sqlops.compile(model, X).verify(X).ok
