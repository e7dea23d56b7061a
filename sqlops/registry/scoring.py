"""What is to be scored for a score table, and what comes of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.relations import count_where, drop, quoted_column
from sqlops.dialects.base import Dialect
from sqlops.errors import RegistryError
from sqlops.registry.checks import SCORE_COLUMNS
from sqlops.registry.constants import constants_table
from sqlops.registry.deploy import Placed
from sqlops.registry.objects import relation, view_name
from sqlops.schema import LogicalType
from sqlops.warehouses.base import Connection

HASH, VERSION, TIME = SCORE_COLUMNS
_CARRIED, _TODO = "_sqlops_hash", "todo"


@dataclass(frozen=True, slots=True)
class Job:
    """A refresh.

    Parameters
    ----------
    schema : str
        The registry's schema.
    model : CompiledModel
    version : int
        The version in force.
    placed : Placed
    source : sqlglot.exp.Table
    full : bool
        Whether every row of the source is scored.
    prune : bool
        Whether rows whose keys have left the source go.
    """

    schema: str
    model: CompiledModel
    version: int
    placed: Placed
    source: exp.Table
    full: bool
    prune: bool

    def todo(self, dialect: Dialect) -> exp.Table:
        """Return the table of keys and fingerprints of the rows to score, while a refresh runs."""
        return dialect.working_table(self.schema, self.model.name, _TODO)

    @property
    def scores(self) -> exp.Table:
        """The relation with the scores."""
        return relation(self.placed.placed_in, f"{self.model.name}_scores")


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows a refresh found new, changed and unchanged, and removed."""

    new: int
    changed: int
    unchanged: int
    removed: int

    @property
    def is_change(self) -> bool:
        """Whether any row is other than before."""
        return bool(self.new or self.changed or self.removed)

    def to_dict(self) -> dict[str, int]:
        """Return them by their names."""
        return asdict(self)


def wanted_columns(connection: Connection, job: Job) -> dict[str, str]:
    """Return the columns that the scores must have, and their types.

    Raises
    ------
    RegistryError
        The view of the version was dropped.
    """
    view = connection.columns(relation(job.placed.placed_in, view_name(job.model.name, job.version)))
    if view is None:
        raise RegistryError(f"the view of {job.model.name} version {job.version} was dropped: deploy the version again")
    types = connection.dialect.types
    return view | {HASH: types["text"], VERSION: types["int32"], TIME: types[LogicalType.DATETIME]}


def fits(there: dict[str, str], wanted: dict[str, str], job: Job) -> bool:
    """Return whether scores that there are can be kept.

    Raises
    ------
    RegistryError
        They cannot, and not all are scored anew.
    """
    faults = [f"it has no key '{key}'" for key in job.placed.keys if key not in there]
    faults += [
        f"'{name}' is {there[name]}, not {type_}" for name, type_ in wanted.items() if there.get(name, type_) != type_
    ]
    if faults and not job.full:
        raise RegistryError(
            f"table '{job.scores.name}' does not fit version {job.version}: {'; '.join(faults)}: pass full=True"
        )
    return not faults


def definition(name: str, type_: str) -> exp.ColumnDef:
    """Return the definition of a column."""
    return exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=emit.raw(type_))


def find_todo(connection: Connection, job: Job, scores: exp.Table | None) -> Counts:
    """Write down what is to be scored, compared with the scores that there are, and count it."""
    dialect, todo = connection.dialect, _todo(job, connection.dialect, scores)
    table = job.todo(dialect)
    if not dialect.transactional:
        connection.execute(drop(table, "TABLE"))
    created = dialect.create_working(job.schema, job.model.name, _TODO)
    connection.execute(f"{created}{dialect.working_words} AS {emit.render(todo, dialect)}")
    ((total,),) = connection.rows(exp.select(exp.Count(this=exp.Star())).from_(job.source))
    # A dry run has no such table to count in, but may ask the query.
    found = todo.subquery("t") if connection.recording else table
    known = exp.column("_known")
    counts = exp.select(count_where(exp.Not(this=known)), count_where(known.copy())).from_(found)
    ((new, changed),) = connection.rows(counts)
    return Counts(new, changed, total - new - changed, 0)


def same_keys(keys: Sequence[str], one: str, other: str) -> exp.Expr:
    """Return whether rows of two relations have the same keys."""
    return exp.and_(*(exp.EQ(this=column_of(one, key), expression=column_of(other, key)) for key in keys))


def column_of(relation_name: str, column: str) -> exp.Column:
    """Return a column of a relation."""
    return exp.column(exp.to_identifier(column, quoted=True), exp.to_identifier(relation_name, quoted=True))


def _todo(job: Job, dialect: Dialect, scores: exp.Table | None) -> exp.Select:
    """Return keys and fingerprints of the rows to score, and whether they have a score already."""
    inputs = [column.name for column in job.model.signature.inputs]
    fingerprint = exp.alias_(emit.raw(dialect.fingerprint_of(inputs)), HASH)
    keys = job.placed.keys
    if scores is None:
        return exp.select(*map(quoted_column, keys), fingerprint, exp.alias_(exp.false(), "_known")).from_(job.source)
    rows = exp.select(*map(quoted_column, keys), fingerprint).from_(job.source)
    scored = exp.Not(this=exp.Is(this=column_of("c", VERSION), expression=exp.Null()))
    query = (
        exp.select(*(column_of("s", key) for key in keys), column_of("s", HASH), exp.alias_(scored, "_known"))
        .from_(rows.subquery("s"))
        .join(exp.alias_(scores, "c", table=True), on=same_keys(keys, "s", "c"), join_type="left")
    )
    if job.full:
        return query
    current = exp.and_(
        exp.EQ(this=column_of("c", HASH), expression=column_of("s", HASH)),
        exp.EQ(this=column_of("c", VERSION), expression=exp.Literal.number(job.version)),
    )
    return query.where(exp.Is(this=exp.Paren(this=current), expression=exp.Not(this=exp.true())))


def insert_scores(dialect: Dialect, job: Job, target: exp.Table, stamp: dt.datetime) -> exp.Insert:
    """Return the statement that scores the rows to do: only they go through the model."""
    model, keys = job.model, job.placed.keys
    filtered = (
        exp.select(
            exp.Column(this=exp.Star(), table=exp.to_identifier("s")), exp.alias_(column_of("t", HASH), _CARRIED)
        )
        .from_(exp.alias_(job.source, "s", table=True))
        .join(exp.alias_(job.todo(dialect), "t", table=True), on=same_keys(keys, "s", "t"))
    )
    scored = emit.select(
        model.plan(dialect.name),
        dialect,
        emit.Source(filtered.subquery()),
        keys=[*keys, _CARRIED],
        constants=constants_table(job.schema, model, job.version, dialect),
    )
    outputs = [dialect.shortened(output.name) for output in model.signature.outputs]
    time = emit.raw(dialect.timestamp(stamp.isoformat(sep=" ", timespec="microseconds")))
    scores_of = map(quoted_column, [*keys, _CARRIED, *outputs])
    query = exp.select(*scores_of, exp.Literal.number(job.version), time).from_(scored.subquery("_scored"))
    return insert_into(target, [*keys, HASH, *outputs, VERSION, TIME], query)


def insert_into(target: exp.Table, columns: Sequence[str], rows: exp.Select) -> exp.Insert:
    """Return the statement that inserts the rows of a query."""
    names = [exp.to_identifier(name, quoted=True) for name in columns]
    return exp.Insert(this=exp.Schema(this=target.copy(), expressions=names), expression=rows)
