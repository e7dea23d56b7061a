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

from sqlops.errors import LimitError, QueryError, UnsupportedOptionError

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


OF_DOCUMENTS = (
    "text: count, *",
    "text: tfidf, *",
    "text: columns of *",
    "text: TfidfTransformer of counts, *",
    "text: TfidfTransformer of scaled counts",
    "text: trees on TF-IDF",
    "text: a tree on counts",
    "text: latent semantic analysis",
    "text: two text columns and a number",
    "text: a union of words and characters",
    "text: one document",
    "text: missing documents",
    "text: str dtype with missing",
    "float32 text: columns, *",
    "float32 text: tfidf, *",
    "float32 text: TfidfTransformer of counts",
    "float32 text: counts and a linear model",
    "float32 text: weights in double",
    "float32 text: a regression",
    "float32 text: trees",
    "float32 text: a union",
    "float32 text: a union with doubles",
)
"""Cases that split text into tokens."""

MARKS: Mapping[str, tuple[Mark, ...]] = {
    "bigquery": (
        Mark("never", "BigQuery takes queries of up to 1 MB", ("target encoding: flights",), raises=LimitError),
        Mark(
            "notimpl",
            "BigQuery has no exact remainder of doubles: from 2**53 periods on, a row is missing",
            (
                *(f"splines: periodic, degree={degree}" for degree in (0, 1, 2, 3, 5)),
                "splines: periodic, sparse",
                "splines: periodic, missing as zeros",
                "splines: periodic, without bias, quantiles",
                "splines: a period of as many knots as the degree asks",
            ),
            raises=AssertionError,
        ),
    ),
    "sqlite": (
        Mark("notimpl", "SQLite has no regular expressions, and no arrays of texts", OF_DOCUMENTS),
        Mark(
            "never",
            "a column of SQLite holds 0.0 where -0.0 was written, and 1 / 0.0 is another infinity",
            (
                "functions: numpy.reciprocal",
                "functions: numpy.reciprocal, float32",
                "functions: divide of 2.5",
                "float32: numpy.reciprocal",
            ),
            AssertionError,
        ),
    ),
    "postgres": (
        Mark(
            "never",
            "a row of a table has at most 8,160 bytes, about a thousand doubles: no table holds these columns",
            ("linear: logistic of 1,500 columns",),
            raises=QueryError,
        ),
    ),
}
"""By engine."""


def mark_of(case: str, engine: str) -> Mark | None:
    """Return the mark of a cell."""
    for mark in MARKS.get(engine, ()):
        if any(case == pattern or fnmatchcase(case, pattern) for pattern in mark.cases):
            return mark
    return None
