"""The context in which frontends work, and how the one for an object is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import numpy as np

from sqlops.errors import (
    NotFittedError,
    UnsupportedEstimatorError,
    UnsupportedOptionError,
    UnsupportedTypeError,
)
from sqlops.estimators import key_of, manner_of
from sqlops.frontends import MODULES
from sqlops.frontends.containers import as_held, as_taken
from sqlops.frontends.refused import REFUSED
from sqlops.frontends.registration import (
    METHODS,
    REGISTRY,
    Frontend,
    Method,
    Registration,
    frontend,
    frontend_of_methods,
)
from sqlops.frontends.results import (
    Classified,
    Clustered,
    Detected,
    Feature,
    Features,
    MultiClassified,
    Regressed,
    Result,
    Scored,
    Transformed,
    as_labels,
    checked_dtype,
    common_dtype,
    is_single,
    label_type,
    names_of,
    rounded,
)
from sqlops.ir import build
from sqlops.ir.analysis import is_finite_number
from sqlops.ir.nodes import Expr
from sqlops.ir.program import Check

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "METHODS",
    "REGISTRY",
    "Classified",
    "Clustered",
    "Context",
    "Detected",
    "Feature",
    "Features",
    "Frontend",
    "Method",
    "MultiClassified",
    "Registration",
    "Regressed",
    "Result",
    "Scored",
    "Transformed",
    "as_labels",
    "checked_dtype",
    "common_dtype",
    "find",
    "frontend",
    "frontend_of_methods",
    "is_single",
    "label_type",
    "names_of",
    "registrations",
    "rounded",
]


class Context:
    """Where a frontend is inside the model, and what it has asked of a row so far."""

    def __init__(self, columns: Mapping[Expr, pd.Series[Any]] | None = None) -> None:
        self._columns = columns or {}
        self._path: list[str] = []
        self._checks: dict[Expr, Check] = {}
        self._translated: dict[tuple[int, Features, Method], tuple[Any, Result]] = {}

    @property
    def step(self) -> str:
        """The path of the step at work."""
        return " / ".join(self._path)

    @property
    def checks(self) -> tuple[Check, ...]:
        """What a row must meet."""
        return tuple(self._checks.values())

    @contextmanager
    def inside(self, step: str) -> Iterator[None]:
        """Name the step that is translated within the block."""
        self._path.append(step)
        try:
            yield
        finally:
            self._path.pop()

    def apart(self) -> Context:
        """Return a context at the same place that gathers checks of its own, for a part that not every row reaches."""
        other = Context()
        other._path = list(self._path)
        return other

    def translate(self, estimator: Any, features: Features, step: str = "", *, method: Method = "predict") -> Result:
        """Translate a fitted estimator that is a part of the one at work.

        Parameters
        ----------
        estimator : object
        features : tuple of Feature
            Its inputs.
        step : str
            Its name in the whole.
        method : {"predict", "transform", "score_samples"}
            What is asked of it. An estimator that has only one of them gives that one.

        Returns
        -------
        Result
            The same one when the same object is translated again on the same features: bulk operators are shared.
        """
        key = (id(estimator), features, method)
        if key not in self._translated:
            with self.inside(step or type(estimator).__name__):
                registration = find(estimator, method, self)
                self._check_fitted(estimator)
                self._check_width(estimator, features)
                taken = as_taken(features, registration.takes)
                result = as_held(registration.translate(estimator, taken, self), estimator)
            self._translated[key] = (estimator, result)  # with the estimator, so that its id stays its own
        return self._translated[key][1]

    def transform(self, estimator: Any, features: Features, step: str = "") -> Features:
        """Translate a part that must be a transformer."""
        result = self.translate(estimator, features, step, method="transform")
        if not isinstance(result, Transformed):
            raise UnsupportedEstimatorError(
                f"{type(estimator).__name__} is used as a transformer but has no transform", step=self.step
            )
        return result.features

    def column_of(self, feature: Feature) -> pd.Series[Any] | None:
        """Return the column of X that a feature is, or None for one that was computed."""
        return self._columns.get(feature.expr)

    def values_of(self, feature: Feature) -> list[Any]:
        """Return the values that a column has in X, each once; none of a column that was computed."""
        column = self.column_of(feature)
        values: list[Any] = [] if column is None else column.dropna().unique().tolist()
        return values

    def classify(self, estimator: Any, features: Features, step: str = "") -> Classified:
        """Translate a part that must be a classifier of one target."""
        result = self.translate(estimator, features, step)
        if not isinstance(result, Classified):
            raise UnsupportedEstimatorError(
                f"{type(estimator).__name__} is no classifier of one target", step=self.step
            )
        return result

    def regressed(self, estimator: Any, features: Features, step: str = "") -> Regressed:
        """Translate a part that must be a regressor."""
        result = self.translate(estimator, features, step)
        if not isinstance(result, Regressed):
            raise UnsupportedEstimatorError(f"{type(estimator).__name__} is no regressor", step=self.step)
        return result

    def regress(self, estimator: Any, features: Features, step: str = "") -> tuple[Expr, ...]:
        """Translate a part that must be a regressor: one value per target."""
        return self.regressed(estimator, features, step).values

    def require(self, condition: Expr, reason: str) -> None:
        """Give missing outputs to rows that do not meet a condition: those the estimator would refuse."""
        if condition is not build.TRUE:
            self._checks.setdefault(condition, Check(condition, self.step, reason))

    def require_numbers(self, features: Features, *, allow_nan: bool = False) -> None:
        """Check a matrix as ``check_array`` does: numbers only, finite, missing only where allowed."""
        self.refuse_text(features)
        for feature in features:
            if is_finite_number(feature.expr):
                continue
            finite = build.is_finite(feature.expr)
            if allow_nan:
                accepts = build.any_of([build.is_missing(feature.expr), finite])
                self.require(accepts, f"{feature.name} is infinite")
            else:
                self.require(finite, f"{feature.name} is missing or infinite")

    def refuse_text(self, features: Features) -> None:
        """Raise if a column of text arrives where numbers are needed."""
        names = [repr(feature.name) for feature in features if feature.expr.type == "text"]
        if names:
            raise UnsupportedTypeError(
                f"text in column {', '.join(names)}",
                step=self.step,
                hint="encode it in a step before this one",
            )

    def float_dtype(self, features: Features) -> np.dtype[Any]:
        """Return the float64 or float32 in which a step computes that keeps floats and makes doubles of the rest."""
        self.refuse_float16(features)
        dtype = checked_dtype(features)
        return dtype if dtype.kind == "f" else np.dtype(np.float64)

    def refuse_float16(self, features: Features) -> None:
        """Raise if the estimator would compute in float16, to which no engine rounds."""
        if checked_dtype(features) == np.float16:
            raise UnsupportedTypeError(
                f"{features[0].name!r} and its {len(features) - 1} neighbours are float16, and the step computes in it",
                step=self.step,
                hint="fit on float32 or float64: X.astype('float32'), or in polars X.cast(polars.Float32)",
            )

    def unsupported(self, estimator: Any, option: str, value: object, instead: str) -> UnsupportedOptionError:
        """Return the error for an option that is not covered."""
        return UnsupportedOptionError(
            f"{type(estimator).__name__}({option}={value!r}) is not supported", step=self.step, hint=instead
        )

    def _check_fitted(self, estimator: Any) -> None:
        from sklearn.exceptions import NotFittedError as SklearnNotFittedError
        from sklearn.utils.validation import check_is_fitted

        manner = manner_of(estimator)
        try:
            if manner is None:
                check_is_fitted(estimator)
            elif manner.width(estimator) == 0:
                raise SklearnNotFittedError
        except SklearnNotFittedError:
            if type(estimator).__name__ in _FITTED_BY_THEIR_PART and hasattr(estimator, "estimator"):
                return self._check_fitted(estimator.estimator)
            raise NotFittedError(
                f"{type(estimator).__name__} is not fitted", step=self.step, hint="call fit before compiling"
            ) from None

    def _check_width(self, estimator: Any, features: Features) -> None:
        manner = manner_of(estimator)
        expected = manner.width(estimator) if manner else getattr(estimator, "n_features_in_", len(features))
        if expected not in (None, len(features)):
            raise UnsupportedTypeError(
                f"{type(estimator).__name__} was fitted on {expected} columns, not {len(features)}",
                step=self.step,
                hint="pass the X it was fitted on",
            )


def find(estimator: Any, method: Method, context: Context) -> Registration:
    """Return the registration for the exact class of an object: of the method asked for, or of one that it has.

    Raises
    ------
    UnsupportedEstimatorError
        The class is not registered; the message gives the reason where there is a known one.
    """
    package, class_name = key_of(estimator)
    _load(package)
    found = REGISTRY.get((package, class_name))
    if found is None:
        reason = REFUSED.get((package, class_name))
        raise UnsupportedEstimatorError(
            f"{package}.{class_name} is not supported" + (f": {reason.why}" if reason else ""),
            step=context.step,
            hint=reason.instead if reason else _LISTS,
        )
    return next(found[key] for key in _PREFERRED[method] if key in found)


_PREFERRED: dict[Method, tuple[Method, ...]] = {
    "predict": ("predict", "transform", "score_samples"),
    "transform": ("transform", "predict", "score_samples"),
    "score_samples": ("score_samples", "predict", "transform"),
}


_FITTED_BY_THEIR_PART = ("FixedThresholdClassifier", "SelectFromModel")
"""Classes that can be used without having been fitted, around an estimator that was."""

_LISTS = "`sqlops supported` lists what is; a plug-in can add it through the entry point sqlops.frontends"
_loaded: set[str] = set()


def _load(package: str) -> None:
    if package in _loaded:
        return
    _loaded.add(package)
    for module in MODULES.get(package, ()):
        import_module(f"sqlops.frontends.{module}")
    for point in entry_points(group="sqlops.frontends"):
        if point.name == package:
            point.load()


def registrations() -> tuple[Registration, ...]:
    """Return everything that is registered, in the order of families and names."""
    for package in MODULES:
        _load(package)
    every = (registration for methods in REGISTRY.values() for registration in methods.values())
    return tuple(sorted(every, key=lambda item: (item.family, item.package, item.class_name, item.method)))
