"""Databricks; generated, and run by no one here: Spark is its nearest relative that is.

Doubles are Java's, but a division by zero is an error. NaN equals itself, and is the largest of all.
"""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, plain_operations, types_of

DATABRICKS = replace(
    PLAIN,
    name="databricks",
    grammar="databricks",
    operations={
        **plain_operations("CAST('Infinity' AS DOUBLE)"),
        "rint": "RINT({0})",
        "cbrt": "CBRT({0})",
        "exp": "EXP({0})",
        "expm1": "EXPM1({0})",
        "sinh": "SINH({0})",
        "cosh": "COSH({0})",
        "tanh": "TANH({0})",
        "arcsinh": "ASINH({0})",
    },
    types=types_of("DOUBLE", "BIGINT", "STRING", "BOOLEAN"),
    missing_as_null="NULLIF({0}, CAST('NaN' AS DOUBLE))",
    input_number="NULLIF(CAST({0} AS DOUBLE), CAST('NaN' AS DOUBLE))",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    input_text="CAST({0} AS STRING)",
    longest_name=255,
)
