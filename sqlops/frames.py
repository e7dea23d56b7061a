"""Frames in: logical types of a training frame, and its columns for the evaluator and for engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from scipy.sparse import csr_matrix

from sqlops.errors import SchemaError, UnsupportedTypeError
from sqlops.schema import Column, LogicalType

Array = npt.NDArray[Any]
Missing = Literal["nan", "none", "na", "both", "unknown"]
Form = Literal["frame", "polars", "array", "sparse", "series", "records"]
"""How rows are handed to an estimator: as the X it was compiled with."""


def form_of(X: Any) -> Form:
    """Return how rows are handed to an estimator that was given X.

    Parameters
    ----------
    X : DataFrame (pandas or polars), ndarray, sparse matrix, one-dimensional sequence, or list of dicts

    Returns
    -------
    {"frame", "polars", "array", "sparse", "series", "records"}

    Examples
    --------
    >>> form_of(pd.DataFrame({"a": [1]})), form_of(np.ones((2, 2))), form_of(["one text", "another"])
    ('frame', 'array', 'series')
    """
    if hasattr(X, "toarray"):
        return "sparse"
    if isinstance(X, list | tuple) and X and isinstance(X[0], Mapping):
        return "records"
    if _is_polars(X):
        return "polars"
    if isinstance(X, pd.DataFrame) or _is_foreign_frame(X):
        return "frame"
    return "series" if np.ndim(X) == 1 else "array"


def _is_polars(X: Any) -> bool:
    return type(X).__module__.partition(".")[0] == "polars" and hasattr(X, "to_pandas") and hasattr(X, "columns")


def _is_foreign_frame(X: Any) -> bool:
    return hasattr(X, "to_pandas") and hasattr(X, "columns")


def as_given(frame: pd.DataFrame, form: Form) -> Any:
    """Return rows of a frame in the form that an estimator takes."""
    match form:
        case "polars":
            import polars

            return polars.from_pandas(pd.DataFrame({name: _with_none(column) for name, column in frame.items()}))
        case "array":
            return frame.to_numpy()
        case "sparse":
            return csr_matrix(frame.to_numpy())
        case "series":
            return frame.iloc[:, 0]
        case "records":
            return [{k: v for k, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records")]
    return frame


def _with_none(column: pd.Series) -> pd.Series:
    """Return objects with None for NaN: of nothing but NaN, polars makes a column without a type, else one of texts."""
    return column.where(column.notna(), None) if column.dtype == object else column


def as_frame(X: Any, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Return X as a DataFrame with string column names.

    Parameters
    ----------
    X : DataFrame, ndarray or sparse matrix of shape (n_samples, n_features), sequence of values, or list of dicts
    names : sequence of str, optional
        The column names of what has none; without them ``x0``, ``x1``, … as in scikit-learn, and ``text`` for a
        sequence of texts.

    Raises
    ------
    UnsupportedTypeError
        X has more than two dimensions, has names that are not strings, or has the same name twice.
    """
    if isinstance(X, pd.DataFrame):
        faults = [repr(name) for name in X.columns if not isinstance(name, str)]
        if faults:
            raise UnsupportedTypeError(
                f"column names must be strings, not {', '.join(faults[:5])}", hint="rename the columns of X"
            )
        twice = X.columns[X.columns.duplicated()].unique().tolist()
        if twice:
            raise UnsupportedTypeError(f"X has several columns named {', '.join(map(repr, twice))}", hint="rename them")
        return X
    form = form_of(X)
    if form == "polars":
        return as_frame(_as_held_by_numpy(X).to_pandas(), names)
    if form == "frame":
        return as_frame(X.to_pandas(), names)
    if form == "series":
        return _one_column(X, names)
    if form == "records":
        return pd.DataFrame.from_records(X, columns=None if names is None else list(names))
    array = X.toarray() if form == "sparse" else _as_array(X)
    if array.ndim != 2:
        raise UnsupportedTypeError(f"X must have two dimensions, not {array.ndim}", hint="pass a frame or a 2-d array")
    columns = list(names) if names is not None else [f"x{number}" for number in range(array.shape[1])]
    if len(columns) != array.shape[1]:
        raise SchemaError("X", [f"it has {array.shape[1]} columns, the model takes {len(columns)}"])
    return pd.DataFrame(array, columns=columns, dtype=object if array.dtype == object else None)


