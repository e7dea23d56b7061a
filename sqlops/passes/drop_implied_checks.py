"""Drop checks that other checks imply, so that a row is not asked the same thing twice."""

from __future__ import annotations

from dataclasses import replace

from sqlops.ir import build
from sqlops.ir.nodes import Case, Constant, Expr
from sqlops.ir.program import Program
from sqlops.passes.facts import arguments, made_finite_by


def drop_implied_checks(program: Program) -> Program:
    """Drop a check of finiteness that follows from another.

    ``is_finite(x)`` implies ``is_missing(x) or is_finite(x)``; a finite result of scaling was finite before; a column
    that is never infinite is finite once an imputer has filled it with a finite value; an indicator is always finite.
    """
    conditions = [check.accepts for check in program.checks]
    finite = {id(part) for c in conditions for arg in arguments(c, "is_finite") for part in made_finite_by(arg)}
    never_infinite = finite | {id(_missing_or_finite(condition)) for condition in conditions}
    implied = {id(part) for c in conditions for arg in arguments(c, "is_finite") for part in made_finite_by(arg)[1:]}
    kept = []
    for check in program.checks:
        either = _missing_or_finite(check.accepts)
        only = arguments(check.accepts, "is_finite")
        if either is not None and (id(either) in finite or _is_finite(either, never_infinite)):
            continue
        if only and (_is_finite(only[0], never_infinite) or id(only[0]) in implied):
            continue
        kept.append(check)
    return replace(program, checks=tuple(kept))


def _missing_or_finite(condition: Expr) -> Expr | None:
    """Return x where a condition is ``is_missing(x) or is_finite(x)``."""
    arms = arguments(condition, "or")
    if len(arms) != 2:
        return None
    missing, finite = arguments(arms[0], "is_missing"), arguments(arms[1], "is_finite")
    return missing[0] if missing and finite and missing[0] is finite[0] else None


def _is_finite(value: Expr, never_infinite: set[int]) -> bool:
    """Whether a value is known to be neither missing nor infinite."""
    if isinstance(value, Constant):
        return build.is_finite(value) is build.TRUE
    if not isinstance(value, Case):
        return False
    filled = {id(arg) for condition, _ in value.branches for arg in arguments(condition, "is_missing")}
    default = value.default
    return all(_is_finite(expr, never_infinite) for _, expr in value.branches) and (
        _is_finite(default, never_infinite) or (id(default) in filled and id(default) in never_infinite)
    )
