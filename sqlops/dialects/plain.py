"""What engines have in common that are asked for nothing but arithmetic, logarithms and CASE: no lists, no float32.

The dialects made of it are generated, and run by no one here. Hyperbolic functions and their inverses are written with
exp and ln, as series near zero; `remainder` is rounded, as there is no exact one to be had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlops.dialects.base import Dialect
from sqlops.dialects.common import OPERATIONS
from sqlops.dialects.costs import TreeCosts
from sqlops.schema import LogicalType

_LN_2 = "6.931471805599453e-1"


def plain_operations(infinity: str) -> dict[str, str]:
    """Return the spelling of every function, by an engine's word for infinity; most can be left as they are."""
    return {
        **OPERATIONS,
        **_arithmetic(infinity),
        **_exponential(infinity),
        **_trigonometric(infinity),
        **_hyperbolic(infinity),
    }


def _signed(infinity: str) -> str:
    """Return infinity with the sign of an argument."""
    return f"CASE WHEN {{0}} > 0 THEN {infinity} WHEN {{0}} < 0 THEN -{infinity} END"


def _arithmetic(infinity: str) -> dict[str, str]:
    """What rounds, divides and takes powers."""
    signed = _signed(infinity)
    return {
        "divide": f"CASE WHEN {{1}} <> 0 THEN {{0}} / {{1}} ELSE {signed} END",
        "power": (
            "CASE WHEN {0} > 0 THEN POWER({0}, {1}) WHEN {1} = 0 THEN 1"
            f" WHEN {{0}} = 0 THEN CASE WHEN {{1}} > 0 THEN 0 ELSE {infinity} END"
            " WHEN {1} = FLOOR({1}) THEN POWER({0}, {1}) END"
        ),
        "remainder": "CASE WHEN {1} <> 0 THEN {0} - {1} * FLOOR({0} / {1}) END",
        "sign": "CASE WHEN {0} > 0 THEN 1 WHEN {0} < 0 THEN -1 ELSE {0} END",
        "trunc": "CASE WHEN {0} < 0 THEN CEIL({0}) ELSE FLOOR({0}) END",
        "rint": (
            "CASE WHEN {0} > 0 AND {0} < 4503599627370496e0 THEN ({0} + 4503599627370496e0) - 4503599627370496e0"
            " WHEN {0} < 0 AND {0} > -4503599627370496e0 THEN ({0} - 4503599627370496e0) + 4503599627370496e0"
            " ELSE {0} END"
        ),
        "float32": (
            f"CASE WHEN ABS({{0}}) >= 3.4028235677973366e38 THEN {signed}"
            " WHEN ABS({0}) >= 1.1754943508222875e-38 THEN {0} * 536870912e0 - ({0} * 536870912e0 - {0})"
            " ELSE ({0} + 9.466330862652142e-30) - 9.466330862652142e-30 END"
        ),
        "cbrt": (
            "CASE WHEN {0} > 0 THEN POWER({0}, 3.333333333333333e-1)"
            " WHEN {0} < 0 THEN -POWER(-{0}, 3.333333333333333e-1) ELSE {0} END"
        ),
        "not": "(CASE WHEN {0} THEN 1 ELSE 0 END = 0)",
        "is_finite": f"(COALESCE(ABS({{0}}), {infinity}) < {infinity})",
        "whole": (
            "CASE WHEN ABS({0}) <= 9007199254740992e0 THEN"
            " CAST(CASE WHEN {0} < 0 THEN CEIL({0}) ELSE FLOOR({0}) END AS BIGINT) END"
        ),
    }


def _exponential(infinity: str) -> dict[str, str]:
    """Exponentials and logarithms."""
    return {
        "exp": f"CASE WHEN {{0}} > 7.097827128e2 THEN {infinity} WHEN {{0}} < -7.45e2 THEN 0 ELSE EXP({{0}}) END",
        "expm1": (
            f"CASE WHEN {{0}} > 7.097827128e2 THEN {infinity} WHEN {{0}} < -4e1 THEN -1"
            " WHEN ABS({0}) >= 1e-5 THEN EXP({0}) - 1 ELSE {0} + {0} * {0} / 2 + {0} * {0} * {0} / 6 END"
        ),
        "log": f"CASE WHEN {{0}} > 0 THEN LN({{0}}) WHEN {{0}} = 0 THEN -{infinity} END",
        "log1p": (
            "CASE WHEN ABS({0}) < 1e-5 THEN {0} - {0} * {0} / 2 + {0} * {0} * {0} / 3"
            f" WHEN {{0}} > -1 THEN LN(1 + {{0}}) WHEN {{0}} = -1 THEN -{infinity} END"
        ),
        "log2": f"CASE WHEN {{0}} > 0 THEN LN({{0}}) / {_LN_2} WHEN {{0}} = 0 THEN -{infinity} END",
        "log10": (f"CASE WHEN {{0}} > 0 THEN LN({{0}}) / 2.302585092994046e0 WHEN {{0}} = 0 THEN -{infinity} END"),
    }


def _trigonometric(infinity: str) -> dict[str, str]:
    """Angles, where they are defined."""
    return {
        "sin": f"CASE WHEN ABS({{0}}) < {infinity} THEN SIN({{0}}) END",
        "cos": f"CASE WHEN ABS({{0}}) < {infinity} THEN COS({{0}}) END",
        "tan": f"CASE WHEN ABS({{0}}) < {infinity} THEN TAN({{0}}) END",
        "arcsin": "CASE WHEN {0} BETWEEN -1 AND 1 THEN ASIN({0}) END",
        "arccos": "CASE WHEN {0} BETWEEN -1 AND 1 THEN ACOS({0}) END",
    }


