"""What kernels are made of, as text: the terms of a measure, and the formula over measures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlops.dialects.base import Dialect
from sqlops.ir.kernel import Formula, MeasureKind
from sqlops.lowering.lists import ITEM
from sqlops.lowering.ranges import ratio

_MAY_BE_NULL = frozenset(("sqrt", "log", "log1p", "sin", "cos"))
"""Functions that a dialect may spell so that they give NULL for NaN, which no array may hold."""


def terms_of(dialect: Dialect, kind: MeasureKind, pairs: Iterable[tuple[str, ...]]) -> list[str]:
    """Return the terms that ``chi2`` and ``manhattan`` add, and ``chebyshev`` takes the largest of."""
    terms = []
    for x, y in pairs:
        difference = f"({x} - {y})"
        if kind == "chi2":
            share = ratio(dialect, dialect.call("square", (difference,)), f"({x} + {y})")
            terms.append(f"CASE WHEN {x} + {y} = 0 THEN 0 ELSE {share} END")
        else:
            terms.append(dialect.call("absolute", (difference,)))
    return terms


def formula_text(dialect: Dialect, formula: Formula, measures: Sequence[str], depth: int = 0) -> str:
    """Return a formula over printed measures, `depth` functions deep in another."""
    if not isinstance(formula, tuple):
        return dialect.double(float(formula))
    name, *args = formula
    if name == "measure":
        return measures[args[0]]
    texts = tuple(formula_text(dialect, arg, measures, depth + 1) for arg in args)
    let = dialect.lists.let if dialect.lists else None
    if let is not None and name in dialect.repeated:
        return _bound(dialect, let, name, args, texts, depth)
    if name == "case":
        return f"CASE WHEN {texts[0]} THEN {texts[1]} ELSE {texts[2]} END"
    text = f"({dialect.call(name, texts)})"
    return dialect.missing_as_nan(text) if name in _MAY_BE_NULL else text


def _bound(dialect: Dialect, let: str, name: str, args: Sequence[Formula], texts: tuple[str, ...], depth: int) -> str:
    """Return a function that repeats its arguments, with names for those that are not plain."""
    plain = [not isinstance(arg, tuple) or arg[0] == "measure" for arg in args]
    names = [
        text if known else f"{ITEM}_{depth}_{at}" for at, (text, known) in enumerate(zip(texts, plain, strict=True))
    ]
    text = f"({dialect.call(name, tuple(names))})"
    text = dialect.missing_as_nan(text) if name in _MAY_BE_NULL else text
    for bound, given, known in zip(names, texts, plain, strict=True):
        text = text if known else let.format(given, bound, text)
    return text
