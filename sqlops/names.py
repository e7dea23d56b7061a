"""Names: those of outputs are made SQL-safe here, those of models are checked here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlops.errors import InvalidNameError

_MODEL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,47}")
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
        The name is no such identifier.

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
