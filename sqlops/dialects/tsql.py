"""SQL Server 2022 and later; generated, and run by no one here.

CASE nests ten deep. There are no booleans: conditions that are kept are 1 or 0. Doubles are finite. Texts are compared
by their code points; that trailing spaces do not count when they are compared, is the engine's.
"""

from dataclasses import replace

from sqlops.dialects.plain import PLAIN, types_of, without_infinity

_TRUNC = "ROUND({0}, 0, 1)"

TSQL = without_infinity(
    replace(
        PLAIN,
        name="tsql",
        grammar="tsql",
        types=types_of("FLOAT(53)", "BIGINT", "NVARCHAR(4000)", "BIT"),
        input_text="CAST({0} AS NVARCHAR(4000)) COLLATE Latin1_General_100_BIN2",
        text_literal="N{0}",
        condition="CASE WHEN {0} THEN 1 ELSE 0 END",
        deepest_case=8,
        deepest_inline=2,
        deepest_nesting=10,
        limits_together=False,
        longest_name=128,
        most_columns=4096,
        longest_query=65_536 * 4_096,
    ),
    {
        "ceil": "CEILING({0})",
        "trunc": _TRUNC,
        "log": "CASE WHEN {0} > 0 THEN LOG({0}) WHEN {0} = 0 THEN -1.7976931348623157e308 END",
        "whole": "CASE WHEN ABS({0}) <= 9007199254740992e0 THEN CAST(ROUND({0}, 0, 1) AS BIGINT) END",
    },
)
