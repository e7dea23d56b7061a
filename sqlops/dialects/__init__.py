"""How engines spell SQL: one file per dialect."""

from sqlops.dialects.base import Dialect
from sqlops.dialects.bigquery import BIGQUERY
from sqlops.dialects.duckdb import DUCKDB
from sqlops.errors import SqlopsError

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (BIGQUERY, DUCKDB)}


def get_dialect(name: str) -> Dialect:
    """Return the dialect of a name.

    Parameters
    ----------
    name : str
        For example ``"duckdb"``.

    Raises
    ------
    SqlopsError
        There is no such dialect; the message lists those there are.

    Examples
    --------
    >>> get_dialect("duckdb").name
    'duckdb'
    """
    try:
        return DIALECTS[name]
    except KeyError:
        raise SqlopsError(f"unknown dialect '{name}'; choose one of: {', '.join(sorted(DIALECTS))}") from None


__all__ = ["DIALECTS", "Dialect", "get_dialect"]