def _as_held_by_numpy(X: Any) -> Any:
    """Return a polars frame whose small integers beside a null are float32, as in the array that is made of it."""
    import polars

    small = (polars.Int8, polars.Int16, polars.UInt8, polars.UInt16)
    return X.cast({name: polars.Float32 for name in X.columns if X[name].dtype in small and X[name].null_count()})


def _as_array(X: Any) -> Array:
    """Return rows as an array; numbers in lists beside texts stay numbers, as encoders see them."""
    array = np.asarray(X)
    if array.dtype.kind in "US" and not hasattr(X, "dtype"):
        return np.asarray(X, dtype=object)
    return array


def _one_column(X: Any, names: Sequence[str] | None) -> pd.DataFrame:
    series = pd.Series(X)
    if names is None:
        given = series.name if isinstance(series.name, str) else None
        names = [given or ("text" if infer_column(series.rename("x0")).is_text else "x0")]
    if len(names) != 1:
        raise SchemaError("X", [f"it has 1 column, the model takes {len(names)}"])
    return series.to_frame(names[0])


def infer_columns(frame: pd.DataFrame) -> tuple[Column, ...]:
    """Return the columns of a frame with their logical types.

    Raises
    ------
    UnsupportedTypeError
        A column is of a type that no model takes; all such columns are named.
    """
    columns, faults = [], []
    for name in frame.columns:
        try:
            columns.append(infer_column(frame[name]))
        except UnsupportedTypeError as error:
            faults.append(error.problem)
    if faults:
        raise UnsupportedTypeError("; ".join(faults), hint="convert them to numbers, booleans or text, before fitting")
    return tuple(columns)


def infer_column(series: pd.Series[Any]) -> Column:
    """Return one column of a frame with its logical type."""
    name = str(series.name)
    if isinstance(series.dtype, pd.CategoricalDtype):
        of = _value_type(pd.Series(series.cat.categories, name=name))
        return Column(name, LogicalType.CATEGORY, of)
    type_ = _value_type(series)
    return Column(name, type_, type_)


def _value_type(series: pd.Series[Any]) -> LogicalType:
    dtype = series.dtype
    if pd.api.types.is_bool_dtype(dtype):
        return LogicalType.BOOLEAN
    if pd.api.types.is_integer_dtype(dtype):
        return LogicalType.INTEGER
    if pd.api.types.is_float_dtype(dtype):
        return LogicalType.NUMBER
    if isinstance(dtype, pd.StringDtype) or dtype.kind in "US":
        return LogicalType.TEXT
    if dtype.kind == "O":
        return _object_type(series)
    raise UnsupportedTypeError(f"column '{series.name}' has type {dtype}")


def _object_type(series: pd.Series[Any]) -> LogicalType:
    kind = pd.api.types.infer_dtype(series, skipna=True)
    found = {
        "string": LogicalType.TEXT,
        "empty": LogicalType.TEXT,
        "boolean": LogicalType.BOOLEAN,
        "integer": LogicalType.INTEGER,
        "floating": LogicalType.NUMBER,
        "mixed-integer-float": LogicalType.NUMBER,
    }.get(kind)
    if found is None:
        raise UnsupportedTypeError(f"column '{series.name}' has type object holding {kind} values")
    return found


