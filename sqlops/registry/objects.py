"""What a deployment puts into the warehouse: views and functions, by version and for the version in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlglot import exp

from sqlops.artifacts import functions, relations
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects.base import Dialect
from sqlops.registry.checks import refuse_breaking
from sqlops.registry.store import delete, fetch, insert, signatures
from sqlops.schema import Role, Signature
from sqlops.warehouses.base import Connection, Statement


def relation(placed_in: str, name: str) -> exp.Table:
    """Return a view, function or table of a model; the database is left out, so that it may be attached by any name."""
    return exp.table_(name, db=placed_in, quoted=True)


def view_name(name: str, version: int | None = None) -> str:
    """Return the name of a version's view, or of the view that follows the alias."""
    return name if version is None else f"{name}_v{version}"


def function_place(placed_in: str, name: str, dialect: Dialect) -> exp.Table:
    """Return a function of a model: in a schema, or with its name before it where functions are in none."""
    if dialect.functions is not None and not dialect.functions.in_schemas:
        return exp.table_(f"{placed_in}_{name}", quoted=True)
    return relation(placed_in, name)


def function_names(signature: Signature, prefix: str) -> dict[str, str]:
    """Return the scalar functions that a model may have and the output that each one gives."""
    names = {}
    predictions = [output for output in signature.outputs if output.role is Role.PREDICTION]
    if len(predictions) == 1:
        names[f"{prefix}_predict"] = predictions[0].name
    if len(signature.classes) == 2:
        second = signature.output(Role.PROBABILITY, signature.classes[1])
        if second is not None:
            names[f"{prefix}_probability"] = second.name
    return names


def functions_of(model: CompiledModel, prefix: str, dialect: Dialect) -> dict[str, str]:
    """Return the scalar functions of a model on an engine and the output that each one gives."""
    plan, signature = model.plan(dialect.name), model.signature
    return {
        name: output
        for name, output in function_names(signature, prefix).items()
        if functions.is_function(model.program, plan, dialect, signature, output)
    }


def object_names(model: CompiledModel, version: int | None, dialect: Dialect) -> dict[str, str]:
    """Return the names of a version's objects and their kinds."""
    prefix = view_name(model.name, version)
    names = [*functions_of(model, prefix, dialect)]
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


def owned(connection: Connection, schema: str, model: str, placed_in: str, kind: str) -> list[str]:
    """Return the objects of a kind that belong to a model."""
    where = {"placed_in": placed_in, "model": model, "kind": kind}
    return [name for (name,) in fetch(connection, schema, "objects", ("object",), where, ["object"])]


def disown(connection: Connection, schema: str, placed_in: str, name: str) -> None:
    """Write down that an object is gone."""
    delete(connection, schema, "objects", {"placed_in": placed_in, "object": name})


def create_version(
    connection: Connection,
    model: CompiledModel,
    version: int,
    placed_in: str,
    source: exp.Table,
    keys: Sequence[str],
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
    keys : sequence of str
    constants : sqlglot.exp.Table or None
    in_force : bool
        Whether the view without a version reads it.
    """
    dialect, plan = connection.dialect, model.plan(connection.dialect.name)
    view, stable = relation(placed_in, view_name(model.name, version)), relation(placed_in, model.name)
    query = relations.view(plan, dialect, model.signature, source, list(keys), constants)
    have, new = connection.columns(view), version_columns(connection, model, source, keys)
    fits = have is None or _replaces(new, have, dialect)
    if dialect.keeps_view_columns and not fits:
        for place in (stable, view) if in_force else (view,):
            connection.execute(relations.drop(place, "VIEW"))
    if not dialect.transactional and in_force and not fits:
        # The view without a version must not read columns that are no longer there, not even between two statements.
        _execute(connection, relations.create_view(stable, query, dialect))
    _execute(connection, relations.create_view(view, query, dialect))
    _create_functions(connection, model, placed_in, view.name, constants)


def _replaces(new: Mapping[str, str], have: Mapping[str, str], dialect: Dialect) -> bool:
    """Return whether a view with new columns and types may replace one with others, where there is a rule."""
    kept = new if dialect.keeps_view_columns == "all" else list(new)[: len(have)]
    return [(name, new[name]) for name in kept] == list(have.items())


def version_columns(
    connection: Connection, model: CompiledModel, source: exp.Table, keys: Sequence[str]
) -> dict[str, str]:
    """Return the columns that a version's view has over a source, and the engine's types of them."""
    types, dialect = connection.columns(source) or {}, connection.dialect
    outputs = relations.output_types(model.signature, dialect)
    return {key: types.get(key, "") for key in keys} | {dialect.shortened(name): outputs[name] for name in outputs}


def _execute(connection: Connection, statements: Iterable[Statement]) -> None:
    for statement in statements:
        connection.execute(statement)


def _create_functions(
    connection: Connection, model: CompiledModel, placed_in: str, prefix: str, constants: exp.Table | None
) -> None:
    dialect, plan, signature = connection.dialect, model.plan(connection.dialect.name), model.signature
    if dialect.functions is None:
        return
    for function, output in functions_of(model, prefix, dialect).items():
        place = function_place(placed_in, function, dialect)
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
    constants: exp.Table | None,
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
    constants : sqlglot.exp.Table or None
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
    names = object_names(model, None, dialect)
    own(connection, schema, model.name, placed_in, names)
    columns = [*keys, *(dialect.shortened(output.name) for output in signature.outputs)]
    _replace_stable(connection, relation(placed_in, model.name), view, columns, new or {})
    if before is not None:
        _drop_overloads(connection, model.name, placed_in, before, signature)
    _create_functions(connection, model, placed_in, model.name, constants)
    if dialect.functions is None:
        return
    have = owned(connection, schema, model.name, placed_in, "function")
    for function in (f"{model.name}_predict", f"{model.name}_probability"):
        if function not in names and function in have:
            place = function_place(placed_in, function, dialect)
            known = signatures(connection, schema, model.name)
            _execute(connection, functions.drop_functions(place, dialect, dialect.functions, known))
            disown(connection, schema, placed_in, function)


def _drop_overloads(connection: Connection, name: str, placed_in: str, before: Signature, signature: Signature) -> None:
    """Drop functions with other parameters or results, where they would stay, and answer for the version before."""
    dialect = connection.dialect
    if dialect.functions is None or not dialect.functions.overloads:
        return
    for function, output in function_names(before, name).items():
        now = function_names(signature, name).get(function)
        if _called(before, output, dialect) != _called(signature, now, dialect):
            place = function_place(placed_in, function, dialect)
            _execute(connection, functions.drop_functions(place, dialect, dialect.functions, [before]))


def _called(signature: Signature, output: str | None, dialect: Dialect) -> tuple[object, ...]:
    """Return what of a function another must have to replace it."""
    if dialect.functions and dialect.functions.drops_by_types:
        return (functions.parameter_types(signature, dialect),)
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
    is_typed_alike = all(new.get(column, type_) == type_ for column, type_ in have.items())
    wanted = have | {column: new.get(column, "") for column in columns} if is_typed_alike else new
    if have and not _replaces(wanted, have, dialect):
        connection.execute(relations.drop(stable, "VIEW"))
    have = have if is_typed_alike else {}
    gone = {column: type_ for column, type_ in have.items() if column not in columns}
    listed = [*have, *(column for column in columns if column not in have)]
    query = relations.stable_view(view, listed, gone)
    _execute(connection, relations.create_view(stable, query, dialect))
