"""Names: those of outputs are made SQL-safe here, those of models are checked here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlops.errors import InvalidNameError

_MODEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}")
_RESERVED = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "both", "case", "cast",
    "check", "collate", "column", "constraint", "create", "default", "deferrable", "desc", "describe",
    "distinct", "do", "else", "end", "except", "false", "fetch", "for", "foreign", "from", "group", "having",
    "in", "initially", "intersect", "into", "lambda", "lateral", "leading", "limit", "not", "null", "offset",
    "on", "only", "or", "order", "pivot", "pivot_longer", "pivot_wider", "placing", "primary", "qualify",
    "references", "returning", "select", "show", "some", "summarize", "symmetric", "table", "then", "to",
    "trailing", "true", "union", "unique", "unpivot", "user", "using", "variadic", "when", "where", "window",
    "with",
}  # fmt: skip
_UNSAFE = re.compile(r"\W", re.ASCII)


def check_model_name(name: str) -> str:
    """Return a model's name if views and functions can carry it.

    Parameters
    ----------
    name : str
        A letter or underscore, then letters, digits and underscores; at most 48 characters, so that
        ``<name>_v123_constants`` fits in every engine's limit.

    Raises
    ------
    InvalidNameError
        The name is no such identifier, or a reserved word.

    Examples
    --------
    >>> check_model_name("lead_score")
    'lead_score'
    """
    if not isinstance(name, str) or not _MODEL_NAME.fullmatch(name):
        raise InvalidNameError(
            f"{name!r} cannot name a model: use a letter or underscore, then letters, digits and underscores, "
            "48 characters at most"
        )
    if name.lower() in _RESERVED:
        raise InvalidNameError(f"{name!r} cannot name a model: it is a word of SQL, and would need quotes everywhere")
    return name


def output_name(*parts: object) -> str:
    """Return a column name for an output: its parts joined by underscores, with only ASCII letters, digits and `_`.

    Examples
    --------
    >>> output_name("probability", "not late!")
    'probability_not_late_'
    >>> output_name("probability", -1)
    'probability__1'
    """
    return _UNSAFE.sub("_", "_".join(str(part) for part in parts))


def check_distinct(names: Iterable[tuple[str, str]]) -> None:
    """Refuse outputs whose names no engine could tell apart.

    Parameters
    ----------
    names : iterable of (str, str)
        Each output's name, and what it stands for.

    Raises
    ------
    InvalidNameError
        Two names are equal, or differ only in case.
    """
    seen: dict[str, str] = {}
    for name, meaning in names:
        if name.lower() in seen:
            raise InvalidNameError(
                f"the outputs for {seen[name.lower()]} and {meaning} would both be the column '{name}': rename one of "
                "them before fitting"
            )
        seen[name.lower()] = meaning
