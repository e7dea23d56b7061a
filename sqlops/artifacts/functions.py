"""The SQL of functions over a model: of its inputs, one for an output; and over a relation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.relations import output_types, quoted_column
from sqlops.dialects.base import Dialect
from sqlops.dialects.functions import Functions
from sqlops.emit import CONSTANTS, ROW, SOURCE, WHOLE_SOURCE, Source
from sqlops.ir.program import Program
from sqlops.lowering import Plan, lower_whole
from sqlops.lowering.lists import PARAMETERS
from sqlops.schema import LogicalType, Signature

_RELATION = "relation"


def scalar_function(
    name: exp.Table,
    program: Program,
    plan: Plan,
    dialect: Dialect,
    functions: Functions,
    signature: Signature,
    output: str,
    constants: exp.Table | None,
) -> str:
    """Return a function that computes one output from the inputs, which are its parameters, in the signature's order.

    A parameter is named as its input, with ``_`` appended where the body uses that name itself.
    """
    parameters = [dialect.identifier(parameter) for parameter in _parameters(plan, signature)]
    type_ = output_types(signature, dialect)[output]
    given = [functions.argument.format(parameter, number) for number, parameter in enumerate(parameters, start=1)]
    body = _whole(program, dialect, functions, signature, output, given)
    if body is None:
        body = _staged(plan, dialect, signature, output, constants, given)
    listed = (
        functions.parameter.format(parameter, dialect.types[column.type])
        for parameter, column in zip(parameters, signature.inputs, strict=True)
    )
    body = f"CAST({body} AS {type_})" if functions.longest_whole else body
    return functions.create.format(
        name=emit.render(name, dialect),
        parameters=", ".join(listed),
        type=type_,
        body=body,
        quoted=dialect.text(body),
    )


def is_function(program: Program, plan: Plan, dialect: Dialect, signature: Signature, output: str) -> bool:
    """Return whether the engine has a function that gives an output of a model."""
    functions = dialect.functions
    if functions is None or functions.staged:
        return functions is not None
    given = [
        functions.argument.format(name, number) for number, name in enumerate(_parameters(plan, signature), start=1)
    ]
    return _whole(program, dialect, functions, signature, output, given) is not None


def _whole(
    program: Program, dialect: Dialect, functions: Functions, signature: Signature, output: str, given: Sequence[str]
) -> str | None:
    if not functions.longest_whole:
        return None
    arguments = {column.name: argument for column, argument in zip(signature.inputs, given, strict=True)}
    booleans = [column.name for column in signature.inputs if column.of is LogicalType.BOOLEAN]
    return lower_whole(program, dialect, output, arguments, functions.longest_whole, booleans)


def _staged(
    plan: Plan,
    dialect: Dialect,
    signature: Signature,
    output: str,
    constants: exp.Table | None,
    given: Sequence[str],
) -> str:
    types = output_types(signature, dialect)
    columns = {column.name: f"_a{number}" for number, column in enumerate(signature.inputs)}
    # The arguments become columns of one row first: a name in an argument cannot be taken for a name in the body.
    row = exp.Tuple(expressions=[emit.raw(argument) for argument in given])
    alias = exp.TableAlias(
        this=exp.to_identifier("_arguments"), columns=[exp.to_identifier(column) for column in columns.values()]
    )
    arguments = exp.select("*").from_(exp.Values(expressions=[row], alias=alias)).subquery()
    scored = emit.select(plan, dialect, Source(arguments, columns), constants=constants, types=types)
    body = exp.select(quoted_column(dialect.shortened(output))).from_(scored.subquery("_scored"))
    return emit.render(body.subquery(), dialect)


def drop_functions(
    name: exp.Table, dialect: Dialect, functions: Functions, signatures: Iterable[Signature]
) -> list[str]:
    """Return ``DROP … IF EXISTS`` of a function of models with these signatures."""
    place = emit.render(name, dialect)
    return list(dict.fromkeys(functions.drop.format(place, parameter_types(each, dialect)) for each in signatures))


def parameter_types(signature: Signature, dialect: Dialect) -> str:
    """Return the types of the parameters of a model's functions."""
    return ", ".join(dialect.types[column.type] for column in signature.inputs)


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
