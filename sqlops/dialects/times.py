"""How an engine counts time: what monitoring needs of it. All times are UTC, without a zone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Times:
    """Spelling of functions on timestamps.

    Parameters
    ----------
    types : tuple of str
        Prefixes of the types of columns that can be read as timestamps, in upper case.
    literal : str
        A timestamp, ``{0}`` a literal of ISO text.
    start_of_several : str
        The beginning of the window of ``{0}`` (seconds to weeks: a literal such as ``'6 hours'``; ``{2}`` is how many
        seconds that is) in which timestamp ``{1}`` falls, counted from Monday, 3 January 2000.
    start_of_months : str
        The same for ``{2}`` months, counted from 1 January 2000.
    later : str
        Timestamp ``{0}``, later by literal ``{1}``, for example ``'6 hours'``; that is ``{2}`` times ``{3}``, a word.
    moment : str
        A column ``{0}`` of dates or timestamps as a timestamp; NULL for infinite ones.
    moment_of_zoned : str
        The same for a column with a time zone.
    zoned : str
        The types of columns with a time zone, in upper case, as a regular expression.
    start : str or None
        The beginning of the unit, literal ``{0}`` (from second to year), in which timestamp ``{1}`` falls; weeks begin
        on Monday. None: it is counted, as if there were several.
    """

    literal: str
    start_of_several: str
    start_of_months: str
    later: str
    moment: str
    moment_of_zoned: str
    zoned: str = ".* WITH TIME ZONE"
    start: str | None = None
    types: tuple[str, ...] = ("DATE", "TIMESTAMP", "DATETIME")
