"""Linear models."""

from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from sklearn import linear_model as lm
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler
from sklearn.svm import LinearSVC, LinearSVR

from tests.conformance.cases import Cases
from tests.conformance.data import breast_cancer, diabetes, iris, labelled, linnerud, multilabel, two_of_three, wine

CASES = Cases("linear")

EVERY = ("predict", "predict_proba", "decision_function")
DECISIONS = ("predict", "decision_function")

REGRESSORS = {
    "ols": lm.LinearRegression(),
    "ols without intercept": lm.LinearRegression(fit_intercept=False),
    "ols positive": lm.LinearRegression(positive=True),
    "ridge": lm.Ridge(),
    "ridge without intercept": lm.Ridge(fit_intercept=False),
    "ridge lsqr": lm.Ridge(solver="lsqr", alpha=10),
    "lasso": lm.Lasso(alpha=0.1),
    "lasso of nothing": lm.Lasso(alpha=1e9),
    "elastic net": lm.ElasticNet(alpha=0.01, l1_ratio=0.3),
    "lars": lm.Lars(n_nonzero_coefs=4),
    "lasso lars": lm.LassoLars(alpha=0.1),
    "orthogonal matching pursuit": lm.OrthogonalMatchingPursuit(n_nonzero_coefs=2),
    "ridge cv": lm.RidgeCV(alphas=(0.1, 10.0)),
}
ONE_TARGET = {
    "ard": lm.ARDRegression(),
    "bayesian ridge": lm.BayesianRidge(),
    "bayesian ridge without intercept": lm.BayesianRidge(fit_intercept=False),
    "elastic net cv": lm.ElasticNetCV(cv=3, alphas=5),
    "huber": lm.HuberRegressor(max_iter=500),
    "lars cv": lm.LarsCV(cv=3),
    "lasso cv": lm.LassoCV(cv=3, alphas=5),
    "lasso lars cv": lm.LassoLarsCV(cv=3),
    "lasso lars aic": lm.LassoLarsIC(criterion="aic"),
    "lasso lars bic without intercept": lm.LassoLarsIC(criterion="bic", fit_intercept=False),
    "orthogonal matching pursuit cv": lm.OrthogonalMatchingPursuitCV(cv=3),
    "quantile": lm.QuantileRegressor(quantile=0.8, alpha=0.01),
    "quantile without intercept": lm.QuantileRegressor(fit_intercept=False, alpha=0),
    "sgd": lm.SGDRegressor(random_state=0),
    "sgd huber averaged": lm.SGDRegressor(loss="huber", average=True, random_state=0),
    "sgd without intercept": lm.SGDRegressor(loss="epsilon_insensitive", fit_intercept=False, random_state=0),
    "theil sen": lm.TheilSenRegressor(max_subpopulation=100, random_state=0),
    "linear svr": LinearSVR(random_state=0),
    "linear svr without intercept": LinearSVR(fit_intercept=False, random_state=0),
}
SEVERAL_TARGETS = {
    "multi-task elastic net": lm.MultiTaskElasticNet(),
    "multi-task elastic net cv": lm.MultiTaskElasticNetCV(cv=2, alphas=3),
    "multi-task lasso": lm.MultiTaskLasso(fit_intercept=False),
    "multi-task lasso cv": lm.MultiTaskLassoCV(cv=2, alphas=3),
}
CLASSIFIERS = {
    "logistic": lm.LogisticRegression(max_iter=2000),
    "logistic without intercept": lm.LogisticRegression(fit_intercept=False, max_iter=2000),
    "logistic l1": lm.LogisticRegression(l1_ratio=1, solver="saga", C=0.05, max_iter=500),
    "logistic unregularised": lm.LogisticRegression(C=np.inf, max_iter=200),
    "logistic balanced": lm.LogisticRegression(class_weight="balanced", max_iter=2000),
    "linear svc": LinearSVC(max_iter=500),
    "linear svc without intercept": LinearSVC(fit_intercept=False, max_iter=500),
    "linear svc crammer singer": LinearSVC(multi_class="crammer_singer", max_iter=500),
    "perceptron": lm.Perceptron(random_state=0),
    "perceptron without intercept": lm.Perceptron(fit_intercept=False, penalty="elasticnet", random_state=0),
    "ridge classifier": lm.RidgeClassifier(),
    "ridge classifier without intercept": lm.RidgeClassifier(fit_intercept=False, class_weight="balanced"),
    "ridge classifier cv": lm.RidgeClassifierCV(alphas=(0.1, 10.0)),
    "sgd log": lm.SGDClassifier(loss="log_loss", random_state=0),
    "sgd modified huber": lm.SGDClassifier(loss="modified_huber", random_state=0),
}
LOSSES = (
    "hinge",
    "squared_hinge",
    "perceptron",
    "squared_error",
    "huber",
    "epsilon_insensitive",
    "squared_epsilon_insensitive",
)


