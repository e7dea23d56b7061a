"""BigQuery, and whatever else speaks GoogleSQL.

Doubles that overflow are an error here, not infinity: functions halve what they add, which only IEEE_DIVIDE undoes,
and products that SAFE_MULTIPLY gives up are infinity by their signs. Within a few ulp of the largest double, a product
with a constant may be infinite where numpy's is not yet. Every comparison with NaN is false. There is no float32: it is
rounded to by adding and taking away a large number, and sums of them are rounded one by one. There are no functions
with lambdas: a list is worked on by a subquery over its elements. A list of lists is one of structs.

`remainder` is exact up to quotients of 2**53, and missing beyond.

What creates and inserts are statements of their own, so that the registry is kept as logs. TIMESTAMP has a zone here,
and DATETIME has none.
"""

# ruff: noqa: S608 (what is put together here are constants)

from sqlops.dialects.base import Dialect
from sqlops.dialects.catalog import Catalog
from sqlops.dialects.common import OPERATIONS
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.functions import Functions
from sqlops.dialects.lists import Lists
from sqlops.dialects.texts import Texts
from sqlops.dialects.times import Times
from sqlops.schema import LogicalType

_NUMBERS = ("INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "INTEGER", "FLOAT", "INT")
_TEXT = ("STRING",)
_PAIRS = "FROM (SELECT {0} AS _left, {1} AS _right), UNNEST(_left) AS _e WITH OFFSET AS _offset"
_INFINITY = "CAST('inf' AS FLOAT64)"
_WITHIN = "FROM UNNEST({0}) AS {1} WITH OFFSET AS _offset"
_ROWS = "FROM (SELECT _row_of, _row_of.r AS {1}, _offset FROM UNNEST({0}) AS _row_of WITH OFFSET AS _offset)"
_NUMBERED = "FROM (SELECT {1}, _offset + 1 AS {2}, _offset FROM UNNEST({0}) AS {1} WITH OFFSET AS _offset)"
_MULTIPLY = "IFNULL(SAFE_MULTIPLY({0}, {1}), IEEE_DIVIDE({0}, 0) * {1})"
_PRODUCT, _SQUARE = _MULTIPLY.format("_e", "_f"), _MULTIPLY.format("_d", "_d")
_SMALL = "9.5367431640625e-07"
"""2**-20: so many terms of a list can be added without overflow."""


def _counted(unit: str, day: str) -> str:
    """Return the beginning of a window of several units, counted from a day."""
    origin = f"CAST('{day}' AS DATETIME)"
    count = f"DATETIME_DIFF(DATETIME_TRUNC({{1}}, {unit}), {origin}, {unit})"
    return f"DATETIME_ADD({origin}, INTERVAL (CAST(FLOOR({count} / {{2}}) AS INT64) * {{2}}) {unit})"


BIGQUERY = Dialect(
    name="bigquery",
    grammar="bigquery",
    operations=OPERATIONS
    | {
        "add": "IEEE_DIVIDE({0} * 5e-1 + {1} * 5e-1, 5e-1)",
        "subtract": "IEEE_DIVIDE({0} * 5e-1 - {1} * 5e-1, 5e-1)",
        "multiply": _MULTIPLY,
        "divide": "IEEE_DIVIDE({0}, {1})",
        "power": (
            f"IFNULL(SAFE.POW({{0}}, {{1}}), CASE WHEN {{0}} = 0 AND {{1}} < 0 THEN {_INFINITY}"
            f" WHEN {{0}} > 0 AND {{1}} <> 0 THEN {_INFINITY} WHEN {{0}} < 0 AND {{1}} = TRUNC({{1}}) THEN"
            f" CASE WHEN {{1}} * 5e-1 = TRUNC({{1}} * 5e-1) THEN {_INFINITY} ELSE -{_INFINITY} END END)"
        ),
        # The product that is taken away is exact, in two parts (Dekker 1971).
        "remainder": (
            "(SELECT CASE WHEN ABS(_a) < ABS(_b) THEN CASE WHEN _a = 0 OR (_a < 0) = (_b < 0) THEN _a ELSE _a + _b END"
            " WHEN ABS(_n) < 9007199254740992e0 THEN CASE WHEN _r <> 0 AND (_r < 0) <> (_b < 0) THEN _r + _b"
            " WHEN ABS(_r) >= ABS(_b) THEN _r - _b ELSE _r END END"
            " FROM (SELECT _a, _b, _n, (_a - _n * _c)"
            " - (((_h * _g - _n * _c) + _h * (_c - _g) + (_n - _h) * _g) + (_n - _h) * (_c - _g)) AS _r"
            " FROM (SELECT _a, _b, _c, _n, 134217729e0 * _n - (134217729e0 * _n - _n) AS _h,"
            " 134217729e0 * _c - (134217729e0 * _c - _c) AS _g"
            " FROM (SELECT _a, _b, CASE WHEN ABS(_b) < 1e290 THEN _b END AS _c, CASE WHEN"
            " ABS(_a) < 1e290 AND ABS(IEEE_DIVIDE(_a, _b)) < 9007199254740992e0 THEN"
            " FLOOR(IEEE_DIVIDE(_a, _b)) END AS _n"
            " FROM (SELECT {0} AS _a, {1} AS _b)))))"
        ),
        "sign": "SIGN({0})",
        "rint": (
            "CASE WHEN ABS({0}) >= 4503599627370496e0 OR {0} = 0 THEN {0}"
            " WHEN {0} > 0 THEN ({0} + 4503599627370496e0) - 4503599627370496e0"
            " ELSE ({0} - 4503599627370496e0) + 4503599627370496e0 END"
        ),
        # 2**29 * v is exact, and a multiple of the last bit that v keeps: taking v away from it rounds v half to even.
        "float32": (
            "CASE WHEN ABS({0}) >= 3.4028235677973366e38 THEN IEEE_DIVIDE({0}, 0)"
            " WHEN ABS({0}) >= 1.1754943508222875e-38 THEN {0} * 536870912e0 - ({0} * 536870912e0 - {0})"
            " ELSE ({0} + 9.466330862652142e-30) - 9.466330862652142e-30 END"
        ),
        "square": f"IFNULL(SAFE_MULTIPLY({{0}}, {{0}}), ABS({{0}}) * {_INFINITY})",
        "exp": "IFNULL(SAFE.EXP({0}), IEEE_DIVIDE({0}, 0))",
        "expm1": (
            "CASE WHEN ABS({0}) >= 5e-1 THEN IFNULL(SAFE.EXP({0}) - 1, IEEE_DIVIDE({0}, 0)) WHEN EXP({0}) = 1 THEN {0}"
            " ELSE (EXP({0}) - 1) * {0} / LN(EXP({0})) END"
        ),
        "log": f"CASE WHEN {{0}} > 0 THEN LN({{0}}) WHEN {{0}} = 0 THEN -{_INFINITY} END",
        "log1p": (
            "CASE WHEN {0} >= 5e-1 OR {0} > -1 AND {0} <= -5e-1 THEN LN(1 + {0}) WHEN {0} > -1 THEN"
            " CASE WHEN 1 + {0} = 1 THEN {0} ELSE LN(1 + {0}) * ({0} / ((1 + {0}) - 1)) END"
            f" WHEN {{0}} = -1 THEN -{_INFINITY} END"
        ),
        "log2": f"CASE WHEN {{0}} > 0 THEN LOG({{0}}, 2) WHEN {{0}} = 0 THEN -{_INFINITY} END",
        "log10": f"CASE WHEN {{0}} > 0 THEN LOG10({{0}}) WHEN {{0}} = 0 THEN -{_INFINITY} END",
        "sin": f"CASE WHEN ABS({{0}}) < {_INFINITY} THEN SIN({{0}}) END",
        "cos": f"CASE WHEN ABS({{0}}) < {_INFINITY} THEN COS({{0}}) END",
        "tan": f"CASE WHEN ABS({{0}}) < {_INFINITY} THEN TAN({{0}}) END",
        "arcsin": "CASE WHEN {0} BETWEEN -1 AND 1 THEN ASIN({0}) END",
        "arccos": "CASE WHEN {0} BETWEEN -1 AND 1 THEN ACOS({0}) END",
        "sinh": "IFNULL(SAFE.SINH({0}), IEEE_DIVIDE({0}, 0))",
        "cosh": f"IFNULL(SAFE.COSH({{0}}), ABS({{0}}) * {_INFINITY})",
        "arccosh": "CASE WHEN {0} >= 1 THEN ACOSH({0}) END",
        "arctanh": "CASE WHEN ABS({0}) < 1 THEN ATANH({0}) WHEN ABS({0}) = 1 THEN IEEE_DIVIDE({0}, 0) END",
        "is_finite": f"IFNULL(ABS({{0}}) < {_INFINITY}, FALSE)",
        "whole": "CASE WHEN ABS({0}) <= 9007199254740992e0 THEN CAST(TRUNC({0}) AS INT64) END",
    },
    separators={"and": " AND ", "or": " OR "},
    types={
        "double": "FLOAT64",
        "float32": "FLOAT64",
        "bigint": "INT64",
        "int32": "INT64",
        "int16": "INT64",
        "text": "STRING",
        "boolean": "BOOL",
        "binary": "BYTES",
        LogicalType.NUMBER: "FLOAT64",
        LogicalType.INTEGER: "INT64",
        LogicalType.BOOLEAN: "BOOL",
        LogicalType.TEXT: "STRING",
        LogicalType.CATEGORY: "STRING",
        LogicalType.DATETIME: "DATETIME",
    },
    accepted_types={
        LogicalType.NUMBER: _NUMBERS,
        LogicalType.INTEGER: _NUMBERS,
        LogicalType.BOOLEAN: ("BOOL",),
        LogicalType.TEXT: _TEXT,
    },
    missing_as_null="IF(IS_NAN({0}), NULL, {0})",
    input_number="CASE WHEN NOT IS_NAN(CAST({0} AS FLOAT64)) THEN CAST({0} AS FLOAT64) END",
    input_number_or_nan="CAST({0} AS FLOAT64)",
    input_boolean="CAST(SAFE_CAST({0} AS INT64) AS FLOAT64)",
    input_text="CAST({0} AS STRING)",
    single="{0}",
    adds_single=False,
    refuses_overflow=True,
    nan_is_largest=False,
    tree_costs=TreeCosts(
        branch=6.0, node=0.8, level=14.0, slot=9.0, reach=0.018, search=8.0, word=4.2, leaf=6.0, value=10.0
    ),
    array="ARRAY<{1}>[{0}]",
    matrix="ARRAY<STRUCT<r ARRAY<{1}>>>[{0}]",
    matrix_row="STRUCT([{0}])",
    array_of_text="ARRAY<{1}>[{0}]",
    matrix_of_text="ARRAY<STRUCT<r ARRAY<{1}>>>[{0}]",
    longest_literal=256,
    element="{0}[SAFE_OFFSET({1})]",
    to_whole="CASE WHEN ABS({0}) < 9007199254740992e0 THEN CAST({0} AS INT64) END",
    quotient="DIV({0}, {1})",
    remainder="MOD({0}, {1})",
    longest_sum=32,
    deepest_case=60,
    longest_or=16,
    longest_case=128,
    deepest_inline=16,
    longest_name=300,
    longest_query=1_000_000,
    most_columns=10_000,
    fingerprint="TO_HEX(MD5(TO_JSON_STRING(STRUCT({0}))))",
    transactional=False,
    temporary_tables=False,
    stores_constants=False,
    longest_view=256_000,
    functions=Functions(
        create="CREATE OR REPLACE FUNCTION {name}({parameters}) RETURNS {type} AS ({body})",
        parameter="{0} {1}",
        argument="{0}",
        drop="DROP FUNCTION IF EXISTS {0}",
        longest_whole=20_000,
        staged=False,
    ),
    times=Times(
        types=("DATE", "DATETIME", "TIMESTAMP"),
        literal="CAST({0} AS DATETIME)",
        start_of_several=_counted("SECOND", "2000-01-03"),
        start_of_months=_counted("MONTH", "2000-01-01"),
        later="DATETIME_ADD({0}, INTERVAL {2} {3})",
        moment="CAST({0} AS DATETIME)",
        moment_of_zoned="DATETIME({0}, 'UTC')",
        zoned="TIMESTAMP",
    ),
    catalog=Catalog(
        relations=(
            "SELECT table_schema, table_name, table_type FROM {0}.INFORMATION_SCHEMA.TABLES"
            " WHERE LOWER(table_name) IN ({2})"
        ),
        columns=(
            "SELECT column_name, data_type FROM {0}.INFORMATION_SCHEMA.COLUMNS"
            " WHERE table_name = {2} ORDER BY ordinal_position"
        ),
        functions=(
            "SELECT routine_schema, routine_name FROM {0}.INFORMATION_SCHEMA.ROUTINES"
            " WHERE LOWER(routine_name) IN ({2})"
        ),
        database="SELECT @@project_id",
        schema="SELECT @@dataset_id",
        no_schema="Not found: Dataset",
        doubles_percent=True,
    ),
    lists=Lists(
        literal="[{0}]",
        transform=f"ARRAY(SELECT {{2}} {_WITHIN} ORDER BY _offset)",
        filter=f"ARRAY(SELECT {{1}} {_WITHIN} WHERE {{2}} ORDER BY _offset)",
        transform_rows=f"ARRAY(SELECT {{2}} {_ROWS} ORDER BY _offset)",
        filter_rows=f"ARRAY(SELECT _row_of {_ROWS} WHERE {{2}} ORDER BY _offset)",
        row="{0}[SAFE_ORDINAL({1})].r",
        transform_numbered=f"ARRAY(SELECT {{3}} {_NUMBERED} ORDER BY _offset)",
        filter_numbered=f"ARRAY(SELECT {{1}} {_NUMBERED} WHERE {{3}} ORDER BY _offset)",
        prepend="ARRAY_CONCAT([{0}], {1})",
        join="ARRAY_CONCAT({0}, {1})",
        transform_and_join=(
            f"ARRAY(SELECT _part FROM (SELECT {{2}} AS _parts, _offset {_WITHIN}),"
            " UNNEST(_parts) AS _part WITH OFFSET AS _within ORDER BY _offset, _within)"
        ),
        element="{0}[SAFE_ORDINAL({1})]",
        head="ARRAY(SELECT _e FROM UNNEST({0}) AS _e WITH OFFSET AS _offset WHERE _offset < {1} ORDER BY _offset)",
        slice=(
            "ARRAY(SELECT _e FROM UNNEST({0}) AS _e WITH OFFSET AS _offset"
            " WHERE _offset >= {1} AND _offset < {2} ORDER BY _offset)"
        ),
        position="(SELECT MIN(_offset) + 1 FROM UNNEST({0}) AS _e WITH OFFSET AS _offset WHERE _e = {1})",
        length="IFNULL(ARRAY_LENGTH({0}), 0)",
        distinct="(SELECT COUNT(DISTINCT _e) FROM UNNEST({0}) AS _e)",
        numbers="GENERATE_ARRAY(1, {0})",
        sort="ARRAY(SELECT _e FROM UNNEST({0}) AS _e ORDER BY _e)",
        order=(f"ARRAY(SELECT _e {_PAIRS} ORDER BY _right[SAFE_OFFSET(_offset)], _offset)"),
        smallest=(
            "ARRAY(SELECT _e FROM UNNEST({0}) AS _e WHERE _e IS NOT NULL AND NOT IS_NAN(_e) ORDER BY _e LIMIT {1})"
        ),
        maximum="(SELECT MAX(_e) FROM UNNEST({0}) AS _e)",
        total=f"(SELECT IEEE_DIVIDE(SUM(_e * {_SMALL}), {_SMALL}) FROM UNNEST({{0}}) AS _e)",
        total_single="",
        distance=(
            f"SQRT((SELECT IEEE_DIVIDE(SUM({_SQUARE} * {_SMALL}), {_SMALL}) FROM"
            " (SELECT _e - {1}[SAFE_OFFSET(_offset)] AS _d FROM UNNEST({0}) AS _e WITH OFFSET AS _offset)))"
        ),
        inner_product=(
            f"(SELECT IEEE_DIVIDE(SUM({_PRODUCT} * {_SMALL}), {_SMALL}) FROM"
            f" (SELECT _e, _right[SAFE_OFFSET(_offset)] AS _f {_PAIRS}))"
        ),
        records=None,
        field="",
        has_bit="(SAFE_CAST({0} AS INT64) & {1}) <> 0",
        first=1,
        let="(SELECT {2} FROM (SELECT {0} AS {1}))",
    ),
    texts=Texts(
        lower="LOWER({0})",
        concat=" || ",
        join="ARRAY_TO_STRING({0}, '')",
        length="CHAR_LENGTH({0})",
        part="SUBSTR({0}, {1}, {2})",
        is_ascii="(BYTE_LENGTH({0}) = CHAR_LENGTH({0}))",
        characters="ARRAY(SELECT _e FROM UNNEST(SPLIT({0}, '')) AS _e WITH OFFSET AS _o WHERE _e <> '' ORDER BY _o)",
        split="SPLIT({0}, {1})",
        number="UNICODE({0})",
        hash="CAST(CONCAT('0x', SUBSTR(TO_HEX(MD5({0})), {1}, 15)) AS INT64)",
        find_all="REGEXP_EXTRACT_ALL({0}, {1})",
        contains="REGEXP_CONTAINS({0}, {1})",
        matches="REGEXP_CONTAINS({0}, CONCAT('^(?:', {1}, r')\\z'))",
        replace="REGEXP_REPLACE({0}, {1}, {2})",
        code_point="\\x{{{0}}}",
    ),
)
