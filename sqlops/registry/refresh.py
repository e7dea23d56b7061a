"""The score table: scores of new and changed rows, brought up to date in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.relations import count_where, drop, quoted_column
from sqlops.dialects.base import Dialect
from sqlops.errors import RegistryError
from sqlops.registry.checks import check_source, refuse_taken
from sqlops.registry.deploy import Placed
from sqlops.registry.migrations import migrate
from sqlops.registry.objects import constants_table, own, relation, view_name
from sqlops.registry.promote import require_deployed, version_in_force
from sqlops.registry.store import lock, now, record
from sqlops.registry.versions import load_model
from sqlops.schema import LogicalType
from sqlops.warehouses.base import Connection

HASH, VERSION, TIME = "input_hash", "model_version", "scored_at"
_CARRIED = "_sqlops_hash"
_TODO = exp.to_table("_sqlops_todo")


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh of the score table did.

    Parameters
    ----------
    name : str
        The model.
    version : int
        The version in force, which scored.
    table : str
        The score table.
    new : int
        Rows of keys that had no score.
    changed : int
        Rows scored again: their inputs changed, or another version had scored them.
    unchanged : int
        Rows left as they were.
    removed : int
        Rows whose keys have left the source, deleted; 0 unless asked for.
    """

    name: str
    version: int
    table: str
    new: int
    changed: int
    unchanged: int
    removed: int

    def __str__(self) -> str:
        removed = f", {self.removed:,} removed" if self.removed else ""
        return (
            f"{self.table}: {self.new:,} new, {self.changed:,} changed, {self.unchanged:,} unchanged{removed} "
            f"(version {self.version})"
        )


def refresh(connection: Connection, schema: str, name: str, *, full: bool = False, prune: bool = False) -> Refresh:
    """Score the rows of the source that are new, have changed, or were scored by another version.

    The table ``<name>_scores`` has keys, outputs, ``input_hash``, ``model_version`` and ``scored_at`` (UTC). Rows
    whose keys have left the source keep their last score.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    name : str
        A model with a version in force.
    full : bool
        Score every row of the source; a table with other keys or types is made anew.
    prune : bool
        Delete the rows whose keys have left the source.

    Returns
    -------
    Refresh

    Raises
    ------
    VersionNotFoundError
        There is no such model.
    RegistryError
        No version is in force, or the table has other keys or types than the version in force.
    SourceError, SchemaError
        The source or its keys no longer fit.
    ConflictError
        Another session changed the model at the same time.
    """
    with connection.transaction():
        migrate(connection, schema)
        lock(connection, schema, name)
        version = version_in_force(connection, schema, name)
        placed = require_deployed(connection, schema, name, version)
        model = load_model(connection, schema, name, version)
        source, _ = check_source(connection, placed.source, placed.keys, model.signature)
        scores = relation(placed.placed_in, f"{name}_scores")
        fresh = _prepare(connection, schema, model, version, placed, scores, full=full)
        counts = _score(connection, schema, model, version, placed, source, scores, fresh=fresh, full=full, prune=prune)
        new, changed, unchanged, removed = counts
        detail = {"new": new, "changed": changed, "unchanged": unchanged, "removed": removed}
        if new or changed or removed:
            record(connection, schema, name, version, "refreshed", detail)
    return Refresh(name, version, f"{placed.placed_in}.{scores.name}", *counts)


def _prepare(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    placed: Placed,
    scores: exp.Table,
    *,
    full: bool,
) -> bool:
    """Create the score table, or add the columns it lacks; return whether it is made anew."""
    refuse_taken(connection, schema, model.name, placed.placed_in, [scores.name])
    view = connection.columns(relation(placed.placed_in, view_name(model.name, version)))
    if view is None:
        raise RegistryError(f"the view of {model.name} version {version} was dropped: deploy the version again")
    types = connection.dialect.types
    wanted = view | {HASH: types["text"], VERSION: types["int32"], TIME: types[LogicalType.DATETIME]}
    there = connection.columns(scores)
    if there is not None:
        faults = _differences(there, wanted, placed.keys)
        if faults and not full:
            raise RegistryError(
                f"table '{scores.name}' does not fit version {version}: {'; '.join(faults)}: pass full=True"
            )
        if faults:
            connection.execute(drop(scores, "TABLE"))
            there = None
    if there is None:
        own(connection, schema, model.name, placed.placed_in, {scores.name: "table"})
        columns = [_definition(name, type_) for name, type_ in wanted.items()]
        connection.execute(exp.Create(this=exp.Schema(this=scores, expressions=columns), kind="TABLE"))
        return True
    for name in wanted.keys() - there.keys():
        added = exp.Alter(this=scores, kind="TABLE", actions=[_definition(name, wanted[name])])
        connection.execute(added)
    return False


def _definition(name: str, type_: str) -> exp.ColumnDef:
    return exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=emit.raw(type_))


def _differences(there: dict[str, str], wanted: dict[str, str], keys: Sequence[str]) -> list[str]:
    faults = [f"it has no key '{key}'" for key in keys if key not in there]
    faults += [
        f"'{name}' is {there[name]}, not {type_}" for name, type_ in wanted.items() if there.get(name, type_) != type_
    ]
    return faults


