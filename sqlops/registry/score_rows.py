"""Scores kept up to date in place, in one transaction: rows are deleted and inserted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from sqlops.artifacts.relations import drop
from sqlops.registry.objects import own
from sqlops.registry.scoring import (
    Counts,
    Job,
    definition,
    find_todo,
    fits,
    insert_scores,
    same_keys,
    wanted_columns,
)
from sqlops.registry.store import now, record
from sqlops.warehouses.base import Connection


def score_in_place(connection: Connection, job: Job) -> Counts:
    """Bring the score table up to date, and write down that it was."""
    fresh, removed = _prepare(connection, job), 0
    keys, scores = job.placed.keys, job.scores
    if job.prune and not fresh:
        gone = exp.Not(this=_exists(job.source, keys, scores))
        ((removed,),) = connection.rows(exp.select(exp.Count(this=exp.Star())).from_(scores).where(gone))
        connection.execute(exp.delete(scores).where(gone))
    counts = replace(find_todo(connection, job, None if fresh else scores), removed=removed)
    if counts.new or counts.changed:
        connection.execute(exp.delete(scores).where(_exists(job.todo(connection.dialect), keys, scores)))
        connection.execute(insert_scores(connection.dialect, job, scores, now()))
    connection.execute(drop(job.todo(connection.dialect), "TABLE"))
    if counts.is_change:
        record(connection, job.schema, job.model.name, job.version, "refreshed", counts.to_dict())
    return counts


def _prepare(connection: Connection, job: Job) -> bool:
    """Create the score table, or add the columns it lacks; return whether it is made anew."""
    scores, wanted = job.scores, wanted_columns(connection, job)
    there = connection.columns(scores)
    if there is not None and not fits(there, wanted, job):
        connection.execute(drop(scores, "TABLE"))
        there = None
    if there is None:
        own(connection, job.schema, job.model.name, job.placed.placed_in, {scores.name: "table"})
        columns = [definition(name, type_) for name, type_ in wanted.items()]
        connection.execute(exp.Create(this=exp.Schema(this=scores, expressions=columns), kind="TABLE"))
        return True
    for name in wanted.keys() - there.keys():
        connection.execute(exp.Alter(this=scores, kind="TABLE", actions=[definition(name, wanted[name])]))
    return False


def _exists(others: exp.Table, keys: Sequence[str], scores: exp.Table) -> exp.Exists:
    """Return whether a relation has the keys of a row of the score table."""
    return exp.Exists(
        this=exp.select("1").from_(exp.alias_(others, "r", table=True)).where(same_keys(keys, "r", scores.name))
    )
