"""From a fitted estimator to a compiled model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sqlops.artifacts.model import CompiledModel
from sqlops.errors import NotFittedError, SchemaError, UnsupportedOptionError
from sqlops.estimators import feature_names
from sqlops.frames import Form, as_frame, form_of, infer_columns, missing_of
from sqlops.frontends.base import Context, Method
from sqlops.frontends.results import Feature, Features
from sqlops.ir import build
from sqlops.ir.program import Program
from sqlops.lowering import STRATEGIES, Strategy
from sqlops.names import check_model_name
from sqlops.outputs import METHODS, name_outputs
from sqlops.parity import prove
from sqlops.passes import run_passes
from sqlops.sampling import choose_sample
from sqlops.schema import Column, LogicalType


def compile(
    estimator: Any,
    X: Any,
    *,
    name: str = "model",
    methods: str | Sequence[str] | None = None,
    strategy: Strategy | None = None,
) -> CompiledModel:
    """Compile a fitted estimator into SQL.

    Parameters
    ----------
    estimator : object
        A fitted scikit-learn estimator, usually a Pipeline.
    X : DataFrame, ndarray or sparse matrix of shape (n_samples, n_features), sequence of texts, or list of dicts
        The training data or a sample of it, in the form the estimator was fitted on; a frame is of pandas or polars. It
        gives column names, types and categories, and the rows on which a deployment proves itself.
    name : str
        The model's name in the warehouse.
    methods : str or sequence of str, optional
        What to compute: predict, predict_proba and decision_function; or score_samples; or transform. By default
        predict, with predict_proba where the estimator has it, else decision_function; for a transformer, transform.
    strategy : {"case", "bitmasks", "traversal"}, optional
        How ensembles of trees are written. By default each dialect takes the form that costs it least.

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
    if strategy not in (None, *STRATEGIES):
        raise UnsupportedOptionError(
            f"there is no strategy {strategy!r}", hint=f"choose among: {', '.join(STRATEGIES)}"
        )
    methods = (methods,) if isinstance(methods, str) else methods
    if isinstance(estimator, type):
        raise NotFittedError(f"{estimator.__name__} is a class", hint="pass a fitted object of it")
    form = form_of(X)
    frame = as_frame(X, feature_names(estimator))
    columns = infer_columns(frame)
    _check_names(estimator, columns)
    inputs = tuple(build.column(column.name, "text" if column.is_text else "double") for column in columns)
    context = Context({expr: frame[column.name] for column, expr in zip(columns, inputs, strict=True)})
    result = context.translate(estimator, features_of(frame, columns, form), method=_method(methods))
    signature, outputs = name_outputs(estimator, result, columns, methods)
    program = run_passes(Program(inputs, outputs, context.checks))
    sample = choose_sample(estimator, program, signature, frame, form=form)
    prove(program, signature, sample)
    model = CompiledModel(name, signature, program, sample, estimator, strategy)
    if strategy:
        model.plan()
    return model


def _method(methods: Sequence[str] | None) -> Method:
    """Return what the estimator is asked: methods of one kind only can be outputs of one model."""
    unknown = [method for method in methods or () if method not in METHODS]
    if unknown:
        raise UnsupportedOptionError(f"there is no method {unknown[0]!r}", hint=f"choose among: {', '.join(METHODS)}")
    if not methods or "predict" in methods:
        return "predict"
    if "transform" in methods:
        return "transform"
    return "score_samples" if set(methods) == {"score_samples"} else "predict"


def features_of(frame: pd.DataFrame, columns: Sequence[Column], form: Form) -> Features:
    """Return the columns of a frame as the first step takes them.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of Column
        Its columns, with their types.
    form : {"frame", "polars", "array", "sparse", "series", "records"}
        How the estimator was given it.
    """
    return tuple(
        Feature(
            column.name,
            build.column(column.name, "text" if column.is_text else "double"),
            _dtype(frame[column.name].dtype, column),
            missing_of(frame[column.name], form),
            sparse=form == "sparse",
            polars=form == "polars",
            is_category=column.type is LogicalType.CATEGORY,
        )
        for column in columns
    )


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
