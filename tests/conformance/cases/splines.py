"""B-splines."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer

from tests.conformance.cases import Cases
from tests.conformance.tables import bundled, holes

CASES = Cases("splines")


def around_knots(model: Any, X: Any) -> list[Any]:
    """Return rows of X with each knot in turn, what is beside it, and what lies between and beyond."""
    frames = []
    for name, spline in zip(X.columns, model.bsplines_, strict=True):
        knots = np.unique(spline.t)
        near = [value for knot in knots for value in (np.nextafter(knot, -np.inf), knot, np.nextafter(knot, np.inf))]
        near += (
            list((knots[1:] + knots[:-1]) / 2) + list(knots[0] - np.arange(1, 4)) + list(knots[-1] + np.arange(1, 4))
        )
        frame = X.iloc[[0] * len(near)].reset_index(drop=True).astype({name: float})
        frame[name] = near
        frames.append(frame.astype(X.dtypes))
    return frames


def fitted(
    dtype: Any = float, missing: bool = False, constant: bool = False, columns: int = 2, **options: Any
) -> tuple[Any, Any]:
    X = bundled("iris")[0].iloc[:, [0, 2, 3]].iloc[:, :columns]
    X = (holes(X) if missing else X).astype(dtype)
    if constant:
        X["constant"] = np.asarray(3.7, dtype=dtype)
    return SplineTransformer(**options).fit(X), X


def add(name: str, **options: Any) -> None:
    build = partial(fitted, **options)
    CASES.add(name, probes=lambda X: around_knots(build()[0], X))(build)


for extrapolation in ("error", "constant", "linear", "continue", "periodic"):
    for degree in (0, 1, 2, 3, 5):
        n_knots = max(4, degree + 2)
        add(f"{extrapolation}, degree={degree}", extrapolation=extrapolation, degree=degree, n_knots=n_knots)
    options = {"extrapolation": extrapolation, "sparse_output": True}
    add(f"{extrapolation}, sparse", **options)
    if extrapolation != "periodic":  # with which transform raises
        add(f"{extrapolation}, sparse, degree=0", degree=0, **options)
    if extrapolation in ("constant", "linear"):
        add(f"{extrapolation}, sparse, missing as zeros", handle_missing="zeros", missing=True, **options)
    options["sparse_output"] = False
    add(f"{extrapolation}, missing as zeros", handle_missing="zeros", missing=True, constant=True, **options)
    add(f"{extrapolation}, float32", dtype=np.float32, **options)
    add(f"{extrapolation}, integers", dtype=np.int64, **options)
    add(f"{extrapolation}, without bias, quantiles", include_bias=False, knots="quantile", **options)
    add(f"{extrapolation}, quantiles of ties", dtype=np.int64, knots="quantile", n_knots=12, degree=2, **options)
for degree in (0, 1):
    add(f"linear, degree={degree}, three columns", extrapolation="linear", degree=degree, columns=3)
add("given knots", knots=[[4.0, 1.0], [5.1, 3.0], [5.2, 3.3], [9.0, 8.0]])
add("a period of as many knots as the degree asks", extrapolation="periodic", degree=3, n_knots=4)
add("many knots", n_knots=80)


@CASES.add("before ridge")
def before_ridge() -> tuple[Any, Any]:
    X, y = bundled("diabetes")
    return make_pipeline(SplineTransformer(n_knots=4), Ridge()).fit(X, y), X
