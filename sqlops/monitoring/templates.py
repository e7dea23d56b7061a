"""Templates of monitoring: nothing reaches their SQL but through a filter that quotes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any

from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.runtime import Context

from sqlops.artifacts.relations import drop
from sqlops.assets import template_loader
from sqlops.dialects import get_dialect
from sqlops.dialects.base import Dialect
from sqlops.ir.nodes import ValueType
from sqlops.monitoring.watch import Watch, Watched, class_index_sql, label_sql, value_sql
from sqlops.monitoring.windows import later_sql
from sqlops.registry.log import log_of
from sqlops.warehouses.base import Connection

Filter = Callable[..., str]


@cache
def environment(dialect: str) -> Environment:
    """Return the templates with the quoting filters of a dialect.

    Filters
    -------
    ``identifier``: a name. ``relation``: a dotted name. ``literal``: a constant. ``missing``: NULL of a type.
    ``table(schema)``: a table of the registry, to read. ``written(schema)``: where it is inserted into; a row then ends
    with ``entry | kept``, or ``entry | gone`` if it is to go. ``working``: a table of this run;
    ``created`` creates it with columns, after which ``ended`` comes, and ``created_as`` with the rows of a query.
    ``later(length)``: a timestamp, and an interval later. ``timestamp``: a constant, as ISO text.
    ``deviation``: the standard deviation of a printed number.
    ``value_of(column)``: a watched column, read from a quoted name. ``label_of(subject)`` and
    ``class_index(subject)``: a label, read from a quoted name.
    """
    spoken = get_dialect(dialect)
    templates = Environment(
        loader=template_loader(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  # SQL, not HTML: quoting is the filters' work
    )
    templates.filters |= {**_values(spoken), **_readers(spoken), **_tables(spoken)}
    nullable = {name: spoken.nullable.format(type_) for name, type_ in spoken.types.items()}
    in_cast = {name: spoken.nullable_in_cast(name) for name in spoken.types}
    templates.globals |= {"nullable": nullable, "in_cast": in_cast, "greatest": spoken.greatest, "least": spoken.least}
    templates.globals |= {"transactional": spoken.transactional, "ended": spoken.working_words}
    return templates


def _values(spoken: Dialect) -> dict[str, Filter]:
    """Return the filters that print names, constants and functions."""

    def identifier(name: str) -> str:
        # str() of an undefined name is Jinja's own error; sqlglot's would hide which name it is.
        return spoken.identifier(str(name))

    def missing(type_: ValueType) -> str:
        return spoken.literal(None, type_)

    def later(moment: str, length: str) -> str:
        return later_sql(moment, length, spoken)

    return {
        "identifier": identifier,
        "relation": spoken.relation,
        "literal": lambda value: literal(value, spoken),
        "missing": missing,
        "deviation": spoken.deviation.format,
        "later": later,
        "timestamp": spoken.timestamp,
    }


def _readers(spoken: Dialect) -> dict[str, Filter]:
    """Return the filters that read columns, as what they are to monitoring."""

    def value_of(reference: str, column: Watched) -> str:
        return value_sql(column, reference, spoken)

    def label_of(reference: str, subject: Watch) -> str:
        return label_sql(reference, subject, spoken)

    def class_index(reference: str, subject: Watch) -> str:
        return class_index_sql(reference, subject, spoken)

    return {"value_of": value_of, "label_of": label_of, "class_index": class_index}


def _tables(spoken: Dialect) -> dict[str, Filter]:
    """Return the filters that print tables, of the registry and of a run."""

    def table(name: str, schema: str) -> str:
        return str(spoken.table(schema, name).sql(dialect=spoken.grammar))

    def written(name: str, schema: str) -> str:
        return table(name if spoken.transactional else log_of(name), schema)

    def kept(entry: int, *, gone: bool = False) -> str:
        return "" if spoken.transactional else f", {literal(entry, spoken)}, {literal(gone, spoken)}"

    @pass_context
    def working(context: Context, name: str) -> str:
        return str(spoken.working_table(*_whose(context), name).sql(dialect=spoken.grammar))

    @pass_context
    def created(context: Context, name: str) -> str:
        return spoken.create_working(*_whose(context), name)

    @pass_context
    def created_as(context: Context, name: str) -> str:
        return f"{created(context, name)}{spoken.working_words} AS"

    return {
        "table": table,
        "written": written,
        "kept": kept,
        "gone": partial(kept, gone=True),
        "working": working,
        "created": created,
        "created_as": created_as,
    }


def _whose(context: Context) -> tuple[Any, Any]:
    """Return the schema and the model that a template is told; undefined ones fail where they are printed."""
    return context.resolve("schema"), context.resolve("model")


def literal(value: str | float | int | bool | None, dialect: Dialect) -> str:
    """Return a constant of any plain Python type as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return dialect.literal(value, "boolean")
    if isinstance(value, int):
        return dialect.literal(value, "bigint")
    if isinstance(value, float):
        return dialect.literal(value, "double")
    return dialect.text(str(value))


def render(template: str, dialect: Dialect, context: Mapping[str, Any]) -> str:
    """Return a template as SQL.

    Parameters
    ----------
    template : str
        Its path under ``templates/``, without ``.sql.j2``.
    dialect : Dialect
    context : mapping of str to object
    """
    return environment(dialect.name).get_template(f"{template}.sql.j2").render(**context).strip()


def drop_working(connection: Connection, schema: str, model: str, names: Iterable[str]) -> None:
    """Drop working tables that a run that was broken off may have left."""
    for name in names:
        connection.execute(drop(connection.dialect.working_table(schema, model, name), "TABLE"))
