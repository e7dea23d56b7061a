"""Deploying a version: constants, the parity gate, views and functions, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlops.artifacts import relations
from sqlops.artifacts.model import CompiledModel
from sqlops.parity import ParityReport
from sqlops.registry.checks import check_source, key_list, refuse_long_names, refuse_taken
from sqlops.registry.gate import prove_in_warehouse
from sqlops.registry.migrations import migrate
from sqlops.registry.objects import constants_table, create_version, object_names, own, point, relation, view_name
from sqlops.registry.store import CHAMPION, actor, delete, fetch, from_json, insert, lock, now, record, to_json
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
        model = load_model(connection, schema, name, version)
        place, listed = check_source(connection, source, listed, model.signature)
        text = dotted(place, connection.dialect)
        before = deployment(connection, schema, name, version)
        current = champion(connection, schema, name)
        placed_in = _placed_in(connection, schema, name)
        names = object_names(model.signature, name, version, connection.dialect)
        wanted = Placed(placed_in, text, tuple(listed))
        in_force = current in (None, version)
        view_place = relation(placed_in, view_name(name, version))
        view = dotted(view_place, connection.dialect)
        stable = object_names(model.signature, name, None, connection.dialect) if in_force else {}
        objects = [*names, *(stable if current else ())]
        is_whole = len(connection.named(placed_in, objects)) == len(objects)
        if before == wanted and is_whole and _keeps_types(connection, view_place, place, listed):
            return Deployment(name, version, text, wanted.keys, view, current == version, changed=False)
        made = [*names, *stable, f"{name}_scores"]
        refuse_long_names(connection.dialect, name, made)
        refuse_taken(connection, schema, name, placed_in, made)
        readers_see = None if allow_breaking or not in_force else connection.columns(relation(placed_in, name))
        report = _create(connection, schema, model, version, wanted, place, in_force=current == version)
        own(connection, schema, name, placed_in, names)
        _write_down(connection, schema, name, version, wanted)
        if current is None:
            _take_alias(connection, schema, name, version)
        if in_force:
            point(connection, schema, model, version, placed_in, wanted.keys, readers_see)
        detail = {"source": text, "keys": listed, "view": view, "in_force": in_force}
        record(connection, schema, name, version, "deployed", detail)
    return Deployment(name, version, text, wanted.keys, view, in_force, True, report)


def _write_down(connection: Connection, schema: str, name: str, version: int, placed: Placed) -> None:
    delete(connection, schema, "deployments", {"model": name, "version": version})
    row = {
        "model": name,
        "version": version,
        "placed_in": placed.placed_in,
        "source": placed.source,
        "keys": to_json(list(placed.keys)),
        "sqlops_version": placed.sqlops_version,
        "deployed_at": now(),
        "deployed_by": actor(),
    }
    insert(connection, schema, "deployments", row)


def _take_alias(connection: Connection, schema: str, name: str, version: int) -> None:
    insert(connection, schema, "aliases", {"model": name, "alias": CHAMPION, "version": version})
    row = {"model": name, "alias": CHAMPION, "version": version, "kind": "deploy", "happened_at": now()}
    insert(connection, schema, "promotions", row)


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


def _create(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    placed: Placed,
    source: exp.Table,
    *,
    in_force: bool,
) -> ParityReport | None:
    dialect = connection.dialect
    plan = model.plan(dialect.name)
    constants = constants_table(schema, model.name, version, plan, dialect)
    if constants is not None:
        connection.execute(relations.drop(constants, "TABLE"))
        connection.load(constants, relations.constants_row(plan), temporary=False)
    report = prove_in_warehouse(connection, schema, model, version, constants)
    types = connection.columns(source) or {}
    keys = {key: types.get(key, "") for key in placed.keys}
    create_version(connection, model, version, placed.placed_in, source, keys, constants, in_force=in_force)
    return report