def _hyperbolic(infinity: str) -> dict[str, str]:
    """Hyperbolic functions and their inverses, by exp and ln, as series near zero."""
    signed = _signed(infinity)
    return {
        "sinh": (
            f"CASE WHEN {{0}} > 7.104758600739439e2 THEN {infinity} WHEN {{0}} < -7.104758600739439e2 THEN -{infinity}"
            " WHEN ABS({0}) < 1e-3 THEN {0} + {0} * {0} * {0} / 6 + {0} * {0} * {0} * {0} * {0} / 120"
            f" WHEN {{0}} > 4e1 THEN EXP({{0}} - {_LN_2}) WHEN {{0}} < -4e1 THEN -EXP(-{{0}} - {_LN_2})"
            " ELSE (EXP({0}) - EXP(-{0})) / 2 END"
        ),
        "cosh": (
            f"CASE WHEN ABS({{0}}) > 7.104758600739439e2 THEN {infinity}"
            f" WHEN ABS({{0}}) > 4e1 THEN EXP(ABS({{0}}) - {_LN_2}) ELSE (EXP({{0}}) + EXP(-{{0}})) / 2 END"
        ),
        "tanh": (
            "CASE WHEN {0} > 2e1 THEN 1 WHEN {0} < -2e1 THEN -1 WHEN ABS({0}) < 1e-3"
            " THEN {0} - {0} * {0} * {0} / 3 + {0} * {0} * {0} * {0} * {0} * 2 / 15"
            " ELSE (EXP(2 * {0}) - 1) / (EXP(2 * {0}) + 1) END"
        ),
        "arcsinh": (
            f"CASE WHEN {{0}} > 1e8 THEN LN({{0}}) + {_LN_2} WHEN {{0}} < -1e8 THEN -(LN(-{{0}}) + {_LN_2})"
            " WHEN ABS({0}) < 1e-3 THEN {0} - {0} * {0} * {0} / 6 + {0} * {0} * {0} * {0} * {0} * 3 / 40"
            " WHEN {0} > 0 THEN LN({0} + SQRT({0} * {0} + 1)) ELSE -LN(SQRT({0} * {0} + 1) - {0}) END"
        ),
        "arccosh": (
            f"CASE WHEN {{0}} > 1e8 THEN LN({{0}}) + {_LN_2}"
            " WHEN {0} >= 1 THEN LN({0} + SQRT(({0} - 1) * ({0} + 1))) END"
        ),
        "arctanh": (
            "CASE WHEN ABS({0}) < 1e-3 THEN {0} + {0} * {0} * {0} / 3 + {0} * {0} * {0} * {0} * {0} / 5"
            f" WHEN ABS({{0}}) < 1 THEN LN((1 + {{0}}) / (1 - {{0}})) / 2 WHEN ABS({{0}}) = 1 THEN {signed} END"
        ),
    }


def types_of(double: str, bigint: str, text: str, boolean: str) -> Mapping[str, str]:
    """Return the names of types, where there is one of each kind."""
    return {
        "double": double,
        "bigint": bigint,
        "text": text,
        "boolean": boolean,
        LogicalType.NUMBER: double,
        LogicalType.INTEGER: bigint,
        LogicalType.BOOLEAN: boolean,
        LogicalType.TEXT: text,
        LogicalType.CATEGORY: text,
        LogicalType.DATETIME: "TIMESTAMP",
    }


PLAIN = Dialect(
    name="plain",
    grammar="",
    operations=plain_operations("CAST('Infinity' AS DOUBLE PRECISION)"),
    separators={"and": " AND ", "or": " OR "},
    types=types_of("DOUBLE PRECISION", "BIGINT", "VARCHAR", "BOOLEAN"),
    accepted_types={},
    missing_as_null="NULLIF({0}, CAST('NaN' AS DOUBLE PRECISION))",
    input_number="NULLIF(CAST({0} AS DOUBLE PRECISION), CAST('NaN' AS DOUBLE PRECISION))",
    input_number_or_nan="CAST({0} AS DOUBLE PRECISION)",
    input_text="CAST({0} AS VARCHAR)",
    single="{0}",
    adds_single=False,
    array="",
    matrix="",
    matrix_row="",
    array_of_text="",
    matrix_of_text="",
    longest_literal=0,
    element="",
    to_whole="",
    quotient="",
    remainder="",
    longest_sum=32,
    deepest_case=50,
    longest_or=16,
    longest_case=10**9,
    deepest_inline=8,
    fingerprint="",
    tree_costs=TreeCosts(
        branch=6.0, node=0.8, level=14.0, slot=9.0, reach=0.018, search=8.0, word=4.2, leaf=6.0, value=10.0
    ),
)
"""No engine: what those that follow replace a few words of."""


def without_infinity(dialect: Dialect, functions: Mapping[str, str]) -> Dialect:
    """Return a dialect of an engine whose doubles are all finite: the largest stands for infinity, NULL for NaN.

    Where sums or products would overflow, which is an error, numbers of 1e100 and beyond are read as missing.

    Parameters
    ----------
    dialect : Dialect
    functions : mapping of str to str
        The functions that are spelled in another way.
    """
    double = dialect.types["double"]
    number = f"CASE WHEN ABS(CAST({{0}} AS {double})) < {_TOO_LARGE} THEN CAST({{0}} AS {double}) END"
    return replace(
        dialect,
        operations={**plain_operations(_LARGEST), **functions},
        infinity=_LARGEST,
        largest=float(_TOO_LARGE),
        nan=f"CAST(NULL AS {double})",
        missing_as_null="{0}",
        input_number=number,
        input_number_or_nan=number,
    )


_LARGEST = "1.7976931348623157e308"
_TOO_LARGE = "1e100"