def fitted(estimator, data):
    X, y = data()
    return clone(estimator).fit(X, y), X


def single(data):
    X, y = data()
    return X.astype(np.float32), y


def scaled(data):
    X, y = data()
    return (X - X.mean()) / X.std(), y


for name, estimator in REGRESSORS.items():
    CASES.add(f"{name} (diabetes)")(partial(fitted, estimator, diabetes))
    CASES.add(f"{name} (linnerud, three targets)")(partial(fitted, estimator, linnerud))
for name, estimator in ONE_TARGET.items():
    CASES.add(f"{name} (diabetes)")(partial(fitted, estimator, diabetes))
for name, estimator in SEVERAL_TARGETS.items():
    CASES.add(f"{name} (linnerud)")(partial(fitted, estimator, linnerud))
for name, estimator in CLASSIFIERS.items():
    methods = EVERY if hasattr(estimator, "predict_proba") else DECISIONS
    CASES.add(f"{name} (iris)", methods=methods)(partial(fitted, estimator, iris))
    CASES.add(f"{name} (iris, two classes)", methods=methods)(partial(fitted, estimator, two_of_three))
    CASES.add(f"{name} (breast cancer, not scaled)", methods=methods)(partial(fitted, estimator, breast_cancer))
for loss in LOSSES:
    CASES.add(f"sgd {loss} (wine, scaled)")(
        partial(fitted, lm.SGDClassifier(loss=loss, random_state=0), partial(scaled, wine))
    )
for loss in ("log_loss", "modified_huber"):
    # Far from the mean all classes have probability zero, and get equal shares.
    CASES.add(f"sgd {loss} (wine, scaled)", methods=EVERY, probes=lambda X: [X * f for f in (-3, 10, 200)])(
        partial(fitted, lm.SGDClassifier(loss=loss, random_state=0), partial(scaled, wine))
    )
    CASES.add(f"sgd {loss} (wine, not scaled)", methods=EVERY)(
        partial(fitted, lm.SGDClassifier(loss=loss, random_state=0), wine)
    )
# Made late: they warn that they will go.
CASES.add("passive aggressive (diabetes)")(lambda: fitted(lm.PassiveAggressiveRegressor(random_state=0), diabetes))
for name, data in (("iris", iris), ("two classes", two_of_three)):
    CASES.add(f"passive aggressive classifier ({name})", methods=DECISIONS)(
        lambda data=data: fitted(lm.PassiveAggressiveClassifier(random_state=0), data)
    )
CASES.add("logistic liblinear (breast cancer, not scaled)")(
    partial(fitted, lm.LogisticRegression(solver="liblinear"), breast_cancer)
)
CASES.add("logistic, decisions", methods=EVERY)(partial(fitted, lm.LogisticRegression(max_iter=2000), wine))
for name, data in (("three classes", iris), ("two classes", two_of_three)):
    CASES.add(f"logistic cv, {name}")(
        partial(fitted, lm.LogisticRegressionCV(Cs=3, cv=3, max_iter=2000, use_legacy_attributes=False), data)
    )
for kind in ("text", "bool", "negative", "float", "hostile"):
    CASES.add(f"logistic, classes {kind}")(
        partial(fitted, lm.LogisticRegression(max_iter=2000), partial(labelled, kind))
    )
for kind in ("text", "bool", "negative"):
    CASES.add(f"ridge classifier, classes {kind}")(partial(fitted, lm.RidgeClassifier(), partial(labelled, kind)))
    CASES.add(f"sgd log, classes {kind}")(
        partial(fitted, lm.SGDClassifier(loss="log_loss", random_state=0), partial(labelled, kind))
    )
for name, estimator in {
    "ridge classifier": lm.RidgeClassifier(),
    "ridge classifier cv": lm.RidgeClassifierCV(),
}.items():
    CASES.add(f"{name}, three labels at once", methods=DECISIONS)(partial(fitted, estimator, multilabel))

