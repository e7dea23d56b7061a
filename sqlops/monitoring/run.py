"""A monitoring run: score the windows once, compute every metric over them, and write what came out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.relations import drop
from sqlops.errors import MonitoringError
from sqlops.monitoring import slices as sliced
from sqlops.monitoring.baseline import subject_context
from sqlops.monitoring.chi_square import critical_value
from sqlops.monitoring.deployment import Bins, Deployment, find_deployment, read_bins
from sqlops.monitoring.metrics import Scope, metrics_of
from sqlops.monitoring.request import Request, check_request
from sqlops.monitoring.templates import drop_working, render
from sqlops.monitoring.watch import MAGNITUDE, Kind, Task, Watch, watch
from sqlops.monitoring.windows import Moment, start_sql
from sqlops.registry.log import CLOCK
from sqlops.registry.migrations import check_version, go_on_after
from sqlops.registry.store import fetch, fetch_frame, without_zones
from sqlops.registry.versions import not_found
from sqlops.warehouses.base import Connection, Recording

SHARE_FLOOR = 1e-4
"""Shares are at least this much in logarithms, so that an empty bin or a new category gives a large, finite PSI."""

ROUNDING = 1e-9
"""Relative differences of sums up to here are rounding."""

UNDATED = "rows_without_timestamp"
"""The metric that counts them."""

COLUMNS = (
    "model", "version", "metric", "column_name", "slice_key", "slice_value", "window_start", "window_end",
    "granularity", "value", "n_reference", "n_current", "threshold", "sampling_bound", "status", "computed_at",
    "run_id",
)  # fmt: skip
"""The long table's."""

_MOST_DEGREES = 64
_TABLES = ("groups", "rows", "moments", "counts", "bins", "frozen", "metrics")
_TIMES = ["window_start", "window_end", "computed_at"]
_ORDER = ("column_name", "metric", "slice_key", "slice_value", "window_start")


def monitor(
    connection: Connection,
    schema: str,
    name: str,
    *,
    version: int | None = None,
    timestamp: str | None,
    window: str = "month",
    labels: str | None = None,
    label: str | None = None,
    slices: Sequence[str | Sequence[str]] = (),
    since: Moment | None = None,
    until: Moment | None = None,
    dry_run: bool = False,
) -> pd.DataFrame | str:
    """Compute all metrics of a deployed version by window and slice, and write them.

    Running it again replaces what it computes again; late rows and late labels so reach the windows they belong to.

    Parameters
    ----------
    connection : Connection
    schema : str
        The schema of the registry.
    name : str
        The model.
    version : int, optional
        By default the version in force.
    timestamp : str
        The column of the source that says when a row happened; columns with a time zone are read in UTC. Rows without
        it are in no window; they are counted in the metric ``rows_without_timestamp``.
    window : str
        hour, day, week, month, quarter, year, or several of them: ``"6 hours"``.
    labels : str, optional
        A relation with the keys and the label; by default the source.
    label : str, optional
        The column of the true labels. Rows where it is missing do not count in the performance.
    slices : sequence of str, or of sequences of str
        SQL expressions over the source's columns; several in one, separated by commas, are crossed:
        ``["origin", "origin, carrier"]``.
    since, until : str or datetime, optional
        Only windows that begin before `until`, from the one that `since` falls in. Windows are always computed whole.
    dry_run : bool
        Return the SQL instead of running it.

    Returns
    -------
    DataFrame or str
        The rows written, as in the metrics table; or the SQL.

    Raises
    ------
    VersionNotFoundError
        There is no such model or version.
    MonitoringError
        A column or relation does not exist, a label is no class, an argument cannot be used; nothing was written.
    """
    if dry_run:
        recording = Recording(connection)
        _run(recording, schema, name, version, timestamp, window, labels, label, slices, since, until)
        return recording.text
    return _run(connection, schema, name, version, timestamp, window, labels, label, slices, since, until)


def metrics(connection: Connection, schema: str, name: str, version: int | None = None) -> pd.DataFrame:
    """Return what was measured of a model.

    Parameters
    ----------
    connection : Connection
    schema : str
    name : str
        The model.
    version : int, optional
        By default all versions.

    Returns
    -------
    DataFrame
        The long table.

    Raises
    ------
    VersionNotFoundError
        There is no such model.
    """
    if not fetch(connection, schema, "versions", ("version",), {"model": name}):
        raise not_found(connection, schema, name)
    where = {"model": name} if version is None else {"model": name, "version": version}
    return fetch_frame(connection, schema, "metrics", COLUMNS, where, ("version", "granularity", *_ORDER))


def _run(
    connection: Connection,
    schema: str,
    name: str,
    version: int | None,
    timestamp: str | None,
    window: str,
    labels: str | None,
    label: str | None,
    slices: Sequence[str | Sequence[str]],
    since: Moment | None,
    until: Moment | None,
) -> pd.DataFrame:
    with connection.transaction():
        deployment = find_deployment(connection, schema, name, version)
        subject = watch(deployment.signature)
        request = check_request(
            connection, deployment, subject,
            timestamp=timestamp, window=window, labels=labels, label=label, slices=slices, since=since, until=until,
        )  # fmt: skip
        context = _context(connection, schema, deployment, subject, request)
        if not connection.dialect.transactional:
            go_on_after(connection, schema, check_version(connection, schema))
            drop_working(connection, schema, name, ("scored", *_TABLES))
        connection.execute(render("monitoring/scored", connection.dialect, context))
        connection.execute(render("monitoring/groups", connection.dialect, context))
        if not connection.recording:
            _check_scored(connection, deployment, subject, request, context)
        for statement in _computations(connection, schema, deployment, subject, context):
            connection.execute(statement)
        written = pd.DataFrame()
        if not connection.recording:
            query = render("monitoring/written", connection.dialect, context)
            written = without_zones(connection.frame(f"{query} ORDER BY {', '.join(_ORDER)}"))
            written[_TIMES] = written[_TIMES].apply(pd.to_datetime)
        drop_working(connection, schema, name, _TABLES)
    return written


