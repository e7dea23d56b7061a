"""Quantile transformation."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer
from sklearn.tree import DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, flights, holes

CASES = Cases("quantile")


def at_quantiles(model: Any, X: Any) -> list[Any]:
    """Return rows of X with each quantile in turn, and what is beside it."""
    frames = []
    for name, quantiles in zip(X.columns, model.quantiles_.T, strict=True):
        steps = [near for q in quantiles for near in (np.nextafter(q, -np.inf), q, np.nextafter(q, np.inf))]
        steps += [end + shift for end in quantiles[[0, -1]] for shift in (-2e-7, -1e-7, -5e-8, 5e-8, 1e-7, 2e-7)]
        frame = X.iloc[[0] * len(steps)].reset_index(drop=True).astype({name: float})
        frame[name] = steps
        frames.append(frame.astype(X.dtypes))
    return frames


def fitted(
    distribution: str, n_quantiles: int, dtype: Any = float, data: str = "wine", columns: int = 4
) -> tuple[Any, Any]:
    X = bundled(data)[0].iloc[:, :columns]
    X = (X if np.dtype(dtype).kind == "i" else holes(X)).astype(dtype)
    X["constant"] = np.asarray(3.7, dtype=dtype)
    return QuantileTransformer(n_quantiles=n_quantiles, output_distribution=distribution).fit(X), X


for distribution in ("uniform", "normal"):
    for options in (
        {"n_quantiles": 5},
        {"n_quantiles": 100},
        {"n_quantiles": 1},
        {"n_quantiles": 40, "dtype": np.float32},
        {"n_quantiles": 40, "dtype": np.int64},
        {"n_quantiles": 50, "data": "breast_cancer", "columns": 2},
    ):
        build = partial(fitted, distribution, **options)
        name = ", ".join(f"{key}={getattr(value, '__name__', value)}" for key, value in options.items())
        CASES.add(f"{distribution}, {name}", probes=lambda X, build=build: at_quantiles(build()[0], X))(build)


def thousand(distribution: str) -> tuple[Any, Any]:
    X = flights()[["dep_delay", "distance"]]
    return QuantileTransformer(n_quantiles=1000, output_distribution=distribution).fit(X), X


for distribution in ("uniform", "normal"):
    CASES.add(f"{distribution}, a thousand quantiles of many ties")(partial(thousand, distribution))


def of_sparse(distribution: str, ignore: bool) -> tuple[Any, Any]:
    X = csr_matrix(bundled("digits")[0].iloc[:99, 8:14].to_numpy())
    options = {"n_quantiles": 20, "output_distribution": distribution, "ignore_implicit_zeros": ignore}
    return QuantileTransformer(**options).fit(X), X


for distribution in ("uniform", "normal"):
    for ignore in (False, True):
        CASES.add(f"{distribution}, sparse, ignore_implicit_zeros={ignore}")(partial(of_sparse, distribution, ignore))


@CASES.add("before a tree")
def before_a_tree() -> tuple[Any, Any]:
    X, y = bundled("diabetes")
    steps = QuantileTransformer(n_quantiles=60), DecisionTreeRegressor(max_depth=5, random_state=0)
    return make_pipeline(*steps).fit(X, y), X
