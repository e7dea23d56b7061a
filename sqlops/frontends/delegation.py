"""Estimators that hand what they are asked to one fitted part: searches, frozen estimators, self-training, RANSAC."""

from __future__ import annotations

from typing import Any

from sqlops.frontends.base import Context, Features, Method, Result, frontend, frontend_of_methods
from sqlops.frontends.responses import in_one_array


@frontend_of_methods(
    "GridSearchCV",
    "RandomizedSearchCV",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    family="Searches and thresholds",
)
def search(model: Any, features: Features, context: Context, method: Method) -> Result:
    """Translate the estimator that the search has refitted."""
    if not hasattr(model, "best_estimator_"):
        raise context.unsupported(
            model, "refit", model.refit, "fit it with refit=True: nothing was kept to predict with"
        )
    return context.translate(model.best_estimator_, features, method=method)


@frontend_of_methods("FrozenEstimator", family="Composition")
def frozen(model: Any, features: Features, context: Context, method: Method) -> Result:
    """Translate the estimator that is frozen."""
    return context.translate(model.estimator, features, method=method)


@frontend("SelfTrainingClassifier", family="Semi-supervised")
def self_training(model: Any, features: Features, context: Context) -> Result:
    """Translate the last classifier that was trained; what it refuses is refused."""
    return context.translate(model.estimator_, in_one_array(features))


@frontend("RANSACRegressor", family="Linear models")
def ransac(model: Any, features: Features, context: Context) -> Result:
    """Translate the regressor that was fitted on the inliers."""
    return context.translate(model.estimator_, in_one_array(features))
