"""Cross decomposition."""

from functools import partial

import numpy as np
from sklearn.base import clone
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, linnerud

CASES = Cases("cross decomposition")


def exercise(dtype=np.float64):
    X, y = linnerud()
    return X.astype(dtype), y


def fitted(model, data):
    X, y = data()
    return clone(model).fit(X, y), X


MODELS = {
    "pls": PLSRegression(),
    "pls not scaled": PLSRegression(scale=False),
    "pls of three components": PLSRegression(n_components=3),
    "canonical": PLSCanonical(),
    "canonical svd": PLSCanonical(algorithm="svd", scale=False),
    "cca": CCA(),
    "cca of one component": CCA(n_components=1, scale=False),
}
for name, model in MODELS.items():
    for dtype in (np.float64, np.float32, int):
        load = partial(exercise, dtype)
        CASES.add(f"{name}, {dtype.__name__}")(partial(fitted, model, load))
        CASES.add(f"{name}, transform, {dtype.__name__}", methods=["transform"])(partial(fitted, model, load))
for scale in (True, False):
    for dtype in (np.float64, np.float32, int):
        CASES.add(f"svd scale={scale}, {dtype.__name__}")(
            partial(fitted, PLSSVD(scale=scale), partial(exercise, dtype))
        )
CASES.add("pls of one target (diabetes)")(partial(fitted, PLSRegression(n_components=4), diabetes))
CASES.add("pls of one target, transform", methods=["transform"])(partial(fitted, PLSRegression(), diabetes))
CASES.add("pls of one column, one row")(
    lambda: (PLSRegression(n_components=1).fit(diabetes()[0][["bmi"]], diabetes()[1]), diabetes()[0][["bmi"]].head(1))
)


@CASES.add("pls, one target in two dimensions")
def one_target():
    X, y = diabetes()
    return PLSRegression().fit(X, y.to_frame()), X


@CASES.add("pls, then ridge")
def projected():
    X, y = diabetes()
    first = PLSRegression(n_components=3).fit(X, y)  # its fit_transform gives two matrices, which no pipeline takes
    return make_pipeline(first, Ridge().fit(first.transform(X), y)), X