def _context(
    connection: Connection, schema: str, deployment: Deployment, subject: Watch, request: Request
) -> dict[str, Any]:
    dialect = connection.dialect
    since = dialect.timestamp(request.since) if request.since else None
    told = subject_context(subject)
    kept = [
        *(f"t{number}" for number in range(len(request.slices))),
        *(f"c{number}" for number in range(len(subject.columns))),
        *told["probabilities"],
        *(["ranking"] if subject.ranking else []),
        *(["predicted"] if told["has_prediction"] else []),
        "refused",
    ]
    return {
        **told,
        "schema": schema,
        "model": deployment.model,
        "version": deployment.version,
        "keys": deployment.keys,
        "view": deployment.view,
        "source": request.source,
        "labels": request.labels,
        "label": request.label,
        "timestamp": request.timestamp,
        "moment": request.moment,
        "start": start_sql(request.moment, request.window, dialect),
        "since": since,
        "since_start": start_sql(since, request.window, dialect) if since else None,
        "until": request.until,
        "interval": request.window.interval,
        "granularity": request.window.granularity,
        "slice_keys": [item.key for item in request.slices],
        "slice_values": [sliced.value_sql(item, dialect) for item in request.slices],
        "kept": kept,
        "groups": [f"g{number}" for number in range(len(request.slices) + 1)],
        "numbers": [column.name for column in subject.columns if column.kind is Kind.NUMBER],
        "categories": [column.name for column in subject.columns if column.kind is Kind.CATEGORY],
        "magnitude": MAGNITUDE,
        "floor": SHARE_FLOOR,
        "rounding": ROUNDING,
        "critical_values": [(degrees, critical_value(degrees)) for degrees in range(-1, _MOST_DEGREES)],
        "undated": UNDATED,
        "computed_at": dt.datetime.now(dt.UTC).replace(tzinfo=None).isoformat(sep=" "),
        "run_id": uuid.uuid4().hex,
    }


def _check_scored(
    connection: Connection, deployment: Deployment, subject: Watch, request: Request, context: dict[str, Any]
) -> None:
    in_windows = render("monitoring/in_windows", connection.dialect, context)
    table = connection.dialect.working_table(context["schema"], context["model"], "scored")
    count = exp.select(exp.Count(this=exp.Star())).from_(table)
    ((wanted,),), ((scored,),) = connection.rows(in_windows), connection.rows(count)
    if wanted != scored:
        raise MonitoringError(
            f"keys {', '.join(deployment.keys)} of source '{deployment.source}' are NULL or not unique "
            f"({wanted} rows of the windows became {scored}): mend the source"
        )
    for key, found in connection.rows(render("monitoring/slice_sizes", connection.dialect, context)):
        if found > sliced.MOST_VALUES:
            raise MonitoringError(
                f"slice '{key}' has {found} values, {sliced.MOST_VALUES} at most make sense: group them"
            )
    if request.label is not None and subject.task is not Task.REGRESSION:
        labels = exp.select("label_text").distinct().from_(table).where("label_read IS NOT NULL AND label IS NULL")
        unknown = connection.rows(labels.order_by("label_text").limit(5))
        if unknown:
            raise MonitoringError(
                f"label '{request.label}' has values that are no classes of the model: "
                f"{', '.join(repr(value) for (value,) in unknown)}; its classes are "
                f"{', '.join(map(repr, subject.classes[:10]))}"
            )


def _computations(
    connection: Connection, schema: str, deployment: Deployment, subject: Watch, context: dict[str, Any]
) -> Iterator[str]:
    dialect = connection.dialect
    bins = read_bins(connection, schema, deployment.model, deployment.version)
    yield render("monitoring/rows", dialect, context)
    yield emit.render(drop(dialect.working_table(schema, deployment.model, "scored"), "TABLE"), dialect)
    yield render("monitoring/moments_table", dialect, context)
    yield render("monitoring/counts_table", dialect, context)
    yield render("monitoring/metrics_table", dialect, context)
    yield render("monitoring/frozen", dialect, context)
    for number, column in enumerate(subject.columns):
        about = {**context, "column": column, "alias": f"c{number}", "bins": bins.get(column.name, Bins())}
        yield render("monitoring/moments", dialect, about)
        if column.name in bins:
            yield render("monitoring/counts", dialect, about)
    yield render("monitoring/bins", dialect, context)
    scopes = (Scope.COLUMN, Scope.ROWS, Scope.LABEL) if context["label"] else (Scope.COLUMN, Scope.ROWS)
    for metric in metrics_of(subject, *scopes):
        layout = {**context, "metric": metric, "layout": "monitoring/measure.sql.j2"}
        yield render(f"metrics/{metric.name}", dialect, layout)
    yield render("monitoring/undated", dialect, context)
    yield render("monitoring/vanished", dialect, {**context, "entry": CLOCK.next()})
    yield render("monitoring/merge", dialect, {**context, "entry": CLOCK.next()})
