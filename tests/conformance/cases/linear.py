"""Linear models."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from tests.conformance.cases import Cases
from tests.conformance.data import breast_cancer, diabetes, iris, labelled, linnerud, two_of_three, wine

CASES = Cases("linear")

REGRESSORS = {
    "ols": LinearRegression(),
    "ols without intercept": LinearRegression(fit_intercept=False),
    "ols positive": LinearRegression(positive=True),
    "ridge": Ridge(),
    "ridge without intercept": Ridge(fit_intercept=False),
    "ridge lsqr": Ridge(solver="lsqr", alpha=10),
    "lasso": Lasso(alpha=0.1),
    "lasso of nothing": Lasso(alpha=1e9),
    "elastic net": ElasticNet(alpha=0.01, l1_ratio=0.3),
}
CLASSIFIERS = {
    "logistic": LogisticRegression(max_iter=2000),
    "logistic without intercept": LogisticRegression(fit_intercept=False, max_iter=2000),
    "logistic l1": LogisticRegression(l1_ratio=1, solver="saga", C=0.05, max_iter=500),
    "logistic unregularised": LogisticRegression(C=np.inf, max_iter=200),
    "logistic balanced": LogisticRegression(class_weight="balanced", max_iter=2000),
    "linear svc": LinearSVC(max_iter=500),
    "linear svc without intercept": LinearSVC(fit_intercept=False, max_iter=500),
    "linear svc crammer singer": LinearSVC(multi_class="crammer_singer", max_iter=500),
}


def fitted(estimator, data):
    X, y = data()
    return clone(estimator).fit(X, y), X


for name, estimator in REGRESSORS.items():
    CASES.add(f"{name} (diabetes)")(partial(fitted, estimator, diabetes))
    CASES.add(f"{name} (linnerud, three targets)")(partial(fitted, estimator, linnerud))
for name, estimator in CLASSIFIERS.items():
    CASES.add(f"{name} (iris)")(partial(fitted, estimator, iris))
    CASES.add(f"{name} (iris, two classes)")(partial(fitted, estimator, two_of_three))
    CASES.add(f"{name} (breast cancer, not scaled)")(partial(fitted, estimator, breast_cancer))
CASES.add("logistic liblinear (breast cancer, not scaled)")(
    partial(fitted, LogisticRegression(solver="liblinear"), breast_cancer)
)
CASES.add("logistic, decisions", methods=["predict", "decision_function", "predict_proba"])(
    partial(fitted, LogisticRegression(max_iter=2000), wine)
)
for kind in ("text", "bool", "negative", "float", "hostile"):
    CASES.add(f"logistic, classes {kind}")(partial(fitted, LogisticRegression(max_iter=2000), partial(labelled, kind)))


@CASES.add("ols, one target in two dimensions")
def one_target():
    X, y = diabetes()
    return LinearRegression().fit(X, y.to_frame()), X


@CASES.add("logistic, array of integers")
def integers():
    X, y = wine()
    X = np.round(X.to_numpy()).astype(np.int64)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y), X


@CASES.add("logistic of 1,500 columns")
def wide():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 1500))
    return LogisticRegression().fit(X, X[:, 0] > 0), X


CASES.add("logistic far from zero (probabilities of 1e-300)")(
    lambda: (LogisticRegression(C=1e12, max_iter=5000).fit([[-1.0], [1.0]], [0, 1]), np.linspace(-40, 40, 301)[:, None])
)
