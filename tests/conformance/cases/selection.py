"""Feature selection by statistics of each column."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.feature_selection import (
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
    chi2,
    f_regression,
    mutual_info_classif,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, holes

CASES = Cases("selection")

SELECTORS = {
    "variance": VarianceThreshold(),
    "variance above": VarianceThreshold(0.5),
    "best": SelectKBest(k=3),
    "best by chi-square": SelectKBest(chi2, k=2),
    "best by information": SelectKBest(partial(mutual_info_classif, random_state=0), k=2),
    "all": SelectKBest(k="all"),
    "percentile": SelectPercentile(percentile=30),
    "false positive rate": SelectFpr(alpha=1e-9),
    "false discovery rate": SelectFdr(alpha=1e-9),
    "family-wise error": SelectFwe(f_regression, alpha=1e-9),
    "generic": GenericUnivariateSelect(mode="k_best", param=2),
}


def fitted(selector: Any, dtype: Any = float) -> tuple[Any, Any]:
    X, y = bundled("wine")
    X = X.astype(dtype).assign(constant=np.asarray(2.5, dtype=dtype))
    return clone(selector).fit(X, y), X


for name, selector in SELECTORS.items():
    CASES.add(name)(partial(fitted, selector))
CASES.add("float32")(partial(fitted, SelectKBest(k=3), np.float32))
CASES.add("integers")(partial(fitted, VarianceThreshold(), np.int64))


@CASES.add("variance, missing values")
def missing() -> tuple[Any, Any]:
    X = holes(bundled("wine")[0]).assign(constant=2.5)
    return VarianceThreshold(0.1).fit(X), X


@CASES.add("frames out, missing values go through")
def frames_out() -> tuple[Any, Any]:
    X, y = bundled("wine")
    return SelectKBest(k=10).set_output(transform="pandas").fit(X, y), holes(X)


@CASES.add("sparse")
def sparse() -> tuple[Any, Any]:
    X, y = bundled("digits")
    X = csr_matrix(X.iloc[:200, :30].to_numpy())
    return SelectKBest(chi2, k=5).fit(X, y[:200]), X


@CASES.add("in a pipeline")
def in_a_pipeline() -> tuple[Any, Any]:
    X, y = bundled("breast_cancer")
    steps = StandardScaler(), SelectKBest(k=5), LogisticRegression()
    return make_pipeline(*steps).fit(X, y), X
