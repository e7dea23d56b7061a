"""Trino, and Athena; generated, and run by no one here. Doubles are Java's: nothing fails, NaN compares as false."""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, plain_operations, types_of

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
    types=types_of("DOUBLE", "BIGINT", "VARCHAR", "BOOLEAN"),
    missing_as_null="CASE WHEN NOT is_nan({0}) THEN {0} END",
    input_number="CASE WHEN NOT is_nan(CAST({0} AS DOUBLE)) THEN CAST({0} AS DOUBLE) END",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    nan_is_largest=False,
    longest_query=1_000_000,
)
