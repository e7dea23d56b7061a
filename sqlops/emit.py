"""From a Plan to one SQL query: the skeleton is sqlglot's, the text in it was printed by the lowering."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
from sqlglot import TokenType, exp, tokenize
from sqlglot.errors import ErrorLevel, SqlglotError

from sqlops.dialects.base import Dialect
from sqlops.errors import LimitError, SchemaError, SourceError
from sqlops.ir.nodes import Scalar, ValueType
from sqlops.lowering.plan import ConstantArray, Plan, StageColumn

CONSTANTS = "_constants"
SOURCE = "_source"
ROW = "_row"
_NAMES = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|(?<![\w'"])_(?=[a-z])""")
WHOLE_SOURCE = "_sqlops_source"
"""The alias where whole rows are read: a column of this name, in any relation, would hide it."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the first stage reads.

    Parameters
    ----------
    relation : sqlglot expression or None
        A table or a subquery; None where the inputs are parameters in scope.
    columns : mapping of str to str, optional
        The physical name of an input, where it differs.
    """

    relation: exp.Expr | None
    columns: Mapping[str, str] | None = None


def render(statement: exp.Expr, dialect: Dialect) -> str:
    """Return a statement as text, indented; what the dialect cannot say is an error, never left out.

    A line break inside a literal or a name would be indented too, and so changed: such statements stay on one line.
    """
    plain = _printed(statement, dialect)
    _refuse_longer(plain, dialect)
    if len(plain.splitlines()) > 1:
        return plain
    indented = _printed(statement, dialect, pretty=True)
    return plain if dialect.longest_query and len(indented.encode()) > dialect.longest_query else indented


def _printed(statement: exp.Expr, dialect: Dialect, *, pretty: bool = False) -> str:
    text = str(statement.sql(dialect=dialect.grammar, pretty=pretty, unsupported_level=ErrorLevel.RAISE))
    return _NAMES.sub(lambda at: at[1] or f"{dialect.first_letter}_", text) if dialect.first_letter else text


def _refuse_longer(text: str, dialect: Dialect) -> None:
    if dialect.longest_query is None or len(text.encode()) <= dialect.longest_query:
        return
    raise LimitError(
        f"this model takes a query of {len(text.encode()):,} bytes; {dialect.name} takes {dialect.longest_query:,}",
        hint="train a smaller model (fewer or shallower trees, fewer references), or use another engine",
    )


def raw(text: str) -> exp.Expr:
    """Return printed SQL as a leaf of a sqlglot tree."""
    return exp.Var(this=text)


def named(text: str, name: str) -> exp.Expr:
    """Return ``text AS "name"``."""
    return exp.alias_(raw(text), exp.to_identifier(name, quoted=True))


def table(name: str, dialect: Dialect) -> exp.Table:
    """Return a dotted name of a relation as an expression, each part quoted; quoted parts may hold dots.

    Raises
    ------
    SourceError
        The text is no name of a relation.
    """
    try:
        tokens = tokenize(name, dialect=dialect.grammar)
        parsed = exp.to_table(name, dialect=dialect.grammar)
    except SqlglotError:
        tokens, parsed = [], exp.Table()
    is_dotted = len(tokens) % 2 == 1 and all(token.token_type is TokenType.DOT for token in tokens[1::2])
    if not is_dotted or len(parsed.parts) != (len(tokens) + 1) // 2:
        raise SourceError(f'{name!r} is no name of a relation: write table, schema.table or "quoted name"')
    for part in parsed.parts:
        part.set("quoted", True)
    return parsed


def constants_select(constants: Sequence[ConstantArray], dialect: Dialect) -> exp.Select:
    """Return the one row of constants as a SELECT of literals."""
    return exp.select(*(exp.alias_(raw(_array(constant, dialect)), constant.name) for constant in constants))


def _array(constant: ConstantArray, dialect: Dialect) -> str:
    if constant.type == "record":
        arrays = ", ".join(_array(field, dialect) for field in constant.fields)
        fields = ", ".join(f"{field.name} {dialect.types[field.type]}" for field in constant.fields)
        return dialect.needed_records.format(arrays, fields)
    type_ = dialect.types[constant.type]
    long = constant.values.size > dialect.longest_literal and constant.type != "text"
    print_elements = _texts if long else _literals
    array, matrix = (dialect.array_of_text, dialect.matrix_of_text) if long else (dialect.array, dialect.matrix)
    if constant.values.ndim == 1:
        return array.format(print_elements(constant, constant.values, dialect), type_)
    rows = (dialect.matrix_row.format(print_elements(constant, row, dialect)) for row in constant.values)
    return matrix.format(", ".join(rows), type_)


def _literals(constant: ConstantArray, values: npt.NDArray[Any], dialect: Dialect) -> str:
    listed: list[Scalar] = values.tolist()
    type_: ValueType = "text" if constant.type == "text" else "double" if values.dtype.kind == "f" else "bigint"
    return ", ".join(dialect.literal(value, type_) for value in listed)


