"""What the checks say about the values of a row that passes them: outputs of other rows are missing anyway."""

from __future__ import annotations

from collections.abc import Iterable

from sqlops.ir.analysis import is_finite_number
from sqlops.ir.nodes import Call, Constant, Element, Expr
from sqlops.ir.program import Program, walk

_ARITHMETIC = frozenset(("add", "subtract", "multiply", "divide"))
_COMPARISONS = frozenset(("less", "less_equal", "greater", "greater_equal", "equal", "is_in"))


def finite_values(program: Program) -> set[int]:
    """Return the ids of expressions that are finite in every row that passes the checks."""
    conditions = _conditions(program)
    counts = {id(node) for node in walk(program.roots()) if isinstance(node, Element) and is_finite_number(node)}
    return counts | {id(part) for c in conditions for arg in arguments(c, "is_finite") for part in made_finite_by(arg)}


def present_values(program: Program) -> set[int]:
    """Return the ids of expressions that are not missing in any row that passes the checks."""
    present = finite_values(program)
    for condition in _conditions(program):
        if not isinstance(condition, Call):
            continue
        if condition.name in _COMPARISONS:
            for arg in condition.args:
                present |= {id(arg), *(id(inner) for inner in arguments(arg, "absolute"))}
        for refused in arguments(condition, "not"):
            present |= {id(arg) for arg in arguments(refused, "is_missing")}
    return present


def arguments(condition: Expr, name: str) -> tuple[Expr, ...]:
    """Return the arguments of a call of some function, or nothing for anything else."""
    return condition.args if isinstance(condition, Call) and condition.name == name else ()


def made_finite_by(value: Expr) -> list[Expr]:
    """Return a value and those that must be finite for it to be: it is made of them by arithmetic with constants."""
    chain = [value]
    while isinstance(value, Call) and value.name in _ARITHMETIC:
        left, right = value.args
        if isinstance(right, Constant):
            value = left
        elif isinstance(left, Constant) and value.name != "divide":
            value = right
        else:
            break
        chain.append(value)
    return chain


def _conditions(program: Program) -> Iterable[Expr]:
    for check in program.checks:
        yield check.accepts
        yield from arguments(check.accepts, "and")
