"""From a Plan to one SQL query: the skeleton is sqlglot's, the text in it was printed by the lowering."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
from sqlglot import TokenType, exp, tokenize
from sqlglot.errors import ErrorLevel, SqlglotError

from sqlops.dialects.base import Dialect
from sqlops.dialects.rows import Rows
from sqlops.errors import LimitError, SchemaError, SourceError, UnsupportedOptionError
from sqlops.ir.nodes import Scalar, ValueType
from sqlops.lowering.plan import ConstantArray, Plan, StageColumn

CONSTANTS = "_constants"
FENCE = "_fence"
SOURCE = "_source"
OUTPUT = "_output"
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
    if dialect.folds_to_upper:
        statement = statement.transform(_folded, dialect)
    text = str(statement.sql(dialect=dialect.grammar, pretty=pretty, unsupported_level=ErrorLevel.RAISE))
    return _NAMES.sub(lambda at: at[1] or f"{dialect.first_letter}_", text) if dialect.first_letter else text


def _folded(node: exp.Expr, dialect: Dialect) -> exp.Expr:
    if isinstance(node, exp.Identifier) and node.quoted:
        node.set("this", dialect.folded(node.name))
    return node


def _refuse_longer(text: str, dialect: Dialect) -> None:
    refuse_longer(text, dialect, dialect.longest_query, "queries")


def refuse_longer(text: str, dialect: Dialect, longest: int | None, what: str) -> None:
    """Refuse what is longer than an engine takes.

    Raises
    ------
    LimitError
    """
    if longest is None or len(text.encode()) <= longest:
        return
    raise LimitError(
        f"this model takes a query of {len(text.encode()):,} bytes; {dialect.name} takes {what} of {longest:,}",
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
        listed = _objects(constant) if dialect.constants_as_json else [_array(f, dialect) for f in constant.fields]
        fields = ", ".join(f"{field.name} {dialect.types[field.type]}" for field in constant.fields)
        return dialect.needed_records.format(", ".join(listed), fields)
    type_ = dialect.types[constant.type]
    if constant.values.dtype == object and None in constant.values:
        type_ = dialect.nullable.format(type_)
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
    if dialect.constants_as_json:
        return json.dumps(values.tolist())[1:-1]
    return ", ".join(map(repr, values.tolist()))


def _objects(constant: ConstantArray) -> list[str]:
    """Return records as objects of JSON."""
    columns = [constant.values[field.name].tolist() for field in constant.fields]
    form = ", ".join(f'"{field.name}": {{}}' for field in constant.fields)
    return [f"{{{form.format(*map(json.dumps, row))}}}" for row in zip(*columns, strict=True)]


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
    fences_all = dialect.most_levels is None or 2 * (len(plan.stages) + 2) <= dialect.most_levels
    first = _first(plan, dialect, source, inside, whole_row)
    if not fences_all and plan.inputs and source.relation is not None:
        first = _given(first, len(passed))
    chain = [("_input", first)]
    scalars = {constant.name for constant in plan.constants} if dialect.constants_as_scalars else set()
    beside = _constants(plan, dialect, constants)
    _refuse_deeper(plan, dialect)
    for number, stage in enumerate(plan.stages):
        columns = [
            *map(exp.column, (*passed, *(name for name in stage.carried if name not in scalars))),
            *(exp.alias_(raw(c.text), c.name) for c in stage.columns),
        ]
        joined = beside if stage.joins_constants else None
        fenced = fences_all or _has_lambda(stage.columns)
        chain.append((f"_stage{number + 1}", _over(columns, chain[-1][0], joined, dialect, fenced=fenced)))
    texts = [dialect.held.format(_typed(column, types, dialect)) for column in plan.outputs]
    joined = beside if plan.outputs_join_constants else None
    if dialect.aliases_hide_columns:
        numbered = [exp.alias_(raw(text), f"_o{number}") for number, text in enumerate(texts)]
        chain.append((OUTPUT, _over([*map(exp.column, passed), *numbered], chain[-1][0], joined, dialect)))
        inside = {key: f"{OUTPUT}.{name}" for key, name in inside.items()}
        texts, joined = [f"{OUTPUT}._o{number}" for number in range(len(texts))], None
    finals = [
        *(named(name, key) for key, name in inside.items()),
        *([raw(f"{ROW}.*")] if whole_row else []),
        *(named(text, dialect.shortened(column.name)) for text, column in zip(texts, plan.outputs, strict=True)),
    ]
    refuse_many_columns([finals, *(stage.expressions for _, stage in chain)], dialect)
    query = _over(finals, chain[-1][0], joined, dialect)
    if dialect.fence == "join":
        query = query.with_(FENCE, as_=exp.select(exp.alias_(raw("1"), "_one")), copy=False)
    query = _with_constants(query, plan, dialect, constants, beside)
    for name, stage_select in chain:
        apart = _fenced(stage_select, dialect)
        query = query.with_(name, as_=apart, materialized=dialect.stages_materialized, copy=False)
    return query


def _fenced(stage: exp.Select, dialect: Dialect) -> exp.Query:
    if dialect.fence == "union":
        nothing = exp.select(*(exp.Null() for _ in stage.expressions), copy=False).where(exp.false(), copy=False)
        return exp.union(stage, nothing, distinct=False, copy=False)
    if dialect.fence == "with":
        return stage.with_(FENCE, as_=exp.select("1"), copy=False)
    return stage.offset(0, copy=False) if dialect.fence == "offset" else stage


def _relation(constant: ConstantArray, dialect: Dialect, rows: Rows) -> tuple[str, exp.Expr]:
    """Return the name of a constant, with its columns, and the query of its rows: numbers, or texts."""
    values = constant.values.reshape(len(constant.values), -1)
    names = ", ".join(f"c{number}" for number in range(values.shape[1]))
    listed = (f"({number}, {_literals(constant, row, dialect)})" for number, row in enumerate(values))
    return f"{constant.name}(n, {names})", raw(rows.relation.format(", ".join(listed)))


def _with_constants(
    query: exp.Select, plan: Plan, dialect: Dialect, constants: exp.Expr | None, beside: exp.Select | None
) -> exp.Select:
    """Name the constants: those of a table, or literals, as one relation, or one by one as values or relations."""
    if dialect.rows is not None:
        for constant in plan.constants:
            query = query.with_(*_relation(constant, dialect, dialect.rows), materialized=True, copy=False)
    elif dialect.constants_as_scalars:
        for constant in plan.constants:
            value = constants_select([constant], dialect)
            if constants is not None:
                value = exp.select(exp.column(constant.name, table=CONSTANTS))
                value = value.from_(exp.alias_(constants, CONSTANTS, table=True))
            query = query.with_(constant.name, as_=value.subquery(), scalar=True, copy=False)
    elif beside is not None and not dialect.constants_in_stages:
        stored = dialect.stages_materialized if constants else dialect.constants_materialized
        query = query.with_(CONSTANTS, as_=beside, materialized=stored, copy=False)
    return query


def _typed(column: StageColumn, types: Mapping[str, str] | None, dialect: Dialect) -> str:
    return f"CAST({column.text} AS {dialect.in_cast(types[column.name])})" if types else column.text


def _constants(plan: Plan, dialect: Dialect, constants: exp.Expr | None) -> exp.Select | None:
    """Return the constants as a SELECT of one row: from their table, or of literals."""
    if not plan.constants or dialect.rows is not None or dialect.constants_as_scalars:
        return None
    return exp.select("*").from_(constants) if constants else constants_select(plan.constants, dialect)


def _has_lambda(columns: Sequence[StageColumn]) -> bool:
    """Return whether an engine that merges stages would compute what these columns read for each element of a list."""
    return any("->" in column.text for column in columns)


def _refuse_deeper(plan: Plan, dialect: Dialect) -> None:
    levels = len(plan.stages) + 2 + sum(_has_lambda(stage.columns) for stage in plan.stages)
    if dialect.most_levels is not None and levels > dialect.most_levels:
        raise LimitError(
            f"this model takes queries in {levels} levels; {dialect.name} resolves {dialect.most_levels} by default",
            hint="train a smaller model, or use another engine",
        )


def _over(
    columns: Sequence[exp.Expr], relation: str, constants: exp.Select | None, dialect: Dialect, *, fenced: bool = True
) -> exp.Select:
    """Return a SELECT over a stage, and over constants where it is the one that joins them."""
    query = exp.select(*columns, copy=False)
    if dialect.fence == "join":
        return query.from_(FENCE if constants is None else CONSTANTS).join(relation, join_type="cross")
    if dialect.fence == "view" and fenced:
        relation = f"{relation} LATERAL VIEW explode(array(1)) {FENCE}"
    if constants is not None and dialect.constants_in_stages:
        both = constants.select("*", copy=True).from_(raw(relation))
        return query.from_(both.subquery(CONSTANTS), copy=False)
    query = query.from_(raw(relation), copy=False)
    return query if constants is None else query.join(CONSTANTS, join_type="cross", copy=False)


def _first(plan: Plan, dialect: Dialect, source: Source, keys: Mapping[str, str], whole_row: bool) -> exp.Select:
    physical = source.columns or {}
    alias = WHOLE_SOURCE if whole_row else SOURCE
    qualifier = f"{alias}." if dialect.aliases_hide_columns and source.relation is not None else ""
    columns: list[exp.Expr] = [
        exp.alias_(raw(f"{qualifier}{dialect.identifier(key)}"), name) for key, name in keys.items()
    ]
    if whole_row:
        columns.append(exp.alias_(raw(dialect.whole_row.format(WHOLE_SOURCE)), ROW))
    for item in plan.inputs:
        name = f"{qualifier}{dialect.identifier(physical.get(item.input.name, item.input.name))}"
        read = dialect.read(name, item.input.type, is_boolean=item.is_boolean, may_be_nan=item.may_be_nan)
        columns.append(exp.alias_(raw(read), item.name))
    query = exp.select(*(columns or [exp.alias_(raw("1"), "_none")]), copy=False)
    return query if source.relation is None else query.from_(exp.alias_(source.relation, alias, table=True), copy=False)


def _given(first: exp.Select, n_passed: int) -> exp.Select:
    """Return a first stage whose inputs are never constants to the engine, which would fold them into every stage."""
    inputs = first.expressions[n_passed:]
    names = [exp.to_identifier(column.alias) for column in inputs]
    row = raw(f"inline(array(struct({', '.join(column.this.name for column in inputs)})))")
    view = exp.Lateral(this=row, view=True, alias=exp.TableAlias(this=exp.to_identifier(FENCE), columns=names))
    kept = [*first.expressions[:n_passed], *(exp.column(name.copy(), FENCE) for name in names)]
    first.set("expressions", kept)
    first.append("laterals", view)
    return first


def refuse_many_columns(selects: Sequence[Sequence[exp.Expr]], dialect: Dialect) -> None:
    """Refuse what an engine cannot select: the first list is that of keys and outputs, the others are of stages.

    Raises
    ------
    UnsupportedOptionError
        One of the lists is too long.
    """
    most = max(map(len, selects))
    if dialect.most_columns is not None and most > dialect.most_columns:
        what = "keys and outputs" if most == len(selects[0]) else "columns in a stage of its SQL"
        raise UnsupportedOptionError(
            f"the model has {most:,} {what}, and {dialect.name} selects at most {dialect.most_columns:,} columns",
            hint="compile the estimator that reads these columns together with this one, as a Pipeline",
        )


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
