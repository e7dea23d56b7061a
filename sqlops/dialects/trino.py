"""Trino; generated, and run by no one here. Doubles are Java's: nothing fails, NaN compares as false.

Differences of dates are of whole units, rounded towards zero: what is counted are beginnings of units.
"""

from dataclasses import replace

from sqlops.dialects.catalog import Catalog
from sqlops.dialects.plain import PLAIN, plain_operations, types_of
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "REAL", "DOUBLE")


def _counted(unit: str, day: str) -> str:
    """Return the beginning of a window of several units, counted from a day."""
    origin = f"CAST('{day}' AS TIMESTAMP(6))"
    count = f"date_diff('{unit}', {origin}, date_trunc('{unit}', {{1}}))"
    return f"date_add('{unit}', {{2}} * CAST(floor({count} / {{2}}e0) AS BIGINT), {origin})"


TRINO = replace(
    PLAIN,
    name="trino",
    grammar="trino",
    operations={
        **plain_operations("infinity()"),
        "divide": "({0} / {1})",
        "exp": "EXP({0})",
        "cbrt": "CBRT({0})",
        "sinh": "SINH({0})",
        "cosh": "COSH({0})",
        "tanh": "TANH({0})",
        "log2": "CASE WHEN {0} > 0 THEN LOG2({0}) WHEN {0} = 0 THEN -infinity() END",
        "log10": "CASE WHEN {0} > 0 THEN LOG10({0}) WHEN {0} = 0 THEN -infinity() END",
    },
    types={
        **types_of("DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN"),
        "int32": "INTEGER",
        "binary": "VARBINARY",
        LogicalType.DATETIME: "TIMESTAMP(6)",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("BOOLEAN",),
        LogicalType.TEXT: ("VARCHAR", "CHAR"),
    },
    fingerprint="to_hex(md5(to_utf8(json_format(CAST(ROW({0}) AS JSON)))))",
    transactional=False,
    temporary_tables=False,
    stores_constants=False,
    views_keep_types=True,
    times=Times(
        types=("DATE", "TIMESTAMP"),
        literal="CAST({0} AS TIMESTAMP(6))",
        start="date_trunc({0}, {1})",
        start_of_several=_counted("second", "2000-01-03"),
        start_of_months=_counted("month", "2000-01-01"),
        later="date_add('{3}', {2}, {0})",
        moment="CAST({0} AS TIMESTAMP(6))",
        moment_of_zoned="CAST({0} AT TIME ZONE 'UTC' AS TIMESTAMP(6))",
    ),
    catalog=Catalog(database="SELECT current_catalog", schema="SELECT current_schema"),
    missing_as_null="CASE WHEN NOT is_nan({0}) THEN {0} END",
    input_number="CASE WHEN NOT is_nan(CAST({0} AS DOUBLE)) THEN CAST({0} AS DOUBLE) END",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    nan_is_largest=False,
    longest_query=1_000_000,
)