def _texts(constant: ConstantArray, values: npt.NDArray[Any], dialect: Dialect) -> str:
    """Return numbers as parts of one text: an engine casts it 15 times faster than it plans that many literals."""
    return ", ".join(map(repr, values.tolist()))


def select(
    plan: Plan,
    dialect: Dialect,
    source: Source,
    *,
    keys: Sequence[str] = (),
    constants: exp.Expr | None = None,
    whole_row: bool = False,
    types: Mapping[str, str] | None = None,
) -> exp.Select:
    """Write a Plan as one SELECT: keys, then outputs.

    Parameters
    ----------
    plan : Plan
    dialect : Dialect
    source : Source
    keys : sequence of str
        Source columns that go through unchanged.
    constants : sqlglot expression, optional
        The table that holds the constants; without it they are written into the query.
    whole_row : bool
        Pass all columns of the source through instead of keys.
    types : mapping of str to str, optional
        The engine's types of the outputs, by name: each output is cast, so that its type is the same for every model.

    Returns
    -------
    sqlglot.exp.Select
    """
    physical = source.columns or {}
    refuse_case_twins([*keys, *(physical.get(item.input.name, item.input.name) for item in plan.inputs)], dialect)
    refuse_shared_names(keys, [column.name for column in plan.outputs])
    inside = {key: f"_key{number}" for number, key in enumerate(keys)}
    passed = [*inside.values(), *([ROW] if whole_row else [])]
    chain = [("_input", _first(plan, dialect, source, inside, whole_row))]
    for number, stage in enumerate(plan.stages):
        columns = [
            *map(exp.column, (*passed, *stage.carried)),
            *(exp.alias_(raw(c.text), c.name) for c in stage.columns),
        ]
        chain.append((f"_stage{number + 1}", _over(columns, chain[-1][0], stage.joins_constants)))
    finals = [
        *(exp.alias_(exp.column(name), exp.to_identifier(key, quoted=True)) for key, name in inside.items()),
        *([raw(f"{ROW}.*")] if whole_row else []),
        *(named(_typed(column, types), dialect.shortened(column.name)) for column in plan.outputs),
    ]
    query = _over(finals, chain[-1][0], plan.outputs_join_constants)
    if plan.constants:
        relation = exp.select("*").from_(constants) if constants else constants_select(plan.constants, dialect)
        stored = dialect.stages_materialized if constants else dialect.constants_materialized
        query = query.with_(CONSTANTS, as_=relation, materialized=stored, copy=False)
    for name, stage_select in chain:
        fenced = stage_select.offset(0, copy=False) if dialect.fence else stage_select
        query = query.with_(name, as_=fenced, materialized=dialect.stages_materialized, copy=False)
    return query


def _typed(column: StageColumn, types: Mapping[str, str] | None) -> str:
    return f"CAST({column.text} AS {types[column.name]})" if types else column.text


def _over(columns: Sequence[exp.Expr], relation: str, joins_constants: bool) -> exp.Select:
    query = exp.select(*columns, copy=False).from_(relation)
    return query.join(CONSTANTS, join_type="cross") if joins_constants else query


def _first(plan: Plan, dialect: Dialect, source: Source, keys: Mapping[str, str], whole_row: bool) -> exp.Select:
    physical = source.columns or {}
    columns: list[exp.Expr] = [
        exp.alias_(exp.column(exp.to_identifier(key, quoted=True)), name) for key, name in keys.items()
    ]
    alias = WHOLE_SOURCE if whole_row else SOURCE
    if whole_row:
        columns.append(exp.alias_(raw(WHOLE_SOURCE), ROW))
    for item in plan.inputs:
        name = dialect.identifier(physical.get(item.input.name, item.input.name))
        text = dialect.read(name, item.input.type, may_be_nan=item.may_be_nan, is_boolean=item.is_boolean)
        columns.append(exp.alias_(raw(text), item.name))
    query = exp.select(*(columns or [exp.alias_(raw("1"), "_none")]), copy=False)
    return query if source.relation is None else query.from_(exp.alias_(source.relation, alias, table=True), copy=False)


def refuse_shared_names(keys: Sequence[str], outputs: Sequence[str]) -> None:
    """Refuse keys that are named like outputs: a view cannot have both.

    Raises
    ------
    SchemaError
        All such keys are named.
    """
    taken = {output.lower() for output in outputs}
    faults = [f"key '{key}' has the name of an output" for key in keys if key.lower() in taken]
    if faults:
        raise SchemaError("the source", faults, "rename it in the source, or in a view over it")


def refuse_case_twins(names: Sequence[str], dialect: Dialect) -> None:
    """Refuse columns that an engine cannot tell apart.

    Raises
    ------
    SchemaError
        Two names differ only in case; all such pairs are named.
    """
    seen: dict[str, str] = {}
    faults = []
    for name in dict.fromkeys(names):
        twin = seen.setdefault(name.lower(), name)
        if twin != name:
            faults.append(f"columns '{twin}' and '{name}' differ only in case")
    if faults:
        raise SchemaError("the source", faults, f"{dialect.name} cannot tell them apart: rename one")
