"""DuckDB.

Doubles overflow to infinity and 0/0 is NaN, as in numpy. NaN sorts highest and equals itself, so inputs turn it into
NULL first, and functions that would give NaN give NULL instead.
"""

from sqlops.dialects.base import Dialect
from sqlops.dialects.bits import Bits
from sqlops.dialects.common import OPERATIONS
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.functions import Functions
from sqlops.dialects.lists import Lists
from sqlops.dialects.texts import Texts
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_INTEGERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT",
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
)  # fmt: skip
_NUMBERS = (*_INTEGERS, "DECIMAL", "FLOAT", "DOUBLE")
_TEXT = ("VARCHAR", "ENUM", "UUID")

DUCKDB = Dialect(
    name="duckdb",
    grammar="duckdb",
    operations=OPERATIONS
    | {
        "divide": "({0} / {1})",
        "power": "pow({0}, {1})",
        "remainder": (
            "CASE WHEN ({0} % {1} < 0) <> ({1} < 0) AND {0} % {1} <> 0 THEN {0} % {1} + {1} ELSE {0} % {1} END"
        ),
        "sign": "CAST(sign({0}) AS DOUBLE)",
        "rint": "round_even({0}, 0)",
        "float32": (
            "CASE WHEN abs({0}) < 3.4028235677973366e38 THEN CAST(CAST({0} AS FLOAT) AS DOUBLE) ELSE {0} * 1e300 END"
        ),
        "expm1": (
            "CASE WHEN abs({0}) >= 5e-1 THEN exp({0}) - 1 WHEN exp({0}) = 1 THEN {0}"
            " ELSE (exp({0}) - 1) * {0} / ln(exp({0})) END"
        ),
        "log": "CASE WHEN {0} > 0 THEN ln({0}) WHEN {0} = 0 THEN CAST('-inf' AS DOUBLE) END",
        "log1p": (
            "CASE WHEN {0} >= 5e-1 OR {0} > -1 AND {0} <= -5e-1 THEN ln(1 + {0}) WHEN {0} > -1 THEN"
            " CASE WHEN 1 + {0} = 1 THEN {0} ELSE ln(1 + {0}) * ({0} / ((1 + {0}) - 1)) END"
            " WHEN {0} = -1 THEN CAST('-inf' AS DOUBLE) END"
        ),
        "log2": "CASE WHEN {0} > 0 THEN log2({0}) WHEN {0} = 0 THEN CAST('-inf' AS DOUBLE) END",
        "log10": "CASE WHEN {0} > 0 THEN log10({0}) WHEN {0} = 0 THEN CAST('-inf' AS DOUBLE) END",
        "sin": "CASE WHEN isfinite({0}) THEN sin({0}) END",
        "cos": "CASE WHEN isfinite({0}) THEN cos({0}) END",
        "tan": "CASE WHEN isfinite({0}) THEN tan({0}) END",
        "arcsin": "CASE WHEN {0} BETWEEN -1 AND 1 THEN asin({0}) END",
        "arccos": "CASE WHEN {0} BETWEEN -1 AND 1 THEN acos({0}) END",
        "arccosh": "CASE WHEN {0} >= 1 THEN acosh({0}) END",
        "arctanh": "CASE WHEN {0} BETWEEN -1 AND 1 THEN atanh({0}) END",
        "is_finite": "coalesce(isfinite({0}), FALSE)",
        "whole": "CASE WHEN abs({0}) <= 9007199254740992e0 THEN CAST(trunc({0}) AS BIGINT) END",
    },
    separators={"and": " AND ", "or": " OR "},
    types={
        "double": "DOUBLE",
        "float32": "FLOAT",
        "bigint": "BIGINT",
        "int32": "INTEGER",
        "int16": "SMALLINT",
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        LogicalType.NUMBER: "DOUBLE",
        LogicalType.INTEGER: "BIGINT",
        LogicalType.BOOLEAN: "BOOLEAN",
        LogicalType.TEXT: "VARCHAR",
        LogicalType.CATEGORY: "VARCHAR",
        LogicalType.DATETIME: "TIMESTAMP",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("BOOLEAN",),
        LogicalType.TEXT: _TEXT,
    },
    missing_as_null="nullif({0}, CAST('nan' AS DOUBLE))",
    input_number="CASE WHEN NOT isnan(CAST({0} AS DOUBLE)) THEN CAST({0} AS DOUBLE) END",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    input_text="CAST({0} AS VARCHAR)",
    single="CAST({0} AS FLOAT)",
    tree_costs=TreeCosts(
        branch=6.0, node=0.8, level=14.0, slot=9.0, reach=0.018, search=8.0, word=4.5, leaf=6.0, value=10.0
    ),
    views_keep_types=True,
    functions=Functions(
        create="CREATE OR REPLACE MACRO {name}({parameters}) AS {body}",
        parameter="{0}",
        argument="{0}",
        drop="DROP MACRO IF EXISTS {0}",
        of_relation=True,
    ),
    times=Times(
        literal="CAST({0} AS TIMESTAMP)",
        start="date_trunc({0}, {1})",
        start_of_several="time_bucket(INTERVAL {0}, {1})",
        start_of_months="time_bucket(INTERVAL {0}, {1})",
        later="{0} + INTERVAL {1}",
        moment="CASE WHEN isfinite(CAST({0} AS TIMESTAMP)) THEN CAST({0} AS TIMESTAMP) END",
        # A cast would need the ICU extension, and would answer in the session's zone.
        moment_of_zoned="CASE WHEN isfinite({0}) THEN make_timestamp(epoch_us({0})) END",
    ),
    bits=Bits(either="({0} | {1})", both="({0} & {1})", count="CAST(bit_count({0}) AS BIGINT)"),
    array="CAST([{0}] AS {1}[])",
    matrix="CAST([{0}] AS {1}[][])",
    matrix_row="[{0}]",
    array_of_text="CAST('[{0}]' AS {1}[])",
    matrix_of_text="CAST('[{0}]' AS {1}[][])",
    longest_literal=256,
    element="{0}[{1} + 1]",
    to_whole="CASE WHEN abs({0}) < 9007199254740992e0 THEN CAST({0} AS BIGINT) END",
    quotient="({0} // {1})",
    remainder="({0} % {1})",
    longest_sum=32,
    deepest_case=100,
    longest_or=16,
    longest_case=128,
    deepest_inline=16,
    fingerprint="CAST(hash({0}) AS VARCHAR)",
    stages_materialized=False,
    constants_materialized=True,
    lists=Lists(
        literal="[{0}]",
        transform="list_transform({0}, lambda {1}: {2})",
        filter="list_filter({0}, lambda {1}: {2})",
        transform_rows="list_transform({0}, lambda {1}: {2})",
        filter_rows="list_filter({0}, lambda {1}: {2})",
        row="{0}[{1}]",
        transform_numbered="list_transform({0}, lambda {1}, {2}: {3})",
        filter_numbered="list_filter({0}, lambda {1}, {2}: {3})",
        prepend="list_prepend({0}, {1})",
        join="list_concat({0}, {1})",
        transform_and_join="flatten(list_transform({0}, lambda {1}: {2}))",
        element="{0}[{1}]",
        head="{0}[:{1}]",
        slice="{0}[{1} + 1:{2}]",
        position="list_position({0}, {1})",
        length="coalesce(len({0}), 0)",
        distinct="len(list_distinct({0}))",
        numbers="range(1, {0} + 1)",
        sort="list_sort({0})",
        order="list_select({0}, list_grade_up({1}))",
        smallest="list_aggregate({0}, 'min', {1})",
        maximum="list_max({0})",
        total="list_sum({0})",
        total_single="CAST(list_inner_product({0}, {1}) AS DOUBLE)",
        distance="list_distance({0}, {1})",
        inner_product="list_inner_product({0}, {1})",
        records="CAST(list_zip({0}) AS STRUCT({1})[])",
        field="{0}.{1}",
        has_bit="(CAST({0} AS BIGINT) & {1}) <> 0",
        first=1,
    ),
    texts=Texts(
        lower="lower(replace({0}, chr(304), 'i' || chr(775)))",
        concat=" || ",
        join="array_to_string({0}, '')",
        length="length({0})",
        part="substring({0}, {1}, {2})",
        is_ascii="(strlen({0}) = length({0}))",
        characters="list_filter(string_split({0}, ''), lambda c: c <> '')",
        split="string_split({0}, {1})",
        number="ord({0})",
        hash="CAST('0x' || substring(md5({0}), {1}, 15) AS BIGINT)",
        find_all="regexp_extract_all({0}, {1}, {2})",
        contains="regexp_matches({0}, {1})",
        matches="regexp_full_match({0}, {1})",
        replace="regexp_replace({0}, {1}, {2}, 'g')",
        code_point="\\x{{{0}}}",
    ),
)
