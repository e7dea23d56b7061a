"""Redshift; generated, and run by no one here: PostgreSQL, whose guards it takes, is its nearest relative that is.

A number with an exponent is NUMERIC, so doubles are texts that are cast. Results out of range are errors, as are
products and quotients that vanish. There are no hyperbolic functions, and there is no exact remainder of doubles: it is
rounded, and missing where numbers are very large or small.
"""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, plain_operations, types_of
from sqlops.dialects.postgres import POSTGRES

_GUARDED = ("add", "subtract", "multiply", "divide", "power", "square", "exp", "expm1", "log1p", "float32", "cbrt")

REDSHIFT = replace(
    PLAIN,
    name="redshift",
    grammar="redshift",
    operations=plain_operations("CAST('inf' AS float8)")
    | {name: POSTGRES.operations[name] for name in _GUARDED}
    | {
        "remainder": (
            "CASE WHEN abs({0}) < 1e100 AND abs({1}) < 1e100 AND abs({1}) > 1e-100 AND ({0} = 0 OR abs({0}) > 1e-100)"
            " THEN {0} - {1} * floor({0} / {1}) END"
        ),
    },
    types=types_of("float8", "int8", "varchar(65535)", "bool"),
    missing_as_null=POSTGRES.missing_as_null,
    input_number=POSTGRES.input_number,
    input_number_or_nan=POSTGRES.input_number_or_nan,
    input_text="CAST({0} AS varchar(65535))",
    input_boolean="CAST(CAST({0} AS int) AS float8)",
    double_literal=POSTGRES.double_literal,
    refuses_overflow=True,
    refuses_vanishing=True,
    longest_name=127,
    most_columns=1600,
    longest_query=16 * 2**20,
)
