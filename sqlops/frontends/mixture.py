"""Gaussian mixtures, and the elliptic envelope."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Clustered, Context, Detected, Features, Result, frontend
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend("GaussianMixture", "BayesianGaussianMixture", family="Mixtures")
def gaussian_mixture(model: Any, features: Features, context: Context) -> Result:
    """Translate the weighted densities of the components, as ``_estimate_log_gaussian_prob`` computes them."""
    context.require_numbers(features)
    context.refuse_float32(features)
    inputs = [feature.expr for feature in features]
    half = build.constant(-0.5)
    distances = _DISTANCES[model.covariance_type](inputs, model.means_, model.precisions_cholesky_)
    scores = [
        build.add(build.multiply(half, distance), build.constant(constant))
        for distance, constant in zip(distances, _log_constants(model, len(inputs)), strict=True)
    ]
    total = build.log_sum_exp(scores)
    probabilities = tuple(build.call("exp", build.subtract(score, total)) for score in scores)
    return Clustered(build.first_maximum(scores, range(len(scores)), "bigint"), probabilities, total)


def _log_constants(model: Any, n_features: int) -> npt.NDArray[np.float64]:
    """Return each component's weighted log density at its mean, which is what is added whatever the row."""
    at_zero = copy.copy(model)
    at_zero.means_ = np.zeros_like(model.means_)
    return np.asarray(at_zero._estimate_weighted_log_prob(np.zeros((1, n_features)))[0])


def _full(inputs: list[Expr], means: Any, cholesky: Any) -> list[Expr]:
    weights = np.concatenate([factor.T for factor in cholesky])
    offsets = np.concatenate([mean @ factor for mean, factor in zip(means, cholesky, strict=True)])
    return _squared_lengths(build.affine(inputs, weights, -offsets), len(means))


def _tied(inputs: list[Expr], means: Any, cholesky: Any) -> list[Expr]:
    return _full(inputs, means, np.repeat(cholesky[np.newaxis], len(means), axis=0))


def _squared_lengths(values: tuple[Expr, ...], n_components: int) -> list[Expr]:
    size = len(values) // n_components
    squares = [build.call("square", value) for value in values]
    return [build.sum_of(squares[start : start + size]) for start in range(0, len(values), size)]


def _diagonal(inputs: list[Expr], means: Any, cholesky: Any) -> list[Expr]:
    precisions = cholesky**2
    weights = np.hstack([-2.0 * means * precisions, precisions])
    squares = [build.call("square", value) for value in inputs]
    return list(build.affine([*inputs, *squares], weights, np.sum(means**2 * precisions, axis=1)))


def _spherical(inputs: list[Expr], means: Any, cholesky: Any) -> list[Expr]:
    return _diagonal(inputs, means, np.repeat(cholesky[:, np.newaxis], len(inputs), axis=1))


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
