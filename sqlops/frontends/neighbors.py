"""Estimators that ask the nearest training rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Detected,
    Features,
    MultiClassified,
    Regressed,
    Result,
    as_labels,
    checked_dtype,
    frontend,
    is_single,
    label_type,
    rounded,
)
from sqlops.frontends.matrices import columns_of, named_after, product
from sqlops.frontends.metrics import NO_METRICS, Space, held_radius, space_of
from sqlops.frontends.results import held_beside
from sqlops.ir import build
from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.nodes import Expr, FloatArray, Scalar
from sqlops.schema import Label

Array = npt.NDArray[Any]

_FAMILY = "Nearest neighbours"
_TIES = f"of equally distant rows scikit-learn takes any; the first are taken here; {NO_METRICS}"


def nearest(
    space: Space,
    values: Array,
    *,
    votes: tuple[int, ...] = (),
    floors: Array | None = None,
    n_neighbors: int = 0,
    radius: float = np.inf,
    by_distance: bool = False,
    imputed: int = -1,
    single_means: bool = False,
) -> tuple[Neighbors, tuple[Expr, ...]]:
    """Return the operator of what the nearest rows say, and its outputs."""
    operator = Neighbors(
        space.inputs,
        space.references,
        np.ascontiguousarray(values, dtype=np.float64),
        np.array(votes, dtype=np.int32),
        np.empty(0) if floors is None else np.ascontiguousarray(floors, dtype=np.float64),
        int(n_neighbors),
        held_radius(space, float(radius)),
        by_distance and n_neighbors != 1,
        space.metric,
        space.power,
        space.cancels,
        space.arithmetic,
        imputed,
        space.rounded,
        single_means,
        space.column_weights,
    )
    return operator, build.elements(operator)


def nearest_label(space: Space, labels: Array) -> Expr:
    """Return the whole number that belongs to the nearest row."""
    _, outputs = nearest(space, np.reshape(labels, (-1, 1)), n_neighbors=1)
    return build.call("whole", outputs[0])


def by_distance(model: Any, context: Context) -> bool:
    """Return whether neighbours are weighted by distance."""
    if model.weights not in ("uniform", "distance", None):
        instead = "use 'uniform' or 'distance': a Python function cannot become SQL"
        raise context.unsupported(model, "weights", model.weights, instead)
    return bool(model.weights == "distance")


def _classes(model: Any) -> list[tuple[Label, ...]]:
    every = model.classes_ if model.outputs_2d_ else [model.classes_]
    return [as_labels(classes) for classes in every]


def _one_hot(model: Any, classes: list[tuple[Label, ...]]) -> FloatArray:
    targets = model._y.reshape((len(model._y), -1))
    return np.hstack([np.eye(len(own))[targets[:, number]] for number, own in enumerate(classes)])


def _voted(
    operator: Neighbors, outputs: tuple[Expr, ...], classes: list[tuple[Label, ...]]
) -> list[tuple[Expr, tuple[Expr, ...]]]:
    """Return, for each target, the class of the winner, and the share of each class."""
    results, start = [], 0
    for number, own in enumerate(classes):
        winner = outputs[operator.votes_at + number]
        entries: dict[Scalar, Scalar] = {float(at): label for at, label in enumerate(own)}
        label = build.lookup(winner, entries, missing=None, default=None, type_=label_type(own))
        results.append((label, outputs[start : start + len(own)]))
        start += len(own)
    return results


def _classified(model: Any, targets: list[Classified]) -> Result:
    return MultiClassified(tuple(targets)) if model.outputs_2d_ else targets[0]


@frontend("KNeighborsClassifier", family=_FAMILY, limits=_TIES)
def k_neighbors_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate the vote of the nearest rows."""
    space, classes = space_of(model, features, context), _classes(model)
    operator, outputs = nearest(
        space,
        _one_hot(model, classes),
        votes=tuple(map(len, classes)),
        n_neighbors=model.n_neighbors,
        by_distance=by_distance(model, context),
    )
    voted = _voted(operator, outputs, classes)
    return _classified(model, [Classified(own, *result) for own, result in zip(classes, voted, strict=True)])


