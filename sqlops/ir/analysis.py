"""What can be known about values before a row is seen."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sqlops.ir.nodes import Call, Case, Constant, Element, Expr, Input, Lookup, Operator, Scalar, TreeEnsemble
from sqlops.ir.operations import OPERATIONS
from sqlops.ir.tokens import Tokens


def never_nan(order: Iterable[Expr | Operator]) -> set[int]:
    """Return the ids of the nodes that are never NaN in SQL: missing, if at all, as NULL.

    Inputs turn NaN into NULL when they are read, so that NaN can only come from arithmetic on infinities.

    Parameters
    ----------
    order : iterable of nodes
        Every node after those it reads.
    """
    safe: set[int] = set()
    for node in order:
        if _is_safe(node, safe):
            safe.add(id(node))
    return safe


def _is_safe(node: Expr | Operator, safe: set[int]) -> bool:
    match node:
        case Input() | Constant() | Lookup():
            return True
        case Call(name="add" | "subtract" | "multiply" | "divide"):
            left, right = node.args
            return (id(left) in safe and _is_plain(right, node.name)) or (
                id(right) in safe and _is_plain(left, node.name) and node.name != "divide"
            )
        case Call():
            operation = OPERATIONS[node.name]
            return operation.type != "double" or (operation.never_nan and all(id(a) in safe for a in node.args))
        case Case():
            return id(node.default) in safe and all(id(value) in safe for _, value in node.branches)
        case Element():
            return isinstance(node.operator, TreeEnsemble | Tokens)
    return False


def _is_plain(node: Expr, operation: str) -> bool:
    """Whether arithmetic with this constant keeps infinities and never makes NaN of them."""
    if not isinstance(node, Constant) or not isinstance(node.value, float) or not math.isfinite(node.value):
        return False
    return operation in ("add", "subtract") or node.value != 0


def is_finite_number(expr: Expr) -> bool:
    """Return whether a value is known to be a finite number, in rows that the step that made it accepts."""
    match expr:
        case Constant():
            return _is_finite(expr.value)
        case Case():
            values = [expr.default, *(value for _, value in expr.branches)]
            return all(isinstance(value, Constant) and _is_finite(value.value) for value in values)
        case Lookup():
            return all(map(_is_finite, (expr.missing, expr.default, *(value for _, value in expr.entries))))
        case Element():
            return isinstance(expr.operator, Tokens)
    return False


def _is_finite(value: Scalar) -> bool:
    return isinstance(value, float) and math.isfinite(value)
