"""Deploying a version: constants, the parity gate, views and functions, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from sqlops import emit
from sqlops.artifacts import relations
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects.base import Dialect
from sqlops.errors import SqlopsError
from sqlops.parity import ParityReport
from sqlops.registry.checks import check_source, key_list, refuse_breaking, refuse_long_names, refuse_taken
from sqlops.registry.constants import constants_table, drop_constants, drop_old_constants, store_constants
from sqlops.registry.gate import prove_in_warehouse
from sqlops.registry.migrations import migrate
from sqlops.registry.objects import create_version, object_names, own, point, relation, version_columns, view_name
from sqlops.registry.store import (
    actor,
    fetch,
    from_json,
    lock,
    now,
    record,
    record_once,
    replace_row,
    set_alias,
    to_json,
)
from sqlops.registry.versions import champion, load_model
from sqlops.version import __version__
from sqlops.warehouses.base import Connection, dotted


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where a version answers.

    Parameters
    ----------
    name : str
        The model.
    version : int
    source : str
        The relation that is scored, with its schema.
    keys : tuple of str
    view : str
        The view of this version.
    in_force : bool
        Whether the view without a version shows it.
    changed : bool
        False where it was deployed like this already.
    parity : ParityReport or None
        How the sample compared; None where nothing changed.
    """

    name: str
    version: int
    source: str
    keys: tuple[str, ...]
    view: str
    in_force: bool
    changed: bool
    parity: ParityReport | None = None

    def __str__(self) -> str:
        state = "in force" if self.in_force else "not in force: promote it"
        done = "deployed" if self.changed else "was deployed already"
        return f"{self.name} version {self.version} {done} over {self.source} as view {self.view} ({state})"


@dataclass(frozen=True, slots=True)
class Placed:
    """What the registry knows of a deployment."""

    placed_in: str
    source: str
    keys: tuple[str, ...]
    sqlops_version: str = __version__


def deployment(connection: Connection, schema: str, name: str, version: int) -> Placed | None:
    """Return where a version is deployed, or None."""
    where = {"model": name, "version": version}
    columns = ("placed_in", "source", "keys", "sqlops_version")
    found = fetch(connection, schema, "deployments", columns, where)
    if not found:
        return None
    placed_in, source, keys, written_by = found[0]
    return Placed(placed_in, source, tuple(from_json(keys)), written_by)


def deploy(
    connection: Connection,
    schema: str,
    name: str,
    version: int,
    source: str,
    keys: str | Sequence[str],
    *,
    allow_breaking: bool = False,
) -> Deployment:
    """Put a version into the warehouse: a view and functions, after the sample has been scored right.

    The version takes the alias if it is free. All of it happens, or nothing; done already by this release of sqlops,
    nothing is changed.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    name : str
    version : int
    source : str
        The relation with the inputs, for example ``"crm.leads"``.
    keys : str or sequence of str
        The columns of the source that identify a row.
    allow_breaking : bool
        Deploy the version in force again even if its columns change so that what reads its view breaks.

    Returns
    -------
    Deployment

    Raises
    ------
    VersionNotFoundError
        There is no such model or version.
    SourceError, SchemaError
        The source or its keys do not fit.
    RegistryError
        A name is taken, or columns would break what reads them.
    ParityError
        The warehouse answers otherwise than the estimator did.
    ConflictError
        Another session changed the model at the same time.
    """
    listed = key_list(keys)
    with connection.transaction():
        migrate(connection, schema)
        lock(connection, schema, name)
        order = _order(connection, schema, name, version, source, listed)
        if order.is_done:
            _settle(connection, schema, order)
            return order.deployment(connection.dialect, changed=False)
        readers_see = _check_names(connection, schema, order, allow_breaking=allow_breaking)
        _check_length(connection.dialect, schema, order)
        report = _prove(connection, schema, order)
        _create(connection, schema, order, readers_see)
        deployed = now()
        _write_down(connection, schema, name, version, order.wanted, deployed)
        if order.current is None:
            set_alias(connection, schema, name, version, None, "deploy", deployed)
        done = order.deployment(connection.dialect, changed=True, parity=report)
        record(connection, schema, name, version, "deployed", _detail(done), deployed)
    return done


@dataclass(frozen=True, slots=True)
class _Order:
    """A deployment that was asked for, and what is there already.

    Parameters
    ----------
    model : CompiledModel
    version : int
    source : sqlglot.exp.Table
    wanted : Placed
        What the registry is to know of it.
    current : int or None
        The version in force.
    is_done : bool
        Whether all of it is there.
    """

    model: CompiledModel
    version: int
    source: exp.Table
    wanted: Placed
    current: int | None
    is_done: bool

    @property
    def in_force(self) -> bool:
        """Whether the version is in force once it is deployed."""
        return self.current in (None, self.version)

    @property
    def view(self) -> exp.Table:
        """The view of the version."""
        return relation(self.wanted.placed_in, view_name(self.model.name, self.version))

    def objects(self, dialect: Dialect, version: int | None) -> dict[str, str]:
        """Return the views and functions of the version, or those without one, and their kinds."""
        return object_names(self.model, version, dialect)

    def deployment(self, dialect: Dialect, *, changed: bool, parity: ParityReport | None = None) -> Deployment:
        """Return what came of it."""
        view, placed = dotted(self.view, dialect), self.wanted
        return Deployment(
            self.model.name, self.version, placed.source, placed.keys, view, self.in_force, changed, parity
        )


