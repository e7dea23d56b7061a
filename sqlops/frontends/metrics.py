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

NO_METRICS = "braycurtis and dice in a ball tree, which takes them for metrics and leaves out rows that are near"
"""What is found in SQL, where all rows are compared, and now and then overlooked by the library."""

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

_OF_SCIPY = (*_BY_COUNTS, "sqeuclidean", "chebyshev", "canberra", "braycurtis")
"""What it leaves to scipy if rows and training rows are not of one float dtype; scipy takes weights."""

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
    column_weights: FloatArray | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """How an estimator compares rows.

    Parameters
    ----------
    model : estimator
        For errors.
    metric : str
        By the name that `space_of` knows.
    params : dict
        What the library reads of the metric's parameters.
    method : {"brute", "kd_tree", "ball_tree"}
    dtype : numpy dtype
        That of the training rows.
    sparse : bool
        Whether these are a sparse matrix.
    """

    model: Any
    metric: str
    params: dict[str, Any]
    method: str
    dtype: np.dtype[Any]
    sparse: bool = False

    @property
    def by_tree(self) -> bool:
        """Whether a tree is searched."""
        return self.method != "brute"

    def is_of_one_dtype(self, features: Features) -> bool:
        """Say whether rows and training rows are floats of one dtype, which are compared pair by pair in it."""
        return checked_dtype(features) == self.dtype and self.dtype.kind == "f"


def space_of(model: Any, features: Features, context: Context) -> Space:
    """Return the space in which a neighbours estimator looks for the nearest of its training rows."""
    params = {name: value for name, value in model.effective_metric_params_.items() if value is not None}
    metric = _named(model, model.effective_metric_, context)
    _refuse_two_powers(model, metric, params, context)
    search = _Search(model, metric, params, model._fit_method, model._fit_X.dtype, hasattr(model._fit_X, "toarray"))
    return _space(search, _references(model), features, context)


def space_of_tree(model: Any, features: Features, context: Context) -> Space:
    """Return the space of the tree that an estimator with a metric of its own keeps; trees hold doubles."""
    params = {name: value for name, value in (model.metric_params or {}).items() if value is not None}
    method = "kd_tree" if type(model.tree_).__name__.startswith("KDTree") else "ball_tree"
    search = _Search(model, _named(model, model.metric, context), params, method, np.dtype(np.float64))
    return _space(search, np.asarray(model.tree_.data), features, context)


def _refuse_two_powers(model: Any, metric: str, params: dict[str, Any], context: Context) -> None:
    """Raise if p is given twice: a classifier that counts votes by brute force reads the option, unless it is 2."""
    used = {"manhattan": 1, "euclidean": 2, "chebyshev": math.inf}.get(metric, params.get("p"))
    votes = hasattr(model, "classes_") and model._fit_method == "brute" and model.metric == "minkowski"
    if votes and model.p not in (None, 2, used):
        instead = "give p once, as the option: votes by brute force read this one, other answers metric_params"
        raise context.unsupported(model, "metric_params", {"p": used}, instead)


def _named(model: Any, metric: Any, context: Context) -> str:
    if not isinstance(metric, str) or metric == "pyfunc":
        raise context.unsupported(model, "metric", metric, "use a metric with a name: a function cannot become SQL")
    return _SAME.get(metric, metric)


def _space(search: _Search, references: FloatArray, features: Features, context: Context) -> Space:
    metric = search.metric
    context.require_numbers(features, allow_nan=metric == "nan_euclidean")
    exprs = tuple(feature.expr for feature in features)
    arithmetic, rounded = _arithmetic(search, features)
    if metric in ("minkowski", "seuclidean", "mahalanobis"):
        space = _scaled(search, exprs, references, context)
        plain = metric == "minkowski" and "w" not in search.params
        unlike: Arithmetic = (
            "single" if arithmetic == "stepped" else "double"
        )  # columns are scaled before they are subtracted
        return replace(space, arithmetic=arithmetic if plain else unlike, rounded=rounded)
    if metric == "correlation":
        return _correlation(exprs, references, search.params.get("w"))
    if metric == "cosine":
        _refuse_params(search, search.params, context)
        space = _angular(exprs, references, shortest_of(single=arithmetic == "single"))
        return replace(space, arithmetic=arithmetic)
    weights = _weights_of(search, features, context)
    if weights is not None and metric == "chebyshev":
        counting = (weights > 0).astype(np.float64)
        return Space(_multiplied(exprs, counting), references * counting, metric, arithmetic="ordered")
    if metric in BOOLEAN:
        exprs = tuple(build.indicator(build.negate(build.equal(expr, 0.0))) for expr in exprs)
        references = (references != 0).astype(np.float64)
    elif metric == "braycurtis" and not search.by_tree and not search.is_of_one_dtype(features):
        metric, arithmetic = "braycurtis_of_sums", "ordered"
    elif metric not in _PLAIN and metric != "nan_euclidean":
        raise context.unsupported(search.model, "metric", metric, "use a metric that is a formula of the columns")
    if weights is not None:
        return Space(exprs, references, metric, arithmetic="ordered", column_weights=weights)
    cancels = not search.by_tree and metric in ("euclidean", "sqeuclidean", "nan_euclidean")
    return Space(exprs, references, metric, cancels=cancels, arithmetic=arithmetic, rounded=rounded)


