"""What monitoring reads from the registry: where a version is deployed, and its frozen bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from sqlops.errors import MonitoringError, VersionNotFoundError
from sqlops.registry.deploy import deployment
from sqlops.registry.objects import relation, view_name
from sqlops.registry.store import fetch
from sqlops.registry.versions import champion, load_signature, not_found
from sqlops.schema import Signature
from sqlops.warehouses.base import Connection, Row, render


@dataclass(frozen=True, slots=True)
class Deployment:
    """A deployed version.

    Parameters
    ----------
    model : str
    version : int
    signature : Signature
    source : str
        The relation that is scored.
    keys : tuple of str
        Columns of the source that identify a row.
    view : str
        The version's view, quoted.
    """

    model: str
    version: int
    signature: Signature
    source: str
    keys: tuple[str, ...]
    view: str


@dataclass(frozen=True, slots=True)
class Bins:
    """The frozen bins of one column, as far as a query must know them.

    Parameters
    ----------
    missing, below, above : int
        Numbers of bins.
    unmatched : int
        The bin of a category that is not frozen.
    lowest : float
        The lower end of the first range.
    edges : tuple of (int, float)
        Number and upper edge of each range.
    """

    missing: int = 0
    below: int = 1
    above: int = 2
    unmatched: int = 1
    lowest: float = 0.0
    edges: tuple[tuple[int, float], ...] = ()


def find_deployment(connection: Connection, schema: str, name: str, version: int | None) -> Deployment:
    """Read where a version is deployed.

    Parameters
    ----------
    connection : Connection
    schema : str
    name : str
        The model.
    version : int or None
        None: the version in force.

    Raises
    ------
    VersionNotFoundError
        There is no such model or version, or no version is in force.
    MonitoringError
        The version is not deployed.
    """
    number = champion(connection, schema, name) if version is None else version
    if number is None:
        raise not_in_force(connection, schema, name)
    signature = load_signature(connection, schema, name, number)
    placed = deployment(connection, schema, name, number)
    if placed is None:
        raise MonitoringError(f"version {number} of model '{name}' is not deployed: deploy it first")
    view = render(relation(placed.placed_in, view_name(name, number)), connection.dialect)
    return Deployment(name, number, signature, placed.source, placed.keys, view)


def not_in_force(connection: Connection, schema: str, name: str) -> VersionNotFoundError:
    """Return the error for a model that does not exist, or of which no version is in force."""
    if fetch(connection, schema, "versions", ("version",), {"model": name}):
        return VersionNotFoundError(f"no version of model '{name}' is in force: deploy one, or name a version")
    return not_found(connection, schema, name)


def read_bins(connection: Connection, schema: str, name: str, version: int) -> dict[str, Bins]:
    """Return the frozen bins by column; empty where the version has no baseline."""
    columns = ("column_name", "bin", "kind", "lower_edge", "upper_edge")
    where = {"model": name, "version": version}
    by_column: dict[str, list[Row]] = {}
    for column, *part in fetch(connection, schema, "baseline_bins", columns, where):
        by_column.setdefault(column, []).append(tuple(part))
    return {column: _bins(sorted(parts, key=itemgetter(0))) for column, parts in by_column.items()}


def _bins(parts: Sequence[Row]) -> Bins:
    numbers = {kind: number for number, kind, _, _ in parts}
    edges = tuple((number, upper) for number, kind, _, upper in parts if kind == "range")
    lowest = next((lower for _, kind, lower, _ in parts if kind == "range"), 0.0)
    return Bins(
        missing=numbers["missing"],
        below=numbers.get("below", 1),
        above=numbers.get("above", 2),
        unmatched=numbers.get("unseen", numbers.get("other", 1)),
        lowest=lowest,
        edges=edges,
    )
