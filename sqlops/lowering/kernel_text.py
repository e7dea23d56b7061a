"""What kernels are made of, as text: the terms of a measure, and the formula over measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlops.dialects.base import Dialect
from sqlops.ir.kernel import Formula, MeasureKind

_MAY_BE_NULL = frozenset(("sqrt", "log", "log1p", "sin", "cos"))
"""Functions that a dialect may spell so that they give NULL for NaN, which no array may hold."""


def terms_of(dialect: Dialect, kind: MeasureKind, pairs: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the terms that ``chi2`` and ``manhattan`` add, and ``chebyshev`` takes the largest of."""
    terms = []
    for x, y in pairs:
        difference = dialect.call("subtract", (x, y))
        if kind == "chi2":
            ratio = f"{dialect.call('square', (difference,))} / ({x} + {y})"
            terms.append(f"CASE WHEN {x} + {y} = 0 THEN 0 ELSE {ratio} END")
        else:
            terms.append(dialect.call("absolute", (difference,)))
    return terms


def formula_text(dialect: Dialect, formula: Formula, measures: Sequence[str]) -> str:
    """Return a formula over printed measures."""
    if not isinstance(formula, tuple):
        return dialect.double(float(formula))
    name, *args = formula
    if name == "measure":
        return measures[args[0]]
    texts = tuple(formula_text(dialect, arg, measures) for arg in args)
    if name == "case":
        return f"CASE WHEN {texts[0]} THEN {texts[1]} ELSE {texts[2]} END"
    text = f"({dialect.call(name, texts)})"
    return dialect.missing_as_nan(text) if name in _MAY_BE_NULL else text
