"""What meta-estimators ask of their parts: predictions, probabilities and decisions as columns, labels as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedEstimatorError
from sqlops.frontends.base import Context
from sqlops.frontends.results import (
    Classified,
    Clustered,
    Detected,
    Features,
    MultiClassified,
    Regressed,
    Result,
    common_dtype,
)
from sqlops.ir import build
from sqlops.ir.nodes import Case, Constant, Expr, Lookup, Scalar, ValueType
from sqlops.schema import Label

Block = tuple[Expr, ...]


def in_one_array(features: Features, *, numeric: bool = True) -> Features:
    """Return columns as ``check_array`` holds them: in one array, of one dtype.

    Parameters
    ----------
    features : tuple of Feature
    numeric : bool
        Whether an array of objects is made one of float64; else (``dtype=None``) it stays.
    """
    dtype = common_dtype(features)
    if any(feature.missing == "na" for feature in features) or (numeric and dtype.kind == "O"):
        dtype = np.dtype(np.float64)
    return tuple(replace(feature, dtype=dtype, missing="nan") for feature in features)


def chosen_method(estimator: Any, methods: Sequence[str], context: Context) -> str:
    """Return the first of some methods that an estimator has, as ``_check_response_method`` picks it."""
    found = [method for method in methods if hasattr(estimator, method)]
    if not found:
        raise UnsupportedEstimatorError(
            f"{type(estimator).__name__} has none of {', '.join(methods)}, which it is asked for",
            step=context.step,
            hint="use a part that has one of them: scikit-learn itself cannot predict with this one",
        )
    return found[0]


def blocks(result: Result, method: str, context: Context) -> list[Block]:
    """Return what a method gives, as the arrays in which it gives it: several for predict_proba of several targets.

    Labels become numbers. A method that the library has but SQL does not is an error.
    """
    match result:
        case Regressed() if method == "predict":
            return [result.values]
        case Classified():
            return [_of_classifier(result, method, context)]
        case MultiClassified():
            return _of_targets(result, method, context)
        case Detected() if method == "predict":
            return [(numbered(result.label, (-1, 1), context),)]
        case Detected() if method == "decision_function":
            return [(result.decision,)]
        case Clustered() if method == "predict_proba" and result.probabilities:
            return [result.probabilities]
    raise _lacks(method, context)


def _of_classifier(result: Classified, method: str, context: Context) -> Block:
    if method == "predict":
        return (numbered(result.label, result.classes, context),)
    found = result.probabilities if method == "predict_proba" else result.decisions
    if found is None:
        raise _lacks(method, context)
    return found


def _of_targets(result: MultiClassified, method: str, context: Context) -> list[Block]:
    per_target = [_of_classifier(target, method, context) for target in result.targets]
    if method == "predict_proba" and result.labels is None:
        return per_target
    return [tuple(block[-1] for block in per_target)]


def _lacks(method: str, context: Context) -> UnsupportedEstimatorError:
    return UnsupportedEstimatorError(
        f"{method} is asked of a part that has none in SQL", step=context.step, hint="use another method of the part"
    )


def numbered(label: Expr, classes: Sequence[Label], context: Context) -> Expr:
    """Return labels as the numbers they become in an array of floats."""
    if any(isinstance(value, str) for value in classes):
        raise UnsupportedEstimatorError(
            "labels of text are used as numbers", step=context.step, hint="fit on classes that are numbers"
        )
    return relabelled(label, {value: float(value) for value in classes}, "double")


def relabelled(label: Expr, values: Mapping[Label, Scalar], type_: ValueType) -> Expr:
    """Return the value that belongs to a label.

    Where the label is a choice among constants, the constants are exchanged, and nothing is compared.

    Parameters
    ----------
    label : Expr
    values : mapping
        From each class to a value; what is no class has none.
    type_ : {"double", "bigint", "text", "boolean"}
        The type of the values.
    """
    if isinstance(label, Constant):
        return build.constant(None if label.value is None else values.get(label.value), type_)
    if isinstance(label, Case):
        branches = [(condition, relabelled(value, values, type_)) for condition, value in label.branches]
        return build.case(branches, relabelled(label.default, values, type_))
    if isinstance(label, Lookup):
        entries = {key: _value(values, value) for key, value in label.entries}
        missing, default = _value(values, label.missing), _value(values, label.default)
        return build.lookup(label.key, entries, missing=missing, default=default, type_=type_)
    chosen = [(build.equal(label, key), build.constant(value, type_)) for key, value in values.items()]
    return build.case(chosen, build.constant(None, type_))


def _value(values: Mapping[Label, Scalar], label: Scalar) -> Scalar:
    return None if label is None else values.get(label)


def binary_score(estimator: Any, result: Result, method: str, context: Context, pos_label: Label | None = None) -> Expr:
    """Return one score of a classifier of two classes, as ``_get_response_values`` does: that of the positive class.

    Parameters
    ----------
    estimator : object
    result : Result
        What it was translated to.
    method : {"predict", "predict_proba", "decision_function"}
    context : Context
    pos_label : label, optional
        The positive class; by default the last.
    """
    (block,) = blocks(result, method, context)
    if not isinstance(result, Classified) or method == "predict":
        return block[0]
    is_first = pos_label is not None and pos_label == result.classes[0] and len(result.classes) > 1
    if method == "predict_proba":
        if len(block) != 2:
            raise UnsupportedEstimatorError(
                f"{type(estimator).__name__} was fitted on {len(block)} classes where two are needed", step=context.step
            )
        return block[0] if is_first else block[1]
    return build.multiply(build.constant(-1.0), block[0]) if is_first else block[0]


def mean_of(terms: Sequence[Block]) -> Block:
    """Return the mean of blocks, column by column: added in their order, then divided by their number."""
    count = build.constant(float(len(terms)))
    return tuple(build.divide(build.sum_of(column), count) for column in zip(*terms, strict=True))
