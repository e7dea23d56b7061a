"""What is asked of a fitted object, whatever its library: its columns, and its answers.

scikit-learn's conventions hold for most objects. Boosters and results that have conventions of their own are listed in
`MANNERS`, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True, slots=True)
class Manner:
    """How objects of a class are asked, where it is not the way of scikit-learn.

    Parameters
    ----------
    width : callable
        From the object to the number of its columns: 0 if it is not fitted, None where that is not known.
    names : callable
        From the object to the names of its columns, or None where it was fitted without.
    ask : callable
        From the object, the name of a method and X, a frame or an array, to its answers; ValueError or TypeError where
        it refuses X.
    """

    width: Callable[[Any], int | None]
    names: Callable[[Any], Sequence[str] | None]
    ask: Callable[[Any, str, Any], Any]


def _xgboost_width(booster: Any) -> int:
    try:
        return int(booster.num_features())
    except ValueError:  # XGBoostError: nothing was trained or loaded
        return 0


def _ask_xgboost(booster: Any, method: str, X: Any) -> Any:
    from xgboost import DMatrix

    known = (
        {}
        if hasattr(X, "columns")
        else {"feature_names": booster.feature_names, "feature_types": booster.feature_types}
    )
    return getattr(booster, method)(DMatrix(X, enable_categorical=True, **known))


def _ask_catboost(model: Any, method: str, X: Any) -> Any:
    from catboost import CatBoostError

    try:
        return getattr(model, method)(X)
    except CatBoostError as error:
        raise ValueError(str(error)) from error


def _catboost_names(model: Any) -> list[str] | None:
    """Return the names of features; without any, CatBoost numbers them."""
    names = list(model.feature_names_)
    return None if names == [str(number) for number in range(len(names))] else names


_CATBOOST = Manner(
    # A model that was loaded or made of others has no n_features_in_.
    width=lambda model: len(model.feature_names_) if model.is_fitted() else 0,
    names=lambda model: _catboost_names(model) if model.is_fitted() else None,
    ask=_ask_catboost,
)

STATSMODELS_RESULTS = (
    "RegressionResultsWrapper",
    "RegularizedResults",
    "RegularizedResultsWrapper",
    "RLMResultsWrapper",
    "GLMResultsWrapper",
    "GEEResultsWrapper",
    "BinaryResultsWrapper",
    "L1BinaryResultsWrapper",
    "MultinomialResultsWrapper",
    "L1MultinomialResultsWrapper",
    "PoissonResultsWrapper",
    "L1PoissonResultsWrapper",
    "NegativeBinomialResultsWrapper",
    "L1NegativeBinomialResultsWrapper",
    "GeneralizedPoissonResultsWrapper",
)
"""What fitting gives in statsmodels, by class name."""


def _has_formula(results: Any) -> bool:
    return bool(getattr(results.model, "formula", None))


def _statsmodels_names(results: Any) -> list[str] | None:
    """Return the columns of the frame that was fitted on; a formula picks its own."""
    exog = results.model.data.orig_exog
    return list(exog.columns) if hasattr(exog, "columns") and not _has_formula(results) else None


def _ask_statsmodels(results: Any, method: str, X: Any) -> Any:
    if key_of(getattr(results.model.data, "model_spec", None))[0] != "patsy":
        return getattr(results, method)(X)
    from patsy import PatsyError

    try:
        return getattr(results, method)(X)
    except PatsyError as error:
        raise ValueError(str(error)) from error


_STATSMODELS = Manner(
    width=lambda results: None if _has_formula(results) else results.model.exog.shape[1],
    names=_statsmodels_names,
    ask=_ask_statsmodels,
)


MANNERS: dict[tuple[str, str], Manner] = {
    ("lightgbm", "Booster"): Manner(
        width=lambda booster: booster.num_feature(),
        names=lambda booster: booster.feature_name(),
        ask=lambda booster, method, X: getattr(booster, method)(X),
    ),
    ("xgboost", "Booster"): Manner(
        width=_xgboost_width,
        names=lambda booster: booster.feature_names,
        ask=_ask_xgboost,
    ),
    **{("statsmodels", name): _STATSMODELS for name in STATSMODELS_RESULTS},
    **{
        ("catboost", name): _CATBOOST
        for name in ("CatBoost", "CatBoostClassifier", "CatBoostRegressor", "CatBoostRanker")
    },
}
"""By top-level package and class name."""


def key_of(estimator: Any) -> tuple[str, str]:
    """Return the top-level package and the name of the class of an object."""
    cls = type(estimator)
    return cls.__module__.partition(".")[0], cls.__name__


def manner_of(estimator: Any) -> Manner | None:
    """Return how an object is asked, or None for the way of scikit-learn."""
    return MANNERS.get(key_of(estimator))


def has_names(estimator: Any) -> bool:
    """Say whether an estimator was fitted on a frame, as far as it tells."""
    return feature_names(estimator) is not None


def feature_names(estimator: Any, given: Sequence[str] = ()) -> list[str] | None:
    """Return the names of the columns that an estimator was fitted on, or None if it knows none.

    LightGBM writes spaces as underscores: such names are spelled as in `given`.

    Parameters
    ----------
    estimator : object
    given : sequence of str, optional
        The columns at hand.
    """
    manner = manner_of(estimator)
    found = manner.names(estimator) if manner else getattr(estimator, "feature_names_in_", None)
    if found is None:
        return None
    names = [str(name) for name in found]
    if key_of(_first_step(estimator))[0] != "lightgbm":
        return names
    if names == [f"Column_{number}" for number in range(len(names))]:
        return None
    spelled = {name.replace(" ", "_"): name for name in given}
    return [spelled.get(name, name) for name in names]


def _first_step(estimator: Any) -> Any:
    """Return the estimator that sees the columns first: within searches and pipelines, another one."""
    while True:
        if hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        elif key_of(estimator) == ("sklearn", "Pipeline"):
            estimator = estimator.steps[0][1]
        else:
            return estimator


def method_of(estimator: Any, name: str) -> Callable[[Any], Any]:
    """Return a method of an estimator, from rows to its answers."""
    manner = manner_of(estimator)
    method: Callable[[Any], Any] = partial(manner.ask, estimator, name) if manner else getattr(estimator, name)
    return method
