"""The table of a deployed version's constants, where the engine keeps these in one."""

from __future__ import annotations

from hashlib import sha256

from sqlglot import exp

from sqlops.artifacts import relations
from sqlops.artifacts.model import CompiledModel
from sqlops.dialects.base import Dialect
from sqlops.lowering import ConstantArray, Plan
from sqlops.registry.objects import disown, own, owned, view_name
from sqlops.warehouses.base import Connection

_DIGITS = 12


def constants_table(schema: str, model: CompiledModel, version: int, dialect: Dialect) -> exp.Table | None:
    """Return the table that holds the constants of a version, or None where there is none.

    Without transactions its name says what it holds, so that a table that a view reads is never changed.
    """
    plan = model.plan(dialect.name)
    if not plan.constants or not dialect.stores_constants:
        return None
    name = (
        _prefix(model, version).removesuffix("_") if dialect.transactional else _prefix(model, version) + _digest(plan)
    )
    return dialect.table(schema, name)


def _prefix(model: CompiledModel, version: int) -> str:
    return f"{view_name(model.name, version)}_constants_"


def _digest(plan: Plan) -> str:
    digest = sha256()

    def add(constant: ConstantArray) -> None:
        digest.update(f"{constant.name} {constant.type} {constant.values.shape} {constant.values.dtype};".encode())
        values = constant.values
        digest.update(repr(values.tolist()).encode() if values.dtype.hasobject else values.tobytes())
        for field in constant.fields:
            add(field)

    for constant in plan.constants:
        add(constant)
    return digest.hexdigest()[:_DIGITS]


def store_constants(connection: Connection, schema: str, model: CompiledModel, version: int) -> bool:
    """Create the table of a version's constants, if it has one; return whether it was not there yet."""
    dialect = connection.dialect
    table = constants_table(schema, model, version, dialect)
    if table is None or (not dialect.transactional and _is_whole(connection, table)):
        return False
    if not dialect.transactional:
        own(connection, schema, model.name, schema, {table.name: "table"})
    connection.execute(relations.drop(table, "TABLE"))
    connection.load(table, relations.constants_row(model.plan(dialect.name)), temporary=False)
    return True


def _is_whole(connection: Connection, table: exp.Table) -> bool:
    """Return whether a table of constants has its one row."""
    if connection.locate(table) is None:
        return False
    return connection.rows(exp.select(exp.Count(this=exp.Star())).from_(table)) == [(1,)]


def drop_constants(connection: Connection, schema: str, model: CompiledModel, version: int) -> None:
    """Drop the table of a version's constants, where no transaction does so."""
    table = constants_table(schema, model, version, connection.dialect)
    if table is not None and not connection.dialect.transactional:
        _drop(connection, schema, table.name)


def drop_old_constants(connection: Connection, schema: str, model: CompiledModel, version: int) -> None:
    """Drop the tables of constants that the views of a version no longer read."""
    if connection.dialect.transactional:
        return
    table = constants_table(schema, model, version, connection.dialect)
    for name in owned(connection, schema, model.name, schema, "table"):
        if name.startswith(_prefix(model, version)) and (table is None or name != table.name):
            _drop(connection, schema, name)


def _drop(connection: Connection, schema: str, name: str) -> None:
    connection.execute(relations.drop(connection.dialect.table(schema, name), "TABLE"))
    disown(connection, schema, schema, name)
