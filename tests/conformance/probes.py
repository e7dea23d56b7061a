"""Rows made from X to probe a model: one column at a time is missing, infinite, unseen, or on a boundary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqlops.frames import missing_of
from sqlops.ir.nodes import Input, TreeEnsemble
from sqlops.ir.program import Program, walk
from sqlops.schema import Column

UNSEEN = ("it's never seen", "", "nan", "None")
NUMBERS = (0.0, -0.0, 1.0, -0.5, 1.5, 1e-310, -1e15, 1e300, np.inf, -np.inf)
WHOLE = (0, 1, -1, 1000, -(2**31))
THRESHOLDS = 40
COLUMNS = 14
"""At most so many columns of a case are probed, spread over all."""


def made_frames(X: pd.DataFrame, columns: tuple[Column, ...], program: Program) -> Iterator[pd.DataFrame]:
    """Yield frames with one column changed, the others as in rows of X."""
    thresholds = _thresholds(program)
    for column in columns:
        kind = X[column.name].dtype.kind
        if column.name in thresholds and kind in "fiu":
            near = pd.Series(thresholds[column.name])
            yield _changed(X, 0, column.name, (near if kind == "f" else near.round()).astype(X[column.name].dtype))
    for number, column in enumerate(columns[:: -(-len(columns) // COLUMNS)]):
        series = X[column.name]
        at = (7 * number) % len(X)
        yield _changed(X, at, column.name, _with_missing(series))
        if column.is_text or isinstance(series.dtype, pd.CategoricalDtype):
            values: list[Any] = list(UNSEEN) if column.is_text else [0, 987654]
            yield _changed(X, at, column.name, _of_type(series, values))
        elif series.dtype.kind in "iu":
            info = np.iinfo(getattr(series.dtype, "numpy_dtype", series.dtype))
            whole = [value for value in WHOLE if info.min <= value <= info.max]
            yield _changed(X, at, column.name, pd.Series(whole, dtype=series.dtype))
        elif series.dtype.kind == "f":
            ends = [float(series.min()), float(series.max())]
            ends = [near for end in ends for near in (np.nextafter(end, -np.inf), end, np.nextafter(end, np.inf))]
            with np.errstate(over="ignore"):
                yield _changed(X, at, column.name, pd.Series([*NUMBERS, *ends]).astype(series.dtype))


def canonical(arrays: dict[str, npt.NDArray[Any]], columns: tuple[Column, ...]) -> pd.DataFrame:
    """Return columns of the evaluator as a frame: doubles, and objects with None."""
    return pd.DataFrame({c.name: pd.Series(arrays[c.name], dtype=object if c.is_text else np.float64) for c in columns})


def _changed(X: pd.DataFrame, at: int, name: str, values: pd.Series[Any]) -> pd.DataFrame:
    frame = X.iloc[[at] * len(values)].reset_index(drop=True)
    frame[name] = values
    return frame


def _with_missing(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return one missing value, as this column would hold it."""
    if series.dtype == object:
        return pd.Series([None if missing_of(series) == "none" else np.nan], dtype=object)
    if series.dtype.kind in "iub" and isinstance(series.dtype, np.dtype):
        return pd.Series([np.nan])
    return pd.Series([None], dtype=series.dtype)


def _of_type(series: pd.Series[Any], values: list[Any]) -> pd.Series[Any]:
    if isinstance(series.dtype, pd.CategoricalDtype):
        known = list(series.cat.categories)
        return pd.Series(pd.Categorical(values, categories=known + [v for v in values if v not in known]))
    return pd.Series(values, dtype=series.dtype)


def _thresholds(program: Program) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for node in walk(program.roots()):
        if not isinstance(node, TreeEnsemble):
            continue
        inner = np.flatnonzero((node.left >= 0) & (node.category_set < 0) & np.isfinite(node.threshold))
        for at in inner[:: max(1, len(inner) // THRESHOLDS)]:
            expr = node.inputs[node.feature[at]]
            if isinstance(expr, Input) and abs(node.threshold[at]) < 2**62:
                bound = float(node.threshold[at])
                single = np.float32(bound)
                near = [float(np.nextafter(single, np.float32(s))) for s in (-np.inf, np.inf)]
                near += [bound, float(single), float(np.nextafter(bound, -np.inf)), float(np.nextafter(bound, np.inf))]
                found.setdefault(expr.name, []).extend(near)
    return found
