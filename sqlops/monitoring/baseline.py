"""The baseline of a version: frozen when it is registered, so that all later values compare with the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.relations import drop
from sqlops.errors import MonitoringError
from sqlops.frames import to_arrow
from sqlops.monitoring.metrics import Scope, metrics_of
from sqlops.monitoring.templates import drop_working, render
from sqlops.monitoring.watch import MAGNITUDE, Kind, Task, Watch, watch
from sqlops.parity import RELATIVE_TOLERANCE
from sqlops.registry.log import CLOCK
from sqlops.registry.store import delete, fetch
from sqlops.schema import LogicalType, Output
from sqlops.warehouses.base import Connection

N_BINS = 10
"""Ranges of a number."""

MOST_BINS = 50
"""Categories with a bin of their own."""

MOST_KNOWN = 10_000
"""Categories that are remembered at all; with more, rare and unseen ones cannot be told apart."""

EPSILON = float(np.finfo(np.float64).eps)
"""Probabilities are clipped by this much for logarithms, as scikit-learn does."""

_LOADED = "baseline"


def freeze(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    baseline: pd.DataFrame,
    target: str | None = None,
) -> None:
    """Write bins, shares, moments, score distribution and performance of a baseline.

    To be called inside the transaction that registers the version.

    Parameters
    ----------
    connection : Connection
    schema : str
        The schema of the registry.
    model : CompiledModel
    version : int
    baseline : DataFrame
        Rows with the inputs of the model, and the target.
    target : str or None
        The column of the baseline with the true labels; without it no performance is frozen.

    Raises
    ------
    SchemaError
        The baseline lacks inputs of the model.
    MonitoringError
        The target is no column of the baseline, or has values that are no classes of the model.
    """
    subject = watch(model.signature)
    scores = model.score(baseline)
    dialect, inputs = connection.dialect, model.signature.inputs
    read, labelled = (_unlike(model.signature.outputs, name) for name in ("input_", "label_"))
    table = to_arrow(baseline, inputs, [f"{read}{number}" for number in range(len(inputs))])
    for output in model.signature.outputs:
        table = table.append_column(dialect.shortened(output.name), _output_array(scores[output.name], output.type))
    judged = target is not None and subject.task is not Task.OTHER
    if target is not None and judged:
        table = table.append_column(labelled, _label_array(baseline, target, subject))
    loaded = dialect.loaded_table(schema, model.name, _LOADED)
    context = {
        "loaded": emit.render(loaded, dialect),
        "read": read,
        "labelled": labelled,
        "schema": schema,
        "model": model.name,
        "version": version,
        "magnitude": MAGNITUDE,
        "slack": RELATIVE_TOLERANCE,
        "n_bins": N_BINS,
        "most_bins": MOST_BINS,
        "most_known": MOST_KNOWN,
        "label": target if judged else None,
        "groups": ["g0"],
        **subject_context(subject),
    }
    if not dialect.transactional:
        _clear(connection, schema, model.name, version)
    context["entry"] = CLOCK.next()
    connection.load(loaded, table, temporary=dialect.loads_for_session)
    for statement in _statements(connection, subject, context, judged):
        connection.execute(statement)
    drop_working(connection, schema, model.name, ["rows"])
    connection.execute(drop(loaded, dialect.loaded))


def _unlike(outputs: Iterable[Output], name: str) -> str:
    """Return a name that no output begins with."""
    while any(output.name.lower().startswith(name) for output in outputs):
        name += "_"
    return name


def _clear(connection: Connection, schema: str, model: str, version: int) -> None:
    """Remove what is left of a baseline that was not frozen to the end."""
    drop_working(connection, schema, model, ["rows"])
    connection.execute(drop(connection.dialect.loaded_table(schema, model, _LOADED), connection.dialect.loaded))
    for table in ("baselines", "baseline_bins"):
        where = {"model": model, "version": version}
        if fetch(connection, schema, table, ("n",), where):
            delete(connection, schema, table, where)


def subject_context(subject: Watch) -> dict[str, Any]:
    """Return what templates are told about a model."""
    return {
        "subject": subject,
        "columns": subject.columns,
        "n_inputs": len(subject.columns) - len(subject.scores),
        "classes": subject.classes,
        "probabilities": [f"p{number}" for number in range(len(subject.probabilities))],
        "has_prediction": subject.prediction is not None and subject.task is not Task.OTHER,
        "score": subject.main_score,
        "epsilon": EPSILON,
    }


def _statements(connection: Connection, subject: Watch, context: dict[str, Any], judged: bool) -> list[str]:
    dialect = connection.dialect
    statements = [render("monitoring/baseline_rows", dialect, context)]
    for number, column in enumerate(subject.columns):
        about = {
            **context,
            "column": column,
            "alias": f"c{number}",
            "is_main_score": column.name == subject.main_score,
        }
        bins = "baseline_number" if column.kind is Kind.NUMBER else "baseline_category"
        statements.append(render(f"monitoring/{bins}", dialect, about))
        statements.append(render("monitoring/baseline_statistics", dialect, about))
    for metric in metrics_of(subject, Scope.LABEL) if judged else ():
        if metric.has_reference:
            layout = {**context, "metric": metric, "layout": "monitoring/reference.sql.j2"}
            statements.append(render(f"metrics/{metric.name}", dialect, layout))
    return statements


def _output_array(series: pd.Series[Any], type_: LogicalType) -> pa.Array:
    if type_ is LogicalType.NUMBER:
        return pa.array(series.to_numpy(dtype=np.float64), type=pa.float64())
    missing = series.isna().to_numpy()
    values = [None if gone else value for value, gone in zip(series.tolist(), missing, strict=True)]
    arrow = {LogicalType.INTEGER: pa.int64(), LogicalType.BOOLEAN: pa.bool_()}
    return pa.array(values, type=arrow.get(type_, pa.string()))


def _label_array(baseline: pd.DataFrame, target: str, subject: Watch) -> pa.Array:
    if target not in baseline.columns:
        raise MonitoringError(f"target '{target}' is no column of the baseline: name one of its columns")
    series = baseline[target]
    values = series.astype(object).where(series.notna(), None).tolist()
    if subject.task is Task.REGRESSION:
        return pa.array(_numbers(values, target), type=pa.float64())
    unknown = sorted({repr(value) for value in values if value is not None and value not in subject.classes})
    if unknown:
        raise MonitoringError(
            f"target '{target}' has values that are no classes of the model: {', '.join(unknown[:5])}; "
            f"its classes are {', '.join(map(repr, subject.classes[:10]))}"
        )
    if subject.has_text_classes:
        return pa.array(values, type=pa.string())
    return pa.array(_numbers(values, target), type=pa.float64())


def _numbers(values: list[Any], target: str) -> npt.NDArray[np.float64]:
    try:
        return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MonitoringError(
            f"target '{target}' has values that are no numbers ({error}): the model predicts numbers"
        ) from error
