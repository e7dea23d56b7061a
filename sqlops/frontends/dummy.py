"""Dummy estimators, which do not look at X."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    MultiClassified,
    Regressed,
    Result,
    as_labels,
    frontend,
    label_type,
)
from sqlops.ir import build


@frontend("DummyClassifier", family="Dummies", limits="strategy: prior, most_frequent or constant")
def dummy_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate one class for every row, of each target."""
    if model._strategy not in ("prior", "most_frequent", "constant"):
        raise context.unsupported(
            model, "strategy", model._strategy, "its answers are random: fit with prior, most_frequent or constant"
        )
    if model.n_outputs_ == 1:
        return _constant_class(model, np.asarray(model.classes_), model.class_prior_, model.constant)
    constants = np.ravel(model.constant) if model._strategy == "constant" else [None] * model.n_outputs_
    targets = zip(model.classes_, model.class_prior_, constants, strict=True)
    return MultiClassified(tuple(_constant_class(model, *target) for target in targets))


def _constant_class(model: Any, classes: npt.NDArray[Any], prior: npt.NDArray[Any], constant: Any) -> Classified:
    labels = as_labels(classes)
    chosen = np.flatnonzero(classes == constant)[0] if model._strategy == "constant" else np.argmax(prior)
    chances = prior if model._strategy == "prior" else np.arange(len(labels)) == chosen
    probabilities = tuple(build.constant(float(chance)) for chance in chances)
    return Classified(labels, build.constant(labels[chosen], label_type(labels)), probabilities)


@frontend("DummyRegressor", family="Dummies")
def dummy_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate one number for every row, of each target."""
    return Regressed(tuple(build.constant(float(value)) for value in np.ravel(model.constant_)))
