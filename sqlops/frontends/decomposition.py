"""Decompositions whose transform is a closed formula: projections of the row, and likelihoods of factor models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Feature, Features, Result, Scored, Transformed, frontend
from sqlops.frontends.matrix import centered, float_dtype, named, product
from sqlops.frontends.results import rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr

_FAMILY = "Decomposition"


@frontend("PCA", "IncrementalPCA", family=_FAMILY, method="transform")
def pca(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection on the components, whitened where asked."""
    context.require_numbers(features)
    dtype = float_dtype(features)
    mean = model.mean_.astype(dtype, copy=False).reshape(1, -1) @ model.components_.T
    values = product([f.expr for f in features], model.components_, -mean[0], _result(dtype, model.components_))
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        scale = np.maximum(scale, np.finfo(scale.dtype).eps)
        values = tuple(
            rounded(build.divide(value, build.constant(s)), dtype) for value, s in zip(values, scale, strict=True)
        )
    return Transformed(named(model, values, dtype))


@frontend("PCA", "FactorAnalysis", family=_FAMILY, method="score_samples")
def factor_likelihood(model: Any, features: Features, context: Context) -> Result:
    """Translate the log-likelihood of a row under a factor model (Bishop 2006, section 12.2.1)."""
    context.require_numbers(features)
    context.refuse_float32(features)
    row = centered(features, model.mean_, np.dtype(np.float64))
    precision = model.get_precision()
    _, log_determinant = np.linalg.slogdet(precision)
    moved = build.affine(row, precision.T, np.zeros(len(row)))
    distance = build.sum_of([build.multiply(x, y) for x, y in zip(row, moved, strict=True)])
    constant = 0.5 * (len(row) * math.log(2.0 * math.pi) - log_determinant)
    half = build.multiply(build.constant(-0.5), distance)
    return Scored(build.subtract(half, build.constant(constant)))


@frontend("FactorAnalysis", family=_FAMILY, method="transform")
def factor_analysis(model: Any, features: Features, context: Context) -> Result:
    """Translate the expected latent variables (Barber 2012, 21.2.33)."""
    context.require_numbers(features)
    context.refuse_float32(features)
    scaled = model.components_ / model.noise_variance_
    covariance = np.linalg.inv(np.eye(len(scaled)) + scaled @ model.components_.T)
    row = centered(features, model.mean_, np.dtype(np.float64))
    return Transformed(named(model, build.affine(row, (scaled.T @ covariance).T, np.zeros(len(scaled))), _FLOAT))


@frontend("FastICA", family=_FAMILY)
def fast_ica(model: Any, features: Features, context: Context) -> Result:
    """Translate the unmixing of the row, centered where the data was whitened."""
    context.require_numbers(features)
    dtype = float_dtype(features)
    row = centered(features, model.mean_, dtype) if model.whiten else tuple(f.expr for f in features)
    values = product(row, model.components_, 0.0, _result(dtype, model.components_))
    return Transformed(named(model, values, _result(dtype, model.components_)))


@frontend("TruncatedSVD", family=_FAMILY)
def truncated_svd(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection on the right singular vectors."""
    context.require_numbers(features)
    dtype = _result(float_dtype(features), model.components_)
    values = product([f.expr for f in features], model.components_, 0.0, dtype)
    return Transformed(named(model, values, dtype))


@frontend("SparsePCA", "MiniBatchSparsePCA", family=_FAMILY)
def sparse_pca(model: Any, features: Features, context: Context) -> Result:
    """Translate the ridge regression of the row on the components: its solution is linear in the row."""
    from sklearn.linear_model import ridge_regression

    context.require_numbers(features)
    context.refuse_float32(features)
    row = centered(features, model.mean_, _FLOAT)
    solution = ridge_regression(model.components_.T, np.eye(len(row)), model.ridge_alpha, solver="cholesky")
    return Transformed(named(model, build.affine(row, np.atleast_2d(solution.T), np.zeros(solution.shape[1])), _FLOAT))


_SPARSE_CODERS = "transform_algorithm: 'threshold' only, the others solve a problem for each row"


@frontend("DictionaryLearning", "MiniBatchDictionaryLearning", family=_FAMILY, limits=_SPARSE_CODERS)
def dictionary_learning(model: Any, features: Features, context: Context) -> Result:
    """Translate coding by soft thresholds."""
    alpha = model.alpha if model.transform_alpha is None else model.transform_alpha
    return _sparse_code(model, model.components_, alpha, features, context)


@frontend("SparseCoder", family=_FAMILY, limits=_SPARSE_CODERS)
def sparse_coder(model: Any, features: Features, context: Context) -> Result:
    """Translate coding by soft thresholds."""
    alpha = 1.0 if model.transform_alpha is None else model.transform_alpha
    return _sparse_code(model, model.dictionary, alpha, features, context)


def _sparse_code(
    model: Any, dictionary: npt.NDArray[Any], alpha: float, features: Features, context: Context
) -> Result:
    """Return ``sign(c) * max(|c| - alpha, 0)`` of the products with the atoms, as ``sparse_encode`` does."""
    if model.transform_algorithm != "threshold":
        raise context.unsupported(
            model,
            "transform_algorithm",
            model.transform_algorithm,
            "it solves an optimisation problem for each row; transform_algorithm='threshold' is a formula",
        )
    context.require_numbers(features)
    context.refuse_float32(features)
    zero = build.constant(0.0)
    codes: list[Expr] = []
    for value in build.affine([f.expr for f in features], dictionary, np.zeros(len(dictionary))):
        size = build.subtract(build.call("absolute", value), build.constant(alpha))
        code = build.multiply(build.call("sign", value), build.call("maximum", size, zero))
        codes.append(build.call("maximum", code, zero) if model.positive_code else code)
    if model.split_sign:
        negatives = [build.call("negative", build.call("minimum", code, zero)) for code in codes]
        codes = [build.call("maximum", code, zero) for code in codes] + negatives
    # scikit-learn names only the first half of split codes.
    prefix = type(model).__name__.lower()
    return Transformed(tuple(Feature(f"{prefix}{number}", code) for number, code in enumerate(codes)))


@frontend("BernoulliRBM", family=_FAMILY, method="transform", limits="score_samples draws random numbers")
def bernoulli_rbm(model: Any, features: Features, context: Context) -> Result:
    """Translate the probabilities of the hidden units."""
    context.require_numbers(features)
    dtype = float_dtype(features)
    sums = product([f.expr for f in features], model.components_, model.intercept_hidden_, dtype)
    return Transformed(named(model, [rounded(build.sigmoid(value), dtype) for value in sums], dtype))


_FLOAT = np.dtype(np.float64)


def _result(dtype: np.dtype[Any], weights: npt.NDArray[Any]) -> np.dtype[Any]:
    return np.result_type(dtype, weights.dtype)
