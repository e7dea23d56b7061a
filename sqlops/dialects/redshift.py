"""Redshift; generated, and run by no one here: PostgreSQL is its nearest relative that is.

A number with an exponent is NUMERIC, so doubles are texts that are cast. Overflow is an error: numbers of 1e100 and
beyond are read as missing. There are no hyperbolic functions.
"""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, plain_operations, types_of

_NUMBER = "CASE WHEN ABS(CAST({0} AS DOUBLE PRECISION)) < 1e100 THEN CAST({0} AS DOUBLE PRECISION) END"

REDSHIFT = replace(
    PLAIN,
    name="redshift",
    grammar="redshift",
    operations={**plain_operations("CAST('Infinity' AS DOUBLE PRECISION)"), "cbrt": "CBRT({0})"},
    types=types_of("DOUBLE PRECISION", "BIGINT", "VARCHAR(65535)", "BOOLEAN"),
    input_number=_NUMBER,
    input_number_or_nan=_NUMBER,
    input_text="CAST({0} AS VARCHAR(65535))",
    input_boolean="CAST(CAST({0} AS INTEGER) AS DOUBLE PRECISION)",
    double_literal="CAST('{0}' AS DOUBLE PRECISION)",
    longest_name=127,
    longest_query=16 * 2**20,
)
