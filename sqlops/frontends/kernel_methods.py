"""Estimators of a kernel between a row and the training rows: ridge, components, densities, label propagation."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    Regressed,
    Result,
    Scored,
    as_labels,
    checked_dtype,
    frontend,
    is_single,
    label_type,
    rounded,
)
from sqlops.frontends.kernels import MEASURE, compared_in, kernel_dtype, kernel_sums, pairwise, prefixed
from sqlops.frontends.matrices import Columns, dense
from sqlops.frontends.metrics import NO_METRICS, space_of, space_of_tree
from sqlops.frontends.neighbors import nearest
from sqlops.ir import build
from sqlops.ir.kernel import Formula, Kernel, MeasureKind

_LIMITS = "kernel: a name, not callable or precomputed"


@frontend("KernelRidge", family="Kernel methods", limits=_LIMITS)
def kernel_ridge(model: Any, features: Features, context: Context) -> Result:
    """Translate ``kernel(X, X_fit_) @ dual_coef_``."""
    parameters = {"gamma": model.gamma, "degree": model.degree, "coef0": model.coef0}
    weights = np.atleast_2d(np.asarray(model.dual_coef_).T)
    return Regressed(_sums(model, model.kernel, parameters, model.X_fit_, weights, features, context)[0])


@frontend("Nystroem", family="Kernel methods", limits=_LIMITS)
def nystroem(model: Any, features: Features, context: Context) -> Result:
    """Translate ``kernel(X, components_) @ normalization_.T``."""
    own = {"gamma": model.gamma, "degree": model.degree, "coef0": model.coef0}
    given = {name: value for name, value in own.items() if value is not None}
    parameters = {**(model.kernel_params or {}), **given}
    sums = _sums(model, model.kernel, parameters, model.components_, model.normalization_, features, context)
    return prefixed(model, *sums)


@frontend("KernelPCA", family="Decomposition", method="transform", limits=_LIMITS)
def kernel_pca(model: Any, features: Features, context: Context) -> Result:
    """Translate the centred kernel times the scaled eigenvectors, centring written into weights and intercept."""
    scaled = np.zeros_like(model.eigenvectors_)
    used = np.flatnonzero(model.eigenvalues_)
    scaled[:, used] = model.eigenvectors_[:, used] / np.sqrt(model.eigenvalues_[used])
    centerer = model._centerer
    parameters = {"gamma": model.gamma_, "degree": model.degree, "coef0": model.coef0}
    sums = _sums(model, model.kernel, parameters, model.X_fit_, scaled.T, features, context, centerer)
    return prefixed(model, *sums)


@frontend("KernelCenterer", family="Kernel methods", takes="doubles")
def kernel_centerer(model: Any, features: Features, context: Context) -> Result:
    """Translate a row of a kernel matrix minus the means of its column and of itself, plus the mean of all."""
    context.require_numbers(features)
    dtype = checked_dtype(features)
    dtype = dtype if dtype == np.float32 else np.dtype(np.float64)
    terms, single = [feature.expr for feature in features], is_single(dtype)
    total = rounded(build.affine(terms, np.ones((1, len(terms))), np.zeros(1), single=single)[0], dtype)
    mean = rounded(build.divide(total, build.constant(float(len(features)))), dtype)
    middle = build.constant(float(model.K_fit_all_))
    centred = []
    for term, row in zip(terms, model.K_fit_rows_, strict=True):
        shifted = rounded(build.subtract(term, build.constant(float(row))), dtype)
        centred.append(rounded(build.add(rounded(build.subtract(shifted, mean), dtype), middle), dtype))
    return prefixed(model, centred, dtype)


@frontend("LabelPropagation", "LabelSpreading", family="Semi-supervised", limits="kernel: rbf or knn")
def label_propagation(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of the label distributions, weighted by the kernel, or of the nearest rows."""
    distributions = model.label_distributions_
    if model.kernel == "knn":
        space = space_of(model.nn_fit, features, context)
        sums = nearest(space, distributions, n_neighbors=model.n_neighbors)[1][: distributions.shape[1]]
    elif model.kernel == "rbf":
        sums, _ = _sums(model, "rbf", {"gamma": model.gamma}, model.X_, distributions.T, features, context)
    else:
        raise context.unsupported(model, "kernel", model.kernel, "fit with kernel='rbf' or kernel='knn'")
    total = build.sum_of(sums)
    probabilities = tuple(build.divide(value, total) for value in sums)
    classes = as_labels(model.classes_)
    return Classified(classes, build.first_maximum(probabilities, classes, label_type(classes)), probabilities)


