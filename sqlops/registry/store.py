"""The registry's tables: where they are, how rows get in, and how they are read."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sqlglot import exp

from sqlops import emit
from sqlops.dialects.base import Dialect
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
    """Insert one row; bytes travel as parameters, everything else as literals."""
    parameters = [value for value in values.values() if isinstance(value, bytes)]
    row = [
        emit.raw("?") if isinstance(value, bytes) else _literal(value, connection.dialect) for value in values.values()
    ]
    into = exp.Schema(
        this=connection.dialect.table(schema, name), expressions=[exp.to_identifier(column) for column in values]
    )
    connection.execute(exp.Insert(this=into, expression=exp.values([tuple(row)])), parameters)


def update(connection: Connection, schema: str, name: str, values: Values, where: Values) -> None:
    """Update rows."""
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
    connection.execute(exp.delete(connection.dialect.table(schema, name)).where(_equal(where, connection.dialect)))


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


def fetch_frame(
    connection: Connection, schema: str, name: str, columns: Sequence[str], where: Values, order: Sequence[str]
) -> pd.DataFrame:
    """Return rows of a registry table as a DataFrame; an empty one where the registry does not exist yet."""
    if connection.locate(connection.dialect.table(schema, name)) is None:
        return pd.DataFrame(columns=list(columns))
    return connection.frame(_select(connection.dialect, schema, name, columns, where, order))


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
    if isinstance(value, dt.datetime):
        return emit.raw(dialect.timestamp(value.isoformat(sep=" ", timespec="microseconds")))
    return exp.convert(value)


def record(
    connection: Connection, schema: str, model: str, version: int | None, event: str, detail: Mapping[str, Any]
) -> None:
    """Append an event, and mark the model as changed: whoever changes it at the same time gets a conflict."""
    happened = now()
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
