"""Parity: what counts as the same answer, what the estimator answers, and how they are compared."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqlops.errors import ParityError, SqlopsError
from sqlops.estimators import method_of
from sqlops.frames import as_frame, to_arrays
from sqlops.ir.evaluate import evaluate
from sqlops.ir.operations import is_missing
from sqlops.ir.program import Program
from sqlops.ir.rounding import rounding_bounds
from sqlops.schema import LogicalType, Role, Signature

Array = npt.NDArray[Any]

RELATIVE_TOLERANCE = 1e-9
"""Numbers may differ by this much: sums in another order, and another library's exp."""

Bounds = Callable[[npt.NDArray[np.int64]], Mapping[str, Array]]
"""From row numbers to how far rounding alone can move each output: see `sqlops.ir.rounding`."""

_METHODS = {
    Role.PREDICTION: "predict",
    Role.PROBABILITY: "predict_proba",
    Role.DECISION: "decision_function",
    Role.SCORE: "score_samples",
    Role.FEATURE: "transform",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows and the answers of the estimator, recorded when the model was compiled.

    Parameters
    ----------
    inputs : mapping of str to ndarray of shape (n,)
        Doubles with NaN, or objects with None, by input.
    expected : mapping of str to ndarray of shape (n,)
        The same for outputs; all missing where the estimator refuses the row.
    """

    inputs: Mapping[str, Array]
    expected: Mapping[str, Array]

    def __len__(self) -> int:
        return len(next(iter(self.expected.values()), ()))


@dataclass(frozen=True, slots=True)
class OutputParity:
    """How one output compares.

    Parameters
    ----------
    name : str
    rows : int
        Rows compared.
    differing : int
        Rows outside tolerance (for labels: unequal).
    worst_absolute, worst_relative : float
        The largest differences of numbers; 0 for labels.
    """

    name: str
    rows: int
    differing: int
    worst_absolute: float
    worst_relative: float


@dataclass(frozen=True, slots=True)
class ParityReport:
    """How SQL and estimator compare, per output."""

    outputs: tuple[OutputParity, ...]

    @property
    def ok(self) -> bool:
        """Whether every output agrees on every row."""
        return all(output.differing == 0 for output in self.outputs)

    @property
    def rows(self) -> int:
        """How many rows were compared."""
        return max((output.rows for output in self.outputs), default=0)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per output."""
        return pd.DataFrame(
            [
                {
                    "output": output.name,
                    "rows": output.rows,
                    "differing": output.differing,
                    "worst_absolute": output.worst_absolute,
                    "worst_relative": output.worst_relative,
                }
                for output in self.outputs
            ]
        )

    def __str__(self) -> str:
        lines = [
            f"{o.name}: {o.differing} of {o.rows} rows differ, worst {o.worst_absolute:.3g} absolute, "
            f"{o.worst_relative:.3g} relative"
            for o in self.outputs
        ]
        return "\n".join(lines)


def compare(
    expected: Mapping[str, Array], got: Mapping[str, Array], signature: Signature, bounds: Bounds
) -> ParityReport:
    """Compare answers, output by output; missing equals missing.

    Labels must be equal, unless the model makes a choice (the nearest neighbour) that rounding alone can change.
    Numbers must be within `RELATIVE_TOLERANCE`; for the rows that are not, because large terms cancel, what rounding
    alone can do is worked out and allowed.

    Parameters
    ----------
    expected, got : mapping of str to ndarray of shape (n,)
    signature : Signature
    bounds : callable

    Returns
    -------
    ParityReport
    """
    reports = []
    for output in signature.outputs:
        want, have = expected[output.name], got[output.name]
        if (output.type is LogicalType.NUMBER and output.role is not Role.PREDICTION) or want.dtype.kind == "f":
            reports.append(_compare_numbers(output.name, want.astype(np.float64), have.astype(np.float64), bounds))
        else:
            reports.append(_compare_labels(output.name, want, have, bounds))
    return ParityReport(tuple(reports))


def _compare_numbers(name: str, want: Array, have: Array, bounds: Bounds) -> OutputParity:
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        difference = np.abs(have - want)
        difference[(have == want) | (np.isnan(have) & np.isnan(want))] = 0.0
        difference[np.isnan(difference)] = np.inf
        relative = np.where(difference == 0, 0.0, difference / np.abs(want))
        relative[np.isnan(relative)] = np.inf
        tolerance = np.where(np.isfinite(want), RELATIVE_TOLERANCE * np.abs(want), 0.0)
    rows = np.flatnonzero(difference > tolerance)
    if len(rows):
        rows = rows[~(difference[rows] <= bounds(rows)[name])]
    return OutputParity(
        name, len(want), len(rows), float(difference.max(initial=0.0)), float(relative.max(initial=0.0))
    )


def _compare_labels(name: str, want: Array, have: Array, bounds: Bounds) -> OutputParity:
    rows = np.flatnonzero([not _same_label(a, b) for a, b in zip(want.tolist(), have.tolist(), strict=True)])
    if len(rows):
        rows = rows[~np.isinf(bounds(rows)[name])]
    return OutputParity(name, len(want), len(rows), 0.0, 0.0)


def _same_label(a: Any, b: Any) -> bool:
    missing = (a is None or a != a, b is None or b != b)
    return all(missing) if any(missing) else bool(a == b)


def expected_outputs(estimator: Any, X: Any, signature: Signature) -> dict[str, Array]:
    """Ask the estimator for every output of a signature.

    Rows that the estimator refuses get missing outputs. They are found by asking for rows of the same kind (the same
    columns missing, the same infinite) together, and then by halving.

    Parameters
    ----------
    estimator : object
        The fitted estimator.
    X : DataFrame, ndarray, sparse matrix or sequence of n rows
    signature : Signature

    Returns
    -------
    dict of str to ndarray of shape (n,)
    """
    n_rows = X.shape[0] if hasattr(X, "shape") else len(X)
    results: dict[str, Array] = {}
    for output in signature.outputs:
        number = output.type is LogicalType.NUMBER
        results[output.name] = np.full(n_rows, np.nan) if number else np.full(n_rows, None, dtype=object)
    ask = {output.role: method_of(estimator, _METHODS[output.role]) for output in signature.outputs}
    pending = [np.arange(n_rows)] if n_rows else []
    while pending:
        rows = pending.pop()
        try:
            answers = _answers(ask, _take(X, rows), signature)
        except (ValueError, TypeError, AttributeError, IndexError):
            if len(rows) == n_rows > 1:
                pending += _kinds(X, signature)
            elif len(rows) > 1:
                pending += np.array_split(rows, 2)
            continue
        for name, values in answers.items():
            results[name][rows] = values
    return results


def _take(X: Any, rows: npt.NDArray[np.int64]) -> Any:
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    return [X[row] for row in rows] if isinstance(X, list | tuple) else X[rows]


def _kinds(X: Any, signature: Signature) -> list[npt.NDArray[np.int64]]:
    """Return the rows of X in groups that an estimator is likely to refuse, or not, for the same reason."""
    frame = as_frame(X, [column.name for column in signature.inputs])
    arrays = to_arrays(frame, signature.inputs).values()
    kinds = np.column_stack(
        [2 * is_missing(a) + (np.abs(a) > np.finfo(np.float32).max if a.dtype.kind == "f" else 0) for a in arrays]
    )
    _, kind = np.unique(kinds, axis=0, return_inverse=True)
    groups = [np.flatnonzero(kind == number) for number in range(kind.max() + 1)]
    return groups if len(groups) > 1 else np.array_split(groups[0], 2)


def _answers(ask: Mapping[Role, Callable[[Any], Any]], X: Any, signature: Signature) -> dict[str, Array]:
    answers: dict[str, Array] = {}
    by_role: dict[Role, list[str]] = {}
    for output in signature.outputs:
        by_role.setdefault(output.role, []).append(output.name)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for role, names in by_role.items():
            matrix = _as_columns(ask[role](X), X.shape[0] if hasattr(X, "shape") else len(X))
            if matrix.shape[1] != len(names):
                raise SqlopsError(f"{_METHODS[role]} gives {matrix.shape[1]} columns, the signature has {len(names)}")
            for number, name in enumerate(names):
                answers[name] = matrix[:, number]
    for output in signature.outputs:
        values = answers[output.name]
        if output.type is LogicalType.NUMBER:
            if values.dtype == object:
                values = np.where(pd.isna(values), np.nan, values)
            answers[output.name] = values.astype(np.float64)
        else:
            values = values.astype(object)
            values[pd.isna(values)] = None
            answers[output.name] = values
    return answers


def _as_columns(answer: Any, n_rows: int) -> Array:
    """Return an answer as a matrix; some estimators give a vector of outputs for a single row."""
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    if isinstance(answer, list):
        return np.hstack([_as_columns(part, n_rows) for part in answer])
    array = np.asarray(answer)
    return array.reshape(n_rows, -1) if array.ndim <= 1 else array


def bounds_of(program: Program, inputs: Mapping[str, Array]) -> Bounds:
    """Return what `compare` asks for rows whose numbers differ by more than the tolerance.

    Parameters
    ----------
    program : Program
    inputs : mapping of str to ndarray of shape (n,)
        The rows that are compared, as the evaluator takes them.
    """
    return lambda rows: rounding_bounds(program, {name: v[rows] for name, v in inputs.items()}, len(rows))


def prove(program: Program, signature: Signature, sample: Sample) -> ParityReport:
    """Compare the reference evaluator with the recorded answers.

    Raises
    ------
    ParityError
        They differ: the estimator does something that its frontend does not know of.
    """
    got = evaluate(program, sample.inputs, len(sample))
    report = compare(sample.expected, got, signature, bounds_of(program, sample.inputs))
    require_parity(report, "the compiled model and the estimator")
    return report


def require_parity(report: ParityReport, who: str) -> None:
    """Raise `ParityError` if a report is not ok; the message names the outputs that differ."""
    if not report.ok:
        worst = "; ".join(
            f"{o.name}: {o.differing} of {o.rows} rows, by up to {o.worst_absolute:.3g}"
            for o in report.outputs
            if o.differing
        )
        raise ParityError(f"{who} differ on the sample ({worst}); please report this as a bug with the model's class")
