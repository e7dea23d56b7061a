"""Queries of an engine's own tables, for connections that know nothing of it but its dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalog:
    """How an engine is asked what there is. The defaults are those of the standard's information schema.

    Parameters
    ----------
    relations : str
        Rows (schema, name, kind) of tables and views; kinds of views have VIEW in them. ``{0}`` is the schema as a
        name, ``{1}`` the same as text; ``{2}`` are names, as texts in lower case.
    columns : str
        Rows (name, type) of a relation's columns, in order: ``{0}`` and ``{1}`` as above, ``{2}`` the relation as text,
        ``{3}`` what `type` says.
    type : str
        What of the information schema's columns is their type.
    functions : str or None
        Rows (schema, name) of functions, with the parameters of `relations`; None where models have none on the engine.
    database, schema : str
        The names of the current database, and of the schema in which names without one are created.
    no_schema : str or None
        What the engine says where a query of `relations` or `columns` names a schema that does not exist, as a regular
        expression; None where such queries have no rows.
    doubles_percent : bool
        Whether drivers whose parameters are marked by percent signs take two of them for one in every statement; others
        do where there are parameters.
    types : mapping of str to str
        Types that the catalog calls otherwise than the dialect does: its name, in upper case, and the dialect's.
    """

    relations: str = (
        "SELECT table_schema, table_name, table_type FROM information_schema.tables"
        " WHERE lower(table_schema) = lower({1}) AND lower(table_name) IN ({2})"
    )
    columns: str = (
        "SELECT column_name, {3} FROM information_schema.columns"
        " WHERE table_schema = {1} AND table_name = {2} ORDER BY ordinal_position"
    )
    type: str = "data_type"
    functions: str | None = None
    database: str = "SELECT current_database()"
    schema: str = "SELECT current_schema()"
    no_schema: str | None = None
    doubles_percent: bool = False
    types: Mapping[str, str] = field(default_factory=dict)
