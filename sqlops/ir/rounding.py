"""How far rounding alone can move an output: running error analysis of a Program.

Two correct evaluations of the same formula differ in the order of their sums and in the last digit of ``exp``. Where
large terms cancel, that is more than a relative tolerance of the result allows, for the library as much as for SQL.
The bounds follow Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 3: each operation adds a unit in the
last place of its result, and passes on the errors of its arguments times its derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.evaluate import Values, evaluate_expressions
from sqlops.ir.nodes import Affine, Call, Case, Element, Expr, Operator, Sum, TreeEnsemble
from sqlops.ir.program import Program, walk

Array = npt.NDArray[Any]

UNIT = 2.0**-52
"""One unit in the last place of 1: twice the rounding error of an exact operation, about that of ``exp``."""


def rounding_bounds(program: Program, columns: Mapping[str, Array], n_rows: int) -> dict[str, Array]:
    """Bound, for each row and output, the difference that rounding can make between two evaluations.

    Parameters
    ----------
    program : Program
    columns : mapping of str to ndarray of shape (n_rows,)
        As for `sqlops.ir.evaluate.evaluate`.
    n_rows : int

    Returns
    -------
    dict of str to ndarray of shape (n_rows,)
        Absolute bounds; 0 where an output is no number.
    """
    roots = tuple(expr for _, expr in program.outputs)
    values = evaluate_expressions(roots, columns, n_rows)
    errors: dict[int, Array] = {}
    with np.errstate(all="ignore"):
        for node in walk(roots):
            errors[id(node)] = _error(node, values, errors, n_rows)
    return {name: np.nan_to_num(2 * errors[id(expr)], nan=0.0) for name, expr in program.outputs}


def _error(node: Expr | Operator, values: Values, errors: Mapping[int, Array], n_rows: int) -> Array:
    match node:
        case Sum():
            size = sum(np.abs(values[id(term)]) for term in node.terms)
            return sum((errors[id(term)] for term in node.terms), start=len(node.terms) * UNIT * size)
        case Case():
            return _case_error(node, values, errors)
        case Call() if values[id(node)].dtype.kind == "f":
            return _call_error(node, values, errors)
        case Affine():
            size = sum(
                np.abs(values[id(x)])[:, None] * np.abs(w) for x, w in zip(node.inputs, node.weights.T, strict=True)
            )
            passed = sum(errors[id(x)][:, None] * np.abs(w) for x, w in zip(node.inputs, node.weights.T, strict=True))
            result: Array = passed + (len(node.inputs) + 2) * UNIT * (size + np.abs(node.intercept))
            return result
        case TreeEnsemble(single=True):
            # A sum of two float32 is rounded once, and the same way everywhere.
            return np.zeros((n_rows, node.n_outputs))
        case TreeEnsemble():
            largest = np.abs(node.value).max(axis=0, initial=0.0) + np.abs(node.base)
            return np.broadcast_to((node.n_trees + 1) ** 2 * UNIT * largest, (n_rows, node.n_outputs))
        case Element():
            return errors[id(node.operator)][:, node.index]
    return np.zeros(n_rows)


def _case_error(node: Case, values: Values, errors: Mapping[int, Array]) -> Array:
    result = errors[id(node.default)]
    for condition, value in reversed(node.branches):
        result = np.where(values[id(condition)].astype(bool), errors[id(value)], result)
    return result


def _call_error(node: Call, values: Values, errors: Mapping[int, Array]) -> Array:
    args = [values[id(arg)] for arg in node.args]
    passed = [errors[id(arg)] for arg in node.args]
    value = values[id(node)]
    own = 2 * UNIT * np.abs(value)
    match node.name:
        case "add" | "subtract" | "maximum" | "minimum":
            inherited = sum(passed)
        case "multiply":
            inherited = np.abs(args[1]) * passed[0] + np.abs(args[0]) * passed[1]
        case "divide":
            inherited = (passed[0] + np.abs(value) * passed[1]) / np.abs(args[1])
        case "power":
            inherited = np.abs(value * args[1] / args[0]) * passed[0]
        case "square":
            inherited = 2 * np.abs(args[0]) * passed[0]
        case "exp" | "expm1" | "sinh" | "cosh":
            inherited = (np.abs(value) + 1) * passed[0]
        case "log" | "log2" | "log10":
            inherited = 2 * passed[0] / np.abs(args[0])
        case "log1p":
            inherited = passed[0] / np.abs(1 + args[0])
        case "sqrt" | "cbrt":
            inherited = np.abs(value / args[0]) * passed[0]
        case "float32":
            inherited = passed[0] + np.finfo(np.float32).eps * np.abs(value)
        case _:
            inherited = passed[0]
    return np.where(np.isfinite(inherited), inherited, 0.0) + np.where(np.isfinite(own), own, 0.0)
