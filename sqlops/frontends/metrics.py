"""The metrics of neighbours estimators, reduced to those of `sqlops.ir.metrics` by transforming rows and references."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Features, checked_dtype
from sqlops.ir import build
from sqlops.ir.metrics import BOOLEAN, Arithmetic
from sqlops.ir.neighbors import Rounding
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.propagation import shortest_of

_SAME = {
    "l2": "euclidean",
    "l1": "manhattan",
    "cityblock": "manhattan",
    "infinity": "chebyshev",
    "p": "minkowski",
    "sokalmichener": "rogerstanimoto",
}
_PLAIN = frozenset(
    ("euclidean", "sqeuclidean", "manhattan", "chebyshev", "canberra", "braycurtis", "hamming", "haversine")
)
_BY_COUNTS = ("hamming", *BOOLEAN)
_OF_MATRICES = ("cosine", "nan_euclidean")
_NOT_BY_PAIRS = (*_BY_COUNTS, *_OF_MATRICES, "correlation", "mahalanobis")
"""What scikit-learn leaves to scipy, or computes for whole matrices, not pair by pair with a ``DistanceMetric``."""

_NO_LENGTH = 1e-170
"""No square root of a double is smaller, but zero."""


@dataclass(frozen=True, slots=True)
class Space:
    """What is compared, and how; fields as of `sqlops.ir.neighbors.Neighbors`."""

    inputs: tuple[Expr, ...]
    references: FloatArray
    metric: str
    power: float = 2.0
    cancels: bool = False
    arithmetic: Arithmetic = "double"
    rounded: Rounding = "not"


def space_of(model: Any, features: Features, context: Context) -> Space:
    """Return the space in which a neighbours estimator looks for the nearest of its training rows."""
    references = _references(model)
    metric, params = model.effective_metric_, dict(model.effective_metric_params_)
    if not isinstance(metric, str):
        raise context.unsupported(model, "metric", metric, "use a metric with a name: a function cannot become SQL")
    context.require_numbers(features, allow_nan=metric == "nan_euclidean")
    exprs = tuple(feature.expr for feature in features)
    metric = _SAME.get(metric, metric)
    arithmetic, rounded = _arithmetic(model, metric, features)
    if metric in ("minkowski", "seuclidean", "mahalanobis"):
        space = _weighted(model, metric, params, exprs, references, context)
        plain = metric == "minkowski" and params.get("w") is None
        unlike: Arithmetic = (
            "single" if arithmetic == "stepped" else "double"
        )  # columns are scaled before they are subtracted
        return replace(space, arithmetic=arithmetic if plain else unlike, rounded=rounded)
    if metric == "correlation":
        return _correlation(exprs, references, params.get("w"))
    left = [name for name, value in params.items() if value is not None]
    if left:
        instead = f"leave {', '.join(left)} out, or transform the columns in a step before"
        raise context.unsupported(model, "metric_params", model.metric_params, instead)
    by_tree = _is_by_tree(model)
    if metric == "braycurtis" and not by_tree and arithmetic == "double":
        instead = "fit on the floats that it is asked about: others go to scipy, which divides by abs(x + y)"
        raise context.unsupported(model, "metric", metric, instead)
    if metric in _PLAIN:
        cancels = not by_tree and metric in ("euclidean", "sqeuclidean")
        return Space(exprs, references, metric, cancels=cancels, arithmetic=arithmetic, rounded=rounded)
    if metric in BOOLEAN:
        ones = tuple(build.indicator(build.negate(build.equal(expr, 0.0))) for expr in exprs)
        return Space(ones, (references != 0).astype(np.float64), metric, arithmetic=arithmetic)
    if metric == "nan_euclidean":
        return Space(exprs, references, metric, cancels=True, arithmetic=arithmetic)
    if metric == "cosine":
        space = _angular(exprs, references, shortest_of(single=arithmetic == "single"))
        return replace(space, arithmetic=arithmetic)
    raise context.unsupported(model, "metric", model.metric, "use a metric that is a formula of the columns")


def _is_by_tree(model: Any) -> bool:
    return model._fit_method in ("kd_tree", "ball_tree")


def _arithmetic(model: Any, metric: str, features: Features) -> tuple[Arithmetic, Rounding]:
    """Return how distances are added, and whether those of the nearest are rounded.

    Trees take doubles; a ball tree adds more roundings when it leaves out a branch. Rows and training rows of one
    dtype are compared pair by pair in it; Euclidean distances of float32 are found in double. Others become doubles.
    """
    if _is_by_tree(model):
        return ("ordered" if model._fit_method == "kd_tree" else "double"), "not"
    dtype = checked_dtype(features)
    same, single = dtype == model._fit_X.dtype and dtype.kind == "f", dtype == np.float32
    if metric in _BY_COUNTS:
        return "ordered", "not"
    if metric in _NOT_BY_PAIRS or not same:
        return ("single" if metric in _OF_MATRICES and same and single else "double"), "not"
    if metric in ("euclidean", "sqeuclidean"):
        sparse = hasattr(model._fit_X, "toarray") and any(feature.sparse for feature in features)
        if sparse and single:
            return "single", "not"
        return "double", "twice" if single and metric == "euclidean" else "not"
    return ("stepped", "once") if single else ("ordered", "not")


def held_radius(space: Space, radius: float) -> float:
    """Return the radius up to which the library takes neighbours: with float32, its power is rounded, not its root."""
    if space.rounded == "not" or math.isinf(radius):
        return radius
    single = np.float32(radius)
    if space.metric == "euclidean":
        return math.sqrt(float(single * single))
    if space.metric == "minkowski":
        return math.pow(float(np.float32(float(single) ** space.power)), 1.0 / space.power)
    if space.metric == "haversine":
        return 2 * math.asin(math.sqrt(float(np.float32(math.sin(0.5 * float(single)) ** 2))))
    return float(single)


def _references(model: Any) -> FloatArray:
    """Return the training rows, which are an array, a sparse matrix, or the data of a tree."""
    given = model._fit_X
    dense = given.toarray() if hasattr(given, "toarray") else given
    return np.array(dense, dtype=np.float64, order="C")


def _weighted(
    model: Any, metric: str, params: dict[str, Any], exprs: tuple[Expr, ...], references: FloatArray, context: Context
) -> Space:
    """Return the space of a weighted metric: columns are scaled, or mapped, so that the weights are one."""
    if metric == "mahalanobis":
        return _mahalanobis(model, params, exprs, references, context)
    if metric == "seuclidean":
        variances = np.asarray(params["V"], dtype=np.float64)
        if np.any(variances == 0):
            raise context.unsupported(model, "metric_params", params, "leave out columns of variance 0")
        scales = np.sqrt(variances)
        scaled = tuple(build.divide(expr, build.constant(scale)) for expr, scale in zip(exprs, scales, strict=True))
        return Space(scaled, references / scales, "euclidean")
    power = float(params["p"])
    if np.isinf(power):
        raise context.unsupported(model, "p", power, "use metric='chebyshev' and scale the columns in a step before")
    if params.get("w") is not None:
        factors = np.asarray(params["w"], dtype=np.float64) ** (1.0 / power)
        exprs = tuple(build.multiply(expr, build.constant(f)) for expr, f in zip(exprs, factors, strict=True))
        references = references * factors
    name = {1.0: "manhattan", 2.0: "euclidean"}.get(power, "minkowski")
    return Space(exprs, references, name, power)


def _mahalanobis(
    model: Any, params: dict[str, Any], exprs: tuple[Expr, ...], references: FloatArray, context: Context
) -> Space:
    """Return the space in which the Mahalanobis distance is Euclidean: by the Cholesky factor of the precision."""
    precision = np.asarray(params["VI"] if params.get("VI") is not None else np.linalg.inv(params["V"]))
    try:
        factor = np.linalg.cholesky((precision + precision.T) / 2)
    except np.linalg.LinAlgError:
        instead = "give a V or VI that is positive definite"
        raise context.unsupported(model, "metric_params", model.metric_params, instead) from None
    mapped = build.affine(exprs, factor.T, np.zeros(len(factor)))
    return Space(mapped, references @ factor, "euclidean", cancels=True)


def _angular(exprs: Sequence[Expr], references: FloatArray, shortest: float = _NO_LENGTH) -> Space:
    """Return the space of ``1 - u @ v / (norm(u) * norm(v))``: one inner product, a column of ones for the one.

    Rows that are shorter than `shortest` stay as they are.
    """
    one = build.constant(1.0)
    norm = build.call("sqrt", build.sum_of([build.call("square", expr) for expr in exprs]))
    divisor = build.case([(build.call("less", norm, build.constant(shortest)), one)], norm)
    norms = np.linalg.norm(references, axis=1, keepdims=True)
    directions = references / np.where(norms < shortest, 1.0, norms)
    rows = np.hstack([-directions, np.ones((len(directions), 1))])
    return Space((*(build.divide(expr, divisor) for expr in exprs), one), rows, "dot")


def _correlation(exprs: Sequence[Expr], references: FloatArray, weights: Any) -> Space:
    """Return the space of one minus the correlation: angles between differences from the mean, weighted where asked."""
    shares = np.ones(len(exprs)) if weights is None else np.asarray(weights, dtype=np.float64)
    factors, roots = ([build.constant(number) for number in numbers] for numbers in (shares, np.sqrt(shares)))
    total = build.sum_of([build.multiply(expr, factor) for expr, factor in zip(exprs, factors, strict=True)])
    mean = build.divide(total, build.constant(shares.sum()))
    scaled = [build.multiply(build.subtract(expr, mean), root) for expr, root in zip(exprs, roots, strict=True)]
    means = np.average(references, axis=1, weights=shares)[:, np.newaxis]
    return _angular(scaled, (references - means) * np.sqrt(shares))


def centers_space(exprs: Sequence[Expr], centers: npt.NDArray[Any]) -> Space:
    """Return the space of k-means, which compares ``norm(c) ** 2 - 2 * x @ c``."""
    squares = np.einsum("ij,ij->i", centers, centers)[:, np.newaxis]
    rows = np.hstack([-2.0 * centers, squares]).astype(np.float64)
    arithmetic: Arithmetic = "single" if centers.dtype == np.float32 else "double"
    return Space((*exprs, build.constant(1.0)), rows, "dot", arithmetic=arithmetic)
