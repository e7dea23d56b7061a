"""Decompositions whose transform is a closed formula: projections of the row, and likelihoods of factor models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Features, Result, Scored, Transformed, frontend
from sqlops.frontends.matrices import Columns, columns_of, named_after, product, scale, shift
from sqlops.frontends.results import Feature, is_single
from sqlops.ir import build
from sqlops.ir.nodes import Expr

_FAMILY = "Decomposition"
_DOUBLE = np.dtype(np.float64)


@frontend("PCA", "IncrementalPCA", family=_FAMILY, method="transform")
def pca(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection on the components, whitened where asked."""
    context.require_numbers(features)
    row = _floats(features)
    mean = model.mean_.astype(row[1], copy=False).reshape(1, -1) @ model.components_.T
    values = product(row, model.components_, -mean[0])
    if model.whiten:
        deviations = np.sqrt(model.explained_variance_)
        values = scale(values, np.maximum(deviations, np.finfo(deviations.dtype).eps))
    return named_after(model, features, values)


def _floats(features: Features) -> Columns:
    """Return the columns as ``validate_data(X, dtype=[float64, float32])`` does: whole numbers become doubles."""
    exprs, dtype = columns_of(features)
    return exprs, dtype if dtype in (np.float64, np.float32) else _DOUBLE


@frontend("PCA", "FactorAnalysis", family=_FAMILY, method="score_samples")
def factor_likelihood(model: Any, features: Features, context: Context) -> Result:
    """Translate the log-likelihood of a row under a factor model (Bishop 2006, section 12.2.1)."""
    context.require_numbers(features)
    context.refuse_float32(features)
    row = shift(columns_of(features), model.mean_)
    precision = model.get_precision()
    _, log_determinant = np.linalg.slogdet(precision)
    pairs = zip(row[0], product(row, precision.T)[0], strict=True)
    distance = build.sum_of([build.multiply(x, moved) for x, moved in pairs])
    constant = 0.5 * (len(precision) * math.log(2.0 * math.pi) - log_determinant)
    half = build.multiply(build.constant(-0.5), distance)
    return Scored(build.subtract(half, build.constant(constant)))


@frontend("FactorAnalysis", family=_FAMILY, method="transform")
def factor_analysis(model: Any, features: Features, context: Context) -> Result:
    """Translate the expected latent variables (Barber 2012, 21.2.33)."""
    context.require_numbers(features)
    context.refuse_float32(features)
    scaled = model.components_ / model.noise_variance_
    covariance = np.linalg.inv(np.eye(len(scaled)) + scaled @ model.components_.T)
    row = shift(columns_of(features), model.mean_)
    return named_after(model, features, product(row, (scaled.T @ covariance).T))


@frontend("FastICA", family=_FAMILY)
def fast_ica(model: Any, features: Features, context: Context) -> Result:
    """Translate the unmixing of the row, centered where the data was whitened."""
    context.require_numbers(features)
    row = _floats(features)
    return named_after(model, features, product(shift(row, model.mean_) if model.whiten else row, model.components_))


@frontend("TruncatedSVD", family=_FAMILY)
def truncated_svd(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection on the right singular vectors."""
    context.require_numbers(features)
    return named_after(model, features, product(columns_of(features), model.components_))


@frontend("SparsePCA", "MiniBatchSparsePCA", family=_FAMILY)
def sparse_pca(model: Any, features: Features, context: Context) -> Result:
    """Translate the ridge regression of the row on the components: its solution is linear in the row."""
    from sklearn.linear_model import ridge_regression

    context.require_numbers(features)
    context.refuse_float32(features)
    row = shift(columns_of(features), model.mean_)
    solution = ridge_regression(model.components_.T, np.eye(len(features)), model.ridge_alpha, solver="cholesky")
    return named_after(model, features, product(row, solution.T))


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
    sums, dtype = product(_floats(features), model.components_, model.intercept_hidden_)
    return named_after(model, features, (tuple(build.sigmoid(x, single=is_single(dtype)) for x in sums), dtype))
