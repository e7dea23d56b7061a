"""Discretization into bins."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer
from sklearn.tree import DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled

CASES = Cases("discretization")


def edges_of(model: Any, X: Any) -> list[Any]:
    """Return rows of X with each inner edge in turn, and the doubles beside it."""
    frames = []
    for name, edges in zip(X.columns, model.bin_edges_, strict=True):
        values = [near for edge in edges for near in (np.nextafter(edge, -np.inf), edge, np.nextafter(edge, np.inf))]
        values = [value for value in values if np.isfinite(value)]
        frame = X.iloc[[0] * len(values)].reset_index(drop=True).astype({name: float})
        frame[name] = values
        frames.append(frame.astype(X.dtypes))
    return frames


def binned(dtype: Any = float, columns: int = 3, **options: Any) -> tuple[Any, Any]:
    X = bundled("wine")[0].iloc[:, :columns].astype(dtype)
    X["constant"] = np.asarray(3.7, dtype=dtype)
    return KBinsDiscretizer(**options).fit(X), X


def add(name: str, **options: Any) -> None:
    build = partial(binned, **options)
    CASES.add(name, probes=lambda X: edges_of(build()[0], X))(build)


for strategy in ("uniform", "quantile", "kmeans"):
    for encode in ("onehot", "onehot-dense", "ordinal"):
        add(f"{strategy}, {encode}", strategy=strategy, encode=encode, n_bins=4)
    for dtype in (np.float32, np.int64):
        add(f"{strategy}, ordinal, {np.dtype(dtype)}", strategy=strategy, encode="ordinal", dtype=dtype, n_bins=3)
add("two bins", n_bins=2, encode="onehot-dense")
add("bins per column", n_bins=[2, 3, 7, 4], encode="ordinal")
add("many bins", n_bins=90, encode="ordinal", columns=2)
add("numpy's quantiles", quantile_method="linear", encode="ordinal")


@CASES.add("dtype=float32 of doubles")
def narrowed() -> tuple[Any, Any]:
    X = bundled("iris")[0]
    return KBinsDiscretizer(dtype=np.float32, encode="ordinal", strategy="uniform").fit(X), X


@CASES.add("dtype=float64 of float32")
def widened() -> tuple[Any, Any]:
    X = bundled("iris")[0].astype(np.float32)
    return KBinsDiscretizer(dtype=np.float64, encode="onehot").fit(X), X


@CASES.add("before a tree")
def before_a_tree() -> tuple[Any, Any]:
    X, y = bundled("diabetes")
    steps = KBinsDiscretizer(encode="ordinal"), DecisionTreeRegressor(max_depth=4, random_state=0)
    return make_pipeline(*steps).fit(X, y), X
