"""What must hold before a model is deployed over a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from sqlops.artifacts.relations import count_where, quoted_column
from sqlops.dialects.base import Dialect
from sqlops.emit import refuse_case_twins
from sqlops.errors import RegistryError, SchemaError, SourceError
from sqlops.registry.store import fetch
from sqlops.schema import Signature
from sqlops.warehouses.base import Connection

SCORE_COLUMNS = ("input_hash", "model_version", "scored_at")
"""What a score table has besides keys and outputs."""


def key_list(keys: str | Sequence[str]) -> list[str]:
    """Return keys as a list.

    Raises
    ------
    SourceError
        There are none.
    """
    listed = [keys] if isinstance(keys, str) else list(keys)
    if not listed:
        raise SourceError("a deployment needs keys, the columns that identify a row: pass keys=")
    return listed


def check_source(
    connection: Connection, source: str, keys: Sequence[str], signature: Signature
) -> tuple[exp.Table, list[str]]:
    """Refuse a source that the model cannot read, or whose keys do not identify its rows.

    Returns
    -------
    sqlglot.exp.Table
        The source with its schema.
    list of str
        The keys as the source spells them.

    Raises
    ------
    SourceError
        There is no such relation, it is temporary, or its keys are missing, NULL or not unique.
    SchemaError
        Columns are missing, have other types or cannot be told apart; all of them are named.
    """
    place = connection.locate(source)
    columns = connection.columns(source)
    if place is None or columns is None:
        raise SourceError(f"the source '{source}' does not exist: create the table or view first, or name its schema")
    if place.catalog == "temp":
        raise SourceError(
            f"the source '{source}' is temporary and would be gone for the next session: use a lasting one"
        )
    spelled = {name.lower(): name for name in columns}
    missing = [key for key in keys if key.lower() not in spelled]
    if missing:
        raise SourceError(f"the source '{source}' has no key column {_names(missing)}: it has {_names(columns)}")
    _check_columns(connection.dialect, source, columns, signature)
    listed = [spelled[key.lower()] for key in keys]
    _check_output_names(source, listed, signature)
    _check_keys(connection, source, place, listed)
    return place, listed


def _names(names: Sequence[str] | Mapping[str, str]) -> str:
    shown = [f"'{name}'" for name in list(names)[:20]]
    return ", ".join(shown) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def _check_columns(dialect: Dialect, source: str, columns: Mapping[str, str], signature: Signature) -> None:
    refuse_case_twins([column.name for column in signature.inputs], dialect)
    types = {name.lower(): type_ for name, type_ in columns.items()}
    faults = []
    for column in signature.inputs:
        type_ = types.get(column.name.lower())
        if type_ is None:
            faults.append(f"column '{column.name}' ({column.of}) is missing")
        elif not dialect.accepts(column.of, type_):
            faults.append(f"column '{column.name}' is {type_}, the model takes {column.of}")
    if faults:
        raise SchemaError(f"the source '{source}'", faults, "put a view with the columns of training over it")


def _check_output_names(source: str, keys: Sequence[str], signature: Signature) -> None:
    seen: set[str] = set()
    for name in (*keys, *(output.name for output in signature.outputs), *SCORE_COLUMNS):
        if name.lower() in seen:
            raise SourceError(
                f"'{name}' would be two columns of the view or the score table: rename that key of '{source}'"
            )
        seen.add(name.lower())


def _check_keys(connection: Connection, source: str, place: exp.Table, keys: Sequence[str]) -> None:
    columns = [quoted_column(key) for key in keys]
    nulls = [count_where(exp.Is(this=column.copy(), expression=exp.Null())) for column in columns]
    (counts,) = connection.rows(exp.select(*nulls).from_(place))
    faults = [f"key '{key}' is NULL in {count} rows" for key, count in zip(keys, counts, strict=True) if count]
    twice = (
        exp.select("1")
        .from_(place)
        .group_by(*columns)
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
    )
    ((repeated,),) = connection.rows(exp.select(exp.Count(this=exp.Star())).from_(twice.subquery("_repeated")))
    if repeated:
        faults.append(f"key {_names(keys)} is not unique, {repeated} values occur more than once")
    if faults:
        raise SourceError(f"the source '{source}': {'; '.join(faults)}: every row needs a key of its own")


def refuse_long_names(dialect: Dialect, model: str, names: Sequence[str]) -> None:
    """Refuse names of views and functions that the engine would cut: two of them could become one.

    Raises
    ------
    RegistryError
    """
    cut = [name for name in names if dialect.shortened(name) != name]
    if cut:
        raise RegistryError(
            f"'{cut[0]}' is longer than the {dialect.longest_name} bytes that a name may have on {dialect.name}: "
            f"compile model '{model}' under a shorter name"
        )


def refuse_taken(connection: Connection, schema: str, model: str, placed_in: str, names: Sequence[str]) -> None:
    """Refuse to overwrite what sqlops did not make for this model.

    Raises
    ------
    RegistryError
        Relations or functions of such names are there; all of them are named.
    """
    owned = {
        row[0].lower()
        for row in fetch(connection, schema, "objects", ("object",), {"model": model, "placed_in": placed_in})
    }
    found = connection.named(placed_in, names)
    taken = sorted(f"{kind} '{name}'" for name, kind in found.items() if name.lower() not in owned)
    if taken:
        raise RegistryError(
            f"schema '{placed_in}' has {', '.join(taken)} already, not made for model '{model}': rename or drop it"
        )


def refuse_breaking(name: str, current: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Refuse columns that would break what reads the stable view.

    The new columns must start with the current ones, in their order and with their types.

    Raises
    ------
    RegistryError
        They do not; every column at fault is named.
    """
    faults = []
    for position, (column, type_) in enumerate(current.items()):
        if column not in new:
            faults.append(f"column '{column}' would go")
        elif new[column] != type_:
            faults.append(f"column '{column}' would turn from {type_} to {new[column]}")
        elif list(new)[position] != column:
            faults.append(f"column '{column}' would move")
    if faults:
        raise RegistryError(
            f"what reads '{name}' would break: {'; '.join(faults)}: compile the model with the outputs and keys it "
            "had, or pass allow_breaking=True"
        )
