"""The registry's tables: where they are, how rows get in, and how they are read."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from sqlglot import exp

from sqlops import emit
from sqlops.dialects.base import Dialect
from sqlops.registry import log
from sqlops.schema import Signature
from sqlops.warehouses.base import Connection, Row

Values = Mapping[str, Any]

CHAMPION = "champion"
"""The alias that the view without a version follows; the word is MLflow's."""


def now() -> dt.datetime:
    """Return the time in UTC, without a zone, as the registry keeps it."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def actor() -> str:
    """Return who runs this, as the operating system says."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def to_json(value: Any) -> str:
    """Return JSON text with a stable order of keys."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def from_json(value: Any) -> Any:
    """Return what a column of JSON holds: text, unless the driver has read it."""
    return json.loads(value) if isinstance(value, str) else value


def lock(connection: Connection, schema: str, model: str) -> None:
    """Wait for other sessions that change a model, where they would not see each other; one that lost gets a conflict.

    To be called before anything of the model is read.
    """
    if connection.dialect.locks_rows:
        query = exp.select("1").from_(connection.dialect.table(schema, "models"))
        query = query.where(_equal({"model": model}, connection.dialect))
        connection.rows(query.lock())


def insert(connection: Connection, schema: str, name: str, values: Values) -> None:
    """Insert one row; bytes travel as parameters where drivers take them, everything else as literals."""
    dialect = connection.dialect
    if not dialect.transactional:
        name, values = log.log_of(name), {**values, "entry": log.CLOCK.next(), "gone": False}
    row = [_literal(value, dialect) for value in values.values()]
    parameters = [value for value in values.values() if isinstance(value, bytes) and dialect.binary_literal is None]
    connection.execute(_insert(dialect, schema, name, values, exp.values([tuple(row)])), parameters)


def update(connection: Connection, schema: str, name: str, values: Values, where: Values) -> None:
    """Update rows."""
    if not connection.dialect.transactional:
        _append(connection, schema, name, where, values, gone=False)
        return
    assignments = [
        exp.EQ(this=exp.column(column), expression=_literal(value, connection.dialect))
        for column, value in values.items()
    ]
    connection.execute(
        exp.Update(this=connection.dialect.table(schema, name), expressions=assignments).where(
            _equal(where, connection.dialect)
        )
    )


def delete(connection: Connection, schema: str, name: str, where: Values) -> None:
    """Delete rows."""
    if not connection.dialect.transactional:
        _append(connection, schema, name, where, {}, gone=True)
        return
    connection.execute(exp.delete(connection.dialect.table(schema, name)).where(_equal(where, connection.dialect)))


def replace_row(connection: Connection, schema: str, name: str, values: Values, where: Values) -> None:
    """Insert a row in the place of the one with its key."""
    if connection.dialect.transactional:
        delete(connection, schema, name, where)
    insert(connection, schema, name, values)


def _append(connection: Connection, schema: str, name: str, where: Values, values: Values, *, gone: bool) -> None:
    """Append the rows that there are to a log, with other values or as gone."""
    dialect, columns = connection.dialect, log.columns()[name]
    # Without aliases: some engines would read these in the condition, instead of the columns.
    row = [_literal(values[column], dialect) if column in values else exp.column(column) for column in columns]
    entry = [exp.Literal.number(log.CLOCK.next()), exp.convert(gone)]
    query = exp.select(*row, *entry).from_(dialect.table(schema, name)).where(_equal(where, dialect))
    connection.execute(_insert(dialect, schema, log.log_of(name), (*columns, "entry", "gone"), query))


def _insert(dialect: Dialect, schema: str, name: str, columns: Iterable[str], rows: exp.Expr) -> exp.Insert:
    into = exp.Schema(this=dialect.table(schema, name), expressions=[exp.to_identifier(column) for column in columns])
    return exp.Insert(this=into, expression=rows)


def fetch(
    connection: Connection,
    schema: str,
    name: str,
    columns: Sequence[str],
    where: Values | None = None,
    order: Sequence[str] = (),
) -> list[Row]:
    """Return rows of a registry table; none where the registry does not exist yet."""
    if connection.locate(connection.dialect.table(schema, name)) is None:
        return []
    return connection.rows(_select(connection.dialect, schema, name, columns, where or {}, order))


def signatures(connection: Connection, schema: str, model: str, version: int | None = None) -> list[Signature]:
    """Return the signatures of a model's versions, or of one of them."""
    where = {"model": model} if version is None else {"model": model, "version": version}
    return [
        Signature.from_dict(from_json(text))
        for (text,) in fetch(connection, schema, "versions", ("signature",), where, ["version"])
    ]


