"""Transformed targets, and selection by way of an estimator."""

from functools import partial

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA, IncrementalPCA
from sklearn.feature_selection import RFE, RFECV, SelectFromModel, SequentialFeatureSelector
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import diabetes, iris, linnerud, two_of_three, with_missing

CASES = Cases("targets and selection")

TRANSFORMERS = {
    "standard": StandardScaler(),
    "standard, not centred": StandardScaler(with_mean=False),
    "standard, not scaled": StandardScaler(with_std=False),
    "min max": MinMaxScaler((-2, 5)),
    "max abs": MaxAbsScaler(),
    "robust": RobustScaler(quantile_range=(10, 80)),
    "robust, not centred": RobustScaler(with_centering=False),
    "box cox": PowerTransformer("box-cox"),
    "box cox, not scaled": PowerTransformer("box-cox", standardize=False),
    "yeo johnson": PowerTransformer(),
    "quantiles": QuantileTransformer(n_quantiles=40),
    "normal quantiles": QuantileTransformer(n_quantiles=40, output_distribution="normal"),
    "function": FunctionTransformer(np.log, np.exp),
    "pipeline": make_pipeline(FunctionTransformer(np.sqrt, np.square), "passthrough", StandardScaler()),
}
FUNCTIONS = {"log1p": (np.log1p, np.expm1), "log": (np.log, np.exp), "root": (np.sqrt, np.square)}
for name, transformer in TRANSFORMERS.items():
    CASES.add(f"target, {name}")(
        partial(fitted, TransformedTargetRegressor(Ridge(), transformer=transformer, check_inverse=False), diabetes)
    )
    if name in ("standard", "yeo johnson", "quantiles", "function"):
        CASES.add(f"target, {name} (three targets)")(
            partial(fitted, TransformedTargetRegressor(transformer=transformer, check_inverse=False), linnerud)
        )
for name, (func, inverse) in FUNCTIONS.items():
    CASES.add(f"target, functions, {name}")(
        partial(fitted, TransformedTargetRegressor(func=func, inverse_func=inverse), diabetes)
    )
PARTIALS = FunctionTransformer(partial(np.multiply, 0.01), partial(np.multiply, 100.0))
CASES.add("target, functions of two arguments")(
    partial(fitted, TransformedTargetRegressor(transformer=PARTIALS), diabetes)
)
CLIPPED = FunctionTransformer(None, np.clip, inv_kw_args={"a_min": 60, "a_max": 200})
CASES.add("target, clipped")(
    partial(fitted, TransformedTargetRegressor(transformer=CLIPPED, check_inverse=False), diabetes)
)
for name, transformer in {
    "principal components": PCA(2),
    "principal components, whitened": PCA(2, whiten=True),
    "scaled principal components": make_pipeline(StandardScaler(), IncrementalPCA(2)),
}.items():
    CASES.add(f"target, {name}")(
        partial(fitted, TransformedTargetRegressor(transformer=transformer, check_inverse=False), linnerud)
    )


def of_float32(transformer):
    X, y = diabetes()
    X = X.astype(np.float32)
    return TransformedTargetRegressor(Ridge(), transformer=transformer, check_inverse=False).fit(X, y), X


for name, transformer in TRANSFORMERS.items():
    CASES.add(f"target, {name} (float32)")(partial(of_float32, transformer))
CASES.add("target, nothing")(partial(fitted, TransformedTargetRegressor(), diabetes))


@CASES.add("target, yeo johnson of both signs")
def both_signs():
    X, y = diabetes()
    return TransformedTargetRegressor(LinearRegression(), transformer=PowerTransformer()).fit(X, y - 150), X


SELECTORS = {
    "from model": SelectFromModel(LogisticRegression(max_iter=60)),
    "from model, at most two": SelectFromModel(
        DecisionTreeClassifier(random_state=0), max_features=2, threshold=-np.inf
    ),
    "from model, share of the mean": SelectFromModel(LinearSVC(), threshold="1.25*mean", norm_order=2),
    "recursive": RFE(LogisticRegression(max_iter=60), n_features_to_select=2),
    "recursive, cross-validated": RFECV(DecisionTreeClassifier(random_state=0), cv=2),
    "one after the other": SequentialFeatureSelector(
        DecisionTreeClassifier(random_state=0), n_features_to_select=2, cv=2
    ),
    "one after the other, backward": SequentialFeatureSelector(
        DecisionTreeClassifier(random_state=0), n_features_to_select=3, direction="backward", cv=2
    ),
}
for name, estimator in SELECTORS.items():
    CASES.add(f"selection, {name}", methods=["transform"])(partial(fitted, estimator, iris))
    CASES.add(f"selection, {name}, in a pipeline")(
        partial(fitted, make_pipeline(estimator, LogisticRegression(max_iter=60)), iris)
    )
    CASES.add(f"selection, {name}, frames", methods=["transform"])(
        lambda estimator=estimator: (
            estimator.__sklearn_clone__().set_output(transform="pandas").fit(*iris()),
            iris()[0],
        )
    )
for name in ("recursive", "recursive, cross-validated"):
    for kind, data in {"three": iris, "two": two_of_three}.items():
        CASES.add(f"selection, {name}, predictions ({kind} classes)")(partial(fitted, SELECTORS[name], data))
CASES.add("recursive, decisions", methods=["predict", "predict_proba", "decision_function"])(
    partial(fitted, SELECTORS["recursive"], iris)
)
CASES.add("recursive regression")(partial(fitted, RFE(Lasso(0.1), n_features_to_select=0.3, step=0.2), diabetes))
CASES.add("selection, trees with missing values")(
    partial(
        fitted,
        make_pipeline(SelectFromModel(DecisionTreeClassifier(max_depth=2)), DecisionTreeClassifier(max_depth=3)),
        partial(with_missing, iris),
    )
)
CASES.add("selection, from a model that was fitted before", methods=["transform"])(
    lambda: (SelectFromModel(DecisionTreeClassifier(max_depth=2).fit(*iris()), prefit=True), iris()[0])
)
