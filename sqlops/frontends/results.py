"""What frontends take and give: columns between steps, and the results of predictors and transformers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import UnsupportedTypeError
from sqlops.frames import Missing
from sqlops.ir import build
from sqlops.ir.nodes import Expr, ValueType
from sqlops.schema import Label


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
    polars : bool
        Whether scikit-learn would hold it in a polars frame, of which it makes one array before it looks at columns.
    """

    name: str
    expr: Expr
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))
    missing: Missing = "nan"
    sparse: bool = False
    is_category: bool = False
    polars: bool = False


Features = tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class Transformed:
    """What a transformer gives."""

    features: Features


@dataclass(frozen=True, slots=True)
class Regressed:
    """What a regressor gives.

    Parameters
    ----------
    values : tuple of Expr
        One value per target.
    dtype : numpy dtype
        Float32 where the regressor is known to give that.
    """

    values: tuple[Expr, ...]
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.float64))


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


@dataclass(frozen=True, slots=True)
class MultiClassified:
    """What a classifier of several targets gives.

    Parameters
    ----------
    targets : tuple of Classified
        One per target, in the order of the columns of predict.
    labels : tuple or None
        For a multilabel classifier: the labels, each with a target whose classes are 0 and 1; predict_proba and
        decision_function give one column per label. None where each target has classes of its own.
    """

    targets: tuple[Classified, ...]
    labels: tuple[Label, ...] | None = None


@dataclass(frozen=True, slots=True)
class Clustered:
    """What a clusterer or a mixture gives.

    Parameters
    ----------
    label : Expr
        The number of the cluster, a bigint.
    probabilities : tuple of Expr or None
        One per component, where the estimator has predict_proba.
    score : Expr or None
        What score_samples gives.
    """

    label: Expr
    probabilities: tuple[Expr, ...] | None = None
    score: Expr | None = None


@dataclass(frozen=True, slots=True)
class Detected:
    """What an outlier detector gives.

    Parameters
    ----------
    label : Expr
        1 for an inlier and -1 for an outlier, a bigint.
    decision : Expr
        What decision_function gives.
    score : Expr or None
        What score_samples gives.
    """

    label: Expr
    decision: Expr
    score: Expr | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """What score_samples gives, for an estimator that is asked for nothing else."""

    score: Expr


Result = Transformed | Regressed | Classified | MultiClassified | Clustered | Detected | Scored


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


def checked_dtype(features: Iterable[Feature]) -> np.dtype[Any]:
    """Return the dtype in which ``check_array`` gives back some columns: of objects it makes doubles."""
    dtypes = {feature.dtype for feature in features}
    dtype = np.result_type(*dtypes) if dtypes else np.dtype(np.float64)
    return np.dtype(np.float64) if dtype.kind == "O" else dtype


def is_single(dtype: np.dtype[Any]) -> bool:
    """Whether numbers of a dtype are rounded to float32 after each operation; float16 is not told apart."""
    return dtype in (np.float32, np.float16)


def held_beside(value: float, dtype: np.dtype[Any]) -> float:
    """Return a number as numpy takes it beside an array: a Python number in the array's dtype, others as they are."""
    return float(np.result_type(dtype, value).type(value))


def rounded(expr: Expr, dtype: np.dtype[Any]) -> Expr:
    """Return a value as numpy holds it in a dtype: rounded to float32 where that is the dtype."""
    return build.rounded(expr, single=is_single(dtype))