def fetch_frame(
    connection: Connection, schema: str, name: str, columns: Sequence[str], where: Values, order: Sequence[str]
) -> pd.DataFrame:
    """Return rows of a registry table as a DataFrame; an empty one where the registry does not exist yet."""
    if connection.locate(connection.dialect.table(schema, name)) is None:
        return pd.DataFrame(columns=list(columns))
    return without_zones(connection.frame(_select(connection.dialect, schema, name, columns, where, order)))


def without_zones(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose times are in UTC without a zone, as the registry keeps them."""
    zoned = frame.select_dtypes("datetimetz").columns
    return frame.assign(**{column: frame[column].dt.tz_convert("UTC").dt.tz_localize(None) for column in zoned})


def _select(
    dialect: Dialect, schema: str, name: str, columns: Sequence[str], where: Values, order: Sequence[str]
) -> exp.Select:
    query = exp.select(*map(exp.column, columns)).from_(dialect.table(schema, name))
    if where:
        query = query.where(_equal(where, dialect))
    return query.order_by(*map(exp.column, order)) if order else query


def _equal(where: Values, dialect: Dialect) -> exp.Expr:
    return exp.and_(
        *(exp.EQ(this=exp.column(column), expression=_literal(value, dialect)) for column, value in where.items())
    )


def _literal(value: Any, dialect: Dialect) -> exp.Expr:
    """Return a value as SQL: a question mark where it is a parameter."""
    if isinstance(value, bytes):
        return emit.raw("?" if dialect.binary_literal is None else dialect.binary_literal.format(value.hex()))
    if isinstance(value, dt.datetime):
        value = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo else value
        return emit.raw(dialect.timestamp(value.isoformat(sep=" ", timespec="microseconds")))
    return exp.convert(value)


def record(
    connection: Connection,
    schema: str,
    model: str,
    version: int | None,
    event: str,
    detail: Mapping[str, Any],
    happened: dt.datetime | None = None,
) -> None:
    """Append an event, and mark the model as changed: whoever changes it at the same time gets a conflict."""
    happened = happened or now()
    update(connection, schema, "models", {"changed_at": happened}, {"model": model})
    insert(
        connection,
        schema,
        "events",
        {
            "model": model,
            "version": version,
            "event": event,
            "detail": to_json(detail),
            "actor": actor(),
            "happened_at": happened,
        },
    )


def record_once(
    connection: Connection,
    schema: str,
    model: str,
    version: int,
    event: str,
    detail: Mapping[str, Any],
    happened: dt.datetime | None = None,
) -> None:
    """Append an event unless it is there: at a time, or at any where none is given."""
    where = {"model": model, "version": version, "event": event}
    if not fetch(connection, schema, "events", ("id",), {**where, "happened_at": happened} if happened else where):
        record(connection, schema, model, version, event, detail, happened)


def set_alias(
    connection: Connection,
    schema: str,
    model: str,
    version: int,
    previous: int | None,
    kind: str,
    happened: dt.datetime,
) -> dt.datetime:
    """Let the version in force be another one, and return since when.

    Its promotion is written first, and found here again if that was all that was written.
    """
    where = {"model": model, "alias": CHAMPION}
    row = {"version": version, "previous": previous, "kind": kind}
    history = fetch(connection, schema, "promotions", (*row, "happened_at"), where, ["id"])
    if history and history[-1][:-1] == tuple(row.values()):
        happened = history[-1][-1]
    else:
        insert(connection, schema, "promotions", {**where, **row, "happened_at": happened})
    if previous is None:
        insert(connection, schema, "aliases", {**where, "version": version})
    else:
        update(connection, schema, "aliases", {"version": version}, where)
    return happened


def events(connection: Connection, schema: str, name: str | None = None) -> pd.DataFrame:
    """Return what happened, oldest first.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    name : str, optional
        Only of this model.

    Returns
    -------
    DataFrame
        Columns id, happened_at (UTC), model, version, event, detail (JSON), actor.
    """
    columns = ("id", "happened_at", "model", "version", "event", "detail", "actor")
    return fetch_frame(connection, schema, "events", columns, {"model": name} if name else {}, ["id"])
