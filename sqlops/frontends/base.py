"""What frontends take and give, and the table in which they are registered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import (
    NotFittedError,
    UnsupportedEstimatorError,
    UnsupportedOptionError,
    UnsupportedTypeError,
)
from sqlops.estimators import key_of, manner_of
from sqlops.frames import Missing
from sqlops.frontends import MODULES
from sqlops.ir import build
from sqlops.ir.nodes import Constant, Expr, ValueType
from sqlops.ir.program import Check
from sqlops.schema import Label

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Feature:
    """A column between two steps.

    Parameters
    ----------
    name : str
        The name that scikit-learn would give it.
    expr : Expr
    dtype : numpy dtype
        The dtype that scikit-learn would hold it in: what several columns are computed in follows from it.
    missing : {"nan", "none", "na", "both", "unknown"}
        What a missing value is in Python. SQL has one NULL, but encoders and imputers tell NaN, None and pandas.NA
        apart. Unknown: the column is of objects, and X has no missing value in it.
    sparse : bool
        Whether scikit-learn would hold it in a sparse matrix, with which scalers compute in another way.
    is_category : bool
        Whether it is a pandas categorical, which boosters encode themselves.
    """

    name: str
    expr: Expr
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    missing: Missing = "nan"
    sparse: bool = False
    is_category: bool = False


Features = tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class Transformed:
    """What a transformer gives."""

    features: Features


@dataclass(frozen=True, slots=True)
class Regressed:
    """What a regressor gives: one value per target."""

    values: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Classified:
    """What a classifier gives.

    Parameters
    ----------
    classes : tuple
        The classes, in the order of `classes_`.
    label : Expr
        The predicted class.
    probabilities : tuple of Expr or None
        One per class, where the estimator has predict_proba.
    decisions : tuple of Expr or None
        What decision_function gives: one for two classes, else one per class (or pair of classes).
    """

    classes: tuple[Label, ...]
    label: Expr
    probabilities: tuple[Expr, ...] | None = None
    decisions: tuple[Expr, ...] | None = None


Result = Transformed | Regressed | Classified
Frontend = Callable[[Any, Features, "Context"], Result]


@dataclass(frozen=True, slots=True)
class Registration:
    """One supported class.

    Parameters
    ----------
    package : str
        Its top-level package.
    class_name : str
        Its exact class name: a subclass may do something else.
    translate : callable
        From (estimator, features, context) to a Result.
    family : str
        The heading it is listed under.
    limits : str
        Options that are not covered, in a few words; empty where all are.
    """

    package: str
    class_name: str
    translate: Frontend
    family: str
    limits: str


REGISTRY: dict[tuple[str, str], Registration] = {}


def frontend(
    *class_names: str, family: str, package: str = "sklearn", limits: str = ""
) -> Callable[[Frontend], Frontend]:
    """Register a function as the frontend of classes.

    Parameters
    ----------
    *class_names : str
        Exact class names.
    family : str
        The heading in the table of what is supported.
    package : str
        The top-level package of the classes.
    limits : str
        Options that are not covered.
    """

    def register(function: Frontend) -> Frontend:
        for name in class_names:
            REGISTRY[package, name] = Registration(package, name, function, family, limits)
        return function

    return register


class Context:
    """Where a frontend is inside the model, and what it has asked of a row so far."""

    def __init__(self, columns: Mapping[Expr, pd.Series[Any]] | None = None) -> None:
        self._columns = columns or {}
        self._path: list[str] = []
        self._checks: dict[Expr, Check] = {}

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

    def translate(self, estimator: Any, features: Features, step: str = "") -> Result:
        """Translate a fitted estimator that is a part of the one at work.

        Parameters
        ----------
        estimator : object
        features : tuple of Feature
            Its inputs.
        step : str
            Its name in the whole.
        """
        with self.inside(step or type(estimator).__name__):
            registration = find(estimator, self)
            self._check_fitted(estimator)
            self._check_width(estimator, features)
            return registration.translate(estimator, features, self)

    def transform(self, estimator: Any, features: Features, step: str = "") -> Features:
        """Translate a part that must be a transformer."""
        result = self.translate(estimator, features, step)
        if not isinstance(result, Transformed):
            raise UnsupportedEstimatorError(
                f"{type(estimator).__name__} is used as a transformer but has no transform", step=self.step
            )
        return result.features

    def values_of(self, feature: Feature) -> list[Any]:
        """Return the values that a column has in X, each once; none of a column that was computed."""
        column = self._columns.get(feature.expr)
        values: list[Any] = [] if column is None else column.dropna().unique().tolist()
        return values

    def require(self, condition: Expr, reason: str) -> None:
        """Give missing outputs to rows that do not meet a condition: those the estimator would refuse."""
        if condition is not build.TRUE:
            self._checks.setdefault(condition, Check(condition, self.step, reason))

    def require_numbers(self, features: Features, *, allow_nan: bool = False) -> None:
        """Check a matrix as ``check_array`` does: numbers only, finite, missing only where allowed."""
        self.refuse_text(features)
        for feature in features:
            if isinstance(feature.expr, Constant):
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

    def refuse_float32(self, features: Features) -> None:
        """Raise if the estimator would compute in float32, which SQL on doubles does not reproduce."""
        if features and np.result_type(*(feature.dtype for feature in features)) in (np.float32, np.float16):
            raise UnsupportedTypeError(
                f"{features[0].name!r} and its {len(features) - 1} neighbours are float32, and the step computes in it",
                step=self.step,
                hint="fit on float64: X.astype('float64')",
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


def find(estimator: Any, context: Context) -> Registration:
    """Return the registration for the exact class of an object.

    Raises
    ------
    UnsupportedEstimatorError
        The class is not registered.
    """
    package, class_name = key_of(estimator)
    _load(package)
    found = REGISTRY.get((package, class_name))
    if found is None:
        raise UnsupportedEstimatorError(
            f"{package}.{class_name} is not supported",
            step=context.step,
            hint="`sqlops supported` lists what is; a plug-in can add it through the entry point sqlops.frontends",
        )
    return found


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
    return tuple(sorted(REGISTRY.values(), key=lambda item: (item.family, item.package, item.class_name)))


def as_labels(classes: npt.ArrayLike) -> tuple[Label, ...]:
    """Return the classes of a classifier as Python values."""
    return tuple(np.asarray(classes).tolist())


def label_type(classes: Sequence[Label]) -> ValueType:
    """Return the value type of a classifier's labels."""
    if all(isinstance(label, bool) for label in classes):
        return "boolean"
    if all(isinstance(label, int) and not isinstance(label, bool) for label in classes):
        return "bigint"
    if all(isinstance(label, int | float) and not isinstance(label, bool) for label in classes):
        return "double"
    if all(isinstance(label, str) for label in classes):
        return "text"
    types = sorted({type(label).__name__ for label in classes})
    raise UnsupportedTypeError(
        f"classes of type {', '.join(types)}", hint="make y all text, all integers, all numbers or all booleans"
    )


def names_of(features: Iterable[Feature]) -> list[str]:
    """Return the names of features."""
    return [feature.name for feature in features]


def common_dtype(features: Iterable[Feature]) -> np.dtype[Any]:
    """Return the dtype of the one array that holds some columns: pandas makes booleans beside numbers objects."""
    dtypes = {feature.dtype for feature in features}
    if len(dtypes) > 1 and any(dtype.kind == "b" for dtype in dtypes):
        return np.dtype(object)
    return np.result_type(*dtypes) if dtypes else np.dtype(np.float64)
