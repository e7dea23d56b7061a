"""What a deployment puts into the warehouse: views and functions, by version and for the version in force."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from sqlops.artifacts import functions, relations
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects.base import Dialect
from sqlops.lowering import Plan
from sqlops.registry.checks import refuse_breaking
from sqlops.registry.store import delete, fetch, insert
from sqlops.schema import Role, Signature
from sqlops.warehouses.base import Connection


def relation(placed_in: str, name: str) -> exp.Table:
    """Return a view, function or table of a model; the database is left out, so that it may be attached by any name."""
    return exp.table_(name, db=placed_in, quoted=True)


def view_name(name: str, version: int | None = None) -> str:
    """Return the name of a version's view, or of the view that follows the alias."""
    return name if version is None else f"{name}_v{version}"


def constants_table(schema: str, name: str, version: int, plan: Plan, dialect: Dialect) -> exp.Table | None:
    """Return the table that holds the constants of a deployed version, or None where there is none."""
    is_table = plan.constants and dialect.stores_constants
    return dialect.table(schema, f"{view_name(name, version)}_constants") if is_table else None


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


def object_names(signature: Signature, name: str, version: int | None, dialect: Dialect) -> dict[str, str]:
    """Return the names of a version's objects and their kinds."""
    prefix = view_name(name, version)
    names = [*function_names(signature, prefix)] if dialect.functions else []
    if dialect.functions and dialect.functions.of_relation:
        names.append(f"{prefix}_of")
    return {prefix: "view"} | dict.fromkeys(names, "function")


def own(connection: Connection, schema: str, model: str, placed_in: str, names: Mapping[str, str]) -> None:
    """Write down that objects belong to a model."""
    known = {
        row[0] for row in fetch(connection, schema, "objects", ("object",), {"model": model, "placed_in": placed_in})
    }
    for name, kind in names.items():
        if name not in known:
            row = {"placed_in": placed_in, "object": name, "kind": kind, "model": model}
            insert(connection, schema, "objects", row)


def owns(connection: Connection, schema: str, model: str, placed_in: str, name: str) -> bool:
    """Return whether an object belongs to a model."""
    where = {"placed_in": placed_in, "object": name, "model": model}
    return bool(fetch(connection, schema, "objects", ("object",), where))


def create_version(
    connection: Connection,
    model: CompiledModel,
    version: int,
    placed_in: str,
    source: exp.Table,
    keys: Mapping[str, str],
    constants: exp.Table | None,
    *,
    in_force: bool,
) -> None:
    """Create, or replace, the view and the functions of a version.

    Parameters
    ----------
    connection : Connection
    model : CompiledModel
    version : int
    placed_in : str
        The schema of the view.
    source : sqlglot.exp.Table
    keys : mapping of str to str
        The keys of the source, and the engine's types of them.
    constants : sqlglot.exp.Table or None
    in_force : bool
        Whether the view without a version reads it.
    """
    dialect, plan = connection.dialect, model.plan(connection.dialect.name)
    view = relation(placed_in, view_name(model.name, version))
    if dialect.keeps_view_columns:
        new = dict(keys) | {
            dialect.shortened(name): type_ for name, type_ in relations.output_types(model.signature, dialect).items()
        }
        have = connection.columns(view)
        if have is not None and list(new.items())[: len(have)] != list(have.items()):
            readers = [relation(placed_in, model.name)] if in_force else []
            for place in (*readers, view):
                connection.execute(relations.drop(place, "VIEW"))
    query = relations.view(plan, dialect, model.signature, source, list(keys), constants)
    for statement in relations.create_view(view, query, dialect):
        connection.execute(statement)
    _create_functions(connection, model, placed_in, view.name, constants)


def _create_functions(
    connection: Connection, model: CompiledModel, placed_in: str, prefix: str, constants: exp.Table | None
) -> None:
    dialect, plan, signature = connection.dialect, model.plan(connection.dialect.name), model.signature
    if dialect.functions is None:
        return
    for function, output in function_names(signature, prefix).items():
        place = relation(placed_in, function)
        connection.execute(
            functions.scalar_function(
                place, model.program, plan, dialect, dialect.functions, signature, output, constants
            )
        )
    if dialect.functions.of_relation:
        place = relation(placed_in, f"{prefix}_of")
        connection.execute(functions.table_macro(place, plan, dialect, signature, constants))


def point(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    version: int,
    placed_in: str,
    keys: tuple[str, ...],
    readers_see: Mapping[str, str] | None,
    before: Signature | None = None,
) -> None:
    """Let the view and the functions without a version follow a deployed version.

    Parameters
    ----------
    connection : Connection
    schema : str
    model : CompiledModel
    version : int
    placed_in : str
    keys : tuple of str
    readers_see : mapping of str to str, optional
        The columns that the view must keep, and their types.
    before : Signature, optional
        Of the version that was in force, where that is another one.

    Raises
    ------
    RegistryError
        The view's columns would change so that what reads it breaks.
    """
    dialect, signature = connection.dialect, model.signature
    view = relation(placed_in, view_name(model.name, version))
    new = connection.columns(view)
    if readers_see and new:
        refuse_breaking(model.name, readers_see, new)
    columns = [*keys, *(dialect.shortened(output.name) for output in signature.outputs)]
    _replace_stable(connection, relation(placed_in, model.name), view, columns, new or {})
    constants = constants_table(schema, model.name, version, model.plan(dialect.name), dialect)
    if before is not None:
        _drop_overloads(connection, model.name, placed_in, before, signature)
    _create_functions(connection, model, placed_in, model.name, constants)
    names = object_names(signature, model.name, None, dialect)
    own(connection, schema, model.name, placed_in, names)
    for function in (f"{model.name}_predict", f"{model.name}_probability"):
        if dialect.functions and function not in names and owns(connection, schema, model.name, placed_in, function):
            connection.execute(functions.drop_function(relation(placed_in, function), dialect, dialect.functions))
            delete(connection, schema, "objects", {"placed_in": placed_in, "object": function})


def _drop_overloads(connection: Connection, name: str, placed_in: str, before: Signature, signature: Signature) -> None:
    """Drop functions with other parameters or results, where they would stay, and answer for the version before."""
    dialect = connection.dialect
    if dialect.functions is None or not dialect.functions.overloads:
        return
    for function, output in function_names(before, name).items():
        if _called(before, output) != _called(signature, function_names(signature, name).get(function)):
            connection.execute(functions.drop_function(relation(placed_in, function), dialect, dialect.functions))


def _called(signature: Signature, output: str | None) -> tuple[object, ...]:
    """Return what a function is known by: its parameters, and the type of its result."""
    types = {each.name: each.type for each in signature.outputs}
    return *((column.name, column.type) for column in signature.inputs), types.get(output or "")


def _replace_stable(
    connection: Connection, stable: exp.Table, view: exp.Table, columns: list[str], new: Mapping[str, str]
) -> None:
    """Replace the view that follows the alias.

    Where a view must keep its columns, those that the version does not have stay, and are NULL, so that what reads the
    view lives on; where types change, the view is made anew.
    """
    dialect = connection.dialect
    have = (connection.columns(stable) or {}) if dialect.keeps_view_columns else {}
    if any(new.get(column, type_) != type_ for column, type_ in have.items()):
        connection.execute(relations.drop(stable, "VIEW"))
        have = {}
    gone = {column: type_ for column, type_ in have.items() if column not in columns}
    listed = [*have, *(column for column in columns if column not in have)]
    query = relations.stable_view(view, listed, gone)
    for statement in relations.create_view(stable, query, dialect):
        connection.execute(statement)
