"""PostgreSQL 17 and later, in a database whose encoding is UTF8.

NaN sorts highest and equals itself, so inputs turn it into NULL first. Results out of range are errors, as are products
and quotients that vanish: functions ask for the range of their arguments first, and give what numpy gives. Within an
ulp of the largest double, a product or quotient may be infinite where numpy's is not yet.

Lists are arrays, and functions on them subqueries over their elements. Constants stand in the query as literals: arrays
in a table are decompressed at each access.
"""

from sqlops.dialects.base import Dialect
from sqlops.dialects.common import OPERATIONS
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.functions import Functions
from sqlops.dialects.lists import Lists
from sqlops.dialects.texts import Texts
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_NUMBERS = ("int2", "int4", "int8", "float4", "float8", "numeric")
_TEXT = ("text", "varchar", "bpchar", "name", "uuid")

_INFINITE = "CAST('inf' AS float8)"
_LARGEST = "CAST('1.7976931348623157e308' AS float8)"

_ADD = (
    "CASE WHEN abs({0}) < 8e307 AND abs({1}) < 8e307 THEN {0} + {1}"
    f" WHEN abs({{0}}) <= {_LARGEST} AND abs({{1}}) <= {_LARGEST} AND ({{0}} > 0) = ({{1}} > 0)"
    f" AND abs({{0}}) > {_LARGEST} - abs({{1}}) THEN {{0}} * {_INFINITE} ELSE {{0}} + {{1}} END"
)
_SUBTRACT = _ADD.replace("{0} + {1}", "{0} - {1}").replace(" = ({1} > 0)", " <> ({1} > 0)")
_MODERATE = "abs({0}) < 1e150 AND abs({1}) < 1e150 AND abs({0}) > 1e-150 AND abs({1}) > 1e-150"
_SIGN_OF_BOTH = "sign({0}) * sign({1})"
_MULTIPLY = (
    f"CASE WHEN {_MODERATE} THEN {{0}} * {{1}}"
    f" WHEN abs({{0}}) <= {_LARGEST} AND abs({{1}}) <= {_LARGEST} AND abs({{0}}) > 1 AND abs({{1}}) > 1"
    f" AND abs({{0}}) > {_LARGEST} / abs({{1}}) * 9.999999999999998e-1 THEN {_SIGN_OF_BOTH} * {_INFINITE}"
    " WHEN abs({0}) < 1 AND abs({1}) < 1 AND abs({0}) > 0 AND abs({1}) > 0"
    " AND abs({0}) * 4.49891379454319638281e161 * (abs({1}) * 4.49891379454319638281e161) <= 5e-1"
    f" THEN {_SIGN_OF_BOTH} * 0 ELSE {{0}} * {{1}} END"
)
_DIVIDE = (
    f"CASE WHEN {_MODERATE} THEN {{0}} / {{1}}"
    " WHEN {1} = 0 THEN CASE WHEN abs({0}) > 0 THEN {0} * CASE WHEN CAST({1} AS text) = '-0' THEN"
    f" -{_INFINITE} ELSE {_INFINITE} END ELSE CAST('nan' AS float8) END"
    f" WHEN abs({{0}}) <= {_LARGEST} AND abs({{1}}) < 1"
    f" AND abs({{0}}) > {_LARGEST} * abs({{1}}) * 9.999999999999998e-1 THEN {_SIGN_OF_BOTH} * {_INFINITE}"
    f" WHEN abs({{0}}) > 0 AND abs({{0}}) < 4e-16 AND abs({{1}}) > 1 AND abs({{1}}) <= {_LARGEST}"
    " AND abs({0}) * 4.49891379454319638281e161 / (abs({1}) * 2.2227587494850774834e-162) <= 5e-1"
    f" THEN {_SIGN_OF_BOTH} * 0 ELSE {{0}} / {{1}} END"
)
_SQUARE = (
    "CASE WHEN abs({0}) < 1.3407807929942597e154"
    " THEN CASE WHEN abs({0}) > 1.5717277847026288e-162 THEN {0} * {0} ELSE 0 END"
    f" ELSE abs({{0}}) * {_INFINITE} END"
)
_POSITIVE_POWER = (
    "CASE WHEN abs({1}) > 1e20 THEN CASE WHEN ({base} > 1) = ({1} > 0) THEN " + _INFINITE + " ELSE 0 END"
    " WHEN abs({1}) < 1e-20 THEN 1"
    " WHEN ln({base}) * {1} > 7.097827128e2 THEN " + _INFINITE + " WHEN ln({base}) * {1} < -7.451332e2 THEN 0"
    " ELSE power({base}, {1}) END"
)
_POWER = (
    "CASE WHEN {1} = 0 OR {0} = 1 THEN 1"
    " WHEN {0} = 'nan' OR {1} = 'nan' THEN CAST('nan' AS float8)"
    " WHEN {0} = 0 THEN CASE WHEN {1} > 0 THEN 0 WHEN {1} < 0 THEN " + _INFINITE + " END"
    f" WHEN abs({{0}}) <= {_LARGEST} AND abs({{1}}) <= {_LARGEST} THEN"
    " CASE WHEN {0} > 0 THEN " + _POSITIVE_POWER.replace("{base}", "{0}") + " WHEN trunc({1}) = {1} THEN"
    " CASE WHEN abs({1}) < 9e15 AND trunc({1} / 2) * 2 <> {1} THEN -1 ELSE 1 END * ("
    + _POSITIVE_POWER.replace("{base}", "abs({0})")
    + ") ELSE CAST('nan' AS float8) END"
    " WHEN {0} >= 0 OR trunc({1}) = {1} THEN power({0}, {1}) ELSE power(abs({0}), {1}) END"
)
_EXP = (
    "CASE WHEN {0} < -7.451332191019411e2 THEN 0 WHEN {0} <= 7.09782712893384e2 THEN exp({0})"
    f" ELSE {{0}} * {_INFINITE} END"
)
_EXPM1 = (
    f"CASE WHEN {{0}} > 7.09782712893384e2 THEN {{0}} * {_INFINITE} WHEN {{0}} < -4e1 THEN -1"
    " WHEN abs({0}) >= 5e-1 THEN exp({0}) - 1 WHEN exp({0}) = 1 THEN {0}"
    " ELSE (exp({0}) - 1) * {0} / ln(exp({0})) END"
)
_LOG1P = (
    "CASE WHEN {0} >= 5e-1 OR {0} > -1 AND {0} <= -5e-1 THEN ln(1 + {0}) WHEN {0} > -1 THEN"
    " CASE WHEN 1 + {0} = 1 THEN {0} ELSE ln(1 + {0}) * ({0} / ((1 + {0}) - 1)) END"
    f" WHEN {{0}} = -1 THEN -{_INFINITE} END"
)
_FLOAT32 = (
    "CASE WHEN abs({0}) < 3.4028235677973366e38 THEN"
    " CASE WHEN abs({0}) > 7.006492321624085e-46 THEN CAST(CAST({0} AS float4) AS float8) ELSE 0 END"
    f" ELSE sign({{0}}) * {_INFINITE} END"
)
_WHOLE = "CAST(CAST({0} * 2 ^ least(53 - {1}, 1000) * 2 ^ greatest(-947 - {1}, 0) AS bigint) AS numeric)"
_EXPONENT = "CAST(floor(ln({0}) / ln(2)) AS int)"
_REMAINDER = (
    "(SELECT CASE WHEN _left <> 0 AND (_left < 0) <> ({1} < 0) THEN _left + {1} ELSE _left END FROM (SELECT sign({0})"  # noqa: S608
    f" * CAST(mod({_WHOLE.format('_a', '_i')} * CAST(2 AS numeric) ^ (_i - _j), {_WHOLE.format('_b', '_j')}) AS float8)"
    " / 2 ^ least(53 - _j, 1000) / 2 ^ greatest(-947 - _j, 0) AS _left"
    f" FROM (SELECT _a, _b, {_EXPONENT.format('_a')} AS _i, {_EXPONENT.format('_b')} AS _j"
    f" FROM (SELECT abs({{0}}) AS _a, abs({{1}}) AS _b) AS _sizes WHERE _a <= {_LARGEST} AND _b <= _a AND _b > 0"
    " OFFSET 0) AS _exponents"
    " UNION ALL SELECT {0} WHERE abs({0}) < abs({1})) AS _remainders)"
)
"""Exactly, as C's fmod: both numbers are whole in units of some power of two; then with the sign of the divisor."""


