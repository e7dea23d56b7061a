"""How engines spell SQL: one file per dialect."""

from sqlops.dialects.base import Dialect
from sqlops.dialects.bigquery import BIGQUERY
from sqlops.dialects.clickhouse import CLICKHOUSE
from sqlops.dialects.databricks import DATABRICKS
from sqlops.dialects.datafusion import DATAFUSION
from sqlops.dialects.duckdb import DUCKDB
from sqlops.dialects.mysql import MYSQL
from sqlops.dialects.oracle import ORACLE
from sqlops.dialects.postgres import POSTGRES
from sqlops.dialects.redshift import REDSHIFT
from sqlops.dialects.snowflake import SNOWFLAKE
from sqlops.dialects.spark import SPARK
from sqlops.dialects.sqlite import SQLITE
from sqlops.dialects.trino import TRINO
from sqlops.dialects.tsql import TSQL
from sqlops.errors import SqlopsError

EXECUTED = (DUCKDB, POSTGRES, SQLITE, CLICKHOUSE, SPARK, DATAFUSION, BIGQUERY)
"""Engines that tests run SQL on, or on one that stands in for them."""

GENERATED = (DATABRICKS, MYSQL, ORACLE, REDSHIFT, SNOWFLAKE, TRINO, TSQL)
"""Engines that are written for, and run by no one here."""

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (*EXECUTED, *GENERATED)}


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


__all__ = ["DIALECTS", "GENERATED", "Dialect", "get_dialect"]
