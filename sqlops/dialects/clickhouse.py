"""ClickHouse.

Doubles overflow to infinity, 0/0 is NaN, and every comparison with NaN is false, as in numpy; inputs turn NaN into NULL
first, and functions that would give NaN give NULL instead. Integers from NaN or infinity, and a remainder by zero of
whole numbers, are errors: they are guarded by functions that give NULL.

Types say whether there can be NULL, and arrays cannot be NULL: a missing list is an empty one, and lists of doubles
hold NaN for what is missing. A literal such as ``nan`` is not Nullable, so that `coalesce` with one is not either.

Its own tanh and remainder of doubles lose digits, up to all of them, and its asin and acos five units in the last
place: they are spelled by sinh and cosh, by long division, and by atan2. Its pow loses the sign of what is far out of
range.
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
    "Int8", "Int16", "Int32", "Int64", "Int128", "Int256",
    "UInt8", "UInt16", "UInt32", "UInt64", "UInt128", "UInt256",
)  # fmt: skip
_NUMBERS = (*_INTEGERS, "Decimal", "Float32", "Float64", "BFloat16")
_TEXT = ("String", "FixedString", "Enum8", "Enum16", "UUID")


def _columns_of(types: tuple[str, ...]) -> tuple[str, ...]:
    """Return the types of columns that hold some types: as they are, Nullable, or as a dictionary."""
    wrappers = ("", "Nullable(", "LowCardinality(", "LowCardinality(Nullable(")
    return tuple(wrapper + type_ for wrapper in wrappers for type_ in types)


_DIGITS = "coalesce(accurateCastOrNull(ceil(log2(abs({0})) - log2(abs({1}))) + 2, 'UInt16'), 0)"
_SHIFTED = "abs(coalesce({1}, nan)) * exp2(intDiv(_digit, 2)) * exp2(_digit - intDiv(_digit, 2))"
_FMOD = (
    f"arrayFold((_rest, _digit) -> CASE WHEN _rest >= {_SHIFTED} THEN _rest - {_SHIFTED} ELSE _rest END,"
    f" reverse(range({_DIGITS})), coalesce(abs({{0}}), nan))"
)
"""The rest of ``|{0}| / |{1}|`` by long division in base 2: no step of it rounds."""

_LOG2_OF_POWER = "({1} * log2(abs({0})))"

CLICKHOUSE = Dialect(
    name="clickhouse",
    grammar="clickhouse",
    operations=OPERATIONS
    | {
        "divide": "({0} / {1})",
        "power": (
            f"CASE WHEN abs({_LOG2_OF_POWER}) > 1100 AND isFinite({{0}}) AND {{0}} <> 0 THEN"
            f" CASE WHEN {{0}} > 0 OR {{1}} % 2 = 0 OR isInfinite({{1}}) THEN exp2({_LOG2_OF_POWER})"
            f" WHEN abs({{1}} % 2) = 1 THEN -exp2({_LOG2_OF_POWER}) ELSE nan END ELSE pow({{0}}, {{1}}) END"
        ),
        "remainder": (
            f"CASE WHEN isFinite({{0}}) AND abs({{1}}) > 0 THEN arrayElement(arrayMap(_rest -> CASE WHEN _rest = 0 THEN"
            f" 0e0 WHEN ({{0}} < 0) = ({{1}} < 0) THEN sign({{1}}) * _rest ELSE {{1}} - sign({{1}}) * _rest END,"
            f" [{_FMOD}]), 1) END"
        ),
        "sign": "CASE WHEN {0} > 0 THEN 1e0 WHEN {0} < 0 THEN -1e0 WHEN {0} = 0 THEN 0e0 END",
        "rint": "roundBankers({0})",
        "float32": "toFloat64(toFloat32({0}))",
        "expm1": (
            "CASE WHEN abs({0}) >= 5e-1 THEN exp({0}) - 1 WHEN exp({0}) = 1 THEN {0}"
            " ELSE (exp({0}) - 1) * {0} / log(exp({0})) END"
        ),
        "log": "CASE WHEN {0} >= 0 THEN log({0}) END",
        "log1p": "CASE WHEN {0} >= -1 THEN log1p({0}) END",
        "log2": "CASE WHEN {0} >= 0 THEN log2({0}) END",
        "log10": "CASE WHEN {0} >= 0 THEN log10({0}) END",
        "sin": "CASE WHEN isFinite({0}) THEN sin({0}) END",
        "cos": "CASE WHEN isFinite({0}) THEN cos({0}) END",
        "tan": "CASE WHEN isFinite({0}) THEN tan({0}) END",
        "arcsin": "CASE WHEN {0} BETWEEN -1 AND 1 THEN atan2({0}, sqrt((1 - {0}) * (1 + {0}))) END",
        "arccos": "CASE WHEN {0} BETWEEN -1 AND 1 THEN atan2(sqrt((1 - {0}) * (1 + {0})), {0}) END",
        "tanh": "CASE WHEN {0} > 20 THEN 1e0 WHEN {0} < -20 THEN -1e0 ELSE sinh({0}) / cosh({0}) END",
        "arccosh": "CASE WHEN {0} >= 1 THEN acosh({0}) END",
        "arctanh": "CASE WHEN {0} BETWEEN -1 AND 1 THEN atanh({0}) END",
        "not": "(NOT coalesce({0}, FALSE))",
        "is_finite": "coalesce(isFinite({0}), FALSE)",
        "whole": "CASE WHEN abs({0}) <= 9007199254740992e0 THEN accurateCastOrNull(trunc({0}), 'Int64') END",
    },
    separators={"and": " AND ", "or": " OR "},
    types={
        "double": "Float64",
        "float32": "Float32",
        "bigint": "Int64",
        "int32": "Int32",
        "int16": "Int16",
        "text": "String",
        "boolean": "Bool",
        LogicalType.NUMBER: "Float64",
        LogicalType.INTEGER: "Int64",
        LogicalType.BOOLEAN: "Bool",
        LogicalType.TEXT: "String",
        LogicalType.CATEGORY: "String",
        "binary": "String",
        LogicalType.DATETIME: "DateTime64(6, 'UTC')",
    },
    accepted_types={
        LogicalType.NUMBER: _columns_of(_NUMBERS),
        LogicalType.INTEGER: _columns_of(_NUMBERS),
        LogicalType.BOOLEAN: _columns_of(("Bool",)),
        LogicalType.TEXT: _columns_of(_TEXT),
    },
    transactional=False,
    table_words=" ENGINE = MergeTree ORDER BY tuple()",
    functions=Functions(
        create="CREATE OR REPLACE FUNCTION {name} AS ({parameters}) -> {body}",
        parameter="{0}",
        argument="{0}",
        drop="DROP FUNCTION IF EXISTS {0}",
        longest_whole=20_000,
        staged=False,
        in_schemas=False,
    ),
    times=Times(
        types=tuple(type_.upper() for type_ in _columns_of(("Date",))),
        literal="toDateTime64({0}, 6, 'UTC')",
        start="toDateTime64(dateTrunc({0}, {1}), 6, 'UTC')",
        start_of_several=(
            "fromUnixTimestamp64Micro(946857600000000 + {2} * 1000000 *"
            " toInt64(floor((toUnixTimestamp64Micro({1}) - 946857600000000) / ({2} * 1e6))), 'UTC')"
        ),
        start_of_months=(
            "toDateTime64(addMonths(toDate32('2000-01-01'), toInt32({2} *"
            " floor((toYear({1}) * 12 + toMonth({1}) - 24001) / {2}))), 6, 'UTC')"
        ),
        later="({0} + INTERVAL {1})",
        moment="toDateTime64({0}, 6, 'UTC')",
        moment_of_zoned="toDateTime64({0}, 6, 'UTC')",
    ),
    nullable="Nullable({0})",
    cast="to{1}({0})",
    case_number="({0} + 0e0)",
    nan_is_largest=False,
    constants_as_scalars=True,
    aliases_hide_columns=True,
    missing_as_null="if(isNaN({0}), NULL, {0})",
    input_number="if(isNaN(toFloat64({0})), NULL, toFloat64({0}))",
    input_number_or_nan="toFloat64({0})",
    input_text="toString({0})",
    single="toFloat32({0})",
    single_sum="toFloat32({0} + {1})",
    # CASE evaluates every branch: sessions turn short circuits off, which take longer to plan than they save.
    tree_costs=TreeCosts(
        branch=0.0, node=2.2, level=24.0, slot=9.0, reach=0.018, search=5.0, word=20.0, leaf=4.0, value=6.0
    ),
    bits=Bits(either="bitOr({0}, {1})", both="bitAnd({0}, {1})", count="toInt64(bitCount({0}))"),
    array="CAST([{0}] AS Array({1}))",
    matrix="CAST([{0}] AS Array(Array({1})))",
    matrix_row="[{0}]",
    array_of_text="CAST('[{0}]' AS Array({1}))",
    matrix_of_text="CAST('[{0}]' AS Array(Array({1})))",
    longest_literal=256,
    element="{0}[{1} + 1]",
    to_whole="CASE WHEN abs({0}) < 9007199254740992e0 THEN accurateCastOrNull(roundBankers({0}), 'Int64') END",
    quotient="intDiv({0}, {1})",
    remainder="({0} % {1})",
    longest_sum=32,
    deepest_case=100,
    longest_or=16,
    longest_case=128,
    deepest_inline=16,
    fingerprint="toString(cityHash64(tuple({0})))",
    lists=Lists(
        literal="[{0}]",
        transform="arrayMap({1} -> {2}, {0})",
        filter="arrayFilter({1} -> {2}, {0})",
        transform_rows="arrayMap({1} -> {2}, {0})",
        filter_rows="arrayFilter({1} -> {2}, {0})",
        row="{0}[{1}]",
        transform_numbered="arrayMap(({1}, {2}) -> {3}, {0}, arrayEnumerate({0}))",
        filter_numbered="arrayFilter(({1}, {2}) -> {3}, {0}, arrayEnumerate({0}))",
        prepend="arrayPushFront({1}, {0})",
        join="arrayConcat({0}, {1})",
        transform_and_join="arrayFlatten(arrayMap({1} -> {2}, {0}))",
        element="{0}[{1}]",
        element_or_missing="arrayElementOrNull({0}, {1})",
        head="arraySlice({0}, 1, {1})",
        slice="arraySlice({0}, {1} + 1, {2} - {1})",
        position="indexOf({0}, {1})",
        length="length({0})",
        distinct="arrayUniq(arrayMap(_each -> _each + 0e0, {0}))",
        numbers="range(1, {0} + 1)",
        sort="arraySort({0})",
        order="arraySort((_number, _key) -> (_key, _number), {0}, {1})",
        smallest=(
            "arraySlice(arrayPartialSort({1}, arrayMap(_known -> assumeNotNull(_known),"
            " arrayFilter(_known -> _known = _known, {0}))), 1, {1})"
        ),
        maximum="CASE WHEN arrayExists(_each -> isNaN(_each), {0}) THEN nan ELSE arrayMax({0}) END",
        total="arraySum({0})",
        total_single="toFloat64(arrayFold((_sum, _each) -> toFloat32(_sum + _each), {0}, toFloat32(0)))",
        distance="L2Distance({0}, {1})",
        inner_product="arrayDotProduct({0}, {1})",
        records="CAST(arrayZip({0}) AS Array(Tuple({1})))",
        field="{0}.{1}",
        has_bit="bitAnd(toInt64({0}), {1}) <> 0",
        first=1,
        missing="[]",
        known="arrayMap(_each -> assumeNotNull(_each), {0})",
    ),
    texts=Texts(
        lower="lowerUTF8({0})",
        concat=" || ",
        join="arrayStringConcat({0})",
        length="lengthUTF8({0})",
        part="substringUTF8({0}, {1}, {2})",
        is_ascii="(length({0}) = lengthUTF8({0}))",
        characters="extractAll({0}, '(?s).')",
        split="splitByString({1}, {0})",
        number="reinterpretAsUInt32(reverse(convertCharset({0}, 'UTF-8', 'UTF-32BE')))",
        hash="reinterpretAsInt64(reverse(unhex('0' || substring(hex(MD5({0})), {1}, 15))))",
        find_all="extractAll({0}, {1})",
        contains="match({0}, {1})",
        matches="match({0}, '^(?:' || {1} || ')$')",
        replace="replaceRegexpAll({0}, {1}, {2})",
        code_point="\\x{{{0}}}",
    ),
)
