"""Slices: SQL expressions over the source's columns, given by the user and checked here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from sqlops.dialects.base import Dialect
from sqlops.errors import MonitoringError

MISSING_VALUE = "(missing)"
"""The slice value of rows where the expression is NULL."""

MOST_VALUES = 1000
"""A slice with more values is an identifier, not a group."""

_REFUSED: tuple[tuple[Any, str], ...] = (
    (exp.Query, "a subquery"),
    (exp.AggFunc, "an aggregate"),
    (exp.Window, "a window function"),
    (exp.Star, "a star"),
    (exp.Alias, "an alias"),
    (exp.Aliases, "an alias"),
    (exp.Placeholder, "a placeholder"),
    (exp.Parameter, "a parameter"),
    (exp.DDL, "a statement"),
    (exp.DML, "a statement"),
    (exp.Command, "a statement"),
    (exp.UDTF, "a table function"),
)


@dataclass(frozen=True, slots=True)
class Slice:
    """One way to divide the rows.

    Parameters
    ----------
    key : str
        Its name in the metrics: the expression as given.
    expressions : tuple of str
        SQL; several are crossed.
    """

    key: str
    expressions: tuple[str, ...]


def parse_slices(
    slices: Sequence[str | Sequence[str]], columns: Collection[str], dialect: Dialect
) -> tuple[Slice, ...]:
    """Check slices.

    Parameters
    ----------
    slices : sequence of str, or of sequences of str
        Each an SQL expression over the source's columns. Several expressions, as a sequence or separated by commas,
        are crossed: ``["origin", "origin, carrier", ("month(day)", "carrier")]``.
    columns : collection of str
        The source's columns.
    dialect : Dialect

    Raises
    ------
    MonitoringError
        A slice is no scalar expression, names a column that the source lacks, or is given twice.
    """
    if isinstance(slices, str):
        raise MonitoringError(f"slices must be a list: write slices=[{slices!r}]")
    known = {column.lower() for column in columns}
    parsed = []
    for given in slices:
        texts = [given] if isinstance(given, str) else list(given)
        key = ", ".join(text.strip() for text in texts)
        expressions = [e for text in texts for e in _parse(text, known, dialect)]
        if not expressions:
            raise MonitoringError("a slice is empty: give an SQL expression over the source's columns")
        parsed.append(Slice(key, tuple(expressions)))
    keys = [item.key for item in parsed]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise MonitoringError(f"slice '{twice[0]}' is given twice: remove one")
    return tuple(parsed)


def _parse(text: str, known: Collection[str], dialect: Dialect) -> list[str]:
    try:
        statements = sqlglot.parse(f"SELECT {text}", read=dialect.grammar)
    except SqlglotError as error:
        line = " ".join(str(error).split())[:120]
        raise MonitoringError(f"slice '{text}' is no SQL expression: {line}") from error
    select = statements[0] if len(statements) == 1 else None
    if not isinstance(select, exp.Select) or any(part for name, part in select.args.items() if name != "expressions"):
        raise MonitoringError(f"slice '{text}' is no single SQL expression: give one over the source's columns")
    expressions: list[exp.Expression] = list(select.expressions)
    for expression in expressions:
        for type_, what in _REFUSED:
            if expression.find(type_):
                raise MonitoringError(f"slice '{text}' has {what}: only the row's own columns may be used")
        _check_columns(text, expression, known)
    for name in (name for e in expressions for name in e.find_all(exp.Identifier)):
        name.set("this", dialect.folded(name.name))
    return [str(e.sql(dialect=dialect.grammar, comments=False, identify=True)) for e in expressions]


def _check_columns(text: str, expression: exp.Expression, known: Collection[str]) -> None:
    for column in expression.find_all(exp.Column):
        # What precedes a dot may be a struct column instead of a table.
        if column.parts[0].name.lower() not in known:
            raise MonitoringError(f"slice '{text}' names '{column.sql()}', which the source does not have")


def value_sql(item: Slice, dialect: Dialect) -> str:
    """Return the text that a row has as its slice value; the values of crossed expressions are joined by commas."""
    text, missing = dialect.nullable_in_cast("text"), dialect.text(MISSING_VALUE)
    if len(item.expressions) == 1:
        return f"coalesce(CAST(({item.expressions[0]}) AS {text}), {missing})"
    comma, escaped = dialect.text(","), dialect.text("\\,")
    values = [f"coalesce(replace(CAST(({e}) AS {text}), {comma}, {escaped}), {missing})" for e in item.expressions]
    separated = [part for value in values for part in (dialect.text(", "), value)]
    return reduce(dialect.concatenated.format, separated[1:])
