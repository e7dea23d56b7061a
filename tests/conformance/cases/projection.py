"""Random projections."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled

CASES = Cases("projection")


def fitted(projection: Any, dtype: Any = float, sparse: bool = False) -> tuple[Any, Any]:
    X = bundled("digits")[0].iloc[:150, :40].to_numpy(dtype=dtype)
    given = csr_matrix(X) if sparse else X
    return projection(random_state=0).fit(given), given


PROJECTIONS = {
    "gaussian": partial(GaussianRandomProjection, n_components=4),
    "sparse": partial(SparseRandomProjection, n_components=5),
    "sparse, dense_output": partial(SparseRandomProjection, n_components=3, density=0.5, dense_output=True),
    "inverse": partial(GaussianRandomProjection, n_components=3, compute_inverse_components=True),
}
for name, projection in PROJECTIONS.items():
    CASES.add(name)(partial(fitted, projection))
    CASES.add(f"{name}, of a sparse matrix")(partial(fitted, projection, sparse=True))
    CASES.add(f"{name}, float32")(partial(fitted, projection, np.float32))
CASES.add("integers")(partial(fitted, PROJECTIONS["gaussian"], np.int64))


@CASES.add("before ridge")
def before_ridge() -> tuple[Any, Any]:
    X, y = bundled("diabetes")
    return make_pipeline(GaussianRandomProjection(3, random_state=1), Ridge()).fit(X, y), X
