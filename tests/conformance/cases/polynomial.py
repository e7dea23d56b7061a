"""Polynomial features."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights

CASES = Cases("polynomial")


def of_iris(dtype: Any = float, **options: Any) -> tuple[Any, Any]:
    X = bundled("iris")[0].iloc[:, :3].astype(dtype)
    return PolynomialFeatures(**options).fit(X), X


for degree in (0, 1, 2, 3, 5, (1, 2), (2, 3), (3, 4)):
    for interaction_only in (False, True):
        CASES.add(f"degree={degree}, interaction_only={interaction_only}")(
            partial(of_iris, degree=degree, interaction_only=interaction_only)
        )
CASES.add("without bias")(partial(of_iris, degree=3, include_bias=False))
CASES.add("without bias, from degree 2")(partial(of_iris, degree=(2, 3), include_bias=False))
CASES.add("order=F")(partial(of_iris, order="F"))
CASES.add("float32")(partial(of_iris, degree=4, dtype=np.float32))
CASES.add("integers")(partial(of_iris, degree=3, dtype=np.int64))


def of_sparse(form: Any, dtype: Any = float, **options: Any) -> tuple[Any, Any]:
    X = form(bundled("digits")[0].iloc[:99, 8:13].to_numpy(dtype=dtype))
    return PolynomialFeatures(**options).fit(X), X


for degree in (1, 2, 3, 4, (2, 3)):
    for interaction_only in (False, True):
        CASES.add(f"sparse, degree={degree}, interaction_only={interaction_only}")(
            partial(of_sparse, csr_matrix, degree=degree, interaction_only=interaction_only)
        )
CASES.add("sparse by columns")(partial(of_sparse, csc_matrix, degree=3))
CASES.add("sparse, float32")(partial(of_sparse, csr_matrix, degree=3, dtype=np.float32))


@CASES.add("booleans beside float32")
def booleans() -> tuple[Any, Any]:
    X = pd.DataFrame({"flag": [True, False, True], "number": np.array([0.1, 0.7, 2.5], dtype=np.float32)})
    return PolynomialFeatures(3).fit(X), X


@CASES.add("before ridge")
def before_ridge() -> tuple[Any, Any]:
    X, y = bundled("diabetes")
    return make_pipeline(PolynomialFeatures(2), StandardScaler(), Ridge()).fit(X, y), X


@CASES.add("one row, one column")
def one_row() -> tuple[Any, Any]:
    X = flights()[["distance"]].iloc[:1]
    return PolynomialFeatures(4).fit(X), X
