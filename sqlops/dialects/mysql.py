"""MySQL 8; generated, and run by no one here.

Doubles are finite, there are no hyperbolic functions, and texts are compared by their bytes, as the default ignores
case.
"""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, types_of, without_infinity

MYSQL = without_infinity(
    replace(
        PLAIN,
        name="mysql",
        grammar="mysql",
        types=types_of("DOUBLE", "SIGNED", "CHAR", "SIGNED"),
        input_text="CAST({0} AS CHAR) COLLATE utf8mb4_0900_bin",
        longest_name=64,
        most_columns=4096,
        longest_query=64 * 2**20,
    ),
    {
        "whole": (
            "CASE WHEN ABS({0}) <= 9007199254740992e0 THEN"
            " CAST(CASE WHEN {0} < 0 THEN CEIL({0}) ELSE FLOOR({0}) END AS SIGNED) END"
        )
    },
)
