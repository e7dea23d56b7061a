"""Snowflake; generated, and run by no one here. Doubles have infinities and NaN, which equals itself.

Its statements that create commit at once, so that the registry is kept as logs.
"""

from dataclasses import replace

from sqlops.dialects.catalog import Catalog
from sqlops.dialects.functions import Functions
from sqlops.dialects.plain import PLAIN, plain_operations, types_of
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_ZONED = "TIMESTAMP WITH TIME ZONE"
_NUMBERS = ("DOUBLE", "BIGINT", "DECIMAL")


def _counted(unit: str, day: str) -> str:
    """Return the beginning of a window of several units, counted from a day."""
    origin = f"CAST('{day}' AS TIMESTAMP_NTZ)"
    return f"DATEADD({unit}, {{2}} * FLOOR(DATEDIFF({unit}, {origin}, {{1}}) / {{2}}), {origin})"


SNOWFLAKE = replace(
    PLAIN,
    name="snowflake",
    grammar="snowflake",
    operations={
        **plain_operations("CAST('inf' AS DOUBLE)"),
        "cbrt": "CBRT({0})",
        "tanh": "TANH({0})",
        "arcsinh": "ASINH({0})",
    },
    types={
        **types_of("DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN"),
        "int32": "BIGINT",
        "binary": "BINARY",
        LogicalType.DATETIME: "TIMESTAMP_NTZ",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("BOOLEAN",),
        LogicalType.TEXT: ("VARCHAR",),
    },
    fingerprint="CAST(HASH({0}) AS VARCHAR)",
    transactional=False,
    stores_constants=False,
    times=Times(
        literal="CAST({0} AS TIMESTAMP_NTZ)",
        start="DATE_TRUNC({0}, {1})",
        start_of_several=_counted("second", "2000-01-03"),
        start_of_months=_counted("month", "2000-01-01"),
        later="({0} + INTERVAL {1})",
        moment="CAST({0} AS TIMESTAMP_NTZ)",
        moment_of_zoned="CAST(CONVERT_TIMEZONE('UTC', {0}) AS TIMESTAMP_NTZ)",
    ),
    functions=Functions(
        create="CREATE OR REPLACE FUNCTION {name}({parameters}) RETURNS {type} AS {quoted}",
        parameter="{0} {1}",
        argument="{0}",
        drop="DROP FUNCTION IF EXISTS {0}({1})",
        overloads=True,
        longest_whole=20_000,
        staged=False,
    ),
    catalog=Catalog(
        functions=(
            "SELECT function_schema, function_name FROM information_schema.functions"
            " WHERE lower(function_schema) = lower({1}) AND lower(function_name) IN ({2})"
        ),
        types={
            "FLOAT": "DOUBLE",
            "NUMBER": "BIGINT",
            "TEXT": "VARCHAR",
            "TIMESTAMP_LTZ": _ZONED,
            "TIMESTAMP_TZ": _ZONED,
        },
    ),
    missing_as_null="NULLIF({0}, CAST('NaN' AS DOUBLE))",
    input_number="NULLIF(CAST({0} AS DOUBLE), CAST('NaN' AS DOUBLE))",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    # A boolean does not become a double, but by way of a whole number.
    input_boolean="CAST(CAST({0} AS INTEGER) AS DOUBLE)",
    double_literal="CAST('{0}' AS DOUBLE)",
    folds_to_upper=True,
    longest_name=255,
    longest_query=1_000_000,
)