def _weights_of(search: _Search, features: Features, context: Context) -> FloatArray | None:
    """Return the weights of columns, which scipy takes; other parameters are refused, unless the library ignores them.

    Euclidean distances by brute force, and their squares between rows of one dtype, are found without any parameters.
    """
    same = search.is_of_one_dtype(features)
    if not search.by_tree and (search.metric == "euclidean" or (search.metric == "sqeuclidean" and same)):
        return None
    given = dict(search.params)
    takes = not search.by_tree and search.metric in _OF_SCIPY and (search.metric in _BY_COUNTS or not same)
    weights = given.pop("w", None) if takes else None
    _refuse_params(search, given, context)
    return None if weights is None else np.ascontiguousarray(weights, dtype=np.float64)


def _refuse_params(search: _Search, params: dict[str, Any], context: Context) -> None:
    if params:
        instead = f"leave {', '.join(params)} out, or transform the columns in a step before"
        raise context.unsupported(search.model, "metric_params", search.model.metric_params, instead)


def _arithmetic(search: _Search, features: Features) -> tuple[Arithmetic, Rounding]:
    """Return how distances are added, and whether those of the nearest are rounded.

    Trees take doubles; a ball tree adds more roundings when it leaves out a branch. Rows and training rows of one
    dtype are compared pair by pair in it; Euclidean distances of float32 are found in double. Others become doubles.
    """
    if search.by_tree:
        return ("ordered" if search.method == "kd_tree" else "double"), "not"
    metric, same, single = search.metric, search.is_of_one_dtype(features), checked_dtype(features) == np.float32
    if metric in _BY_COUNTS:
        return "ordered", "not"
    if metric in _NOT_BY_PAIRS or not same:
        return ("single" if metric in _OF_MATRICES and same and single else "double"), "not"
    if metric in ("euclidean", "sqeuclidean"):
        if search.sparse and single and any(feature.sparse for feature in features):
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


def _scaled(search: _Search, exprs: tuple[Expr, ...], references: FloatArray, context: Context) -> Space:
    """Return the space of a metric with parameters: columns are scaled, or mapped, so that all count the same."""
    params, model = search.params, search.model
    if search.metric == "mahalanobis":
        return _mahalanobis(search, exprs, references, context)
    if search.metric == "seuclidean":
        if "V" not in params:
            instead = "give metric_params={'V': ...}: without it, the library asks the rows that are scored for it"
            raise context.unsupported(model, "metric_params", model.metric_params, instead)
        variances = np.asarray(params["V"], dtype=np.float64)
        if np.any(variances == 0):
            raise context.unsupported(model, "metric_params", params, "leave out columns of variance 0")
        scales = np.sqrt(variances)
        scaled = tuple(build.divide(expr, build.constant(scale)) for expr, scale in zip(exprs, scales, strict=True))
        return Space(scaled, references / scales, "euclidean")
    power = float(params.get("p", 2))
    if "w" in params:
        weights = np.asarray(params["w"], dtype=np.float64)
        if search.method == "kd_tree" and np.any(weights != 1):
            instead = "use algorithm='ball_tree': a k-d tree leaves out branches as if all columns counted the same"
            raise context.unsupported(model, "metric_params", model.metric_params, instead)
        factors = (weights > 0).astype(np.float64) if np.isinf(power) else weights ** (1.0 / power)
        exprs, references = _multiplied(exprs, factors), references * factors
    name = {1.0: "manhattan", 2.0: "euclidean", math.inf: "chebyshev"}.get(power, "minkowski")
    return Space(exprs, references, name, power)


def _multiplied(exprs: tuple[Expr, ...], factors: FloatArray) -> tuple[Expr, ...]:
    return tuple(build.multiply(expr, build.constant(factor)) for expr, factor in zip(exprs, factors, strict=True))


def _mahalanobis(search: _Search, exprs: tuple[Expr, ...], references: FloatArray, context: Context) -> Space:
    """Return the space in which the Mahalanobis distance is Euclidean: by the Cholesky factor of the precision."""
    model, params = search.model, search.params
    if "VI" not in params and not (search.by_tree and "V" in params):
        instead = "give metric_params={'VI': ...}: without it, the library asks the rows that are scored for it"
        raise context.unsupported(model, "metric_params", model.metric_params, instead)
    precision = np.asarray(params["VI"] if "VI" in params else np.linalg.inv(params["V"]), dtype=np.float64)
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
