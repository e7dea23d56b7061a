"""Cells of the matrix of cases and engines that are not green, and why.

A mark is strict: a marked cell has to fail, with the error that the mark names. The kinds:

``notimpl``
    Ours: the compiler has no way to write it for this engine yet.
``notyet``
    Theirs: the engine has a fault or lacks a function.
``never``
    The engine cannot give the estimator's answers, whatever is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from sqlops.errors import LimitError, UnsupportedOptionError

Kind = Literal["notimpl", "notyet", "never"]


@dataclass(frozen=True)
class Mark:
    """Why cells are not green.

    Parameters
    ----------
    kind : {"notimpl", "notyet", "never"}
    why : str
    cases : tuple of str
        The ids of the cases, or patterns of them as in file names.
    raises : type of Exception
        How they fail.
    """

    kind: Kind
    why: str
    cases: tuple[str, ...]
    raises: type[Exception] = UnsupportedOptionError


MARKS: Mapping[str, tuple[Mark, ...]] = {
    "bigquery": (
        Mark("never", "BigQuery takes queries of up to 1 MB", ("target encoding: flights",), raises=LimitError),
    ),
}
"""By engine."""


def mark_of(case: str, engine: str) -> Mark | None:
    """Return the mark of a cell."""
    for mark in MARKS.get(engine, ()):
        if any(case == pattern or fnmatchcase(case, pattern) for pattern in mark.cases):
            return mark
    return None
