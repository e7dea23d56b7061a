"""Redshift; generated, and run by no one here: PostgreSQL, whose guards it takes, is its nearest relative that is.

A number with an exponent is NUMERIC, so doubles are texts that are cast. Results out of range are errors, as are
products and quotients that vanish. There are no hyperbolic functions, and there is no exact remainder of doubles: it is
rounded, and missing where numbers are very large or small. Stages are kept apart by UNION ALL: before 8.2, of which
Redshift is made, PostgreSQL merged all other subqueries, and OFFSET would bring all rows to one node.
"""

from dataclasses import replace

from sqlops.dialects.catalog import Catalog
from sqlops.dialects.plain import PLAIN, plain_operations, types_of
from sqlops.dialects.postgres import POSTGRES
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_NUMBERS = ("SMALLINT", "INT", "INT4", "INT8", "NUMERIC", "REAL", "FLOAT8")


def _counted(unit: str, day: str) -> str:
    """Return the beginning of a window of several units, counted from a day."""
    origin = f"CAST('{day}' AS timestamp)"
    count = f"CAST(DATEDIFF({unit}, {origin}, {{1}}) AS float8)"
    return f"DATEADD({unit}, {{2}} * CAST(FLOOR({count} / {{2}}) AS int), {origin})"


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
    types={
        **types_of("float8", "int8", "varchar(65535)", "bool"),
        "int32": "int4",
        "binary": "varbyte(16777216)",
        LogicalType.DATETIME: "timestamp",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("BOOL",),
        LogicalType.TEXT: ("VARCHAR", "CHAR"),
    },
    separators={**PLAIN.separators, "fingerprint": " || ',' || "},
    fence="union",
    fingerprint="MD5({0})",
    fingerprint_part="CASE WHEN {0} IS NULL THEN '' ELSE CAST(FNV_HASH({0}) AS varchar(20)) END",
    transactional=False,
    stores_constants=False,
    keeps_view_columns="all",
    times=Times(
        types=("DATE", "TIMESTAMP"),
        literal="CAST({0} AS timestamp)",
        start="DATE_TRUNC({0}, {1})",
        start_of_several=_counted("second", "2000-01-03"),
        start_of_months=_counted("month", "2000-01-01"),
        later="DATEADD({3}, {2}, {0})",
        moment="CAST({0} AS timestamp)",
        moment_of_zoned="({0} AT TIME ZONE 'UTC')",
    ),
    catalog=Catalog(
        doubles_percent=True,
        types={
            "DOUBLE PRECISION": "float8",
            "BIGINT": "int8",
            "INTEGER": "int4",
            "CHARACTER VARYING": "varchar(65535)",
            "BOOLEAN": "bool",
            "TIMESTAMP WITHOUT TIME ZONE": "timestamp",
        },
    ),
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