def _logarithm(function: str) -> str:
    return f"CASE WHEN {{0}} > 0 THEN {function} WHEN {{0}} = 0 THEN -{_INFINITE} END"


def _within(limit: str, function: str) -> str:
    return f"CASE WHEN {limit} THEN {function}({{0}}) END"


_FROM = "FROM unnest({0}) AS _list ({1})"
_NUMBERED = "FROM unnest({0}) WITH ORDINALITY AS _list ({1}, {2})"
_ROWS = (
    "FROM generate_subscripts({0}, 1) AS _at CROSS JOIN LATERAL"
    " (SELECT ARRAY(SELECT unnest(({0})[_at:_at])) AS {1} OFFSET 0) AS _row"
)
_SUM = (
    "(SELECT CASE WHEN _big IS NULL THEN _small ELSE _big * CASE WHEN abs(_big) <= 9.745314011399998e288"  # noqa: S608
    f" THEN 1.8446744073709552e19 ELSE {_INFINITE} END END FROM ("
    "SELECT sum(_term) FILTER (WHERE abs(_term) < 1e301) AS _small,"
    " sum(_term * 5.421010862427522e-20) FILTER (WHERE abs(_term) >= 1e301) AS _big FROM (SELECT {term} AS _term"
    " FROM {source} OFFSET 0) AS _terms) AS _sums)"
)
_PAIRS = "unnest({0}, {1}) AS _pairs (_a, _b)"
_DIFFERENCES = f"(SELECT {_SUBTRACT.format('_a', '_b')} AS _d FROM {_PAIRS} OFFSET 0) AS _differences"  # noqa: S608
_DISTANCE = _SUM.replace("{term}", _SQUARE.format("_d")).replace("{source}", _DIFFERENCES)
_PRODUCT = _SUM.replace("{term}", _MULTIPLY.format("_a", "_b")).replace("{source}", _PAIRS)
_TOTAL = _SUM.replace("{term}", "_value").replace("{source}", "unnest({0}) AS _list (_value)")