SINGLE = {
    "ols": (lm.LinearRegression(), diabetes),
    "ols of three targets": (lm.LinearRegression(), linnerud),
    "ridge": (lm.Ridge(), diabetes),
    "elastic net": (lm.ElasticNet(alpha=0.01), diabetes),
    "lars": (lm.Lars(), diabetes),
    "bayesian ridge": (lm.BayesianRidge(), diabetes),
    "huber": (lm.HuberRegressor(max_iter=500), diabetes),
    "sgd": (lm.SGDRegressor(random_state=0), diabetes),
    "logistic": (lm.LogisticRegression(max_iter=500), iris),
    "logistic of two": (lm.LogisticRegression(max_iter=500), two_of_three),
    "logistic (breast cancer)": (lm.LogisticRegression(max_iter=500), breast_cancer),
    "linear svc": (LinearSVC(), iris),
    "ridge classifier": (lm.RidgeClassifier(), iris),
    "sgd log": (lm.SGDClassifier(loss="log_loss", random_state=0), wine),
    "sgd log of two": (lm.SGDClassifier(loss="log_loss", random_state=0), two_of_three),
    "sgd modified huber": (lm.SGDClassifier(loss="modified_huber", random_state=0), iris),
    "sgd modified huber of two": (lm.SGDClassifier(loss="modified_huber", random_state=0), two_of_three),
    "perceptron": (lm.Perceptron(random_state=0), iris),
}
for name, (estimator, data) in SINGLE.items():
    CASES.add(f"{name}, float32")(partial(fitted, estimator, partial(single, data)))


def outliers(X):
    return lm.SGDOneClassSVM(nu=0.3, random_state=0).fit(X), X


ONE_CLASS = ("predict", "decision_function", "score_samples")
CASES.add("sgd one-class svm", methods=ONE_CLASS)(lambda: outliers(iris()[0]))
CASES.add("sgd one-class svm, float32", methods=ONE_CLASS)(lambda: outliers(single(iris)[0]))
CASES.add("sgd one-class svm, score only", methods=["score_samples"])(lambda: outliers(iris()[0]))


@CASES.add("ols, one target in two dimensions")
def one_target():
    X, y = diabetes()
    return lm.LinearRegression().fit(X, y.to_frame()), X


@CASES.add("ols, one column, one row")
def one_row():
    X, y = diabetes()
    return lm.LinearRegression().fit(X[["bmi"]], y), X[["bmi"]].head(1)


@CASES.add("logistic, array of integers")
def integers():
    X, y = wine()
    X = np.round(X.to_numpy()).astype(np.int64)
    return make_pipeline(StandardScaler(), lm.LogisticRegression()).fit(X, y), X


@CASES.add("ridge, frame of small integers, float32 and booleans")
def mixed_types():
    X, y = wine()
    X = X.assign(proline=X["proline"].astype("int16"), ash=X["ash"].astype("float32"), alcohol=X["alcohol"] > 13)
    return lm.Ridge().fit(X, y), X


@CASES.add("logistic fitted on float32, asked about float64")
def other_precision():
    X, y = iris()
    return lm.LogisticRegression(max_iter=500).fit(X.astype(np.float32), y), X


@CASES.add("logistic fitted on float64, asked about float32")
def narrower():
    X, y = iris()
    return lm.LogisticRegression(max_iter=500).fit(X, y), X.astype(np.float32)


@CASES.add("sgd after two partial fits, sparsified")
def partial_fits():
    X, y = iris()
    model = lm.SGDClassifier(loss="log_loss", penalty="l1", alpha=0.05, random_state=0)
    model.partial_fit(X[::2], y[::2], classes=[0, 1, 2, 3]).partial_fit(X[1::2], y[1::2])
    return model.sparsify(), X


def sparse(estimator):
    X, y = wine()
    X = csr_matrix(X.where(X.mean() < X, 0.0))
    return clone(estimator).fit(X, y), X


CASES.add("logistic, sparse")(partial(sparse, make_pipeline(MaxAbsScaler(), lm.LogisticRegression())))
CASES.add("ridge, sparse")(partial(sparse, lm.Ridge()))
CASES.add("sgd, sparse")(partial(sparse, lm.SGDClassifier(loss="modified_huber", random_state=0)))


@CASES.add("logistic of 1,500 columns")
def wide():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 1500))
    return lm.LogisticRegression().fit(X, X[:, 0] > 0), X


CASES.add("logistic far from zero (probabilities of 1e-300, and 0)")(
    lambda: (
        lm.LogisticRegression(C=1e12, max_iter=5000).fit([[-1.0], [1.0]], [0, 1]),
        np.linspace(-60, 60, 301)[:, None],
    )
)
