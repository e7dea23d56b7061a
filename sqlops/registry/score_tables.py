"""Scores kept up to date where rows cannot be deleted: a table anew, and a view that turns to it.

What is written down last, as the table behind the view, is what counts: `_settle` lets the view follow it, and drops
all other tables, at the end of a refresh and at the beginning of the next one.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace

from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.relations import create_view, drop, quoted_column
from sqlops.dialects.base import Dialect
from sqlops.registry import log
from sqlops.registry.objects import disown, own, owned, relation
from sqlops.registry.scoring import (
    Counts,
    Job,
    column_of,
    definition,
    find_todo,
    fits,
    insert_into,
    insert_scores,
    same_keys,
    wanted_columns,
)
from sqlops.registry.store import fetch, insert, now, record_once, to_json
from sqlops.warehouses.base import Connection


@dataclass(frozen=True, slots=True)
class _Written:
    """A table that was written down as the one behind the view, and the refresh that did so."""

    table: exp.Table
    columns: dict[str, str]
    version: int
    counts: Counts
    scored_at: dt.datetime


def score_anew(connection: Connection, job: Job) -> Counts:
    """Bring the scores up to date, and write down that they were."""
    last = _last(connection, job)
    _settle(connection, job, last)
    wanted = wanted_columns(connection, job)
    kept = last if last is not None and fits(last.columns, wanted, job) else None
    counts = find_todo(connection, job, None if kept is None else kept.table)
    if job.prune and kept is not None:
        ((removed,),) = connection.rows(_count_left(job, kept.table))
        counts = replace(counts, removed=removed)
    if kept is None or counts.is_change or wanted.keys() - kept.columns.keys():
        columns = (kept.columns if kept else {}) | wanted
        _settle(connection, job, _write(connection, job, kept, columns, counts))
    connection.execute(drop(job.todo(connection.dialect), "TABLE"))
    return counts


def _last(connection: Connection, job: Job) -> _Written | None:
    """Return the table behind the view, if there is one."""
    listed = ("object", "version", "detail", "scored_at")
    for name, version, detail, scored_at in fetch(
        connection, job.schema, "score_tables", listed, {"model": job.model.name}
    ):
        table = relation(job.placed.placed_in, name)
        columns = connection.columns(table)
        if columns is not None:
            return _Written(table, columns, version, Counts(**json.loads(detail)), scored_at)
    return None


def _write(
    connection: Connection, job: Job, kept: _Written | None, columns: dict[str, str], counts: Counts
) -> _Written:
    """Create a table of rows that are kept and rows that are scored, and write it down."""
    dialect, name, placed_in, stamp = connection.dialect, job.model.name, job.placed.placed_in, now()
    table = relation(placed_in, f"{job.scores.name}_{log.CLOCK.next()}")
    own(connection, job.schema, name, placed_in, {table.name: "table", job.scores.name: "view"})
    connection.execute(_create(table, columns, dialect))
    if kept is not None:
        connection.execute(insert_into(table, list(kept.columns), _kept_rows(job, kept, dialect)))
    if counts.new or counts.changed:
        connection.execute(insert_scores(dialect, job, table, stamp))
    row = {
        "model": name,
        "placed_in": placed_in,
        "object": table.name,
        "version": job.version,
        "detail": to_json(counts.to_dict()),
        "scored_at": stamp,
    }
    insert(connection, job.schema, "score_tables", row)
    return _Written(table, columns, job.version, counts, stamp)


def _create(table: exp.Table, columns: dict[str, str], dialect: Dialect) -> str:
    listed = [definition(name, type_) for name, type_ in columns.items()]
    create = exp.Create(this=exp.Schema(this=table.copy(), expressions=listed), kind="TABLE")
    return emit.render(create, dialect) + dialect.table_words


def _kept_rows(job: Job, kept: _Written, dialect: Dialect) -> exp.Select:
    """Return the rows that are not scored again, and have not left the source where those go."""
    keys = job.placed.keys
    query = (
        exp.select(*(column_of("c", column) for column in kept.columns))
        .from_(exp.alias_(kept.table, "c", table=True))
        .join(exp.alias_(job.todo(dialect), "t", table=True), on=same_keys(keys, "c", "t"), join_type="left")
        .where(exp.Is(this=column_of("t", keys[0]), expression=exp.Null()))
    )
    return query.join(_keys_of_source(job), on=same_keys(keys, "c", "s")) if job.prune else query


def _count_left(job: Job, scores: exp.Table) -> exp.Select:
    """Return how many rows have keys that have left the source."""
    keys = job.placed.keys
    return (
        exp.select(exp.Count(this=exp.Star()))
        .from_(exp.alias_(scores, "c", table=True))
        .join(_keys_of_source(job), on=same_keys(keys, "c", "s"), join_type="left")
        .where(exp.Is(this=column_of("s", keys[0]), expression=exp.Null()))
    )


def _keys_of_source(job: Job) -> exp.Subquery:
    return exp.select(*map(quoted_column, job.placed.keys)).from_(job.source).subquery("s")


def _settle(connection: Connection, job: Job, last: _Written | None) -> None:
    """Let the view show the table that was written down last, write the event, and drop all other tables."""
    name, placed_in = job.model.name, job.placed.placed_in
    if last is not None:
        query = exp.select(*map(quoted_column, last.columns)).from_(last.table)
        for statement in create_view(job.scores, query, connection.dialect):
            connection.execute(statement)
        if last.counts.is_change:
            detail = last.counts.to_dict()
            record_once(connection, job.schema, name, last.version, "refreshed", detail, last.scored_at)
    for table in owned(connection, job.schema, name, placed_in, "table"):
        if table.startswith(f"{job.scores.name}_") and (last is None or table != last.table.name):
            connection.execute(drop(relation(placed_in, table), "TABLE"))
            disown(connection, job.schema, placed_in, table)
