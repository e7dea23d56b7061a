"""Templates of monitoring: nothing reaches their SQL but through a filter that quotes it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, StrictUndefined

from sqlops.assets import template_loader
from sqlops.dialects import get_dialect
from sqlops.dialects.base import Dialect
from sqlops.monitoring.watch import Watch, Watched, class_index_sql, label_sql, value_sql


@cache
def environment(dialect: str) -> Environment:
    """Return the templates with the quoting filters of a dialect.

    Filters
    -------
    ``identifier``: a name. ``relation``: a dotted name. ``literal``: a constant. ``table(schema)``: a table of the
    registry. ``later(length)``: a timestamp, and an interval later. ``timestamp``: a constant, as ISO text.
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

    def identifier(name: str) -> str:
        # str() of an undefined name is Jinja's own error; sqlglot's would hide which name it is.
        return spoken.identifier(str(name))

    def value_of(reference: str, column: Watched) -> str:
        return value_sql(column, reference, spoken)

    def label_of(reference: str, subject: Watch) -> str:
        return label_sql(reference, subject, spoken)

    def class_index(reference: str, subject: Watch) -> str:
        return class_index_sql(reference, subject, spoken)

    def later(moment: str, length: str) -> str:
        return spoken.needed_times.later.format(moment, spoken.text(length))

    def table(name: str, schema: str) -> str:
        return str(spoken.table(schema, name).sql(dialect=spoken.grammar))

    templates.filters |= {
        "identifier": identifier,
        "relation": spoken.relation,
        "literal": lambda value: literal(value, spoken),
        "table": table,
        "deviation": spoken.deviation.format,
        "later": later,
        "timestamp": spoken.timestamp,
        "value_of": value_of,
        "label_of": label_of,
        "class_index": class_index,
    }
    templates.globals |= {"types": spoken.types, "greatest": spoken.greatest, "least": spoken.least}
    return templates


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
