"""Kernel methods on float32: kernels that scikit-learn computes in float32, and those that it makes doubles of."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.kernel_approximation import AdditiveChi2Sampler, PolynomialCountSketch, RBFSampler, SkewedChi2Sampler
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, iris, wine

CASES = Cases("float32 kernels")
SINGLE, DOUBLE = np.float32, np.float64


def head(data: Any, n: int = 80) -> tuple[Any, Any]:
    X, y = data()
    rows = np.random.default_rng(0).permutation(len(X))[:n]
    return X.iloc[rows], y.iloc[rows]


few = partial(head, diabetes)
flowers = partial(head, iris)


def fitted(estimator: Any, data: Any = flowers, fit: Any = SINGLE, ask: Any = SINGLE) -> tuple[Any, Any]:
    """Fit on numbers of one dtype, and ask about the same in another."""
    X, y = data()
    return clone(estimator).fit(X.astype(fit), y), X.astype(ask)


SAMPLERS = {
    "rbf sampler": RBFSampler(n_components=9, random_state=0),
    "rbf sampler gamma scale": RBFSampler(gamma="scale", n_components=5, random_state=1),
    "skewed chi2 sampler": SkewedChi2Sampler(skewedness=0.3, n_components=6, random_state=0),
    "skewed chi2 sampler, a number of numpy": SkewedChi2Sampler(
        skewedness=np.float64(0.3), n_components=6, random_state=0
    ),
    "additive chi2 sampler": AdditiveChi2Sampler(sample_steps=3),
    "additive chi2 sampler of 1 step": AdditiveChi2Sampler(sample_steps=1),
    "additive chi2 sampler, a number of numpy": AdditiveChi2Sampler(sample_steps=2, sample_interval=np.float64(0.3)),
    "count sketch": make_pipeline(
        MinMaxScaler((-3, 4), clip=True),
        PolynomialCountSketch(gamma=0.7, degree=3, coef0=1.5, n_components=11, random_state=0),
    ),
    "count sketch, gamma in float32": PolynomialCountSketch(gamma=np.float32(0.7), n_components=11, random_state=0),
}
for name, model in SAMPLERS.items():
    CASES.add(name)(partial(fitted, model))
for name in ("rbf sampler", "skewed chi2 sampler"):
    CASES.add(f"{name}, fitted on doubles")(partial(fitted, SAMPLERS[name], fit=DOUBLE))
    CASES.add(f"{name}, asked about doubles")(partial(fitted, SAMPLERS[name], ask=DOUBLE))


@CASES.add("additive chi2 sampler, sparse")
def sparse_sampler() -> tuple[Any, Any]:
    X = csr_matrix(np.array([[0, 1.5, 2], [3, 0, 0], [0, 0, 7.25]], dtype=np.float32))
    return AdditiveChi2Sampler(sample_steps=3).fit(X), X
