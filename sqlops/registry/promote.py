"""Promotion and rollback: which deployed version the view without a version follows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlops.errors import RegistryError
from sqlops.registry.deploy import Placed, deployment
from sqlops.registry.migrations import migrate
from sqlops.registry.objects import point, relation, view_name
from sqlops.registry.store import CHAMPION, fetch, insert, lock, now, record, update
from sqlops.registry.versions import champion, load_model, load_signature, not_found
from sqlops.warehouses.base import Connection


@dataclass(frozen=True, slots=True)
class Promotion:
    """Which version is in force.

    Parameters
    ----------
    name : str
        The model.
    version : int
        The version in force now.
    previous : int
        The version in force before.
    changed : bool
        False where the version was in force already.
    """

    name: str
    version: int
    previous: int
    changed: bool

    def __str__(self) -> str:
        if self.changed:
            return f"{self.name} version {self.version} is in force, instead of version {self.previous}"
        return f"{self.name} version {self.version} was in force already: nothing changed"


def promote(connection: Connection, schema: str, name: str, version: int, *, allow_breaking: bool = False) -> Promotion:
    """Let the view and the functions without a version follow another deployed version.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    name : str
    version : int
    allow_breaking : bool
        Do so even if keys or outputs of the version in force would go, move or change their type.

    Returns
    -------
    Promotion

    Raises
    ------
    VersionNotFoundError
        There is no such model or version.
    RegistryError
        The version is not deployed, or what reads the view would break.
    ConflictError
        Another session changed the model at the same time.
    """
    with connection.transaction():
        migrate(connection, schema)
        lock(connection, schema, name)
        current = version_in_force(connection, schema, name, version)
        if current == version:
            return Promotion(name, version, version, changed=False)
        _swap(connection, schema, name, version, current, "promote", allow_breaking=allow_breaking)
    return Promotion(name, version, current, changed=True)


def rollback(connection: Connection, schema: str, name: str, *, to: int | None = None) -> Promotion:
    """Go back to the version that was in force before the last promotion.

    Done once more, with no promotion in between, it changes nothing. It may take columns away that the later version
    added: going back must always be possible.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    name : str
    to : int, optional
        Go to this deployed version instead.

    Returns
    -------
    Promotion

    Raises
    ------
    VersionNotFoundError
        There is no such model or version.
    RegistryError
        Nothing was in force before, or the version is not deployed.
    ConflictError
        Another session changed the model at the same time.
    """
    with connection.transaction():
        migrate(connection, schema)
        lock(connection, schema, name)
        current = version_in_force(connection, schema, name, to)
        history = fetch(
            connection,
            schema,
            "promotions",
            ("version", "previous", "kind"),
            {"model": name, "alias": CHAMPION},
            ["id"],
        )
        _, previous, kind = history[-1]
        if to is None and kind == "rollback":
            return Promotion(name, current, current, changed=False)
        target = previous if to is None else to
        if target is None:
            raise RegistryError(f"model '{name}' has nothing to go back to: version {current} is the first in force")
        if target == current:
            return Promotion(name, current, current, changed=False)
        _swap(connection, schema, name, target, current, "rollback", allow_breaking=True)
    return Promotion(name, target, current, changed=True)


def version_in_force(connection: Connection, schema: str, name: str, version: int | None = None) -> int:
    """Return the version of a model that is in force.

    Raises
    ------
    VersionNotFoundError
        There is no such model, or no such version where one is given.
    RegistryError
        No version is deployed.
    """
    where = {"model": name} if version is None else {"model": name, "version": version}
    if not fetch(connection, schema, "versions", ("version",), where):
        raise not_found(connection, schema, name, version)
    current = champion(connection, schema, name)
    if current is None:
        raise RegistryError(f"no version of model '{name}' is deployed: deploy one first")
    return current


def require_deployed(connection: Connection, schema: str, name: str, version: int) -> Placed:
    """Return where a version is deployed.

    Raises
    ------
    RegistryError
        It is not.
    """
    placed = deployment(connection, schema, name, version)
    if placed is None:
        rows = fetch(connection, schema, "deployments", ("version",), {"model": name}, ["version"])
        have = ", ".join(str(row[0]) for row in rows) or "none"
        raise RegistryError(f"{name} version {version} is not deployed (deployed: {have}): deploy it first")
    return placed


def _swap(
    connection: Connection, schema: str, name: str, version: int, current: int, kind: str, *, allow_breaking: bool
) -> None:
    placed = require_deployed(connection, schema, name, version)
    view = relation(placed.placed_in, view_name(name, version))
    if connection.columns(view) is None:
        raise RegistryError(f"the view of {name} version {version} was dropped: deploy the version again")
    model = load_model(connection, schema, name, version)
    readers_see = None if allow_breaking else connection.columns(relation(placed.placed_in, name))
    before = load_signature(connection, schema, name, current)
    point(connection, schema, model, version, placed.placed_in, placed.keys, readers_see, before)
    where = {"model": name, "alias": CHAMPION}
    update(connection, schema, "aliases", {"version": version}, where)
    insert(
        connection,
        schema,
        "promotions",
        {**where, "version": version, "previous": current, "kind": kind, "happened_at": now()},
    )
    event = {"promote": "promoted", "rollback": "rolled_back"}[kind]
    record(connection, schema, name, version, event, {"previous": current})
