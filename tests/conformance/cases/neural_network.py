"""Multi-layer perceptrons."""

from functools import partial

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, digits, iris, labelled, linnerud, multilabel, two_of_three, wine

CASES = Cases("neural network")

ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
SIZES = {"small": (5,), "wide": (60, 9)}
"""Small networks are plain expressions, wide ones arrays."""


def classifier(**options):
    return MLPClassifier(**{"max_iter": 15, "random_state": 0, **options})


def regressor(**options):
    return MLPRegressor(**{"max_iter": 30, "random_state": 0, **options})


def fitted(model, data, dtype=np.float64):
    X, y = data()
    return clone(model).fit(X.astype(dtype), y), X.astype(dtype)


for activation in ACTIVATIONS:
    for size, hidden in SIZES.items():
        options = {"activation": activation, "hidden_layer_sizes": hidden}
        for data in (iris, two_of_three, multilabel):
            CASES.add(f"{activation}, {size} ({data.__name__})")(partial(fitted, classifier(**options), data))
        for data in (diabetes, linnerud):
            CASES.add(f"{activation}, {size} ({data.__name__})")(partial(fitted, regressor(**options), data))
        for data in (iris, two_of_three):
            CASES.add(f"{activation}, {size} ({data.__name__}), float32")(
                partial(fitted, classifier(**options), data, np.float32)
            )
        CASES.add(f"{activation}, {size} (diabetes), float32")(
            partial(fitted, regressor(**options), diabetes, np.float32)
        )
for kind in ("text", "bool", "negative"):
    CASES.add(f"classes {kind}")(partial(fitted, classifier(), partial(labelled, kind)))
CASES.add("no hidden layer")(partial(fitted, classifier(hidden_layer_sizes=()), iris))
CASES.add("no hidden layer, many weights")(partial(fitted, classifier(hidden_layer_sizes=()), digits))
CASES.add("poisson loss")(partial(fitted, regressor(loss="poisson"), diabetes))
CASES.add("poisson loss, float32")(partial(fitted, regressor(loss="poisson"), diabetes, np.float32))
CASES.add("lbfgs (wine, not scaled)")(partial(fitted, classifier(solver="lbfgs"), wine))
CASES.add("sgd, stopped early")(partial(fitted, classifier(solver="sgd", early_stopping=True), digits))
CASES.add("two layers of a hundred (digits)")(partial(fitted, classifier(hidden_layer_sizes=(100, 100)), digits))
CASES.add("four layers")(partial(fitted, regressor(hidden_layer_sizes=(20, 10, 10, 5)), diabetes))
CASES.add("integers")(partial(fitted, classifier(), wine, int))
CASES.add("one class")(lambda: (classifier().fit(iris()[0], ["only"] * 150), iris()[0]))


@CASES.add("behind a scaler")
def scaled():
    X, y = wine()
    return make_pipeline(StandardScaler(), classifier(hidden_layer_sizes=(100,))).fit(X, y), X


@CASES.add("in parts")
def partial_fits():
    X, y = iris()
    model = classifier().partial_fit(X[::2], y[::2], classes=[0, 1, 2, 3])
    return model.partial_fit(X[1::2], y[1::2]), X


@CASES.add("sparse")
def sparse():
    X, y = wine()
    X = csr_matrix(X.where(X.mean() < X, 0.0))
    return classifier().fit(X, y), X


for hidden in ((3,), (100,)):

    @CASES.add(f"one column, one row, {hidden[0]} units")
    def one_row(hidden=hidden):
        X, y = diabetes()
        return regressor(hidden_layer_sizes=hidden).fit(X[["bmi"]], y), X[["bmi"]].head(1)