@frontend("RadiusNeighborsClassifier", family=_FAMILY, limits=NO_METRICS)
def radius_neighbors_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate the vote of the rows within a radius; where there are none, the label of outliers."""
    space, classes = space_of(model, features, context), _classes(model)
    operator, outputs = nearest(
        space,
        _one_hot(model, classes),
        votes=tuple(map(len, classes)),
        radius=model.radius,
        by_distance=by_distance(model, context),
    )
    some = build.call("greater", outputs[operator.count_at], build.constant(0.0))
    if model.outlier_label_ is None:
        context.require(some, "no training row is within the radius")
        outlier_labels: list[Any] = [None] * len(classes)
    else:
        outlier_labels = list(model.outlier_label_)
    targets = []
    for own, (label, shares), outlier in zip(classes, _voted(operator, outputs, classes), outlier_labels, strict=True):
        plain = outlier.item() if isinstance(outlier, np.generic) else outlier
        label = build.case([(some, label)], build.constant(plain, label.type))
        probabilities = tuple(
            build.case([(some, share)], build.constant(float(plain is not None and name == plain)))
            for name, share in zip(own, shares, strict=True)
        )
        targets.append(Classified(own, label, probabilities))
    return _classified(model, targets)


def _means(model: Any, context: Context) -> tuple[FloatArray, np.dtype[Any], bool]:
    """Return the targets, the dtype of their means, and whether means are weighted by distance."""
    weighted = by_distance(model, context)
    dtype = np.dtype(np.float32 if model._y.dtype == np.float32 and not weighted else np.float64)
    return np.asarray(model._y.reshape((len(model._y), -1)), dtype=np.float64), dtype, weighted


def _takes_single_means(space: Space, dtype: np.dtype[Any], *, weighted: bool) -> bool:
    """Return whether means are float32: of such targets, or by weights from a matrix of distances in float32."""
    return is_single(dtype) or (weighted and space.arithmetic == "single" and space.rounded == "not")


@frontend("KNeighborsRegressor", family=_FAMILY, limits=_TIES)
def k_neighbors_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of the targets of the nearest rows."""
    targets, dtype, weighted = _means(model, context)
    space = space_of(model, features, context)
    _, outputs = nearest(
        space,
        targets,
        n_neighbors=model.n_neighbors,
        by_distance=weighted,
        single_means=_takes_single_means(space, dtype, weighted=weighted),
    )
    return Regressed(tuple(rounded(mean, dtype) for mean in outputs[: targets.shape[1]]))


