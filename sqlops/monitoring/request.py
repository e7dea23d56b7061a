"""What a run was asked for, checked against the columns that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlops.dialects.base import Dialect
from sqlops.errors import MonitoringError, QueryError, SourceError
from sqlops.monitoring import slices as sliced
from sqlops.monitoring.deployment import Deployment
from sqlops.monitoring.watch import Task, Watch
from sqlops.monitoring.windows import Moment, Window, moment_sql, parse_moment, parse_window
from sqlops.schema import LogicalType
from sqlops.warehouses.base import Connection, render


@dataclass(frozen=True, slots=True)
class Request:
    """A run, as it can be done.

    Parameters
    ----------
    source : str
        The source, quoted.
    labels : str or None
        The relation of the labels, quoted; None: the source.
    label : str or None
        The label's column; None: no performance.
    moment : str
        The timestamp in SQL.
    timestamp : str
        Its column's name.
    window : Window
    slices : tuple of Slice
    since, until : str or None
        As ISO text.
    """

    source: str
    labels: str | None
    label: str | None
    moment: str
    timestamp: str
    window: Window
    slices: tuple[sliced.Slice, ...]
    since: str | None
    until: str | None


def check_request(
    connection: Connection,
    deployment: Deployment,
    subject: Watch,
    *,
    timestamp: str | None,
    window: str,
    labels: str | None,
    label: str | None,
    slices: Sequence[str | Sequence[str]],
    since: Moment | None,
    until: Moment | None,
) -> Request:
    """Check the arguments of `monitor`; see there.

    Raises
    ------
    MonitoringError
    """
    dialect = connection.dialect
    source, columns = _relation(connection, deployment.source, "the source")
    if timestamp is None:
        raise MonitoringError("windows need a time: name the source's column of timestamps with timestamp=")
    type_ = _column(columns, timestamp, f"source '{deployment.source}'", "timestamp")
    if not type_.upper().startswith(dialect.needed_times.types):
        raise MonitoringError(
            f"timestamp '{timestamp}' is {type_}: name a column of dates or timestamps, or cast it in the source"
        )
    place = None
    if labels is not None and label is None:
        raise MonitoringError(f"labels '{labels}' are given without label=: name the column that holds them")
    if label is not None:
        where, label_columns = f"source '{deployment.source}'", columns
        if labels is not None:
            where = f"labels '{labels}'"
            place, label_columns = _relation(connection, labels, "labels")
            for key in deployment.keys:
                _column(label_columns, key, where, "key")
            _check_unique(connection, place, deployment.keys, labels)
        _check_label(_column(label_columns, label, where, "label"), label, subject, dialect)
    parsed = sliced.parse_slices(slices, columns, dialect)
    for item in parsed:
        _try_slice(connection, source, item)
    start, stop = parse_moment(since, "since"), parse_moment(until, "until")
    if start and stop and start >= stop:
        raise MonitoringError(f"since={start} is not before until={stop}: exchange them")
    moment = moment_sql(dialect.identifier(timestamp), type_, dialect)
    quoted = render(place, dialect) if place is not None else None
    return Request(render(source, dialect), quoted, label, moment, timestamp, parse_window(window), parsed, start, stop)


def _relation(connection: Connection, name: str, what: str) -> tuple[exp.Table, Mapping[str, str]]:
    try:
        place = connection.locate(name)
        columns = connection.columns(name) if place is not None else None
    except SourceError as error:
        raise MonitoringError(str(error)) from error
    if place is None or columns is None:
        raise MonitoringError(f"{what} '{name}' does not exist: create it, or name another table or view")
    return place, columns


def _column(columns: Mapping[str, str], name: str, where: str, what: str) -> str:
    for column, type_ in columns.items():
        if column.lower() == name.lower():
            return type_
    shown = ", ".join(list(columns)[:20])
    raise MonitoringError(f"{what} '{name}' is no column of {where}: it has {shown}")


def _check_label(type_: str, label: str, subject: Watch, dialect: Dialect) -> None:
    if subject.task is Task.OTHER:
        raise MonitoringError("this model has no single prediction that labels could judge: leave out label=")
    if subject.has_text_classes:
        return
    if not any(dialect.accepts(logical, type_) for logical in (LogicalType.NUMBER, LogicalType.BOOLEAN)):
        wanted = "numbers" if subject.task is Task.REGRESSION else f"one of {', '.join(map(str, subject.classes[:10]))}"
        raise MonitoringError(
            f"label '{label}' is {type_}, the model predicts {wanted}: name another column, or cast it in a view"
        )


def _check_unique(connection: Connection, place: exp.Table, keys: Sequence[str], labels: str) -> None:
    columns = [exp.column(exp.to_identifier(key, quoted=True)) for key in keys]
    query = exp.select(*columns).from_(place).group_by(*columns).having("count(*) > 1").limit(1)
    twice = connection.rows(query.where(*(exp.not_(exp.Is(this=c, expression=exp.null())) for c in columns)))
    if twice:
        shown = ", ".join(f"{key}={value!r}" for key, value in zip(keys, twice[0], strict=True))
        raise MonitoringError(f"labels '{labels}' have several rows for {shown}: keep one label per key")


def _try_slice(connection: Connection, source: exp.Table, item: sliced.Slice) -> None:
    value = exp.Var(this=sliced.value_sql(item, connection.dialect))
    try:
        connection.rows(exp.select(value).from_(source).limit(0))
    except QueryError as error:
        raise MonitoringError(f"slice '{item.key}' cannot be computed: {error}") from error