def _score(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    placed: Placed,
    source: exp.Table,
    scores: exp.Table,
    *,
    fresh: bool,
    full: bool,
    prune: bool,
) -> tuple[int, int, int, int]:
    """Score what is to do; return how many rows are new, changed, unchanged and removed."""
    keys, removed = placed.keys, 0
    if prune and not fresh:
        gone = exp.Not(this=_exists(source, keys, scores))
        ((removed,),) = connection.rows(exp.select(exp.Count(this=exp.Star())).from_(scores).where(gone))
        connection.execute(exp.delete(scores).where(gone))
    todo = _todo(model, connection.dialect, source, scores, keys, version, full=full)
    properties = exp.Properties(expressions=[exp.TemporaryProperty()])
    connection.execute(exp.Create(this=_TODO, kind="TABLE", expression=todo, properties=properties))
    # A dry run has no such table to count in, but may ask the query.
    new, changed, total = _counts(
        connection, source, todo.subquery("t") if connection.recording else _TODO, fresh=fresh
    )
    if new or changed:
        connection.execute(exp.delete(scores).where(_exists(_TODO, keys, scores)))
        connection.execute(_insert(connection, schema, model, version, placed, source, scores))
    connection.execute(drop(_TODO, "TABLE"))
    return new, changed, total - new - changed, removed


def _counts(connection: Connection, source: exp.Table, todo: exp.Expr, *, fresh: bool) -> tuple[int, int, int]:
    """Return how many rows are new, how many changed, and how many there are."""
    ((total,),) = connection.rows(exp.select(exp.Count(this=exp.Star())).from_(source))
    if fresh:
        return total, 0, total
    known = exp.column("_known")
    ((new, changed),) = connection.rows(
        exp.select(count_where(exp.Not(this=known)), count_where(known.copy())).from_(todo)
    )
    return new, changed, total


def _exists(others: exp.Table, keys: Sequence[str], scores: exp.Table) -> exp.Exists:
    """Return whether a relation has the keys of a row of the score table."""
    return exp.Exists(
        this=exp.select("1").from_(exp.alias_(others, "r", table=True)).where(_same(keys, "r", scores.name))
    )


def _same(keys: Sequence[str], one: str, other: str) -> exp.Expr:
    return exp.and_(*(exp.EQ(this=_of(one, key), expression=_of(other, key)) for key in keys))


def _of(relation_name: str, column: str) -> exp.Column:
    return exp.column(exp.to_identifier(column, quoted=True), exp.to_identifier(relation_name, quoted=True))


def _todo(
    model: CompiledModel,
    dialect: Dialect,
    source: exp.Table,
    scores: exp.Table,
    keys: Sequence[str],
    version: int,
    *,
    full: bool,
) -> exp.Select:
    """Return keys and fingerprints of the rows to score, and whether they have a score already."""
    inputs = ", ".join(dialect.identifier(column.name) for column in model.signature.inputs)
    fingerprint = emit.raw(dialect.fingerprint.format(inputs))
    rows = exp.select(*map(quoted_column, keys), exp.alias_(fingerprint, HASH)).from_(source)
    scored = exp.Not(this=exp.Is(this=_of("c", VERSION), expression=exp.Null()))
    query = (
        exp.select(*(_of("s", key) for key in keys), _of("s", HASH), exp.alias_(scored, "_known"))
        .from_(rows.subquery("s"))
        .join(exp.alias_(scores, "c", table=True), on=_same(keys, "s", "c"), join_type="left")
    )
    if full:
        return query
    current = exp.and_(
        exp.EQ(this=_of("c", HASH), expression=_of("s", HASH)),
        exp.EQ(this=_of("c", VERSION), expression=exp.Literal.number(version)),
    )
    return query.where(exp.Is(this=exp.Paren(this=current), expression=exp.Not(this=exp.true())))


def _insert(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    placed: Placed,
    source: exp.Table,
    scores: exp.Table,
) -> exp.Insert:
    """Return the statement that scores the rows to do: only they go through the model."""
    dialect = connection.dialect
    plan = model.plan(dialect.name)
    filtered = (
        exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier("s")), exp.alias_(_of("t", HASH), _CARRIED))
        .from_(exp.alias_(source, "s", table=True))
        .join(exp.alias_(_TODO, "t", table=True), on=_same(placed.keys, "s", "t"))
    )
    scored = emit.select(
        plan,
        dialect,
        emit.Source(filtered.subquery()),
        keys=[*placed.keys, _CARRIED],
        constants=constants_table(schema, model.name, version, plan, dialect),
    )
    outputs = [dialect.shortened(output.name) for output in model.signature.outputs]
    stamp = emit.raw(dialect.timestamp(now().isoformat(sep=" ", timespec="microseconds")))
    scores_of = map(quoted_column, [*placed.keys, _CARRIED, *outputs])
    query = exp.select(*scores_of, exp.Literal.number(version), stamp).from_(scored.subquery())
    names = [exp.to_identifier(name, quoted=True) for name in (*placed.keys, HASH, *outputs, VERSION, TIME)]
    return exp.Insert(this=exp.Schema(this=scores, expressions=names), expression=query)