@frontend("RadiusNeighborsRegressor", family=_FAMILY, limits=NO_METRICS)
def radius_neighbors_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of the targets of the rows within a radius; NaN where there are none.

    Where the targets are integers, scikit-learn makes an integer of that NaN, and so gives the smallest one there is.
    """
    targets, dtype, weighted = _means(model, context)
    space = space_of(model, features, context)
    operator, outputs = nearest(
        space,
        targets,
        radius=model.radius,
        by_distance=weighted,
        single_means=_takes_single_means(space, dtype, weighted=weighted),
    )
    with np.errstate(invalid="ignore"):
        empty = float(np.full_like(model._y.ravel()[:1], np.nan)[0])
    some = build.call("greater", outputs[operator.count_at], build.constant(0.0))
    means = [rounded(mean, dtype) for mean in outputs[: targets.shape[1]]]
    return Regressed(tuple(build.case([(some, mean)], build.constant(empty)) for mean in means))


@frontend("LocalOutlierFactor", family=_FAMILY, limits="novelty=True only; " + _TIES)
def local_outlier_factor(model: Any, features: Features, context: Context) -> Result:
    """Translate the local outlier factor of new rows (Breunig et al., LOF, SIGMOD 2000)."""
    if not model.novelty:
        instead = "fit with novelty=True: without it there is only fit_predict, on the training rows"
        raise context.unsupported(model, "novelty", model.novelty, instead)
    space = space_of(model, features, context)
    if checked_dtype(features) == np.float32 and space.rounded == "not":
        space = replace(space, rounded="once")
    floors = model._distances_fit_X_[:, model.n_neighbors_ - 1]
    reached = np.result_type(checked_dtype(features) if space.rounded != "not" else np.float64, floors)
    held = np.result_type(reached, model._lrd)
    operator, outputs = nearest(
        space,
        model._lrd.reshape((-1, 1)),
        floors=floors,
        n_neighbors=model.n_neighbors_,
        single_means=is_single(reached),
    )
    reach = build.add(rounded(outputs[operator.reach_at], reached), build.constant(held_beside(1e-10, reached)))
    density = rounded(build.divide(build.constant(1.0), rounded(reach, reached)), reached)
    score = rounded(build.call("negative", build.divide(outputs[0], density)), held)
    decision = build.subtract(score, build.constant(held_beside(model.offset_, held)))
    decision = rounded(decision, np.result_type(held, model.offset_))
    inlier, outlier = build.constant(1, "bigint"), build.constant(-1, "bigint")
    is_outlier = build.call("less", decision, build.constant(0.0))
    return Detected(build.case([(is_outlier, outlier)], inlier), decision, score)


@frontend("KNeighborsTransformer", "RadiusNeighborsTransformer", family=_FAMILY, limits=_TIES)
def neighbors_graph(model: Any, features: Features, context: Context) -> Result:
    """Translate a row of the graph: a column for each training row, its distance or 1 if it is near, else 0."""
    space, distant = space_of(model, features, context), model.mode == "distance"
    identity = np.eye(len(space.references))
    of_radius = type(model).__name__ == "RadiusNeighborsTransformer"
    n_neighbors = 0 if of_radius else model.n_neighbors + distant
    _, outputs = nearest(space, identity, n_neighbors=n_neighbors, radius=model.radius if of_radius else np.inf)
    given: tuple[Expr, ...] = (build.constant(1.0),) * len(identity)
    if distant:
        given = tuple(_held(distance, space) for distance in build.elements(_distances(space)))
    zero = build.constant(0.0)
    edges = [
        build.case([(build.call("greater", share, zero), value)], zero)
        for share, value in zip(outputs, given, strict=False)
    ]
    return named_after(model, features, (tuple(edges), np.dtype(np.float64)))


def _distances(space: Space) -> Distances:
    return Distances(
        space.inputs,
        space.references,
        space.metric,
        space.power,
        space.cancels,
        space.arithmetic,
        space.column_weights,
    )


def _held(distance: Expr, space: Space) -> Expr:
    """Return a distance rounded as `sqlops.ir.neighbors.Neighbors` rounds those of neighbours."""
    if space.rounded == "twice":
        distance = build.call("sqrt", build.call("float32", build.call("square", distance)))
    return build.rounded(distance, single=space.rounded != "not")


@frontend("NearestCentroid", family=_FAMILY)
def nearest_centroid(model: Any, features: Features, context: Context) -> Result:
    """Translate the class of the nearest centroid, and the discriminant scores that go with it."""
    context.require_numbers(features)
    classes, exprs = as_labels(model.classes_), tuple(feature.expr for feature in features)
    type_ = label_type(classes)
    scores = _discriminants(model, exprs)
    if np.isclose(model.class_prior_, 1 / len(classes)).all():
        space = Space(exprs, model.centroids_, model.metric, cancels=model.metric == "euclidean")
        _, outputs = nearest(space, np.arange(len(classes))[:, np.newaxis], n_neighbors=1)
        entries: dict[Scalar, Scalar] = {float(at): label for at, label in enumerate(classes)}
        label = build.lookup(outputs[0], entries, missing=None, default=None, type_=type_)
    else:
        label = build.first_maximum(scores, classes, type_, always_present=True)
    if model.metric != "euclidean":
        return Classified(classes, label)
    decisions = (build.subtract(scores[1], scores[0]),) if len(classes) == 2 else scores
    return Classified(classes, label, build.softmax(scores), decisions)


def _discriminants(model: Any, exprs: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return minus the squared distance to each centroid, in units of deviation, plus twice the log of its prior."""
    scale = np.where(model.within_class_std_dev_ != 0, model.within_class_std_dev_, 1.0)
    scaled = tuple(build.divide(expr, build.constant(value)) for expr, value in zip(exprs, scale, strict=True))
    operator = Distances(scaled, model.centroids_ / scale, model.metric, cancels=model.metric == "euclidean")
    with np.errstate(divide="ignore"):
        priors = 2.0 * np.log(model.class_prior_)
    return tuple(
        build.subtract(build.constant(prior), build.call("square", distance))
        for prior, distance in zip(priors, build.elements(operator), strict=True)
    )


@frontend("NeighborhoodComponentsAnalysis", family=_FAMILY)
def neighborhood_components_analysis(model: Any, features: Features, context: Context) -> Result:
    """Translate ``X @ components_.T``."""
    context.require_numbers(features)
    return named_after(model, features, product(columns_of(features), model.components_))
