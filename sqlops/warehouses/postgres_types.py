"""Types of PostgreSQL and of Arrow, and values on their way from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from psycopg import postgres

_ARROW = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "text": pa.string(),
    "varchar": pa.string(),
    "bpchar": pa.string(),
    "name": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "bytea": pa.binary(),
}
_INTEGERS = {1: "int2", 2: "int2", 4: "int4", 8: "int8"}


def arrow_type(oid: int) -> pa.DataType | None:
    """Return the Arrow type of a PostgreSQL type, or None where the values must say it."""
    info = postgres.types.get(oid)
    if info is None or info.name not in _ARROW:
        return None
    item = _ARROW[info.name]
    return item if info.oid == oid else pa.list_(item)


def type_name(oid: int, shown: str) -> str:
    """Return the name of a type as `Dialect.accepted_types` has it: the short one, where there is one."""
    info = postgres.types.get(oid)
    return shown if info is None else info.name if info.oid == oid else f"{info.name}[]"


def copied_type(type_: pa.DataType) -> str:
    """Return the PostgreSQL type in which a column of Arrow data is kept.

    Raises
    ------
    TypeError
        There is none.
    """
    if pa.types.is_dictionary(type_):
        return copied_type(type_.value_type)
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        inner = copied_type(type_.value_type)
        return inner if inner.endswith("[]") else f"{inner}[]"
    if pa.types.is_boolean(type_):
        return "bool"
    if pa.types.is_signed_integer(type_):
        return _INTEGERS[type_.bit_width // 8]
    if pa.types.is_unsigned_integer(type_):
        return _INTEGERS.get(type_.bit_width // 4, "numeric")
    if pa.types.is_float32(type_) or pa.types.is_float16(type_):
        return "float4"
    if pa.types.is_float64(type_):
        return "float8"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_):
        return "text"
    if pa.types.is_date(type_):
        return "date"
    if pa.types.is_timestamp(type_):
        return "timestamptz" if type_.tz else "timestamp"
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return "bytea"
    if pa.types.is_decimal(type_):
        return "numeric"
    raise TypeError(f"PostgreSQL has no type for Arrow's {type_}")


def copied(column: pa.ChunkedArray) -> Sequence[Any]:
    """Return the values of a column as psycopg writes them: no timestamp is finer than Python's."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", tz=column.type.tz))
    values: Sequence[Any] = column.to_pylist()
    return values
