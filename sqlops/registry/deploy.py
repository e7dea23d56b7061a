"""Deploying a version: constants, the parity gate, views and functions, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sqlops.artifacts import relations
from sqlops.artifacts.model import CompiledModel
from sqlops.lowering import Plan
from sqlops.parity import ParityReport
from sqlops.registry.checks import check_source, key_list, refuse_breaking, refuse_taken
from sqlops.registry.gate import prove_in_warehouse
from sqlops.registry.migrations import migrate
from sqlops.registry.store import CHAMPION, actor, delete, fetch, insert, now, record, table, to_json
from sqlops.registry.versions import champion, load_model
from sqlops.schema import Role, Signature
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
    return Placed(placed_in, source, tuple(json.loads(keys)), written_by)


def view_name(name: str, version: int | None = None) -> str:
    """Return the name of a version's view, or of the view that follows the alias."""
    return name if version is None else f"{name}_v{version}"


def constants_table(schema: str, name: str, version: int, plan: Plan) -> exp.Table | None:
    """Return the table that holds the constants of a deployed version, or None where it has none."""
    return table(schema, f"{view_name(name, version)}_constants") if plan.constants else None


def function_names(signature: Signature, prefix: str) -> dict[str, str]:
    """Return the scalar functions of a model and the output that each one gives."""
    names = {}
    predictions = [output for output in signature.outputs if output.role is Role.PREDICTION]
    if len(predictions) == 1:
        names[f"{prefix}_predict"] = predictions[0].name
    if len(signature.classes) == 2:
        second = signature.output(Role.PROBABILITY, signature.classes[1])
        if second is not None:
            names[f"{prefix}_probability"] = second.name
    return names


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
        model = load_model(connection, schema, name, version)
        place, listed = check_source(connection, source, listed, model.signature)
        text = dotted(place, connection.dialect)
        before = deployment(connection, schema, name, version)
        current = champion(connection, schema, name)
        placed_in = _placed_in(connection, schema, name)
        names = _object_names(model.signature, name, version)
        wanted = Placed(placed_in, text, tuple(listed))
        in_force = current in (None, version)
        view_place = relation(placed_in, view_name(name, version))
        view = dotted(view_place, connection.dialect)
        stable = _object_names(model.signature, name, None) if in_force else {}
        objects = [*names, *(stable if current else ())]
        is_whole = len(connection.named(placed_in, objects)) == len(objects)
        if before == wanted and is_whole and _keeps_types(connection, view_place, place, listed):
            return Deployment(name, version, text, wanted.keys, view, current == version, changed=False)
        refuse_taken(connection, schema, name, placed_in, [*names, *stable, f"{name}_scores"])
        readers_see = None if allow_breaking or not in_force else connection.columns(relation(placed_in, name))
        report = _create(connection, schema, model, version, wanted, place)
        own(connection, schema, name, placed_in, names)
        _write_down(connection, schema, name, version, wanted)
        if current is None:
            _take_alias(connection, schema, name, version)
        if in_force:
            point(connection, schema, model, version, wanted, readers_see)
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
    """Return whether the keys of a view still have the types of its source; where they do not, the view fails."""
    have, want = connection.columns(view) or {}, connection.columns(source) or {}
    return all(have.get(key) == want.get(key) for key in keys)


def relation(placed_in: str, name: str) -> exp.Table:
    """Return a view, function or table of a model; the database is left out, so that it may be attached by any name."""
    return exp.table_(name, db=placed_in, quoted=True)


def _placed_in(connection: Connection, schema: str, name: str) -> str:
    """Return the schema of a model's views: where its first deployment went, else the session's."""
    found = fetch(connection, schema, "deployments", ("placed_in",), {"model": name}, ["version"])
    return str(found[0][0]) if found else connection.current_schema()


def _object_names(signature: Signature, name: str, version: int | None) -> dict[str, str]:
    """Return the names of a version's objects and their kinds."""
    prefix = view_name(name, version)
    functions = [*function_names(signature, prefix), f"{prefix}_of"]
    return {prefix: "view"} | dict.fromkeys(functions, "function")


def own(connection: Connection, schema: str, model: str, placed_in: str, names: dict[str, str]) -> None:
    """Write down that objects belong to a model."""
    known = {
        row[0] for row in fetch(connection, schema, "objects", ("object",), {"model": model, "placed_in": placed_in})
    }
    for name, kind in names.items():
        if name not in known:
            row = {"placed_in": placed_in, "object": name, "kind": kind, "model": model}
            insert(connection, schema, "objects", row)


def _create(
    connection: Connection, schema: str, model: CompiledModel, version: int, placed: Placed, source: exp.Table
) -> ParityReport | None:
    plan = model.plan(connection.dialect.name)
    constants = constants_table(schema, model.name, version, plan)
    if constants is not None:
        connection.execute(relations.drop(constants, "TABLE"))
        connection.load(constants, relations.constants_row(plan), temporary=False)
    report = prove_in_warehouse(connection, schema, model, version, constants)
    view = relation(placed.placed_in, view_name(model.name, version))
    connection.execute(relations.view(view, plan, connection.dialect, model.signature, source, placed.keys, constants))
    _create_functions(connection, model, placed.placed_in, view.name, constants)
    return report


def _create_functions(
    connection: Connection, model: CompiledModel, placed_in: str, prefix: str, constants: exp.Table | None
) -> None:
    dialect, plan = connection.dialect, model.plan(connection.dialect.name)
    for function, output in function_names(model.signature, prefix).items():
        place = relation(placed_in, function)
        connection.execute(relations.scalar_macro(place, plan, dialect, model.signature, output, constants))
    connection.execute(
        relations.table_macro(relation(placed_in, f"{prefix}_of"), plan, dialect, model.signature, constants)
    )


def point(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    placed: Placed,
    readers_see: Mapping[str, str] | None,
) -> None:
    """Let the view and the functions without a version follow a deployed version.

    Parameters
    ----------
    connection : Connection
    schema : str
    model : CompiledModel
    version : int
    placed : Placed
    readers_see : mapping of str to str, optional
        The columns that the view must keep, and their types.

    Raises
    ------
    RegistryError
        The view's columns would change so that what reads it breaks.
    """
    stable = relation(placed.placed_in, model.name)
    view = relation(placed.placed_in, view_name(model.name, version))
    columns = [*placed.keys, *(output.name for output in model.signature.outputs)]
    new = connection.columns(view)
    if readers_see and new:
        refuse_breaking(model.name, readers_see, new)
    connection.execute(relations.stable_view(stable, view, columns))
    constants = constants_table(schema, model.name, version, model.plan(connection.dialect.name))
    _create_functions(connection, model, placed.placed_in, model.name, constants)
    names = _object_names(model.signature, model.name, None)
    own(connection, schema, model.name, placed.placed_in, names)
    for function in (f"{model.name}_predict", f"{model.name}_probability"):
        if function not in names and _owned(connection, schema, model.name, placed.placed_in, function):
            place = relation(placed.placed_in, function)
            connection.execute(relations.drop(place, "MACRO"))
            delete(connection, schema, "objects", {"placed_in": placed.placed_in, "object": function})


def _owned(connection: Connection, schema: str, model: str, placed_in: str, name: str) -> bool:
    where = {"placed_in": placed_in, "object": name, "model": model}
    return bool(fetch(connection, schema, "objects", ("object",), where))
