"""Clusterers that tell the cluster of new rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Clustered,
    Context,
    Feature,
    Features,
    Result,
    Transformed,
    common_dtype,
    frontend,
    rounded,
)
from sqlops.frontends.matrices import columns_of, named_after
from sqlops.frontends.metrics import Space, centers_space
from sqlops.frontends.neighbors import nearest_label
from sqlops.frontends.pooling import WRAPPING, pool_of
from sqlops.ir import build
from sqlops.ir.metrics import Arithmetic
from sqlops.ir.neighbors import Distances
from sqlops.ir.nodes import Expr

Array = npt.NDArray[Any]

_FAMILY = "Clustering"


def _exprs(features: Features, context: Context) -> tuple[Expr, ...]:
    context.require_numbers(features)
    return tuple(feature.expr for feature in features)


@frontend("KMeans", "MiniBatchKMeans", family=_FAMILY, method="predict", takes="doubles")
def k_means(model: Any, features: Features, context: Context) -> Result:
    """Translate the nearest center."""
    centers = model.cluster_centers_
    return Clustered(nearest_label(centers_space(_exprs(features, context), centers), np.arange(len(centers))))


@frontend("BisectingKMeans", family=_FAMILY, method="predict", takes="doubles")
def bisecting_k_means(model: Any, features: Features, context: Context) -> Result:
    """Translate the way down the hierarchy: to the nearer of two centers, until there are none below."""
    exprs = _exprs(features, context)
    mean = getattr(model, "_X_mean", 0.0)
    labels: dict[int, Expr] = {}
    stack = [model._bisecting_tree]
    while stack:
        node = stack[-1]
        below = [] if node.left is None else [node.left, node.right]
        waiting = [child for child in below if id(child) not in labels]
        if waiting:
            stack += waiting
            continue
        stack.pop()
        if not below:
            labels[id(node)] = build.constant(int(node.label), "bigint")
            continue
        centers = np.vstack([child.center for child in below]) + mean
        side = nearest_label(centers_space(exprs, centers), np.arange(2))
        left, right = (labels[id(child)] for child in below)
        labels[id(node)] = build.case([(build.equal(side, 0), left)], right)
    return Clustered(labels[id(model._bisecting_tree)])


@frontend("KMeans", "MiniBatchKMeans", "BisectingKMeans", family=_FAMILY, method="transform", takes="doubles")
def distances_to_centers(model: Any, features: Features, context: Context) -> Result:
    """Translate the distance to each center."""
    return _distances(model, model.cluster_centers_, features, context, context.float_dtype(features))


@frontend("Birch", family=_FAMILY, method="transform")
def birch_distances(model: Any, features: Features, context: Context) -> Result:
    """Translate the distance to the center of each subcluster."""
    return _distances(model, model.subcluster_centers_, features, context, common_dtype(features))


def _distances(model: Any, centers: Array, features: Features, context: Context, dtype: np.dtype[Any]) -> Result:
    """Return Euclidean distances, which scikit-learn computes in double and rounds to float32 if X or centers are."""
    single = np.float32 in (dtype, centers.dtype)
    operator = Distances(_exprs(features, context), centers.astype(np.float64), cancels=True)
    result = np.dtype(np.float32 if single else np.float64)
    exprs = tuple(rounded(expr, result) for expr in build.elements(operator))
    return named_after(model, features, (exprs, result))


def _nearest_of(centers: Array, features: Features, context: Context) -> Space:
    exprs = _exprs(features, context)
    mixed = common_dtype(features) != centers.dtype and np.float32 in (common_dtype(features), centers.dtype)
    arithmetic: Arithmetic = "single" if mixed else "double"
    return Space(exprs, centers.astype(np.float64), "euclidean", cancels=True, arithmetic=arithmetic)


@frontend("MeanShift", family=_FAMILY)
def mean_shift(model: Any, features: Features, context: Context) -> Result:
    """Translate the nearest center."""
    centers = model.cluster_centers_
    return Clustered(nearest_label(_nearest_of(centers, features, context), np.arange(len(centers))))


@frontend("AffinityPropagation", family=_FAMILY)
def affinity_propagation(model: Any, features: Features, context: Context) -> Result:
    """Translate the nearest exemplar; -1 where fit did not converge and there are none."""
    if not hasattr(model, "cluster_centers_"):
        instead = "fit with affinity='euclidean': predict needs exemplars that are rows"
        raise context.unsupported(model, "affinity", model.affinity, instead)
    centers = model.cluster_centers_
    if not len(centers):
        _exprs(features, context)
        return Clustered(build.constant(-1, "bigint"))
    return Clustered(nearest_label(_nearest_of(centers, features, context), np.arange(len(centers))))


@frontend("Birch", family=_FAMILY, method="predict")
def birch(model: Any, features: Features, context: Context) -> Result:
    """Translate the label of the nearest subcluster."""
    space = _nearest_of(model.subcluster_centers_, features, context)
    return Clustered(nearest_label(space, model.subcluster_labels_))


@frontend("FeatureAgglomeration", family=_FAMILY, limits="pooling_func: a reduction of numpy")
def feature_agglomeration(model: Any, features: Features, context: Context) -> Result:
    """Translate the pooling of each cluster of columns."""
    exprs = _exprs(features, context)
    pool = pool_of(model.pooling_func)
    if pool is None:
        instead = "use a reduction of numpy, np.mean, np.max, np.std …: another function cannot become SQL"
        raise context.unsupported(model, "pooling_func", model.pooling_func, instead)
    dtype: np.dtype[Any] = np.dtype(np.float64)
    if model.pooling_func is not np.mean:  # which is not called, but replaced by a count in doubles
        context.refuse_float16(features)
        dtype = model.pooling_func(np.ones((1, 2), dtype=columns_of(features)[1]), axis=1).dtype
    pooled = [
        pool([exprs[number] for number in np.flatnonzero(model.labels_ == label)], dtype)
        for label in np.unique(model.labels_)
    ]
    names = model.get_feature_names_out()
    if dtype.kind in "iu" and model.pooling_func in WRAPPING:
        for name, expr in zip(names, pooled, strict=True):
            size = build.call("absolute", expr)
            within = build.call("less", size, build.constant(float(np.iinfo(dtype).max)))
            context.require(within, f"{name} overflows {dtype}")
    return Transformed(tuple(Feature(str(name), expr, dtype) for name, expr in zip(names, pooled, strict=True)))
