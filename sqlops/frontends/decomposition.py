"""Decompositions whose transform is a closed formula: projections of the row, and likelihoods of factor models."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import Context, Features, Result, Scored, Transformed, frontend
from sqlops.frontends.matrices import Columns, cast, columns_of, named_after, product, scale, shift
from sqlops.frontends.results import Feature, is_single, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Affine, Expr

_FAMILY = "Decomposition"
_DOUBLE = np.dtype(np.float64)


@frontend("PCA", "IncrementalPCA", family=_FAMILY, method="transform", takes="doubles")
def pca(model: Any, features: Features, context: Context) -> Result:
    """Translate the projection on the components, whitened where asked."""
    context.require_numbers(features)
    row = _floats(features)
    mean = model.mean_.reshape(1, -1) @ model.components_.T
    values = product(row, model.components_, -mean[0])
    if model.whiten:
        deviations = np.sqrt(model.explained_variance_)
        values = scale(values, np.maximum(deviations, np.finfo(deviations.dtype).eps))
    return named_after(model, features, values)


def _floats(features: Features) -> Columns:
    """Return the columns as ``validate_data(X, dtype=[float64, float32])`` does: whole numbers become doubles."""
    exprs, dtype = columns_of(features)
    return exprs, dtype if dtype in (np.float64, np.float32) else _DOUBLE


@frontend("PCA", family=_FAMILY, method="score_samples", takes="doubles")
def pca_likelihood(model: Any, features: Features, context: Context) -> Result:
    """Translate the log-likelihood of a row under the model."""
    context.require_numbers(features)
    return _likelihood(model, _floats(features))


@frontend("FactorAnalysis", family=_FAMILY, method="score_samples")
def factor_likelihood(model: Any, features: Features, context: Context) -> Result:
    """Translate the log-likelihood of a row under the model; its mean is double, and makes doubles of the row."""
    context.require_numbers(features)
    return _likelihood(model, columns_of(features))


def _likelihood(model: Any, columns: Columns) -> Result:
    """Return the log-likelihood under a factor model (Bishop 2006, section 12.2.1)."""
    row = shift(columns, model.mean_)
    precision = model.get_precision()
    _, log_determinant = np.linalg.slogdet(precision)
    moved, dtype = product(row, precision.T)
    terms = [rounded(build.multiply(x, y), dtype) for x, y in zip(row[0], moved, strict=True)]
    distance = build.total(terms, single=is_single(dtype))
    constant = 0.5 * (len(precision) * math.log(2.0 * math.pi) - log_determinant)
    half = build.multiply(build.constant(-0.5), distance)
    return Scored(rounded(build.subtract(half, build.constant(constant)), dtype))


@frontend("FactorAnalysis", family=_FAMILY, method="transform")
def factor_analysis(model: Any, features: Features, context: Context) -> Result:
    """Translate the expected latent variables (Barber 2012, 21.2.33); the mean is double, and makes doubles of X."""
    context.require_numbers(features)
    scaled = model.components_ / model.noise_variance_
    covariance = np.linalg.inv(np.eye(len(scaled)) + scaled @ model.components_.T)
    row = shift(columns_of(features), model.mean_)
    return named_after(model, features, product(row, (scaled.T @ covariance).T))


@frontend("FastICA", family=_FAMILY, takes="doubles")
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
    context.refuse_float16(features)
    row = shift(columns_of(features), model.mean_)
    exprs, dtype = cast(row, model.components_.dtype)
    if is_single(dtype) and not is_single(row[1]):
        for feature, expr in zip(features, exprs, strict=True):
            context.require(build.is_finite(expr), f"{feature.name} is no float32")
    atoms = model.components_.astype(np.float64)
    weights = ridge_regression(atoms.T, np.eye(len(exprs)), model.ridge_alpha, solver="cholesky").T
    if not is_single(dtype):
        return named_after(model, features, product((exprs, dtype), weights))
    operator = Affine(exprs, weights.copy(), np.zeros(len(weights)), single=True, slack=_slack_of_ridge(model))
    return named_after(model, features, (tuple(rounded(expr, dtype) for expr in build.elements(operator)), dtype))


def _slack_of_ridge(model: Any) -> npt.NDArray[np.float64]:
    """Bound what a Cholesky solver in float32 may lose, as `sqlops.ir.affine.slack` counts it.

    The normal equations ``A x = C r`` are formed and solved in float32; Higham 2002, theorems 10.3 and 10.4, bounds the
    backward error by that of the products in A, and by ``3 n + 1`` units of ``|R'| |R|`` for the factor R of A.
    With more components than columns, ``A = C' C + alpha`` gives y for r, and the solution is ``C y``.
    """
    components = model.components_.astype(np.float64)
    n_components, n_columns = components.shape
    is_dual = n_components > n_columns
    factors = components.T if is_dual else components
    matrix = factors @ factors.T + model.ridge_alpha * np.eye(len(factors))
    inverse, factor = np.abs(np.linalg.inv(matrix)), np.abs(np.linalg.cholesky(matrix))
    sizes = np.abs(factors)
    backward = (factors.shape[1] + 1) * (sizes @ sizes.T) + (3 * len(factors) + 1) * (factor @ factor.T)
    if is_dual:
        solved = inverse @ backward @ inverse
        moved = np.abs(components) @ (solved + (len(factors) + 1) * inverse)
    else:
        moved = inverse @ backward @ np.abs(np.linalg.solve(matrix, components))
        moved += (n_columns + 1) * (inverse @ sizes)
    coarser = np.finfo(np.float32).eps / np.finfo(np.float64).eps
    return coarser * np.hstack([moved, np.zeros((n_components, 1))])


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
    return _sparse_code(model, np.asarray(model.dictionary), alpha, features, context)


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
    zero = build.constant(0.0)
    atoms = dictionary if dictionary.dtype in (np.float64, np.float32) else dictionary.astype(np.float64)
    sums, dtype = product(_floats(features), atoms)
    dtype = np.result_type(dtype, alpha)
    threshold = build.constant(float(dtype.type(alpha)))
    codes: list[Expr] = []
    for value in sums:
        size = rounded(build.subtract(build.call("absolute", value), threshold), dtype)
        code = build.multiply(build.call("sign", value), build.call("maximum", size, zero))
        codes.append(build.call("maximum", code, zero) if model.positive_code else code)
    if model.split_sign:
        dtype = _DOUBLE
        negatives = [build.call("negative", build.call("minimum", code, zero)) for code in codes]
        codes = [build.call("maximum", code, zero) for code in codes] + negatives
    # scikit-learn names only the first half of split codes.
    prefix = type(model).__name__.lower()
    return Transformed(tuple(Feature(f"{prefix}{number}", code, dtype) for number, code in enumerate(codes)))


@frontend(
    "BernoulliRBM",
    family=_FAMILY,
    method="transform",
    limits="score_samples draws random numbers",
    takes="doubles",
)
def bernoulli_rbm(model: Any, features: Features, context: Context) -> Result:
    """Translate the probabilities of the hidden units."""
    context.require_numbers(features)
    sums, dtype = product(_floats(features), model.components_, model.intercept_hidden_)
    return named_after(model, features, (tuple(build.sigmoid(x, single=is_single(dtype)) for x in sums), dtype))
