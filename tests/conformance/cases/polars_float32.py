"""Polars frames of Float32: scikit-learn keeps float32 in some steps, and makes doubles in others."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import clone
from sklearn.cluster import Birch, BisectingKMeans, FeatureAgglomeration, KMeans
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA, FastICA, SparsePCA, TruncatedSVD
from sklearn.ensemble import BaggingRegressor, GradientBoostingRegressor, StackingRegressor, VotingClassifier
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.feature_selection import RFE, SelectKBest, VarianceThreshold
from sklearn.impute import KNNImputer, MissingIndicator, SimpleImputer
from sklearn.kernel_approximation import AdditiveChi2Sampler, RBFSampler, SkewedChi2Sampler
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.multioutput import RegressorChain
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import BernoulliRBM, MLPRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.random_projection import GaussianRandomProjection
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, holes

CASES = Cases("polars float32")


def wine(*, missing: bool = False) -> pl.DataFrame:
    """Return some columns of wine as Float32, with nulls where asked."""
    X = bundled("wine")[0].iloc[::2, [0, 4, 6, 9, 11]]
    return pl.from_pandas(holes(X) if missing else X).cast(pl.Float32)


def target(X: pl.DataFrame) -> Any:
    return np.arange(len(X)) % 3


def fitted(model: Any, X: pl.DataFrame) -> tuple[Any, Any]:
    return clone(model).fit(X, target(X)), X


def whole(model: Any) -> tuple[Any, Any]:
    return fitted(model, wine())


DOUBLES = {
    "standard": StandardScaler(),
    "robust": RobustScaler(),
    "min-max": MinMaxScaler((0.1, 0.7), clip=True),
    "max-abs": MaxAbsScaler(),
    "power": PowerTransformer(),
    "quantiles": QuantileTransformer(n_quantiles=9),
    "polynomial": PolynomialFeatures(2),
    "bins": KBinsDiscretizer(3, encode="ordinal"),
    "bins as float32": KBinsDiscretizer(3, encode="ordinal", dtype=np.float32),
    "random projection": GaussianRandomProjection(2, random_state=0),
    "PCA": PCA(2, whiten=True),
    "ICA": FastICA(2, random_state=0),
    "Boltzmann machine": BernoulliRBM(2, n_iter=2, random_state=0),
    "partial least squares": PLSRegression(2),
    "k-means": KMeans(3, random_state=0),
    "bisecting k-means": BisectingKMeans(3, random_state=0),
    "skewed chi2": SkewedChi2Sampler(n_components=3, random_state=0),
    "poisson": PoissonRegressor(),
    "tf-idf": TfidfTransformer(),
}
ARRAYS = {
    "normalizer": Normalizer(),
    "binarizer": Binarizer(threshold=2.7),
    "splines": SplineTransformer(3),
    "SVD": TruncatedSVD(2, random_state=0),
    "sparse PCA": SparsePCA(2, random_state=0),
    "Fourier features": RBFSampler(n_components=3, random_state=0),
    "additive chi2": AdditiveChi2Sampler(),
    "Birch": Birch(n_clusters=3),
    "agglomeration": FeatureAgglomeration(2),
    "ridge": Ridge(),
    "logistic": LogisticRegression(),
    "naive Bayes": GaussianNB(),
    "mixture": GaussianMixture(2, random_state=0),
    "nearest neighbours": KNeighborsRegressor(3),
    "network": MLPRegressor(hidden_layer_sizes=(4,), max_iter=30, random_state=0),
    "support vectors": SVC(),
    "tree": DecisionTreeRegressor(max_depth=4, random_state=0),
    "one-hot": OneHotEncoder(handle_unknown="ignore", max_categories=4),
    "ordinal": OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
    "variance": VarianceThreshold(0.3),
}
SCALED = make_pipeline(StandardScaler(), Ridge())
HANDED_ON = {
    "a pipeline": make_pipeline(Normalizer(), MinMaxScaler(), LogisticRegression()),
    "bagging": BaggingRegressor(SCALED, 3, random_state=0),
    "stacking": StackingRegressor([("part", SCALED)], cv=2, passthrough=True),
    "voting": VotingClassifier([("part", make_pipeline(StandardScaler(), LogisticRegression()))], voting="soft"),
    "boosting from another": GradientBoostingRegressor(n_estimators=3, init=SCALED, random_state=0),
    "elimination": RFE(Ridge(), n_features_to_select=2),
    "square root": make_pipeline(FunctionTransformer(np.sqrt), StandardScaler()),
    "clipped": make_pipeline(StandardScaler(), FunctionTransformer(np.clip, kw_args={"a_min": 0, "a_max": 1})),
    "handed through": make_pipeline(FunctionTransformer(feature_names_out="one-to-one"), StandardScaler()),
    "validated": make_pipeline(FunctionTransformer(validate=True), StandardScaler()),
}
for name, model in {**DOUBLES, **ARRAYS, **HANDED_ON}.items():
    CASES.add(name)(partial(whole, model))

CASES.add("k-means, distances", methods=["transform"])(partial(whole, KMeans(3, random_state=0)))
CASES.add("PCA, likelihood", methods=["score_samples"])(partial(whole, PCA(2)))


@CASES.add("a chain of regressors")
def chain() -> tuple[Any, Any]:
    X = wine()
    return RegressorChain(SCALED).fit(X, np.column_stack([target(X), X["alcohol"]])), X


FILLING = {
    "mean": SimpleImputer(add_indicator=True),
    "most frequent": SimpleImputer(strategy="most_frequent"),
    "constant": SimpleImputer(strategy="constant", fill_value=0.1),
    "nearest neighbours": KNNImputer(n_neighbors=2),
    "indicator": MissingIndicator(features="all"),
    "encoder": OrdinalEncoder(encoded_missing_value=-2, handle_unknown="use_encoded_value", unknown_value=-1),
}
for name, model in FILLING.items():

    @CASES.add(f"missing values, {name}")
    def missing(model: Any = model) -> tuple[Any, Any]:
        return fitted(model, wine(missing=True))


def mixed(*, missing: bool = False) -> pl.DataFrame:
    """Return columns of several dtypes: of all but the double, numpy makes float32."""
    X = wine(missing=missing)
    return X.select(
        "alcohol",
        "color_intensity",
        small=pl.col("flavanoids").cast(pl.Int16),
        flag=pl.col("magnesium").fill_null(0) > 95,
        double=pl.col("od280/od315_of_diluted_wines").cast(pl.Float64),
    )


def nulls_and_infinities(X: pl.DataFrame) -> list[pl.DataFrame]:
    """Return frames of the same dtypes, which rows made by way of pandas would not keep."""
    floats = [name for name, dtype in X.schema.items() if dtype.is_float()]
    first = X.head(3)
    made = [first.with_columns(pl.lit(value, dtype=X.schema[name]).alias(name)) for name in floats for value in ENDS]
    return [*made, *(first.with_columns(pl.lit(None, dtype=X.schema[name]).alias(name)) for name in X.columns[:3])]


ENDS = (np.inf, -np.inf, 1e30, 1e-30, 0.0)
SINGLES = ["alcohol", "color_intensity", "small", "flag"]
ALL = [*SINGLES, "double"]


def of_mixed(model: Any, columns: list[str], missing: bool = False) -> tuple[Any, Any]:
    return fitted(model, mixed(missing=missing).select(columns))


SELECTED = ColumnTransformer(
    [("scale", MinMaxScaler(), ["alcohol"]), ("norm", Normalizer(), ["color_intensity", "small"])],
    remainder="passthrough",
    transformer_weights={"norm": 0.1, "remainder": 3},
)
UNITED = FeatureUnion(
    [("keep", "passthrough"), ("norm", Normalizer()), ("scale", StandardScaler())],
    transformer_weights={"keep": 0.1, "norm": np.float32(0.1), "scale": 0.3},
)
OF_MIXED = {
    "ridge": Ridge(),
    "scaler": StandardScaler(),
    "normalizer": Normalizer(),
    "normalized and chosen": make_pipeline(Normalizer(), SelectKBest(k=2), Ridge()),
    "columns": SELECTED,
    "a union": UNITED,
    "columns, then a model": make_pipeline(make_column_transformer(("passthrough", ["alcohol", "small"])), SCALED),
}
for name, model in OF_MIXED.items():
    CASES.add(f"mixed, {name}", probes=nulls_and_infinities, made=False)(partial(of_mixed, model, ALL))
    CASES.add(f"small, {name}", probes=nulls_and_infinities, made=False)(partial(of_mixed, model, SINGLES))

for name, model in FILLING.items():
    columns = ["alcohol", "color_intensity", "small"]
    case = CASES.add(f"small, missing values, {name}", probes=nulls_and_infinities, made=False)
    case(partial(of_mixed, model, columns, missing=True))

for output in ("pandas", "polars"):
    FRAMED = {
        "scaled twice": make_pipeline(StandardScaler(), MinMaxScaler(), Normalizer(), StandardScaler()),
        "normalized first": make_pipeline(Normalizer(), StandardScaler(), Ridge()),
        "columns": make_pipeline(SELECTED, StandardScaler()),
        "a union": make_pipeline(UNITED, Normalizer(), RobustScaler()),
        "chosen": make_pipeline(Normalizer(), SelectKBest(k=2), StandardScaler()),
        "filled": make_pipeline(SimpleImputer(strategy="most_frequent"), PolynomialFeatures(2), Ridge()),
        "root": make_pipeline(FunctionTransformer(np.sqrt, feature_names_out="one-to-one"), StandardScaler()),
        "root without names": make_pipeline(FunctionTransformer(np.sqrt), StandardScaler()),
        "elimination": RFE(Ridge(), n_features_to_select=2),
    }
    for name, model in FRAMED.items():

        @CASES.add(f"set_output({output!r}), {name}", probes=nulls_and_infinities, made=False)
        def framed(model: Any = model, output: str = output) -> tuple[Any, Any]:
            X = mixed().select(SINGLES)
            return clone(model).set_output(transform=output).fit(X, target(X)), X

        @CASES.add(f"set_output({output!r}) of pandas, {name}")
        def framed_pandas(model: Any = model, output: str = output) -> tuple[Any, Any]:
            X = bundled("wine")[0].iloc[::2, :4].astype(np.float32)
            X.columns = ["alcohol", "color_intensity", "small", "flag"]
            return clone(model).set_output(transform=output).fit(X, target(X)), X
