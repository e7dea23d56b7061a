"""Snowflake; generated, and run by no one here. Doubles have infinities and NaN, which equals itself."""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, plain_operations, types_of

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
    types=types_of("DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN"),
    missing_as_null="NULLIF({0}, CAST('NaN' AS DOUBLE))",
    input_number="NULLIF(CAST({0} AS DOUBLE), CAST('NaN' AS DOUBLE))",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    # A boolean does not become a double, but by way of a whole number.
    input_boolean="CAST(CAST({0} AS INTEGER) AS DOUBLE)",
    double_literal="CAST('{0}' AS DOUBLE)",
    longest_name=255,
    longest_query=1_000_000,
)
