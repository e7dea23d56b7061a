"""Power transformations."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer
from sklearn.tree import DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, holes

CASES = Cases("power")


def fitted(method: str, standardize: bool, exponent: float | None = None, dtype: Any = float) -> tuple[Any, Any]:
    X = holes(bundled("wine")[0].iloc[:, :4])
    if method == "yeo-johnson":
        X = X - X.median()
        X["constant"] = 3.7
    X = X.astype(dtype)
    model = PowerTransformer(method, standardize=standardize).fit(X)
    if exponent is not None:
        model.lambdas_[:] = exponent
    return model, X


for method in ("yeo-johnson", "box-cox"):
    for standardize in (True, False):
        CASES.add(f"{method}, standardize={standardize}")(partial(fitted, method, standardize))
    for exponent in (0.0, 1.0, 2.0, -1.5, 1e-20, 1e-17, 2 + 3e-16, 30.0):
        CASES.add(f"{method}, exponent {exponent}")(partial(fitted, method, False, exponent))
    CASES.add(f"{method}, float32")(partial(fitted, method, True, dtype=np.float32))


@CASES.add("integers")
def integers() -> tuple[Any, Any]:
    X = bundled("digits")[0].iloc[:99, 18:22].astype(np.int64)
    return PowerTransformer().fit(X), X


@CASES.add("before a tree")
def before_a_tree() -> tuple[Any, Any]:
    X, y = bundled("diabetes")
    return make_pipeline(PowerTransformer(), DecisionTreeRegressor(max_depth=4, random_state=0)).fit(X, y), X
