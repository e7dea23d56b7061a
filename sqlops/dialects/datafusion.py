"""Apache DataFusion.

A session begins with ``SET datafusion.sql_parser.dialect = 'duckdb'``, as only some of its parsers read lambdas,
``SET datafusion.sql_parser.map_string_types_to_utf8view = false``, as lambdas take text of one type, and
``SET datafusion.sql_parser.recursion_limit = 2000``, as expressions nest deeper than it expects.

It counts a lambda's columns when it plans a stage, and not again where it merges the stage into the one before: such
queries fail. So stages are kept apart, by a join with one row. That row comes first: the side that comes first is held
in memory, the other one streams. Arrays of constants are repeated for every row of a batch, so for large models
``SET datafusion.execution.batch_size = 256``.

Doubles overflow to infinity and 0/0 is NaN, as in numpy. NaN has a sign, which is that of 0/0 on most processors: with
it NaN sorts lowest, without it highest, and each equals itself only, so inputs turn them into NULL first. Minus zero
equals zero, but not in ``IN`` or ``CASE … WHEN``, nor where several comparisons are made into one ``IN``. Roots of
negative numbers, zero to a negative power, and casts out of range are errors of the whole query, and are guarded.

A lambda has one parameter: one of two is written as a list of pairs, each taken apart by a list of one element. Regular
expressions find one match or replace all of them: all are found by putting marks around each, which no text holds, as
Unicode says that they are no characters.
"""

from sqlops.dialects.base import Dialect
from sqlops.dialects.common import OPERATIONS
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.lists import Lists
from sqlops.dialects.texts import Texts
from sqlops.schema import LogicalType

_NUMBERS = (
    "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64",
    "Decimal", "Float16", "Float32", "Float64",
)  # fmt: skip
_TEXT = ("Utf8", "LargeUtf8", "Utf8View", "Dictionary")

_HEX_DIGITS = 15
_OPEN, _CLOSE, _NEITHER = "\ufdd0", "\ufdd1", "\ufdd2"


def _pairs(function: str) -> str:
    """Return a function of an element {1} and its number {2} applied to list {0}."""
    result = "array_element(array_transform(make_array(_pair['2']), {2} -> {3}), 1)"
    result = f"array_element(array_transform(make_array(_pair['1']), {{1}} -> {result}), 1)"
    return f"{function}(arrays_zip({{0}}, range(1, CAST(cardinality({{0}}) AS BIGINT) + 1)), _pair -> {result})"


def _hash() -> str:
    """Return the number that some hexadecimal digits of an MD5 say."""
    digits = (
        f"strpos('123456789abcdef', substr(_digits, {{1}} + {at}, 1)) * {16 ** (_HEX_DIGITS - 1 - at)}"
        for at in range(_HEX_DIGITS)
    )
    return f"array_element(array_transform(make_array(md5({{0}})), _digits -> {' + '.join(digits)}), 1)"