@frontend(
    "KernelDensity",
    family="Density",
    method="score_samples",
    limits="atol=0 and rtol=0; no weighted columns with a k-d tree; where few rows are near, the library's rounding; "
    f"of compact kernels, {NO_METRICS}; dice and sokalsneath of two rows of zeros, where the library divides 0 by 0",
)
def kernel_density(model: Any, features: Features, context: Context) -> Result:
    """Translate the logarithm of a sum of kernels, the largest subtracted first."""
    from sklearn.neighbors._kd_tree import kernel_norm

    for option in ("atol", "rtol"):
        if getattr(model, option) != 0:
            raise context.unsupported(model, option, getattr(model, option), f"set {option}=0: SQL adds all kernels")
    space = space_of_tree(model, features, context)
    kind = "expanded" if space.cancels else space.metric
    n_references, n_features = model.tree_.data.shape
    given = model.tree_.sample_weight
    weights = np.ones(n_references) if given is None else np.asarray(given)
    counts = weights > 0
    bandwidth = float(model.bandwidth_)
    operator = Kernel(
        space.inputs,
        space.references[counts],
        ((cast(MeasureKind, kind), None),),
        _log_density(model.kernel, bandwidth),
        weights[np.newaxis, counts],
        np.zeros(1),
        logarithm=True,
        power=space.power,
        nodes=_nodes_of(model.tree_),
    )
    (total,) = build.elements(operator)
    if kind in ("dice", "sokalsneath"):
        total = build.case([(build.is_missing(total), build.constant(-math.inf))], total)
    norm = kernel_norm(bandwidth, n_features, model.kernel, return_log=True)
    return Scored(
        build.subtract(build.add(total, build.constant(float(norm))), build.constant(math.log(weights.sum())))
    )


def _nodes_of(tree: Any) -> int:
    """Return the number of nodes of a tree; none if it is one leaf, whose kernels are added right away."""
    nodes = len(tree.get_arrays()[2])
    return nodes if nodes > 1 else 0


def _log_density(kernel: str, bandwidth: float) -> Formula:
    """Return the logarithm of a kernel of the distance, as ``compute_log_kernel`` of the library's trees."""
    square = ("square", MEASURE)
    inside: dict[str, Formula] = {
        "tophat": 0.0,
        "epanechnikov": ("log", ("subtract", 1.0, ("divide", square, bandwidth * bandwidth))),
        "linear": ("log", ("subtract", 1.0, ("divide", MEASURE, bandwidth))),
        "cosine": ("log", ("cos", ("divide", ("multiply", 0.5 * math.pi, MEASURE), bandwidth))),
    }
    if kernel == "gaussian":
        return ("divide", ("multiply", -0.5, square), bandwidth * bandwidth)
    if kernel == "exponential":
        return ("negative", ("divide", MEASURE, bandwidth))
    return ("case", ("less", MEASURE, bandwidth), inside[kernel], -math.inf)


def _sums(
    model: Any,
    kernel: Any,
    parameters: dict[str, Any],
    references: Any,
    weights: npt.NDArray[Any],
    features: Features,
    context: Context,
    centerer: Any = None,
) -> Columns:
    """Return weighted sums of a kernel, centred first where there is a centerer, and the dtype they are held in."""
    context.require_numbers(features)
    dtype = kernel_dtype(kernel, compared_in(features, references))
    measure, formula = pairwise(model, kernel, parameters, features, context, dtype)
    result = np.result_type(dtype, weights.dtype)
    options: dict[str, Any] = {"single": is_single(dtype), "single_sums": is_single(result)}
    weights, intercept = weights.astype(np.float64), np.zeros(len(weights))
    if centerer is not None:
        intercept = float(centerer.K_fit_all_) * weights.sum(axis=1) - weights @ centerer.K_fit_rows_
        weights = weights - weights.mean(axis=1, keepdims=True)
        options["column_means"] = np.asarray(centerer.K_fit_rows_, dtype=np.float64) if is_single(dtype) else None
    inputs = [feature.expr for feature in features]
    sums = kernel_sums(inputs, dense(references), [measure], formula, weights, intercept, **options)
    return tuple(rounded(expr, result) for expr in sums), result
