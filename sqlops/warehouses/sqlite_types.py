"""Between values of SQLite and Arrow's."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sqlops.errors import SchemaError
from sqlops.warehouses.base import Row

_OF_PARTS = (
    ("TIMESTAMP", pa.timestamp("us")),
    ("BOOL", pa.bool_()),
    ("INT", pa.int64()),
    ("CHAR", pa.string()),
    ("CLOB", pa.string()),
    ("TEXT", pa.string()),
    ("REAL", pa.float64()),
    ("FLOA", pa.float64()),
    ("DOUB", pa.float64()),
)
"""What a declared type means: the first part that it contains, in the order of SQLite's own rules."""


def declared(field: pa.Field) -> str:
    """Return the type to declare a column of Arrow data with.

    Raises
    ------
    SchemaError
        SQLite has nothing that holds it.
    """
    type_ = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_boolean(type_):
        return "BOOLEAN"
    if pa.types.is_integer(type_):
        return "INTEGER"
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "REAL"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return "TEXT"
    if pa.types.is_temporal(type_) and not pa.types.is_duration(type_):
        return "TIMESTAMP"
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return "BLOB"
    if pa.types.is_null(type_):
        return ""
    raise SchemaError("the data", [f"column '{field.name}' is of type {type_}"], "SQLite has no such values")


def bound(value: Any) -> Any:
    """Return a Python value as one that SQLite holds: dates as ISO text, NaN as NULL."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat(" ") if isinstance(value, datetime.datetime) else value.isoformat()
    return float(value) if isinstance(value, decimal.Decimal) else value


def from_rows(columns: Sequence[tuple[str, str | None]], rows: Sequence[Row]) -> pa.Table:
    """Return rows as a table: each column as it was declared, if its values fit, or else as they are."""
    values = zip(*rows, strict=True) if rows else ([] for _ in columns)
    arrays = [_array(list(held), type_) for held, (_, type_) in zip(values, columns, strict=True)]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in columns])


def _array(values: list[Any], type_: str | None) -> pa.Array:
    wanted = next((arrow for part, arrow in _OF_PARTS if part in (type_ or "").upper()), None)
    kinds = {type(value) for value in values} - {type(None)}
    if wanted == pa.bool_() and kinds == {int}:
        values = [None if value is None else bool(value) for value in values]
        kinds = {bool}
    if wanted == pa.timestamp("us") and kinds == {str}:
        read = pd.to_datetime(pd.Series(values), format="ISO8601", errors="coerce")
        if read.notna().sum() == sum(value is not None for value in values) and read.dt.tz is None:
            return pa.array(read, type=wanted, from_pandas=True)
    if kinds <= {int, float} and float in kinds:
        return pa.array(values, type=pa.float64())
    if len(kinds) > 1:
        return pa.array([None if value is None else str(value) for value in values], type=pa.string())
    if wanted is not None and (not kinds or kinds == {_PYTHON[wanted]}):
        return pa.array(values, type=wanted)
    if wanted == pa.float64() and kinds == {int}:
        return pa.array(values, type=wanted)
    return pa.array(values)


_PYTHON = {pa.bool_(): bool, pa.int64(): int, pa.string(): str, pa.float64(): float}
