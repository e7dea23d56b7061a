"""Where `templates/` and `sql/` are: at the top of a checkout, or inside the installed package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import FileSystemLoader

from sqlops.errors import SqlopsError

_PACKAGE = Path(__file__).resolve().parent


@cache
def directory(name: str) -> Path:
    """Return the directory of an asset.

    Parameters
    ----------
    name : {"templates", "sql"}

    Raises
    ------
    SqlopsError
        Neither an installed package nor a checkout has it.
    """
    for parent in (_PACKAGE / "_assets", _PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    raise SqlopsError(f"the directory '{name}' of sqlops is missing: reinstall sqlops")


def sql_files(dialect: str) -> list[Path]:
    """Return the plain SQL files of a dialect, in the order of their names.

    Parameters
    ----------
    dialect : str
        For example ``"duckdb"``.
    """
    return sorted((directory("sql") / dialect).glob("*.sql"))


def template_loader() -> FileSystemLoader:
    """Return a Jinja2 loader over the templates."""
    return FileSystemLoader(directory("templates"))
