"""The score table: scores of new and changed rows, brought up to date."""

from __future__ import annotations

from dataclasses import dataclass

from sqlops.registry.checks import check_source, refuse_taken
from sqlops.registry.migrations import migrate
from sqlops.registry.promote import require_deployed, version_in_force
from sqlops.registry.score_rows import score_in_place
from sqlops.registry.score_tables import score_anew
from sqlops.registry.scoring import Job
from sqlops.registry.store import lock
from sqlops.registry.versions import load_model
from sqlops.warehouses.base import Connection


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
        job = Job(schema, model, version, placed, source, full, prune)
        refuse_taken(connection, schema, name, placed.placed_in, [job.scores.name])
        score = score_in_place if connection.dialect.transactional else score_anew
        counts = score(connection, job)
    return Refresh(name, version, f"{placed.placed_in}.{job.scores.name}", **counts.to_dict())
