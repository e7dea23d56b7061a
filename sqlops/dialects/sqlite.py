"""SQLite.

Doubles overflow to infinity as in numpy, and what would be NaN is NULL. A column of type REAL holds 0.0 where -0.0 was
written. There is no float32, no array, no regular expression and no hash. A SELECT is merged into the one that reads
it, and what is named twice is computed twice, unless it is a UNION ALL of which a part reads no table.
"""

from sqlops.dialects.base import Dialect
from sqlops.dialects.common import OPERATIONS
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.rows import Rows
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_INFINITY = "9e999"
# Adding q leaves the 24 digits of a float32, or fewer below the smallest normal one.
_FLOAT32 = (
    "(SELECT CASE WHEN v = 0 THEN v WHEN abs(v) < 3.4028235677973366e38 THEN (v + q) - q ELSE v * 1e300 END"
    " FROM (SELECT v, 15e-1 * pow(2e0, max(floor(log2(abs(v))), -126e0) + 29e0) AS q FROM (SELECT {0} AS v) LIMIT 1))"
)

SQLITE = Dialect(
    name="sqlite",
    grammar="sqlite",
    operations=OPERATIONS
    | {
        "divide": (
            "CASE WHEN {1} <> 0 THEN {0} / {1}"
            f" WHEN {{1}} = 0 THEN {{0}} * CASE WHEN atan2({{1}}, -1) < 0 THEN -{_INFINITY} ELSE {_INFINITY} END END"
        ),
        "power": "pow({0}, {1})",
        "remainder": (
            "CASE WHEN (mod({0}, {1}) < 0) <> ({1} < 0) AND mod({0}, {1}) <> 0 THEN mod({0}, {1}) + {1}"
            " ELSE mod({0}, {1}) END"
        ),
        "maximum": "max({all})",
        "minimum": "min({all})",
        "sign": "CAST(sign({0}) AS REAL)",
        "rint": (
            "CASE WHEN abs({0}) >= 4503599627370496e0 THEN {0} WHEN {0} < 0"
            " THEN ({0} - 4503599627370496e0) + 4503599627370496e0"
            " ELSE ({0} + 4503599627370496e0) - 4503599627370496e0 END"
        ),
        "float32": _FLOAT32,
        "sqrt": "sqrt({0})",
        "cbrt": (
            "CASE WHEN abs({0}) BETWEEN 5e-324 AND 1.7976931348623157e308"
            " THEN (SELECT r - (r - x / (r * r)) / 3e0"
            " FROM (SELECT x, sign(x) * pow(abs(x), 3333333333333333e-16) AS r FROM (SELECT {0} AS x) LIMIT 1))"
            " ELSE {0} END"
        ),
        "expm1": (
            "CASE WHEN abs({0}) >= 5e-1 THEN exp({0}) - 1 WHEN exp({0}) = 1 THEN {0}"
            " ELSE (exp({0}) - 1) * {0} / ln(exp({0})) END"
        ),
        "log": f"CASE WHEN {{0}} > 0 THEN ln({{0}}) WHEN {{0}} = 0 THEN -{_INFINITY} END",
        "log1p": (
            "CASE WHEN {0} >= 5e-1 OR {0} > -1 AND {0} <= -5e-1 THEN ln(1 + {0}) WHEN {0} > -1 THEN"
            " CASE WHEN 1 + {0} = 1 THEN {0} ELSE ln(1 + {0}) * ({0} / ((1 + {0}) - 1)) END"
            f" WHEN {{0}} = -1 THEN -{_INFINITY} END"
        ),
        "log2": f"CASE WHEN {{0}} > 0 THEN log2({{0}}) WHEN {{0}} = 0 THEN -{_INFINITY} END",
        "log10": f"CASE WHEN {{0}} > 0 THEN log10({{0}}) WHEN {{0}} = 0 THEN -{_INFINITY} END",
        "sin": "sin({0})",
        "cos": "cos({0})",
        "tan": "tan({0})",
        "arcsin": "asin({0})",
        "arccos": "acos({0})",
        "arccosh": "acosh({0})",
        "arctanh": "atanh({0})",
        "is_finite": "coalesce(abs({0}) <= 1.7976931348623157e308, FALSE)",
        "whole": "CASE WHEN abs({0}) <= 9007199254740992e0 THEN CAST({0} AS INTEGER) END",
    },
    separators={"and": " AND ", "or": " OR "},
    types={
        "double": "REAL",
        "float32": "REAL",
        "bigint": "INTEGER",
        "int32": "INTEGER",
        "int16": "INTEGER",
        "text": "TEXT",
        "boolean": "BOOLEAN",
        LogicalType.NUMBER: "REAL",
        LogicalType.INTEGER: "INTEGER",
        LogicalType.BOOLEAN: "BOOLEAN",
        LogicalType.TEXT: "TEXT",
        LogicalType.CATEGORY: "TEXT",
        LogicalType.DATETIME: "TIMESTAMP",
    },
    accepted_types={
        LogicalType.NUMBER: ("REAL", "DOUBLE", "FLOAT", "INT", "BIGINT", "SMALLINT", "TINYINT", "NUMERIC", "DECIMAL"),
        LogicalType.INTEGER: ("INT", "BIGINT", "SMALLINT", "TINYINT", "REAL", "DOUBLE", "FLOAT", "NUMERIC", "DECIMAL"),
        LogicalType.BOOLEAN: ("BOOLEAN", "INT"),
        LogicalType.TEXT: ("TEXT", "VARCHAR", "CHAR", "CLOB", "NVARCHAR"),
    },
    missing_as_null="{0}",
    input_number="CASE WHEN typeof({0}) IN ('real', 'integer') THEN CAST({0} AS REAL) END",
    input_number_or_nan="CASE WHEN typeof({0}) IN ('real', 'integer') THEN CAST({0} AS REAL) END",
    # Not a CAST: it would bring the collation of the column with it.
    input_text="({0} || '')",
    single="{0}",
    adds_single=False,
    infinity=_INFINITY,
    nan="NULL",
    tree_costs=TreeCosts(
        branch=60.0, node=1.0, level=1e4, slot=1e4, reach=1.0, search=1e4, word=1e4, leaf=1e4, value=1e4
    ),
    rows=Rows(
        relation="VALUES {0}",
        whole_sum="CASE WHEN count({0}) = count(*) THEN sum({0}) END",
        whole_maximum="CASE WHEN count({0}) = count(*) THEN max({0}) END",
        all="LIMIT -1",
        several="json_array({0})",
        one="({0} ->> {1})",
        most=100,
    ),
    array="json_array({0})",
    matrix="json_array({0})",
    matrix_row="json_array({0})",
    array_of_text="'[{0}]'",
    matrix_of_text="'[{0}]'",
    longest_literal=100,
    element="(SELECT c0 FROM {0} WHERE n = {1})",
    to_whole="CASE WHEN abs({0}) < 9007199254740992e0 THEN CAST(round({0}) AS INTEGER) END",
    quotient="({0} / {1})",
    remainder="({0} % {1})",
    longest_sum=32,
    deepest_case=300,
    longest_or=16,
    longest_case=10**9,
    longest_chain=16,
    most_arguments=100,
    values_by_leaf=10**9,
    deepest_inline=16,
    fingerprint="json_array({0})",
    fence="union",
    held="(SELECT {0})",
    stores_constants=False,
    replaces_views=False,
    # Timestamps are texts: year to second, in UTC.
    times=Times(
        types=("DATE", "TIMESTAMP", "DATETIME", "TEXT"),
        literal="{0}",
        start=(
            "datetime({1}, CASE {0} WHEN 'year' THEN 'start of year' WHEN 'quarter' THEN 'start of month'"
            " WHEN 'month' THEN 'start of month' WHEN 'hour' THEN strftime('-%M minutes', {1})"
            " WHEN 'minute' THEN '0 days' WHEN 'second' THEN '0 days' ELSE 'start of day' END,"
            " CASE {0} WHEN 'quarter' THEN '-' || ((strftime('%m', {1}) - 1) % 3) || ' months'"
            " WHEN 'week' THEN '-6 days' WHEN 'hour' THEN strftime('-%S seconds', {1})"
            " WHEN 'minute' THEN strftime('-%S seconds', {1}) ELSE '0 days' END,"
            " CASE {0} WHEN 'week' THEN 'weekday 1' ELSE '0 days' END)"
        ),
        start_of_several=(
            "datetime(CAST(floor((strftime('%s', {1}) - 946857600) / {2}e0) AS INTEGER) * {2} + 946857600, 'unixepoch')"
        ),
        start_of_months=(
            "datetime('2000-01-01', (CAST(floor(((strftime('%Y', {1}) - 2000) * 12 + strftime('%m', {1}) - 1) / {2}e0)"
            " AS INTEGER) * {2}) || ' months')"
        ),
        later=(
            "datetime({0}, CASE WHEN {1} LIKE '%week%' THEN (CAST({1} AS INTEGER) * 7) || ' days'"
            " WHEN {1} LIKE '%quarter%' THEN (CAST({1} AS INTEGER) * 3) || ' months' ELSE {1} END)"
        ),
        moment="datetime({0})",
        moment_of_zoned="datetime({0})",
    ),
    has_schemas=False,
    greatest="max",
    least="min",
    deviation=("sqrt(max(sum(({0}) * ({0})) - sum({0}) * sum({0}) / count({0}), 0) / nullif(count({0}) - 1, 0))"),
)
