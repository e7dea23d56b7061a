"""Say what checks ask of computed values as bounds of the columns they are computed of.

A check that a scaled column is finite would keep the scaled column alive where nothing else reads it any more, and so
would one that it fits into float32. Where the value is a monotone function of a column, such a check holds between two
doubles, found by bisection: most often it only asks that the column be finite. Checks that always hold are dropped, and
so are, of several checks of one column, those that another implies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sqlops.ir import build
from sqlops.ir.doubles import TOP, doubles, ordinals
from sqlops.ir.evaluate import evaluate_from
from sqlops.ir.nodes import Constant, Expr
from sqlops.ir.program import Check, Program, walk
from sqlops.passes.chains import chain_of
from sqlops.passes.facts import arguments
from sqlops.passes.finite import Finite, find_finite, results


def simplify_checks(program: Program) -> Program:
    """Rewrite checks of single columns, and drop those that always hold or are implied."""
    finite = find_finite(walk(check.accepts for check in program.checks))
    checks = [check for check in program.checks if not _always(check.accepts, finite)]
    spans = [_span(check.accepts) for check in checks]
    by_source: dict[int, list[_Span]] = {}
    for span in spans:
        if span is not None:
            by_source.setdefault(id(span.source), []).append(span)
    kept: dict[Expr, Check] = {}
    for check, span in zip(checks, spans, strict=True):
        condition = check.accepts
        if span is not None:
            implied = any(other.implies(span) and other != span for other in by_source[id(span.source)])
            condition = build.TRUE if implied else span.condition()
        if condition is not build.TRUE:
            kept.setdefault(condition, replace(check, accepts=condition))
    return replace(program, checks=tuple(kept.values()))


def _always(condition: Expr, finite: Mapping[int, Finite]) -> bool:
    return id(condition) in finite and bool(results(condition, finite[id(condition)]).all())


@dataclass(frozen=True, slots=True)
class _Span:
    """The values of a source that a check accepts: from one ordinal to another, and perhaps missing."""

    source: Expr
    low: int
    high: int
    missing: bool

    def implies(self, other: _Span) -> bool:
        """Return whether all that this span accepts, another of the same source accepts too."""
        return self.low >= other.low and self.high <= other.high and self.missing <= other.missing

    def condition(self) -> Expr:
        """Return the condition in terms of the source."""
        if (self.low, self.high) == (-TOP, TOP):
            return build.TRUE if self.missing else build.negate(build.is_missing(self.source))
        low, high = (build.constant(bound) for bound in doubles(np.array([self.low, self.high])))
        bounds = [
            *([build.call("greater_equal", self.source, low)] if self.low > -TOP else []),
            *([build.call("less_equal", self.source, high)] if self.high < TOP else []),
        ]
        if (self.low, self.high) == (1 - TOP, TOP - 1):
            bounds = [build.is_finite(self.source)]
        elif self.low == -self.high:
            bounds = [build.call("less_equal", build.call("absolute", self.source), high)]
        within = build.all_of(bounds)
        return build.any_of([build.is_missing(self.source), within]) if self.missing else within


def _span(condition: Expr) -> _Span | None:
    """Recognise ``-bound <= f(x) <= bound`` of a monotone f, perhaps with missing accepted."""
    asked, takes_missing = condition, False
    arms = arguments(condition, "or")
    if len(arms) == 2 and arguments(arms[0], "is_missing"):
        asked, takes_missing = arms[1], True
    value, bound = _bounded(asked)
    if value is None or (takes_missing and arguments(arms[0], "is_missing")[0] is not value):
        return None
    chain = chain_of(value, () if takes_missing else {id(value)})
    largest = np.finfo(np.float64).max
    ends = evaluate_from(condition, chain.source, np.array([-np.inf, -largest, largest, np.inf, np.nan])).tolist()
    if chain.exact and ends[1] and ends[2]:
        return _Span(chain.source, -TOP + (not ends[0]), TOP - (not ends[3]), ends[4])
    last = ordinals(np.array([bound]))[0]
    flips, is_sound = chain.flips(doubles(np.array([-last - 1, last])))
    if not is_sound:
        return None
    below, above = (flips if chain.increasing else flips[::-1]).tolist()
    return _Span(chain.source, below + 1, above, ends[4])


def _bounded(condition: Expr) -> tuple[Expr | None, float]:
    """Return the value whose size a condition limits, and the largest size it takes."""
    largest = float(np.finfo(np.float64).max)
    for value in arguments(condition, "is_finite"):
        return value, largest
    for size, limit in filter(None, (arguments(condition, "less"), arguments(condition, "less_equal"))):
        for value in arguments(size, "absolute"):
            if isinstance(limit, Constant) and isinstance(limit.value, float) and 0 < limit.value < np.inf:
                included = arguments(condition, "less_equal")
                return value, limit.value if included else float(np.nextafter(limit.value, 0.0))
    return None, 0.0
