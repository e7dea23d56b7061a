"""Oracle; generated, and run by no one here.

Doubles are BINARY_DOUBLE, with infinities, and a NaN that equals itself. There are no booleans before 23ai: conditions
that are kept are 1 or 0. Names begin with a letter. An empty text is NULL there, and so missing.
"""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, plain_operations, types_of

_OPERATIONS = plain_operations("BINARY_DOUBLE_INFINITY")

ORACLE = replace(
    PLAIN,
    name="oracle",
    grammar="oracle",
    operations={**_OPERATIONS, "whole": _OPERATIONS["whole"].replace("AS BIGINT", "AS NUMBER(19)")},
    types=types_of("BINARY_DOUBLE", "NUMBER(19)", "VARCHAR2(4000)", "NUMBER(1)"),
    missing_as_null="NULLIF({0}, BINARY_DOUBLE_NAN)",
    input_number="NULLIF(CAST({0} AS BINARY_DOUBLE), BINARY_DOUBLE_NAN)",
    input_number_or_nan="CAST({0} AS BINARY_DOUBLE)",
    input_text="CAST({0} AS VARCHAR2(4000))",
    double_literal="CAST('{0}' AS BINARY_DOUBLE)",
    infinity="BINARY_DOUBLE_INFINITY",
    nan="BINARY_DOUBLE_NAN",
    condition="CASE WHEN {0} THEN 1 ELSE 0 END",
    first_letter="x",
    limits_together=False,
    folds_to_upper=True,
    longest_name=128,
    most_columns=1000,
)
