"""The SQL of what a deployment creates: views and tables of constants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlglot import exp

from sqlops import emit
from sqlops.dialects.base import Dialect
from sqlops.emit import Source
from sqlops.lowering import ConstantArray, Plan
from sqlops.schema import Signature

_ARROW = {
    "double": pa.float64(),
    "float32": pa.float32(),
    "bigint": pa.int64(),
    "int32": pa.int32(),
    "int16": pa.int16(),
    "text": pa.string(),
}


def output_types(signature: Signature, dialect: Dialect) -> dict[str, str]:
    """Return the engine's types of a model's outputs."""
    return {output.name: dialect.nullable.format(dialect.types[output.type]) for output in signature.outputs}


def view(
    plan: Plan,
    dialect: Dialect,
    signature: Signature,
    source: exp.Expr,
    keys: Sequence[str],
    constants: exp.Table | None,
) -> exp.Select:
    """Return what the view of a version shows: keys and outputs over a source."""
    types = output_types(signature, dialect)
    return emit.select(plan, dialect, Source(source), keys=keys, constants=constants, types=types)


def stable_view(version: exp.Table, columns: Sequence[str], gone: Mapping[str, str]) -> exp.Select:
    """Return what the view that follows an alias shows: the columns of a version's view, named one by one.

    Parameters
    ----------
    version : sqlglot.exp.Table
    columns : sequence of str
    gone : mapping of str to str
        Those that the version does not have, and their types: they are NULL.
    """
    return exp.select(
        *(
            emit.named(f"CAST(NULL AS {gone[column]})", column) if column in gone else quoted_column(column)
            for column in columns
        )
    ).from_(version)


def create_view(name: exp.Table, query: exp.Select, dialect: Dialect) -> tuple[exp.Expr, ...]:
    """Return the statements that create a view, or replace it."""
    create = exp.Create(this=name.copy(), kind="VIEW", replace=dialect.replaces_views, expression=query)
    return (create,) if dialect.replaces_views else (drop(name, "VIEW"), create)


def drop(name: exp.Table, kind: str) -> exp.Drop:
    """Return ``DROP … IF EXISTS`` of a table or view."""
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