def missing_of(series: pd.Series[Any], form: Form = "frame") -> Missing:
    """Return what a missing value of a column is in Python: NaN, None or pandas.NA, as far as can be known.

    Parameters
    ----------
    series : Series
    form : {"frame", "polars", "array", "sparse", "series", "records"}
        What the column came in. Polars makes None of what is missing among texts, categories and booleans.

    Returns
    -------
    {"nan", "none", "na", "both", "unknown"}
        Unknown for a column of objects in which nothing is missing.
    """
    dtype = series.dtype
    if form == "polars":
        return "nan" if isinstance(dtype, np.dtype) and dtype.kind in "iuf" else "none"
    if isinstance(dtype, pd.api.extensions.ExtensionDtype):
        return "na" if dtype.na_value is pd.NA else "nan"
    if dtype.kind != "O":
        return "nan"
    kinds = {"none" if value is None else "na" if value is pd.NA else "nan" for value in series[series.isna()].tolist()}
    if not kinds:
        return "unknown"
    return "none" if kinds == {"none"} else "na" if kinds == {"na"} else "nan" if kinds == {"nan"} else "both"


def check_frame(frame: pd.DataFrame, columns: Sequence[Column]) -> None:
    """Refuse a frame that lacks columns of a signature, or has them as text instead of numbers or the other way.

    Raises
    ------
    SchemaError
        All columns at fault are named.
    """
    faults = []
    for column in columns:
        if column.name not in frame.columns:
            faults.append(f"column '{column.name}' is missing")
            continue
        series = frame[column.name]
        try:
            found = infer_column(series).of
        except UnsupportedTypeError as error:
            faults.append(error.problem)
            continue
        if series.notna().any() and (found is LogicalType.TEXT) != column.is_text:
            faults.append(f"column '{column.name}' is {found}, the model takes {column.of}")
    if faults:
        raise SchemaError("X", faults)


def to_arrays(frame: pd.DataFrame, columns: Sequence[Column]) -> dict[str, Array]:
    """Return columns as the evaluator takes them: doubles with NaN, or objects with None, for missing."""
    return {column.name: _to_array(frame[column.name], column) for column in columns}


def _to_array(series: pd.Series[Any], column: Column) -> Array:
    values: Any = series.astype(object) if isinstance(series.dtype, pd.CategoricalDtype) else series
    missing = values.isna().to_numpy()
    if column.is_text:
        result: Array = values.to_numpy(dtype=object, na_value=None).copy()
        result[missing] = None
        return result
    if values.dtype == object or isinstance(values.dtype, pd.api.extensions.ExtensionDtype):
        numbers = np.full(len(values), np.nan)
        numbers[~missing] = values[~missing].to_numpy(dtype=np.float64)
        return numbers
    doubles: Array = values.to_numpy(dtype=np.float64)
    return doubles


_ARROW = {
    LogicalType.NUMBER: pa.float64(),
    LogicalType.INTEGER: pa.int64(),
    LogicalType.BOOLEAN: pa.bool_(),
    LogicalType.TEXT: pa.string(),
}


def to_arrow(frame: pd.DataFrame, columns: Sequence[Column], names: Sequence[str] | None = None) -> pa.Table:
    """Return columns as an Arrow table that any engine reads: numbers as doubles, missing as null (NaN stays NaN).

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of Column
    names : sequence of str, optional
        Other names for the columns.
    """
    arrays = [_to_arrow(frame[column.name], column) for column in columns]
    return pa.table(dict(zip(names or [column.name for column in columns], arrays, strict=True)))


def _to_arrow(series: pd.Series[Any], column: Column) -> pa.Array:
    values = series.astype(object) if isinstance(series.dtype, pd.CategoricalDtype) else series
    missing = values.isna().to_numpy()
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        return pa.array(values.to_numpy(dtype=np.float64), type=pa.float64())
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "iub":
        return pa.array(values.to_numpy())
    plain = [None if gone else _plain(value) for value, gone in zip(values.tolist(), missing, strict=True)]
    as_doubles = column.of is LogicalType.NUMBER or (
        column.of is LogicalType.INTEGER and not all(_fits_bigint(value) for value in plain)
    )
    if as_doubles:
        return pa.array([None if value is None else float(value) for value in plain], type=pa.float64())
    try:
        return pa.array(plain, type=_ARROW[column.of])
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        raise SchemaError("X", [f"column '{column.name}' holds a value that no table can: {error}"]) from error


def _fits_bigint(value: Any) -> bool:
    return value is None or (not isinstance(value, float) and -(2**63) <= value < 2**63)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
