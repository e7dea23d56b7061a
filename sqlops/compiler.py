"""From a fitted estimator to a compiled model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sqlops.artifacts.model import CompiledModel
from sqlops.errors import NotFittedError, SchemaError, UnsupportedOptionError
from sqlops.estimators import feature_names
from sqlops.frames import as_frame, infer_columns, missing_of
from sqlops.frontends.base import (
    Classified,
    Context,
    Feature,
    Features,
    Regressed,
    Result,
    Transformed,
    label_type,
)
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.ir.program import Program
from sqlops.names import check_distinct, check_model_name, output_name
from sqlops.parity import prove
from sqlops.passes import run_passes
from sqlops.sampling import choose_sample
from sqlops.schema import Column, LogicalType, Output, Role, Signature

METHODS = ("predict", "predict_proba", "decision_function", "transform")
_LABEL_TYPES = {
    "text": LogicalType.TEXT,
    "bigint": LogicalType.INTEGER,
    "double": LogicalType.NUMBER,
    "boolean": LogicalType.BOOLEAN,
}


def compile(
    estimator: Any, X: Any, *, name: str = "model", methods: str | Sequence[str] | None = None
) -> CompiledModel:
    """Compile a fitted estimator into SQL.

    Parameters
    ----------
    estimator : object
        A fitted scikit-learn estimator, usually a Pipeline.
    X : DataFrame or ndarray of shape (n_samples, n_features)
        The training frame or a sample of it. It gives column names, types and categories, and the rows on which a
        deployment proves itself.
    name : str
        The model's name in the warehouse.
    methods : str or sequence of {"predict", "predict_proba", "decision_function", "transform"}, optional
        What to compute. By default predict, with predict_proba where the estimator has it, else decision_function; for
        a transformer, transform.

    Returns
    -------
    CompiledModel

    Raises
    ------
    CompileError
        An estimator, option or type is not supported, or is not fitted; the message names the step.
    ParityError
        The compiled model and the estimator differ on a sample of X.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = load_iris(return_X_y=True, as_frame=True)
    >>> model = compile(LogisticRegression(max_iter=500).fit(X, y), X, name="iris")
    >>> [output.name for output in model.signature.outputs]
    ['prediction', 'probability_0', 'probability_1', 'probability_2']
    """
    check_model_name(name)
    methods = (methods,) if isinstance(methods, str) else methods
    if isinstance(estimator, type):
        raise NotFittedError(f"{estimator.__name__} is a class", hint="pass a fitted object of it")
    frame = as_frame(X, feature_names(estimator))
    columns = infer_columns(frame)
    _check_names(estimator, columns)
    inputs = tuple(build.column(column.name, "text" if column.is_text else "double") for column in columns)
    features: Features = tuple(
        Feature(
            column.name,
            expr,
            _dtype(frame[column.name].dtype, column),
            missing_of(frame[column.name]),
            is_category=column.type is LogicalType.CATEGORY,
        )
        for column, expr in zip(columns, inputs, strict=True)
    )
    context = Context({expr: frame[column.name] for column, expr in zip(columns, inputs, strict=True)})
    result = context.translate(estimator, features)
    signature, outputs = _outputs(estimator, result, columns, methods)
    program = run_passes(Program(inputs, outputs, context.checks))
    sample = choose_sample(estimator, program, signature, frame, as_array=not isinstance(X, pd.DataFrame))
    prove(program, signature, sample)
    return CompiledModel(name, signature, program, sample, estimator)


def _dtype(dtype: Any, column: Column) -> np.dtype[Any]:
    if column.is_text:
        return np.dtype(object)
    if isinstance(dtype, np.dtype) and dtype.kind in "fiubO":
        return dtype
    return np.dtype(np.float64)


def _check_names(estimator: Any, columns: Sequence[Column]) -> None:
    given = [column.name for column in columns]
    expected = feature_names(estimator, given)
    if expected is None:
        return
    if expected != given:
        faults = [f"column '{name}' is missing" for name in expected if name not in given]
        faults += [f"column '{name}' was not there in fit" for name in given if name not in set(expected)]
        raise SchemaError("X", faults or ["its columns are in another order than in fit"], "pass the X of fit")


def _outputs(
    estimator: Any, result: Result, columns: tuple[Column, ...], methods: Sequence[str] | None
) -> tuple[Signature, tuple[tuple[str, Expr], ...]]:
    described = _describe(estimator, result, methods)
    if not described:
        raise UnsupportedOptionError(
            f"{type(estimator).__name__} gives no columns: all of them were dropped when it was fitted",
            hint="fit it on columns that hold something",
        )
    check_distinct(
        (output.name, f"{output.role} of {output.label!r}" if output.label is not None else output.name)
        for output, _ in described
    )
    task = {Classified: "classification", Regressed: "regression", Transformed: "transform"}[type(result)]
    classes = result.classes if isinstance(result, Classified) else ()
    signature = Signature(columns, tuple(output for output, _ in described), task, classes)
    return signature, tuple((output.name, expr) for output, expr in described)


def _describe(estimator: Any, result: Result, methods: Sequence[str] | None) -> list[tuple[Output, Expr]]:
    if isinstance(result, Transformed):
        _check_methods(estimator, methods, {"transform"})
        return _features(estimator, result)
    if isinstance(result, Regressed):
        _check_methods(estimator, methods, {"predict"})
        if len(result.values) == 1:
            return [(Output("prediction", LogicalType.NUMBER, Role.PREDICTION), result.values[0])]
        return [
            (Output(output_name("prediction", number), LogicalType.NUMBER, Role.PREDICTION, number), expr)
            for number, expr in enumerate(result.values)
        ]
    has = {"predict": True, "predict_proba": result.probabilities, "decision_function": result.decisions}
    available = {method for method, exprs in has.items() if exprs}
    _check_methods(estimator, methods, available)
    wanted = methods or ("predict", "predict_proba" if result.probabilities else "decision_function")
    described: list[tuple[Output, Expr]] = []
    if "predict" in wanted:
        type_ = _LABEL_TYPES[label_type(result.classes)]
        described.append((Output("prediction", type_, Role.PREDICTION), result.label))
    if "predict_proba" in wanted and result.probabilities:
        described += _per_class("probability", Role.PROBABILITY, result.classes, result.probabilities)
    if "decision_function" in wanted and result.decisions:
        if len(result.decisions) == 1:
            described.append((Output("decision", LogicalType.NUMBER, Role.DECISION), result.decisions[0]))
        else:
            labels = result.classes if len(result.decisions) == len(result.classes) else range(len(result.decisions))
            described += _per_class("decision", Role.DECISION, labels, result.decisions)
    return described


def _per_class(prefix: str, role: Role, labels: Any, exprs: Sequence[Expr]) -> list[tuple[Output, Expr]]:
    return [
        (Output(output_name(prefix, label), LogicalType.NUMBER, role, label), expr)
        for label, expr in zip(labels, exprs, strict=True)
    ]


def _features(estimator: Any, result: Transformed) -> list[tuple[Output, Expr]]:
    names = [feature.name for feature in result.features]
    return [
        (
            Output(
                output_name(name),
                LogicalType.TEXT if feature.expr.type == "text" else LogicalType.NUMBER,
                Role.FEATURE,
                name,
            ),
            feature.expr,
        )
        for name, feature in zip(names, result.features, strict=True)
    ]


def _check_methods(estimator: Any, methods: Sequence[str] | None, available: set[str]) -> None:
    missing = [method for method in methods or () if method not in available]
    if missing:
        raise UnsupportedOptionError(
            f"{type(estimator).__name__} has no {', '.join(missing)} in SQL",
            hint=f"choose among: {', '.join(m for m in METHODS if m in available)}",
        )
