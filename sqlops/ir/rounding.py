"""How far rounding alone can move an output: running error analysis of a Program.

Two correct evaluations of the same formula differ in the order of their sums and in the last digit of ``exp``. Where
large terms cancel, that is more than a relative tolerance of the result allows, for the library as much as for SQL.
The bounds follow Higham, *Accuracy and Stability of Numerical Algorithms*, chapter 3: each operation adds a unit in the
last place of its result, and passes on the errors of its arguments times its derivative.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.evaluate import Values, evaluate_expressions
from sqlops.ir.nodes import Call, Case, Element, Expr, Lookup, Operator, Sum
from sqlops.ir.operators import OPERATORS
from sqlops.ir.program import Program, walk
from sqlops.ir.propagation import UNIT, call_error

Array = npt.NDArray[Any]

_CORRECTLY_ROUNDED = frozenset(("add", "subtract", "multiply", "divide", "square", "sqrt"))


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
        Absolute bounds; for labels 0, or infinity where rounding alone can change a choice. 0 in rows that a check
        refuses, whatever rounding does: their outputs are missing.
    """
    roots = program.roots()
    values = evaluate_expressions(roots, columns, n_rows)
    errors: dict[int, Array] = {}
    refused = np.zeros(n_rows, dtype=bool)
    with np.errstate(all="ignore"):
        for node in walk(roots):
            errors[id(node)] = _error(node, values, errors, n_rows)
        for check in program.checks:
            refused |= ~values[id(check.accepts)] & (errors[id(check.accepts)] == 0)
        bounds = {name: np.where(refused, 0.0, 2 * errors[id(expr)]) for name, expr in program.outputs}
    return {name: np.nan_to_num(bound, nan=0.0, posinf=np.inf) for name, bound in bounds.items()}


def _error(node: Expr | Operator, values: Values, errors: Mapping[int, Array], n_rows: int) -> Array:
    match node:
        case Sum():
            size = sum((np.abs(values[id(term)]) for term in node.terms), start=np.zeros(n_rows))
            own = len(node.terms) * UNIT * np.where(np.isfinite(size), size, 0.0)
            return sum((errors[id(term)] for term in node.terms), start=own)
        case Case():
            return _case_error(node, values, errors)
        case Call():
            if values[id(node)].dtype.kind != "f":
                return _ambiguous([errors[id(arg)] for arg in node.args], n_rows)
            return _call_error(node, values, errors)
        case Lookup():
            return _ambiguous([errors[id(node.key)]], n_rows)
        case Operator():
            columns = [values[id(expr)] for expr in node.inputs]
            return OPERATORS[type(node)].error(node, columns, [errors[id(expr)] for expr in node.inputs], n_rows)
        case Element():
            return errors[id(node.operator)][:, node.index]
    return np.zeros(n_rows)


def _case_error(node: Case, values: Values, errors: Mapping[int, Array]) -> Array:
    result = errors[id(node.default)]
    for condition, value in reversed(node.branches):
        result = np.where(values[id(condition)].astype(bool), errors[id(value)], result)
    return result + _ambiguous([errors[id(condition)] for condition, _ in node.branches], len(result))


def _ambiguous(errors: Sequence[Array], n_rows: int) -> Array:
    """Return infinity for rows in which a choice was made that rounding can change, else 0."""
    result = np.zeros(n_rows)
    for error in errors:
        result[np.isinf(error)] = np.inf
    return result


def _is_exact(node: Expr, errors: Mapping[int, Array]) -> npt.NDArray[np.bool_]:
    """Say for which rows every engine gives the same double: one correctly rounded operation on exact arguments."""
    exact = errors[id(node)] == 0
    if isinstance(node, Call) and node.name in _CORRECTLY_ROUNDED:
        exact = np.max([errors[id(arg)] for arg in node.args], axis=0) == 0
    return np.asarray(exact)


def _call_error(node: Call, values: Values, errors: Mapping[int, Array]) -> Array:
    passed = [errors[id(arg)] for arg in node.args]
    bound = call_error(node.name, [values[id(arg)] for arg in node.args], passed, values[id(node)])
    if node.name == "float32":
        bound = np.where(_is_exact(node.args[0], errors), 0.0, bound)
    return bound + _ambiguous(passed, len(bound))
