"""The metrics of neighbours estimators, reduced to those of `sqlops.ir.metrics` by transforming rows and references."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Features, common_dtype, is_single
from sqlops.ir import build
from sqlops.ir.metrics import BOOLEAN
from sqlops.ir.nodes import Expr, FloatArray

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


@dataclass(frozen=True, slots=True)
class Space:
    """What is compared, and how; fields as of `sqlops.ir.neighbors.Distances`."""

    inputs: tuple[Expr, ...]
    references: FloatArray
    metric: str
    power: float = 2.0
    cancels: bool = False
    single: bool = False


def space_of(model: Any, features: Features, context: Context) -> Space:
    """Return the space in which a neighbours estimator looks for the nearest of its training rows."""
    references = _references(model)
    metric, params = model.effective_metric_, dict(model.effective_metric_params_)
    if not isinstance(metric, str):
        raise context.unsupported(model, "metric", metric, "use a metric with a name: a function cannot become SQL")
    context.require_numbers(features, allow_nan=metric == "nan_euclidean")
    by_tree = model._fit_method in ("kd_tree", "ball_tree")
    if is_single(common_dtype(features)) and not by_tree:
        _refuse_single(model, features, context)
    exprs = tuple(feature.expr for feature in features)
    metric = _SAME.get(metric, metric)
    if metric in ("minkowski", "seuclidean", "mahalanobis"):
        return _weighted(model, metric, params, exprs, references, context)
    if metric == "correlation":
        return _correlation(exprs, references, params.get("w"))
    left = [name for name, value in params.items() if value is not None]
    if left:
        instead = f"leave {', '.join(left)} out, or transform the columns in a step before"
        raise context.unsupported(model, "metric_params", model.metric_params, instead)
    if metric == "braycurtis" and not by_tree and model._fit_X.dtype != np.float64:
        instead = "fit on float64: other numbers go to scipy, which divides by abs(x + y), not abs(x) + abs(y)"
        raise context.unsupported(model, "metric", metric, instead)
    if metric in _PLAIN:
        return Space(exprs, references, metric, cancels=not by_tree and metric in ("euclidean", "sqeuclidean"))
    if metric in BOOLEAN:
        ones = tuple(build.indicator(build.negate(build.equal(expr, 0.0))) for expr in exprs)
        return Space(ones, (references != 0).astype(np.float64), metric)
    if metric == "nan_euclidean":
        return Space(exprs, references, metric, cancels=True)
    if metric == "cosine":
        return _angular(exprs, references)
    raise context.unsupported(model, "metric", model.metric, "use a metric that is a formula of the columns")


def _refuse_single(model: Any, features: Features, context: Context) -> None:
    """Refuse float32 where it is computed in: trees take doubles, and so does the search for Euclidean neighbours."""
    in_double = model.effective_metric_ == "euclidean" and model._fit_X.dtype == np.float32
    if not in_double or getattr(model, "weights", None) == "distance":
        context.refuse_float32(features)


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


def _angular(exprs: Sequence[Expr], references: FloatArray) -> Space:
    """Return the space of ``1 - u @ v / (norm(u) * norm(v))``: one inner product, a column of ones for the one."""
    zero, one = build.constant(0.0), build.constant(1.0)
    norm = build.call("sqrt", build.sum_of([build.call("square", expr) for expr in exprs]))
    divisor = build.case([(build.call("equal", norm, zero), one)], norm)
    norms = np.linalg.norm(references, axis=1, keepdims=True)
    directions = references / np.where(norms == 0, 1.0, norms)
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
    return Space((*exprs, build.constant(1.0)), rows, "dot", single=centers.dtype == np.float32)
