"""MySQL 8; generated, and tested by a stand-in; its nearest relative MariaDB has run it, by hand.

Doubles are finite, there are no hyperbolic functions, and texts are compared by their code points, as the default
ignores case. CAST has other names for types than tables have. What creates a relation commits at once.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlops.dialects.catalog import Catalog
from sqlops.dialects.plain import PLAIN, types_of, without_infinity
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_WHOLE = ("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT")
_NUMBERS = (*_WHOLE, "DECIMAL", "FLOAT", "DOUBLE")
_TEXTS = ("CHAR", "VARCHAR", "TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT", "ENUM", "SET")

_TEXT = "CHAR(1000000) CHARACTER SET utf8mb4"
"""Without a length, a table made of a query has columns that are too short for some doubles."""


def _listed(types: Sequence[str]) -> str:
    return ", ".join(f"'{type_.lower()}'" for type_ in types)


_TYPE = (
    f"CASE WHEN data_type IN ({_listed(_TEXTS)}) THEN 'longtext'"
    f" WHEN data_type IN ({_listed((*_WHOLE, 'FLOAT', 'DOUBLE'))}) THEN data_type ELSE column_type END"
)


def _counted(count: str, unit: str, day: str) -> str:
    """Return the beginning of a window of several units, counted from a day."""
    origin = f"CAST('{day} 00:00:00' AS DATETIME(6))"
    return f"DATE_ADD({origin}, INTERVAL CAST(FLOOR({count.format(origin)} / {{2}}e0) * {{2}} AS SIGNED) {unit})"


MYSQL = without_infinity(
    replace(
        PLAIN,
        name="mysql",
        grammar="mysql",
        types={
            **types_of("DOUBLE", "BIGINT", "LONGTEXT", "TINYINT"),
            "int32": "INT",
            "binary": "LONGBLOB",
            LogicalType.BOOLEAN: "BIGINT",
            LogicalType.DATETIME: "DATETIME(6)",
        },
        casts={**dict.fromkeys(_WHOLE, "SIGNED"), "LONGTEXT": _TEXT},
        accepted_types={
            LogicalType.NUMBER: _NUMBERS,
            LogicalType.INTEGER: _NUMBERS,
            LogicalType.BOOLEAN: _WHOLE,
            LogicalType.TEXT: ("LONGTEXT",),
        },
        fingerprint="MD5(JSON_ARRAY({0}))",
        input_text="CAST({0} AS CHAR CHARACTER SET utf8mb4) COLLATE utf8mb4_0900_bin",
        transactional=False,
        temporary_tables=False,
        stores_constants=False,
        table_words=" DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin",
        fence="union",
        concatenated="CONCAT({0}, {1})",
        times=Times(
            types=("DATE", "DATETIME", "TIMESTAMP"),
            literal="CAST({0} AS DATETIME(6))",
            start_of_several=_counted(
                "TIMESTAMPDIFF(SECOND, {0}, DATE_SUB({{1}}, INTERVAL MICROSECOND({{1}}) MICROSECOND))",
                "SECOND",
                "2000-01-03",
            ),
            start_of_months=_counted("((YEAR({{1}}) - 2000) * 12 + MONTH({{1}}) - 1)", "MONTH", "2000-01-01"),
            later="DATE_ADD({0}, INTERVAL {2} {3})",
            moment="CAST({0} AS DATETIME(6))",
            moment_of_zoned="DATE_ADD(CAST('1970-01-01 00:00:00' AS DATETIME(6)), INTERVAL UNIX_TIMESTAMP({0}) SECOND)",
            zoned=r"TIMESTAMP(\(\d\))?",
        ),
        catalog=Catalog(type=_TYPE, database="SELECT DATABASE()", schema="SELECT DATABASE()"),
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