def _order(connection: Connection, schema: str, name: str, version: int, source: str, keys: Sequence[str]) -> _Order:
    model = load_model(connection, schema, name, version)
    place, listed = check_source(connection, source, keys, model.signature)
    placed_in = _placed_in(connection, schema, name)
    wanted = Placed(placed_in, dotted(place, connection.dialect), tuple(listed))
    order = _Order(model, version, place, wanted, champion(connection, schema, name), is_done=False)
    if deployment(connection, schema, name, version) != wanted:
        return order
    objects = [*order.objects(connection.dialect, version)]
    if order.current is None:
        return order
    if order.current == version:
        objects += order.objects(connection.dialect, None)
    is_whole = len(connection.named(placed_in, objects)) == len(objects)
    return replace(order, is_done=is_whole and _keeps_types(connection, order.view, place, listed))


def _check_names(
    connection: Connection, schema: str, order: _Order, *, allow_breaking: bool
) -> Mapping[str, str] | None:
    """Refuse names that cannot be used; return the columns that the view without a version must keep."""
    name, dialect, placed_in = order.model.name, connection.dialect, order.wanted.placed_in
    made = [*order.objects(dialect, order.version), f"{name}_scores"]
    if order.in_force:
        made += order.objects(dialect, None)
    refuse_long_names(dialect, name, made)
    refuse_taken(connection, schema, name, placed_in, made)
    if allow_breaking or not order.in_force:
        return None
    readers_see = connection.columns(relation(placed_in, name))
    if readers_see and not dialect.transactional:
        new = version_columns(connection, order.model, order.source, order.wanted.keys)
        refuse_breaking(name, readers_see, new)
    return readers_see


def _detail(done: Deployment) -> dict[str, Any]:
    return {"source": done.source, "keys": list(done.keys), "view": done.view, "in_force": done.in_force}


def _write_down(
    connection: Connection, schema: str, name: str, version: int, placed: Placed, deployed: dt.datetime
) -> None:
    row = {
        "model": name,
        "version": version,
        "placed_in": placed.placed_in,
        "source": placed.source,
        "keys": to_json(list(placed.keys)),
        "sqlops_version": placed.sqlops_version,
        "deployed_at": deployed,
        "deployed_by": actor(),
    }
    replace_row(connection, schema, "deployments", row, {"model": name, "version": version})


def _keeps_types(connection: Connection, view: exp.Table, source: exp.Table, keys: Sequence[str]) -> bool:
    """Return whether the keys of a view still have the types of its source, where the view fails if not."""
    if not connection.dialect.views_keep_types:
        return True
    have, want = connection.columns(view) or {}, connection.columns(source) or {}
    return all(have.get(key) == want.get(key) for key in keys)


def _placed_in(connection: Connection, schema: str, name: str) -> str:
    """Return the schema of a model's views: where its first deployment went, else the session's."""
    found = fetch(connection, schema, "deployments", ("placed_in",), {"model": name}, ["version"])
    return str(found[0][0]) if found else connection.current_schema()


def _check_length(dialect: Dialect, schema: str, order: _Order) -> None:
    """Refuse a model whose query is longer than those of views may be."""
    if dialect.longest_view is None:
        return
    constants = constants_table(schema, order.model, order.version, dialect)
    plan, keys = order.model.plan(dialect.name), list(order.wanted.keys)
    query = relations.view(plan, dialect, order.model.signature, order.source, keys, constants)
    emit.refuse_longer(emit.render(query, dialect), dialect, dialect.longest_view, "views")


def _prove(connection: Connection, schema: str, order: _Order) -> ParityReport | None:
    """Store the constants, and prove the model in the warehouse; constants of one that fails are dropped again."""
    model, version = order.model, order.version
    is_new = store_constants(connection, schema, model, version)
    constants = constants_table(schema, model, version, connection.dialect)
    try:
        return prove_in_warehouse(connection, schema, model, version, constants)
    except SqlopsError:
        if is_new:
            drop_constants(connection, schema, model, version)
        raise


def _create(connection: Connection, schema: str, order: _Order, readers_see: Mapping[str, str] | None) -> None:
    """Create the views and functions of the version, and those without one that follow it."""
    dialect, model, version, placed = connection.dialect, order.model, order.version, order.wanted
    constants = constants_table(schema, model, version, dialect)
    own(connection, schema, model.name, placed.placed_in, order.objects(dialect, version))
    in_force = order.current == version
    create_version(
        connection, model, version, placed.placed_in, order.source, placed.keys, constants, in_force=in_force
    )
    if order.in_force:
        point(connection, schema, model, version, placed.placed_in, placed.keys, constants, readers_see)
    drop_old_constants(connection, schema, model, version)


def _settle(connection: Connection, schema: str, order: _Order) -> None:
    """Put right what a deployment that was broken off may have left, where no transaction did."""
    if connection.dialect.transactional:
        return
    store_constants(connection, schema, order.model, order.version)
    _create(connection, schema, order, None)
    where = {"model": order.model.name, "version": order.version}
    ((deployed,),) = fetch(connection, schema, "deployments", ("deployed_at",), where)
    done = order.deployment(connection.dialect, changed=False)
    record_once(connection, schema, order.model.name, order.version, "deployed", _detail(done), deployed)
