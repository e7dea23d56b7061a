"""Support vector machines."""

from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import diabetes, digits, iris, labelled, two_of_three, wine

CASES = Cases("svm")

for kernel in ("linear", "poly", "rbf", "sigmoid"):
    for shape in ("ovr", "ovo"):
        CASES.add(f"svc {kernel} {shape} (iris)")(
            partial(fitted, SVC(kernel=kernel, decision_function_shape=shape), iris)
        )
    CASES.add(f"svc {kernel} (two classes)")(partial(fitted, SVC(kernel=kernel), two_of_three))
    CASES.add(f"svc {kernel}, ties broken (iris)")(partial(fitted, SVC(kernel=kernel, break_ties=True), iris))
    CASES.add(f"svr {kernel} (diabetes)")(
        partial(fitted, make_pipeline(StandardScaler(), SVR(kernel=kernel, epsilon=40)), diabetes)
    )
CASES.add("svc poly of degree 4, gamma 0.5, coef0 1")(
    partial(fitted, make_pipeline(StandardScaler(), SVC(kernel="poly", degree=4, gamma=0.5, coef0=1.0)), iris)
)
CASES.add("svc gamma auto (wine, scaled)")(partial(fitted, make_pipeline(StandardScaler(), SVC(gamma="auto")), wine))
CASES.add("svc linear (wine, not scaled: large terms cancel)")(partial(fitted, SVC(kernel="linear", C=0.1), wine))
CASES.add("svc, classes text")(partial(fitted, SVC(), partial(labelled, "text")))


@CASES.add("svc trained on a sparse matrix")
def sparse():
    X, y = iris()
    return SVC().fit(csr_matrix(X.to_numpy()), y), X.to_numpy()


@CASES.add("svr of 1,200 support vectors")
def many():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1200, 2))
    return SVR(epsilon=0).fit(X, X[:, 0] + rng.normal(size=1200)), X


for kernel in ("linear", "poly", "rbf", "sigmoid"):
    CASES.add(f"nu-svc {kernel} (wine, scaled)")(
        partial(fitted, make_pipeline(StandardScaler(), NuSVC(kernel=kernel, nu=0.1)), wine)
    )
    CASES.add(f"nu-svr {kernel} (diabetes)")(
        partial(fitted, make_pipeline(StandardScaler(), NuSVR(kernel=kernel, nu=0.2)), diabetes)
    )
    CASES.add(f"one-class {kernel}")(
        partial(fitted, make_pipeline(StandardScaler(), OneClassSVM(kernel=kernel, nu=0.2)), iris)
    )
CASES.add("one-class, scores", methods=["score_samples"])(partial(fitted, OneClassSVM(nu=0.1, gamma=0.3), iris))
CASES.add("svc, class weights")(partial(fitted, SVC(class_weight={0: 1, 1: 5, 2: 0.5}), iris))
CASES.add("svc, balanced")(partial(fitted, SVC(class_weight="balanced", C=0.3), iris))
CASES.add("svc of ten classes")(partial(fitted, SVC(gamma=0.001), lambda: tuple(part[:150] for part in digits())))
CASES.add("svr without support vectors")(partial(fitted, SVR(epsilon=1000), diabetes))
CASES.add("svc of integers")(
    lambda: (SVC(gamma=0.5).fit([[0, 1], [2, 1], [3, 4], [9, 9]], [0, 1, 0, 1]), np.array([[0, 1], [2, 1], [5, 4]]))
)
METHODS = ["predict", "predict_proba", "decision_function"]
CASES.add("svc, probabilities (iris)", methods=METHODS)(partial(fitted, SVC(probability=True, random_state=0), iris))
CASES.add("svc poly, probabilities (iris)")(
    partial(fitted, SVC(kernel="poly", coef0=1, gamma=0.2, probability=True, random_state=0), iris)
)
CASES.add("svc, probabilities (two classes)", methods=METHODS)(
    partial(fitted, SVC(probability=True, random_state=0), two_of_three)
)
CASES.add("nu-svc, probabilities, classes text")(
    partial(fitted, NuSVC(nu=0.1, probability=True, random_state=0), partial(labelled, "text"))
)


@CASES.add("svc of float32, which libsvm takes as doubles")
def single():
    X, y = iris()
    X = X.astype(np.float32)
    return SVC().fit(X, y), X


@CASES.add("svr of a sparse matrix")
def sparse_regression():
    X, y = iris()
    X = csr_matrix(X.to_numpy())
    return SVR(kernel="poly", degree=2, coef0=0.5).fit(X, y), X


@CASES.add("one-class trained on a sparse matrix")
def sparse_detector():
    X, _ = iris()
    X = csr_matrix(X.to_numpy())
    return OneClassSVM(nu=0.3).fit(X), X
