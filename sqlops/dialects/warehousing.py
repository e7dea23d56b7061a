"""What deploying and watching models must know about an engine; scoring SQL needs none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlops.dialects.catalog import Catalog
from sqlops.dialects.functions import Functions
from sqlops.dialects.times import Times


@dataclass(frozen=True, kw_only=True)
class Warehousing:
    """What an engine does with schemas, views, functions and times.

    Parameters
    ----------
    transactional : bool
        Whether statements that create and change are one transaction, and rows can be updated and deleted. Otherwise
        the registry's tables are logs that rows are appended to, and what is broken off is healed by its repeat.
    table_words : str
        What comes after the columns of a table that is created.
    temporary_tables : bool
        Whether sessions have tables of their own; otherwise working tables are ones of the registry's schema.
    loaded : {"TABLE", "VIEW"}
        What data is that was loaded for a session.
    has_schemas : bool
        Whether a database has schemas; otherwise the name of one is put before those of its tables.
    stores_constants : bool
        Whether the constants of a deployed model are a table; otherwise they are in its views.
    replaces_views : bool
        Whether there is ``CREATE OR REPLACE VIEW``.
    views_keep_types : bool
        Whether a view fails once a column that it reads has another type than when it was created.
    keeps_view_columns : {"prefix", "all"} or None
        Whether a view that is replaced must keep its columns, in their order and with their types, and may have others
        after them, or none. None where it need not.
    locks_rows : bool
        Whether sessions that change the same model have to lock its row, to see each other.
    longest_view : int or None
        How many characters the query of a view may have, where that is fewer than other queries may.
    functions : Functions or None
        Statements about functions, where the engine has them.
    concatenated : str
        Texts ``{0}`` and ``{1}``, one after the other.
    greatest, least : str
        The functions of several numbers that monitoring asks for.
    deviation : str
        The standard deviation of a sample, an aggregate of ``{0}``.
    times : Times or None
        Functions on timestamps, where sqlops monitors models on the engine.
    catalog : Catalog or None
        How the engine is asked what there is, where it is connected to by nothing but SQL.
    """

    transactional: bool = True
    table_words: str = ""
    temporary_tables: bool = True
    loaded: Literal["TABLE", "VIEW"] = "TABLE"
    has_schemas: bool = True
    stores_constants: bool = True
    replaces_views: bool = True
    views_keep_types: bool = False
    keeps_view_columns: Literal["prefix", "all"] | None = None
    locks_rows: bool = False
    longest_view: int | None = None
    functions: Functions | None = None
    concatenated: str = "{0} || {1}"
    greatest: str = "greatest"
    least: str = "least"
    deviation: str = "stddev_samp({0})"
    times: Times | None = None
    catalog: Catalog | None = None

    @property
    def needed_times(self) -> Times:
        """The functions on timestamps, for engines that sqlops connects to."""
        assert self.times is not None
        return self.times