DATAFUSION = Dialect(
    name="datafusion",
    grammar="duckdb",
    operations=OPERATIONS
    | {
        "divide": "({0} / {1})",
        "power": "CASE WHEN {0} = 0 AND {1} < 0 THEN 1e0 / power({0}, 0 - {1}) ELSE power({0}, {1}) END",
        "remainder": (
            "CASE WHEN ({0} % {1} < 0) <> ({1} < 0) AND {0} % {1} <> 0 THEN {0} % {1} + {1} ELSE {0} % {1} END"
        ),
        "sign": "signum({0})",
        "rint": (
            "CASE WHEN abs({0}) >= 4503599627370496e0 THEN {0}"
            " WHEN {0} >= 0 THEN ({0} + 4503599627370496e0) - 4503599627370496e0"
            " ELSE ({0} - 4503599627370496e0) + 4503599627370496e0 END"
        ),
        "float32": "CAST(CAST({0} AS FLOAT) AS DOUBLE)",
        "expm1": (
            "CASE WHEN abs({0}) >= 5e-1 THEN exp({0}) - 1 WHEN exp({0}) = 1 THEN {0}"
            " ELSE (exp({0}) - 1) * {0} / ln(exp({0})) END"
        ),
        "log": "nanvl(ln({0}), CAST(NULL AS DOUBLE))",
        "log1p": (
            "CASE WHEN {0} >= 5e-1 OR {0} > -1 AND {0} <= -5e-1 THEN ln(1 + {0}) WHEN {0} > -1 THEN"
            " CASE WHEN 1 + {0} = 1 THEN {0} ELSE ln(1 + {0}) * ({0} / ((1 + {0}) - 1)) END"
            " WHEN {0} = -1 THEN CAST('-inf' AS DOUBLE) END"
        ),
        "log2": "nanvl(log2({0}), CAST(NULL AS DOUBLE))",
        "log10": "nanvl(log10({0}), CAST(NULL AS DOUBLE))",
        "sin": "nanvl(sin({0}), CAST(NULL AS DOUBLE))",
        "cos": "nanvl(cos({0}), CAST(NULL AS DOUBLE))",
        "tan": "nanvl(tan({0}), CAST(NULL AS DOUBLE))",
        "arcsin": "nanvl(asin({0}), CAST(NULL AS DOUBLE))",
        "arccos": "nanvl(acos({0}), CAST(NULL AS DOUBLE))",
        "arccosh": "nanvl(acosh({0}), CAST(NULL AS DOUBLE))",
        # Near -1, its atanh loses half of the digits.
        "arctanh": "nanvl(signum({0}) * atanh(abs({0})), CAST(NULL AS DOUBLE))",
        "is_finite": "(abs({0}) < CAST('inf' AS DOUBLE))",
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
        LogicalType.BOOLEAN: ("Boolean",),
        LogicalType.TEXT: _TEXT,
    },
    missing_as_null="nanvl({0}, CAST(NULL AS DOUBLE))",
    input_number="nanvl(CAST({0} AS DOUBLE), CAST(NULL AS DOUBLE))",
    case_number="({0} + 0e0)",
    input_number_or_nan="CAST({0} AS DOUBLE)",
    input_text="CAST({0} AS VARCHAR)",
    single="CAST({0} AS FLOAT)",
    tree_costs=TreeCosts(
        branch=6.0, node=0.8, level=14.0, slot=9.0, reach=0.018, search=8.0, word=4.2, leaf=6.0, value=10.0
    ),
    array="CAST(make_array({0}) AS {1}[])",
    matrix="CAST(make_array({0}) AS {1}[][])",
    matrix_row="[{0}]",
    array_of_text="CAST(string_to_array('{0}', ', ') AS {1}[])",
    matrix_of_text=(
        "array_transform(string_to_array(btrim('{0}', '[]'), '], ['),"
        " _row -> CAST(string_to_array(_row, ', ') AS {1}[]))"
    ),
    longest_literal=64,
    element="array_element({0}, {1} + 1)",
    to_whole="CASE WHEN abs({0}) < 9007199254740992e0 THEN CAST({0} AS BIGINT) END",
    quotient="({0} / {1})",
    remainder="({0} % {1})",
    longest_sum=32,
    deepest_case=100,
    longest_or=16,
    longest_case=2**31,
    hashed_case=True,
    limits_together=False,
    deepest_inline=16,
    fingerprint="md5(CAST({0} AS VARCHAR))",
    fence="join",
    lists=Lists(
        literal="make_array({0})",
        transform="array_transform({0}, {1} -> {2})",
        filter="array_filter({0}, {1} -> {2})",
        transform_rows="array_transform({0}, {1} -> {2})",
        filter_rows="array_filter({0}, {1} -> {2})",
        row="array_element({0}, {1})",
        transform_numbered=_pairs("array_transform"),
        filter_numbered=f"array_transform({_pairs('array_filter')}, _pair -> _pair['1'])",
        prepend="array_prepend({0}, {1})",
        join="array_concat({0}, {1})",
        transform_and_join="flatten(array_transform({0}, {1} -> {2}))",
        element="array_element({0}, {1})",
        head="array_slice({0}, 1, {1})",
        slice="array_slice({0}, {1} + 1, {2})",
        position="CAST(array_position({0}, {1}) AS BIGINT)",
        length="coalesce(CAST(cardinality({0}) AS BIGINT), 0)",
        distinct="CAST(cardinality(array_distinct({0})) AS BIGINT)",
        numbers="range(1, {0} + 1)",
        sort="array_sort({0})",
        order="array_transform(array_sort(arrays_zip({1}, {0})), _pair -> _pair['2'])",
        smallest="array_slice(array_sort(array_compact({0})), 1, {1})",
        maximum="array_max({0})",
        total="array_sum({0})",
        total_single="CAST(inner_product({0}, {1}) AS DOUBLE)",
        distance="array_distance({0}, {1})",
        inner_product="inner_product({0}, {1})",
        records=None,
        field="{0}['{1}']",
        has_bit="(CAST({0} AS BIGINT) & {1}) <> 0",
        first=1,
    ),
    texts=Texts(
        lower="lower({0})",
        concat=" || ",
        join="array_to_string({0}, '')",
        length="CAST(character_length({0}) AS BIGINT)",
        part="substr({0}, {1}, {2})",
        is_ascii="(octet_length({0}) = character_length({0}))",
        characters="string_to_array({0}, NULL)",
        split="string_to_array({0}, {1})",
        number="ascii({0})",
        hash=_hash(),
        find_all=(
            f"array_transform(array_slice(string_to_array(regexp_replace(translate({{0}}, '{_OPEN}{_CLOSE}',"
            f" '{_NEITHER}{_NEITHER}'), {{1}}, '{_OPEN}${{{{{{2}}}}}}{_CLOSE}', 'g'), '{_OPEN}'), 2, 2147483647),"
            f" _found -> split_part(_found, '{_CLOSE}', 1))"
        ),
        contains="regexp_like({0}, {1})",
        matches="regexp_like({0}, '^(?:' || {1} || ')$')",
        replace="regexp_replace({0}, {1}, {2}, 'g')",
        code_point="\\x{{{0}}}",
    ),
)