POSTGRES = Dialect(
    name="postgres",
    grammar="postgres",
    operations=OPERATIONS
    | {
        "add": _ADD,
        "subtract": _SUBTRACT,
        "multiply": _MULTIPLY,
        "divide": _DIVIDE,
        "power": _POWER,
        "remainder": _REMAINDER,
        "sign": "sign({0})",
        "rint": "round({0})",
        "float32": _FLOAT32,
        "square": _SQUARE,
        "exp": _EXP,
        "expm1": _EXPM1,
        "log": _logarithm("ln({0})"),
        "log1p": _LOG1P,
        "log2": _logarithm("ln({0}) / 6.931471805599453e-1"),
        "log10": _logarithm("log10({0})"),
        "sin": _within(f"abs({{0}}) <= {_LARGEST}", "sin"),
        "cos": _within(f"abs({{0}}) <= {_LARGEST}", "cos"),
        "tan": _within(f"abs({{0}}) <= {_LARGEST}", "tan"),
        "arcsin": _within("{0} BETWEEN -1 AND 1", "asin"),
        "arccos": _within("{0} BETWEEN -1 AND 1", "acos"),
        "arccosh": _within("{0} >= 1", "acosh"),
        "arctanh": _within("{0} BETWEEN -1 AND 1", "atanh"),
        "is_finite": f"coalesce(abs({{0}}) <= {_LARGEST}, FALSE)",
        "whole": "CASE WHEN abs({0}) <= 9007199254740992 THEN CAST(trunc({0}) AS bigint) END",
    },
    separators={"and": " AND ", "or": " OR "},
    types={
        "double": "float8",
        "float32": "float4",
        "bigint": "int8",
        "int32": "int4",
        "int16": "int2",
        "text": "text",
        "boolean": "bool",
        LogicalType.NUMBER: "float8",
        LogicalType.INTEGER: "int8",
        LogicalType.BOOLEAN: "bool",
        LogicalType.TEXT: "text",
        LogicalType.CATEGORY: "text",
        LogicalType.DATETIME: "timestamp",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("bool",),
        LogicalType.TEXT: _TEXT,
    },
    missing_as_null="nullif({0}, CAST('nan' AS float8))",
    input_number="nullif(CAST({0} AS float8), CAST('nan' AS float8))",
    input_number_or_nan="CAST({0} AS float8)",
    input_boolean=(
        "nullif(CASE CAST({0} AS text) WHEN 'true' THEN 1 WHEN 'false' THEN 0"
        " ELSE CAST(CAST({0} AS text) AS float8) END, CAST('nan' AS float8))"
    ),
    input_text="CAST({0} AS text)",
    double_literal="CAST('{0}' AS float8)",
    single="CAST({0} AS float4)",
    tree_costs=TreeCosts(
        branch=6.0, node=0.8, level=14.0, slot=9.0, reach=0.018, search=8.0, word=4.2, leaf=6.0, value=10.0
    ),
    array="CAST(ARRAY[{0}] AS {1}[])",
    matrix="CAST(ARRAY[{0}] AS {1}[])",
    matrix_row="{{{0}}}",
    array_of_text="CAST('{{{0}}}' AS {1}[])",
    matrix_of_text="CAST('{{{0}}}' AS {1}[])",
    longest_literal=0,
    element="({0})[{1} + 1]",
    to_whole="CASE WHEN abs({0}) < 9007199254740992 THEN CAST({0} AS bigint) END",
    quotient="({0} / {1})",
    remainder="({0} % {1})",
    longest_sum=200,
    deepest_case=300,
    longest_or=2,
    longest_case=128,
    deepest_inline=100,
    fingerprint="md5(CAST(ROW({0}) AS text))",
    fence="with",
    refuses_overflow=True,
    refuses_vanishing=True,
    stores_constants=False,
    keeps_view_columns="prefix",
    locks_rows=True,
    functions=Functions(
        create=(
            "CREATE OR REPLACE FUNCTION {name}({parameters}) RETURNS {type}"
            " LANGUAGE sql STABLE PARALLEL SAFE RETURN {body}"
        ),
        parameter="{0} {1}",
        argument="${1}",
        drop="DROP FUNCTION IF EXISTS {0}",
        overloads=True,
        longest_whole=20_000,
    ),
    times=Times(
        literal="CAST({0} AS TIMESTAMP)",
        start="date_trunc({0}, {1})",
        start_of_several="date_bin(INTERVAL {0}, {1}, TIMESTAMP '2000-01-03')",
        start_of_months=(
            "(TIMESTAMP '2000-01-01' + CAST(floor((extract(year FROM {1}) * 12 + extract(month FROM {1}) - 24001)"
            " / {2}) * {2} AS int) * INTERVAL '1 month')"
        ),
        later="({0} + INTERVAL {1})",
        moment="CASE WHEN isfinite({0}) THEN CAST({0} AS timestamp) END",
        moment_of_zoned="CASE WHEN isfinite({0}) THEN {0} AT TIME ZONE 'UTC' END",
    ),
    longest_name=63,
    most_columns=1664,
    lists=Lists(
        literal="ARRAY[{0}]",
        transform=f"ARRAY(SELECT {{2}} {_FROM})",
        filter=f"ARRAY(SELECT {{1}} {_FROM} WHERE {{2}})",
        transform_rows=f"ARRAY(SELECT {{2}} {_ROWS})",
        filter_rows=f"(SELECT array_agg({{1}}) {_ROWS} WHERE {{2}})",
        row="(SELECT ARRAY(SELECT unnest(({0})[_at:_at])) FROM (SELECT {1} AS _at) AS _place)",
        transform_numbered=f"ARRAY(SELECT {{3}} {_NUMBERED})",
        filter_numbered=f"ARRAY(SELECT {{1}} {_NUMBERED} WHERE {{3}})",
        prepend="array_prepend({0}, {1})",
        join="({0} || {1})",
        transform_and_join=f"ARRAY(SELECT _part {_FROM} CROSS JOIN LATERAL unnest({{2}}) AS _parts (_part))",
        element="({0})[{1}]",
        head="({0})[:{1}]",
        slice="({0})[{1} + 1:{2}]",
        position="array_position({0}, {1})",
        length="coalesce(cardinality({0}), 0)",
        distinct="(SELECT count(DISTINCT _value) FROM unnest({0}) AS _list (_value))",
        numbers="ARRAY(SELECT generate_series(1, {0}))",
        sort="ARRAY(SELECT _value FROM unnest({0}) AS _list (_value) ORDER BY _value)",
        order=(
            "ARRAY(SELECT _value FROM unnest({0}, {1}) WITH ORDINALITY AS _list (_value, _key, _place)"
            " ORDER BY _key, _place)"
        ),
        smallest=(
            "ARRAY(SELECT _value FROM unnest({0}) AS _list (_value) WHERE _value IS NOT NULL ORDER BY _value LIMIT {1})"
        ),
        maximum="(SELECT max(_value) FROM unnest({0}) AS _list (_value))",
        total=_TOTAL,
        total_single="(SELECT CAST(sum(CAST(_value AS float4)) AS float8) FROM unnest({0}) AS _list (_value))",
        distance=f"sqrt({_DISTANCE})",
        inner_product=_PRODUCT,
        records=None,
        field="",
        has_bit="(CAST({0} AS bigint) & {1}) <> 0",
        first=1,
        let="(SELECT {2} FROM (SELECT {0} AS {1} OFFSET 0) AS _let)",
    ),
    texts=Texts(
        lower="lower(replace({0}, chr(304), 'i' || chr(775)) COLLATE \"pg_c_utf8\")",
        concat=" || ",
        join="array_to_string({0}, '')",
        length="char_length({0})",
        part="substring({0}, CAST({1} AS int), {2})",
        is_ascii="(octet_length({0}) = char_length({0}))",
        characters="string_to_array({0}, NULL)",
        split="string_to_array({0}, {1})",
        number="ascii({0})",
        hash="CAST(CAST('x' || substring(md5({0}), {1}, 15) AS bit(60)) AS bigint)",
        find_all="ARRAY(SELECT _match[1] FROM regexp_matches({0}, {1}, 'g') AS _matches (_match))",
        contains="({0} ~ {1})",
        matches="({0} ~ ('^(?:' || {1} || ')$'))",
        replace="regexp_replace({0}, {1}, {2}, 'g')",
        code_point="\\U{0:0>8}",
        has_short_code_points=False,
    ),
)
