"""Gaussian mixtures, and the elliptic envelope."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Clustered, Context, Detected, Features, Result, frontend, is_single, rounded
from sqlops.frontends.matrices import Columns, cast, columns_of, plus, product, sum_of_squares
from sqlops.ir import build
from sqlops.ir.nodes import Expr

Array = npt.NDArray[Any]


@frontend(
    "GaussianMixture",
    "BayesianGaussianMixture",
    family="Mixtures",
    limits="whole numbers whose squares or distances overflow their dtype, and booleans",
)
def gaussian_mixture(model: Any, features: Features, context: Context) -> Result:
    """Translate the weighted densities of the components, as ``_estimate_log_gaussian_prob`` computes them."""
    context.require_numbers(features)
    context.refuse_float16(features)
    row = columns_of(features)
    _refuse_small(row[1], features, context)
    distances = _DISTANCES[model.covariance_type](row, model.means_, model.precisions_cholesky_, context)
    scores, dtype = _weighted_densities(model, distances)
    total = build.log_sum_exp(scores, single=is_single(dtype))
    shifted = [rounded(build.subtract(score, total), dtype) for score in scores]
    probabilities = tuple(rounded(build.call("exp", value), dtype) for value in shifted)
    return Clustered(build.first_maximum(scores, range(len(scores)), "bigint"), probabilities, total)


def _refuse_small(dtype: np.dtype[Any], features: Features, context: Context) -> None:
    """Raise if the library would square numbers in a dtype that few squares fit into, or store distances in it."""
    if dtype.kind in "iub" and dtype.itemsize < np.dtype(np.int32).itemsize:
        raise UnsupportedTypeError(
            f"{features[0].name!r} and its {len(features) - 1} neighbours are {dtype}, in which distances overflow",
            step=context.step,
            hint="fit on float64: X.astype('float64')",
        )


def _weighted_densities(model: Any, distances: Columns) -> Columns:
    """Return ``-0.5 * (d * log(2 * pi) + distances)`` plus what is added whatever the row."""
    exprs, held = distances
    dtype = np.result_type(held, 1.0)
    n_features = model.means_.shape[1]
    base = n_features * math.log(2 * math.pi)
    terms = _log_terms(model, n_features)
    half = build.constant(-0.5)
    if is_single(dtype):
        exprs, _ = plus((exprs, dtype), dtype.type(base))
        scores: Columns = tuple(build.multiply(half, expr) for expr in exprs), dtype
        for term in terms:
            scores = plus(scores, term)
        return scores
    constants = sum(np.asarray(term, dtype=np.float64) for term in terms) - 0.5 * base
    return plus((tuple(build.multiply(half, expr) for expr in exprs), dtype), constants)


def _log_terms(model: Any, n_features: int) -> list[Array]:
    """Return what is added to each component's log density after another: determinants, priors, weights."""
    from sklearn.mixture._gaussian_mixture import _compute_log_det_cholesky

    terms = [_compute_log_det_cholesky(model.precisions_cholesky_, model.covariance_type, n_features)]
    if type(model).__name__ == "BayesianGaussianMixture":
        freedom = model.degrees_of_freedom_
        halves = digamma(0.5 * (freedom - np.arange(n_features)[:, np.newaxis]))
        log_lambda = n_features * np.log(2.0) + np.sum(halves, axis=0)
        terms += [
            -0.5 * n_features * np.log(freedom),
            0.5 * (log_lambda - n_features / model.mean_precision_),
        ]
    return [*terms, model._estimate_log_weights()]


def _full(row: Columns, means: Array, cholesky: Array, context: Context) -> Columns:
    weights = np.concatenate([factor.T for factor in cholesky])
    offsets = np.concatenate([mean @ factor for mean, factor in zip(means, cholesky, strict=True)])
    values, dtype = product(row, weights, -offsets)
    size = len(row[0])
    parts = [(values[start : start + size], dtype) for start in range(0, len(values), size)]
    return _stored(tuple(sum_of_squares(part) for part in parts), dtype, row[1], context)


def _tied(row: Columns, means: Array, cholesky: Array, context: Context) -> Columns:
    return _full(row, means, np.repeat(cholesky[np.newaxis], len(means), axis=0), context)


def _stored(distances: tuple[Expr, ...], dtype: np.dtype[Any], held: np.dtype[Any], context: Context) -> Columns:
    """Return distances as an array of the dtype of X holds them: whole ones, if X holds whole numbers."""
    if held.kind not in "iu":
        return cast((distances, dtype), held)
    _require_held(distances, held, context)
    return tuple(build.call("trunc", distance) for distance in distances), held


def _require_held(values: tuple[Expr, ...], held: np.dtype[Any], context: Context) -> None:
    for value in values:
        within = build.call("less", value, build.constant(float(np.iinfo(held).max)))
        context.require(within, f"a square or a distance overflows {held}")


def _diagonal(row: Columns, means: Array, cholesky: Array, context: Context) -> Columns:
    exprs, dtype = row
    precisions = cholesky**2
    squares = tuple(rounded(build.call("square", expr), dtype) for expr in exprs)
    if dtype.kind in "iu":
        _require_held(squares, dtype, context)
    weights = np.hstack([-2.0 * means * precisions, precisions])
    return product(((*exprs, *squares), dtype), weights, np.sum(means**2 * precisions, axis=1))


def _spherical(row: Columns, means: Array, cholesky: Array, context: Context) -> Columns:
    exprs, dtype = row
    precisions = cholesky**2
    norm = sum_of_squares(row)
    if dtype.kind in "iu":
        _require_held((norm,), dtype, context)
    result = np.result_type(dtype, means)  # the products with the means are scaled afterwards, not the means
    scaled = -2.0 * means.astype(result) * precisions[:, np.newaxis].astype(result)
    weights = np.column_stack([scaled, precisions])
    return product(((*exprs, norm), dtype), weights, np.sum(means**2, axis=1) * precisions)


_DISTANCES = {"full": _full, "tied": _tied, "diag": _diagonal, "spherical": _spherical}


@frontend("EllipticEnvelope", family="Outlier detection")
def elliptic_envelope(model: Any, features: Features, context: Context) -> Result:
    """Translate the squared Mahalanobis distance, added in the order of ``scipy.spatial.distance.cdist``."""
    context.require_numbers(features)
    row = [build.subtract(f.expr, build.constant(at)) for f, at in zip(features, model.location_, strict=True)]
    moved = [_dot(row, [build.constant(float(value)) for value in weights]) for weights in model.get_precision()]
    distance = build.call("sqrt", _dot(row, moved))
    score = build.call("negative", build.call("square", distance))
    decision = build.subtract(score, build.constant(float(model.offset_)))
    inlier = build.call("greater_equal", decision, build.constant(0.0))
    label = build.case([(inlier, build.constant(1, "bigint"))], build.constant(-1, "bigint"))
    return Detected(label, decision, score)


def _dot(left: list[Expr], right: list[Expr]) -> Expr:
    return build.sum_of([build.multiply(x, y) for x, y in zip(left, right, strict=True)])
