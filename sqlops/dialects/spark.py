"""Apache Spark 4, by its defaults in ANSI mode: x/0, a cast out of range and an index past the end of a list fail.

Doubles overflow to infinity and 0/0 is NaN, as in numpy. NaN sorts highest and equals itself, so inputs turn it into
NULL first. `floor` and `ceil` give whole numbers, and fail on large ones: they are spelled by `rint`, which does not.

The optimizer merges a stage into the next one where that names its columns once, be it in a lambda that runs for each
element: networks would compute a layer again for each unit of the next. A LATERAL VIEW of one row keeps stages apart,
and filters on the keys pass through it. Constants are literals, found in the plan once: of all functions that make
arrays of records, `from_json` is the one that is computed when the query is planned, not for each row.
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

_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE")
_TEXT = ("STRING", "VARCHAR", "CHAR")

_MONDAY = "TIMESTAMP_NTZ'2000-01-03'"
_INFINITE = "CAST('inf' AS DOUBLE)"
_FLOOR = "(rint({0}) - CAST(rint({0}) > {0} AS DOUBLE))"
_CEIL = "(rint({0}) + CAST(rint({0}) < {0} AS DOUBLE))"
_PRODUCT = "aggregate(zip_with({0}, {1}, (_a, _b) -> {term}), 0e0, (_sum, _term) -> _sum + _term)"


def _logarithm(function: str, zero: str = "0") -> str:
    return f"CASE WHEN {{0}} > {zero} THEN {function}({{0}}) WHEN {{0}} = {zero} THEN -{_INFINITE} END"


def _known(function: str) -> str:
    """Return a function that is NULL outside its domain, rather than NaN."""
    return f"nanvl({function}({{0}}), CAST(NULL AS DOUBLE))"


SPARK = Dialect(
    name="spark",
    grammar="spark",
    operations=OPERATIONS
    | {
        # What is divided by zero is infinite by its sign, which a power keeps.
        "divide": "CASE WHEN {1} <> 0 THEN {0} / {1} ELSE {0} * power({1}, -1e0) END",
        "power": (
            f"CASE WHEN {{0}} = 1 OR {{0}} = -1 AND abs({{1}}) = {_INFINITE} THEN 1e0 ELSE power({{0}}, {{1}}) END"
        ),
        "remainder": (
            "CASE WHEN {1} <> 0 THEN CASE WHEN ({0} % {1} < 0) <> ({1} < 0) AND {0} % {1} <> 0 THEN {0} % {1} + {1}"
            " ELSE {0} % {1} END END"
        ),
        "sign": "sign({0})",
        "floor": _FLOOR,
        "ceil": _CEIL,
        "trunc": f"CASE WHEN {{0}} >= 0 THEN {_FLOOR} ELSE {_CEIL} END",
        "rint": "rint({0})",
        "float32": "CAST(CAST({0} AS FLOAT) AS DOUBLE)",
        "sqrt": _known("sqrt"),
        "expm1": "expm1({0})",
        "log": _logarithm("ln"),
        "log1p": _logarithm("log1p", "-1"),
        "log2": _logarithm("log2"),
        "log10": _logarithm("log10"),
        "sin": _known("sin"),
        "cos": _known("cos"),
        "tan": _known("tan"),
        "arcsin": _known("asin"),
        "arccos": _known("acos"),
        "arccosh": _known("acosh"),
        "arctanh": _known("atanh"),
        "is_finite": "coalesce(abs({0}) <= 1.7976931348623157e308, FALSE)",
        "whole": "CASE WHEN abs({0}) <= 9007199254740992e0 THEN CAST({0} AS BIGINT) END",
    },
    separators={"and": " AND ", "or": " OR "},
    types={
        "double": "DOUBLE",
        "float32": "FLOAT",
        "bigint": "BIGINT",
        "int32": "INTEGER",
        "int16": "SMALLINT",
        "text": "STRING",
        "boolean": "BOOLEAN",
        "binary": "BINARY",
        LogicalType.NUMBER: "DOUBLE",
        LogicalType.INTEGER: "BIGINT",
        LogicalType.BOOLEAN: "BOOLEAN",
        LogicalType.TEXT: "STRING",
        LogicalType.CATEGORY: "STRING",
        LogicalType.DATETIME: "TIMESTAMP_NTZ",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("BOOLEAN",),
        LogicalType.TEXT: _TEXT,
    },
    missing_as_null="nanvl({0}, CAST(NULL AS DOUBLE))",
    input_number="nanvl(CAST({0} AS DOUBLE), CAST(NULL AS DOUBLE))",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    input_text="CAST({0} AS STRING)",
    single="CAST({0} AS FLOAT)",
    tree_costs=TreeCosts(
        branch=5.0, node=3.0, level=60.0, slot=100.0, reach=0.018, search=60.0, word=90.0, leaf=60.0, value=60.0
    ),
    functions=Functions(
        create="CREATE OR REPLACE FUNCTION {name}({parameters}) RETURNS {type} RETURN {body}",
        parameter="{0} {1}",
        argument="{0}",
        drop="DROP FUNCTION IF EXISTS {0}",
        longest_whole=20_000,
    ),
    bits=Bits(either="({0} | {1})", both="({0} & {1})", count="CAST(bit_count({0}) AS BIGINT)"),
    array="CAST(array({0}) AS ARRAY<{1}>)",
    matrix="CAST(array({0}) AS ARRAY<ARRAY<{1}>>)",
    matrix_row="[{0}]",
    array_of_text="from_json('[{0}]', 'ARRAY<{1}>')",
    matrix_of_text="from_json('[{0}]', 'ARRAY<ARRAY<{1}>>')",
    longest_literal=0,
    element="get({0}, {1})",
    to_whole="CASE WHEN abs({0}) < 9007199254740992e0 THEN CAST(rint({0}) AS BIGINT) END",
    quotient="({0} div {1})",
    remainder="({0} % {1})",
    longest_sum=32,
    longest_sum_text=4_000,
    deepest_case=100,
    longest_or=16,
    longest_case=128,
    deepest_inline=16,
    # The hash passes over NULL, and the text of a row does not tell NULL from its name.
    fingerprint="concat(md5(CAST(struct({0}) AS STRING)), CAST(xxhash64({0}) AS STRING))",
    refuses_zero=True,
    fence="view",
    most_levels=90,
    constants_as_json=True,
    constants_in_stages=True,
    whole_row="struct({0}.*)",
    transactional=False,
    temporary_tables=False,
    loaded="VIEW",
    stores_constants=False,
    times=Times(
        types=("DATE", "TIMESTAMP"),
        literal="CAST({0} AS TIMESTAMP_NTZ)",
        start_of_several=(
            f"({_MONDAY} + make_dt_interval(0, 0, 0, {{2}} * floor(CAST(CAST({{1}} - {_MONDAY} AS INTERVAL SECOND)"
            " AS DECIMAL(18, 6)) / {2})))"
        ),
        start_of_months=(
            "CAST(add_months(DATE'2000-01-01', CAST({2} * floor((year({1}) * 12 + month({1}) - 24001) / {2}) AS INT))"
            " AS TIMESTAMP_NTZ)"
        ),
        later="({0} + INTERVAL {1})",
        zoned="TIMESTAMP",
        moment="CAST({0} AS TIMESTAMP_NTZ)",
        # A cast would answer in the session's zone.
        moment_of_zoned=(
            "(TIMESTAMP_NTZ'1970-01-01'"
            " + make_dt_interval(0, 0, 0, CAST(unix_micros({0}) AS DECIMAL(20, 0)) / 1000000))"
        ),
    ),
    lists=Lists(
        literal="array({0})",
        transform="transform({0}, {1} -> {2})",
        filter="filter({0}, {1} -> {2})",
        transform_rows="transform({0}, {1} -> {2})",
        filter_rows="filter({0}, {1} -> {2})",
        row="get({0}, CAST({1} AS INT) - 1)",
        transform_numbered=(
            "zip_with({0}, slice(sequence(0, array_size({0})), 2, array_size({0})), ({1}, {2}) -> {3})"
        ),
        filter_numbered="filter({0}, ({1}, _at) -> exists(array(_at + 1), {2} -> {3}))",
        prepend="concat(array({0}), {1})",
        join="concat({0}, {1})",
        transform_and_join="flatten(transform({0}, {1} -> {2}))",
        element="get({0}, CAST({1} AS INT) - 1)",
        head="slice({0}, 1, {1})",
        slice="slice({0}, {1} + 1, {2} - ({1}))",
        position="array_position({0}, {1})",
        length="coalesce(array_size({0}), 0)",
        distinct="array_size(array_distinct({0}))",
        numbers="CASE WHEN {0} > 0 THEN sequence(1, {0}) ELSE CAST(array() AS ARRAY<INT>) END",
        sort="sort_array({0})",
        order=(
            "transform(sort_array(zip_with({1}, {0}, (_key, _value) -> struct(_key, _value))), _pair -> _pair._value)"
        ),
        smallest="slice(sort_array(filter({0}, _each -> _each IS NOT NULL)), 1, {1})",
        maximum="array_max({0})",
        total="aggregate({0}, 0e0, (_sum, _term) -> _sum + _term)",
        total_single="CAST(aggregate({0}, CAST(0 AS FLOAT), (_sum, _term) -> _sum + _term) AS DOUBLE)",
        distance=f"sqrt({_PRODUCT.replace('{term}', '(_a - _b) * (_a - _b)')})",
        inner_product=_PRODUCT.replace("{term}", "_a * _b"),
        records="from_json('[{0}]', 'ARRAY<STRUCT<{1}>>')",
        field="{0}.{1}",
        has_bit="(CAST({0} AS BIGINT) & {1}) <> 0",
        first=1,
    ),
    texts=Texts(
        lower="lower({0})",
        concat=" || ",
        join="array_join({0}, '')",
        length="length({0})",
        part="substring({0}, CAST({1} AS INT), {2})",
        is_ascii="(octet_length({0}) = length({0}))",
        characters="regexp_extract_all({0}, '(?s).', 0)",
        split="split({0}, {1})",
        number="ascii({0})",
        hash="CAST(conv(substring(md5({0}), {1}, 15), 16, 10) AS BIGINT)",
        find_all="regexp_extract_all({0}, {1}, {2})",
        contains="({0} RLIKE {1})",
        matches="({0} RLIKE ('^(?:' || {1} || r')\\z'))",
        replace="regexp_replace({0}, {1}, {2})",
        code_point="\\x{{{0}}}",
        end="\\z",
    ),
)
