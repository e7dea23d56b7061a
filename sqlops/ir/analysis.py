"""What can be known about values before a row is seen."""

from __future__ import annotations

import math
from collections.abc import Iterable

from sqlops.ir.nodes import Call, Case, Constant, Element, Expr, Input, Lookup, Operator, TreeEnsemble
from sqlops.ir.operations import OPERATIONS


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
            return isinstance(node.operator, TreeEnsemble)
    return False


def _is_plain(node: Expr, operation: str) -> bool:
    """Whether arithmetic with this constant keeps infinities and never makes NaN of them."""
    if not isinstance(node, Constant) or not isinstance(node.value, float) or not math.isfinite(node.value):
        return False
    return operation in ("add", "subtract") or node.value != 0
