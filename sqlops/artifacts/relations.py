"""The SQL of what a deployment creates: views, scalar macros and table macros."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from sqlglot import exp

from sqlops import emit
from sqlops.dialects.base import Dialect
from sqlops.emit import CONSTANTS, ROW, SOURCE, WHOLE_SOURCE, Source
from sqlops.lowering import ConstantArray, Plan
from sqlops.lowering.lists import PARAMETERS
from sqlops.schema import Signature

_ARROW = {
    "double": pa.float64(),
    "float32": pa.float32(),
    "bigint": pa.int64(),
    "int32": pa.int32(),
    "int16": pa.int16(),
    "text": pa.string(),
}
_RELATION = "relation"


def output_types(signature: Signature, dialect: Dialect) -> dict[str, str]:
    """Return the engine's types of a model's outputs."""
    return {output.name: dialect.nullable.format(dialect.types[output.type]) for output in signature.outputs}


def view(
    name: exp.Table,
    plan: Plan,
    dialect: Dialect,
    signature: Signature,
    source: exp.Expr,
    keys: Sequence[str],
    constants: exp.Table | None,
) -> exp.Create:
    """Return the view of a version: keys and outputs over a source."""
    types = output_types(signature, dialect)
    return create_view(name, emit.select(plan, dialect, Source(source), keys=keys, constants=constants, types=types))


def stable_view(name: exp.Table, version: exp.Table, columns: Sequence[str]) -> exp.Create:
    """Return the view that follows an alias: the columns of a version's view, named one by one."""
    return create_view(name, exp.select(*(quoted_column(column) for column in columns)).from_(version))


def create_view(name: exp.Table, query: exp.Select) -> exp.Create:
    """Return ``CREATE OR REPLACE VIEW``."""
    return exp.Create(this=name.copy(), kind="VIEW", replace=True, expression=query)


def drop(name: exp.Table, kind: str) -> exp.Drop:
    """Return ``DROP … IF EXISTS`` of a table, view or macro."""
    return exp.Drop(tables=[name.copy()], kind=kind, exists=True)


def count_where(condition: exp.Expr) -> exp.Count:
    """Return how many rows meet a condition: 0, not NULL, where there are no rows."""
    return exp.Count(this=exp.Case().when(condition, exp.Literal.number(1)))


def quoted_column(name: str) -> exp.Column:
    """Return a column, its name quoted."""
    return exp.column(exp.to_identifier(name, quoted=True))


def constants_row(plan: Plan) -> pa.Table:
    """Return the constants of a plan as the one row of a table, an array in each column."""
    columns = {}
    for constant in plan.constants:
        values = _elements(constant)
        for width in reversed(constant.values.shape):
            values = pa.ListArray.from_arrays(
                pa.array(range(0, len(values) + 1, max(width, 1)), type=pa.int32()), values
            )
        columns[constant.name] = values
    return pa.table(columns)


def _elements(constant: ConstantArray) -> pa.Array:
    if constant.type == "record":
        return pa.StructArray.from_arrays(
            [_elements(field) for field in constant.fields], [field.name for field in constant.fields]
        )
    return pa.array(constant.values.ravel(), type=_ARROW[constant.type])


def scalar_macro(
    name: exp.Table, plan: Plan, dialect: Dialect, signature: Signature, output: str, constants: exp.Table | None
) -> exp.Create:
    """Return a macro that computes one output from the inputs, which are its parameters, in the signature's order.

    A parameter is named as its input, with ``_`` appended where the body uses that name itself.
    """
    parameters = _parameters(plan, signature)
    types = output_types(signature, dialect)
    columns = {column.name: f"_a{number}" for number, column in enumerate(signature.inputs)}
    # The arguments become columns of one row first: a name in an argument cannot be taken for a name in the body.
    row = exp.Tuple(expressions=[quoted_column(parameter) for parameter in parameters])
    alias = exp.TableAlias(
        this=exp.to_identifier("_arguments"), columns=[exp.to_identifier(column) for column in columns.values()]
    )
    arguments = exp.select("*").from_(exp.Values(expressions=[row], alias=alias)).subquery()
    scored = emit.select(plan, dialect, Source(arguments, columns), constants=constants, types=types)
    body = exp.select(quoted_column(output)).from_(scored.subquery())
    return _macro(name, parameters, body.subquery())


def table_macro(
    name: exp.Table, plan: Plan, dialect: Dialect, signature: Signature, constants: exp.Table | None
) -> exp.Create:
    """Return a macro over any relation with the inputs: all its columns, then the outputs."""
    given = exp.Anonymous(this="query_table", expressions=[exp.column(_RELATION)])
    source = Source(exp.select("*").from_(given).subquery())
    types = output_types(signature, dialect)
    body = emit.select(plan, dialect, source, constants=constants, whole_row=True, types=types)
    returns = exp.ReturnsProperty(this=exp.Schema(this=exp.Var(this="TABLE")), is_table=True)
    return _macro(name, [_RELATION], body, exp.Properties(expressions=[returns]))


def _macro(
    name: exp.Table, parameters: Sequence[str], body: exp.Expr, properties: exp.Properties | None = None
) -> exp.Create:
    function = exp.UserDefinedFunction(
        this=name.copy(),
        expressions=[exp.to_identifier(parameter, quoted=True) for parameter in parameters],
        wrapped=True,
    )
    return exp.Create(this=function, kind="MACRO", replace=True, expression=body, properties=properties)


def _parameters(plan: Plan, signature: Signature) -> list[str]:
    used = {CONSTANTS, ROW, SOURCE, WHOLE_SOURCE, *PARAMETERS}
    used |= {f"_a{number}" for number in range(len(signature.inputs))}
    used |= {item.name for item in plan.inputs}
    used |= {column.name for stage in plan.stages for column in stage.columns}
    used |= {constant.name for constant in plan.constants}
    used |= {output.name.lower() for output in signature.outputs}
    taken = used | {column.name.lower() for column in signature.inputs}
    names = []
    for column in signature.inputs:
        name = column.name
        while name.lower() in (used if name == column.name else taken):
            name += "_"
        taken.add(name.lower())
        names.append(name)
    return names
