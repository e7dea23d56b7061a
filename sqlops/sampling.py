"""The sample on which a deployment proves itself: real rows that cover the data, and made ones that probe the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqlops.frames import Form, Missing, as_given, missing_of, to_arrays
from sqlops.ir.evaluate import evaluate_expressions
from sqlops.ir.nodes import Expr, Input, TreeEnsemble
from sqlops.ir.program import Program, walk
from sqlops.parity import Sample, expected_outputs
from sqlops.schema import Column, Signature

ROWS = 200
"""At least this many rows are chosen (or all of a smaller frame), before the made ones are added."""

CATEGORIES = 1000
"""At most so many categories of a column get a row each."""

THRESHOLDS = 64
"""So many thresholds of the trees get rows: the real ones nearest, and made ones within one ulp."""

PROBED = 50
"""At most so many columns, evenly spread, get made rows: each costs the estimator a few calls."""

SEED = 20130101


def choose_sample(estimator: Any, program: Program, signature: Signature, frame: pd.DataFrame, *, form: Form) -> Sample:
    """Choose rows and record what the estimator answers.

    Rows with missing values, every category, the extremes of every number and the rows nearest to the trees'
    thresholds are among them; then random ones up to `ROWS`. Made rows follow: one column at a time is set to NULL, to
    a category never seen, to infinity, and to thresholds and their neighbours.

    Parameters
    ----------
    estimator : object
    program : Program
    signature : Signature
    frame : DataFrame
        The training frame.
    form : {"frame", "polars", "array", "sparse", "series", "records"}
        How the estimator was given X.

    Returns
    -------
    Sample
    """
    rng = np.random.default_rng(SEED)
    thresholds = _thresholds(program, rng)
    chosen = _covering_rows(program, signature.inputs, frame, thresholds)
    rest = np.setdiff1d(np.arange(len(frame)), chosen)
    more = max(0, ROWS - len(chosen))
    rows = np.concatenate([chosen, rng.choice(rest, min(more, len(rest)), replace=False)]).astype(np.int64)
    groups = [frame.iloc[np.sort(rows)]]
    if len(frame):
        if len(rows) < ROWS:
            groups.append(frame.iloc[rng.choice(len(frame), ROWS - len(rows))])
        missing = {column.name: missing_of(frame[column.name], form) for column in signature.inputs}
        groups += list(_made_rows(_first_complete(groups[0]), signature.inputs, missing, thresholds))
    answers = [expected_outputs(estimator, as_given(group, form), signature) for group in groups]
    arrays = [to_arrays(group, signature.inputs) for group in groups]
    return Sample(
        {column.name: np.concatenate([part[column.name] for part in arrays]) for column in signature.inputs},
        {output.name: np.concatenate([part[output.name] for part in answers]) for output in signature.outputs},
    )


def _thresholds(program: Program, rng: np.random.Generator) -> list[tuple[Expr, float]]:
    """Return some splits of the trees: the expression compared and the bound."""
    found: list[tuple[Expr, float]] = []
    for node in walk(program.roots()):
        if isinstance(node, TreeEnsemble):
            inner = np.flatnonzero((node.left >= 0) & (node.category_set < 0) & np.isfinite(node.threshold))
            for at in rng.choice(inner, min(THRESHOLDS, len(inner)), replace=False):
                found.append((node.inputs[node.feature[at]], float(node.threshold[at])))
    return found[: 4 * THRESHOLDS]


def _covering_rows(
    program: Program, columns: Sequence[Column], frame: pd.DataFrame, thresholds: list[tuple[Expr, float]]
) -> npt.NDArray[np.int64]:
    rows: set[int] = set()
    arrays = to_arrays(frame, columns)
    for column in columns:
        series = frame[column.name].reset_index(drop=True)
        missing = np.flatnonzero(series.isna())
        rows.update(missing[:2].tolist())
        present = series.dropna()
        firsts = present.drop_duplicates()
        if column.is_text or len(firsts) <= 20:
            rows.update(firsts.index[:CATEGORIES].tolist())
        else:
            rows.update((int(present.argmin()), int(present.argmax())) if len(present) == len(series) else ())
    if len(frame) and thresholds:
        values = evaluate_expressions(tuple(expr for expr, _ in thresholds), arrays, len(frame))
        for expr, bound in thresholds:
            distance = np.abs(values[id(expr)] - bound)
            if not np.isnan(distance).all():
                rows.add(int(np.nanargmin(distance)))
    return np.array(sorted(rows), dtype=np.int64)


def _made_rows(
    row: pd.DataFrame,
    columns: Sequence[Column],
    missing: Mapping[str, Missing],
    thresholds: list[tuple[Expr, float]],
) -> Iterator[pd.DataFrame]:
    at: dict[str, list[float]] = {}
    for expr, bound in thresholds:
        if isinstance(expr, Input) and np.isfinite(bound):
            around = (np.nextafter(bound, -np.inf), bound, np.nextafter(bound, np.inf))
            at.setdefault(expr.name, []).extend(map(float, around))
    floats: dict[str, list[float]] = {}
    for column in columns[:: max(1, -(-len(columns) // PROBED))]:
        if row[column.name].dtype == np.float64:
            floats[column.name] = [np.nan, np.inf, *at.get(column.name, ())]
            continue
        # Whether None or NaN stands for NULL in such a column is not known, and estimators tell them apart.
        probes: list[Any] = [] if missing[column.name] == "unknown" else [None]
        if column.is_text:
            probes.append("sqlops: never seen")
        elif column.type == column.of and column.type != "boolean":
            probes.append(np.inf)
        if _would_widen(row, column.name):
            continue
        for value in probes:
            yield _with(row, column, [value], missing[column.name])
        if column.name in at and column.type == column.of == "number":
            yield _with(row, column, list(at[column.name]), missing[column.name])
    if floats:
        yield _with_floats(row, floats)


def _would_widen(row: pd.DataFrame, name: str) -> bool:
    """Whether a missing value in a column of small integers or booleans makes doubles of the float32 beside it."""
    dtype = row[name].dtype
    is_small = isinstance(dtype, np.dtype) and dtype.kind in "iub" and dtype.itemsize <= 2
    return is_small and any(other in (np.float32, np.float16) for other in row.dtypes)


def _with_floats(row: pd.DataFrame, values: Mapping[str, list[float]]) -> pd.DataFrame:
    """Return copies of a row, each with another value in one of its columns of doubles."""
    made = row.iloc[np.zeros(sum(map(len, values.values())), dtype=np.int64)].reset_index(drop=True)
    start = 0
    for name, probes in values.items():
        made.loc[start : start + len(probes) - 1, name] = probes
        start += len(probes)
    return made


def _first_complete(base: pd.DataFrame) -> pd.DataFrame:
    """Return a row without missing values, if there is one: most estimators refuse the others whatever else changes."""
    complete = base[base.notna().all(axis=1)]
    return (complete if len(complete) else base).iloc[:1]


def _with(row: pd.DataFrame, column: Column, values: list[Any], missing: Missing) -> pd.DataFrame:
    """Return copies of a row with other values in one column, of a type that can hold them."""
    made = row.iloc[np.zeros(len(values), dtype=np.int64)].reset_index(drop=True)
    dtype = row[column.name].dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories = list(dtype.categories) + [v for v in values if v is not None and v not in set(dtype.categories)]
        made[column.name] = pd.Categorical(values, categories=categories)
    elif dtype == np.dtype(object) and missing == "nan":
        made[column.name] = pd.Series([np.nan if value is None else value for value in values], dtype=object)
    elif dtype.kind == "O" or column.is_text or (values == [None] and not isinstance(dtype, np.dtype)):
        made[column.name] = pd.Series(values, dtype=dtype)
    else:
        numbers = [np.nan if value is None else float(value) for value in values]
        made[column.name] = pd.Series(numbers, dtype=dtype if dtype.kind == "f" else np.float64)
    return made
