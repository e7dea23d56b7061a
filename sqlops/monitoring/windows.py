"""Windows of time: their names, and where they begin."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pandas as pd

from sqlops.dialects.base import Dialect
from sqlops.errors import MonitoringError

_UNITS = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WINDOW = re.compile(rf"\s*(?:(\d{{1,6}})\s*)?({'|'.join(_UNITS)})s?\s*", re.IGNORECASE)

Moment = str | dt.date | pd.Timestamp


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time.

    Parameters
    ----------
    count : int
    unit : str
        From second to year.
    """

    count: int
    unit: str

    @property
    def granularity(self) -> str:
        """Its name in the metrics: ``month``, ``6 hours``."""
        return self.unit if self.count == 1 else f"{self.count} {self.unit}s"

    @property
    def interval(self) -> str:
        """Its length as SQL writes it in an INTERVAL."""
        factor, unit = {"quarter": (3, "month"), "week": (7, "day")}.get(self.unit, (1, self.unit))
        count = factor * self.count
        return f"{count} {unit}{'' if count == 1 else 's'}"


def parse_window(text: str) -> Window:
    """Read the name of a window.

    Parameters
    ----------
    text : str
        hour, day, week, month, quarter, year, or several of a unit: ``"6 hours"``.

    Raises
    ------
    MonitoringError
        It is no such name.

    Examples
    --------
    >>> parse_window("6 hours").granularity
    '6 hours'
    >>> parse_window("1 Month").granularity
    'month'
    """
    match = _WINDOW.fullmatch(text) if isinstance(text, str) else None
    count = int(match[1] or 1) if match else 0
    if not match or count == 0:
        raise MonitoringError(
            f"{text!r} is no window: use hour, day, week, month, quarter, year, or several of them, as in '6 hours'"
        )
    return Window(count, match[2].lower())


def parse_moment(value: Moment | None, name: str) -> str | None:
    """Return a moment as ISO text in UTC without a zone.

    Raises
    ------
    MonitoringError
        It is none; the message says which argument.
    """
    if value is None:
        return None
    try:
        moment = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise MonitoringError(f"{name}={value!r} is no date or time: write it as '2013-06-30 12:00'") from error
    if pd.isna(moment):
        raise MonitoringError(f"{name}={value!r} is no date or time: write it as '2013-06-30 12:00'")
    if moment.tzinfo is not None:
        moment = moment.tz_convert("UTC").tz_localize(None)
    return str(moment.isoformat(sep=" "))


def moment_sql(reference: str, type_: str, dialect: Dialect) -> str:
    """Return a source column as a timestamp in UTC; NULL for infinite ones.

    Parameters
    ----------
    reference : str
        The column in SQL.
    type_ : str
        The engine's name of its type.
    dialect : Dialect
    """
    times = dialect.needed_times
    is_zoned = re.fullmatch(times.zoned, type_.upper()) is not None
    return (times.moment_of_zoned if is_zoned else times.moment).format(reference)


def start_sql(moment: str, window: Window, dialect: Dialect) -> str:
    """Return the beginning of the window of a moment, both in SQL.

    Several units are counted from Monday, 3 January 2000 (months and years from 1 January 2000).
    """
    times, length = dialect.needed_times, dialect.text(window.interval)
    if window.count == 1 and times.start is not None:
        return times.start.format(dialect.text(window.unit), moment)
    if window.unit in _SECONDS:
        return times.start_of_several.format(length, moment, window.count * _SECONDS[window.unit])
    return times.start_of_months.format(length, moment, window.count * _MONTHS[window.unit])


def later_sql(moment: str, interval: str, dialect: Dialect) -> str:
    """Return a moment, in SQL, later by what `Window.interval` says."""
    count, unit = interval.split()
    return dialect.needed_times.later.format(moment, dialect.text(interval), count, unit.removesuffix("s"))
