"""The reference evaluator: runs a Program on numpy columns. It is the oracle that SQL is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import Call, Case, Constant, Element, Expr, Input, Lookup, Operator, Sum, ValueType
from sqlops.ir.operations import OPERATIONS, is_missing
from sqlops.ir.operators import OPERATORS
from sqlops.ir.program import Program, walk

Array = npt.NDArray[Any]
Values = dict[int, Any]

_EMPTY: dict[ValueType, Any] = {"double": np.nan, "text": None, "bigint": None, "boolean": None}


def evaluate(program: Program, columns: Mapping[str, Array], n_rows: int) -> dict[str, Array]:
    """Run a Program.

    Parameters
    ----------
    program : Program
    columns : mapping of str to ndarray of shape (n_rows,)
        Doubles with NaN for missing, or objects of str and None, by input name.
    n_rows : int

    Returns
    -------
    dict of str to ndarray of shape (n_rows,)
        Doubles, or objects with None where missing, by output name.
    """
    values = evaluate_expressions(program.roots(), columns, n_rows)
    accepted = np.ones(n_rows, dtype=bool)
    for check in program.checks:
        accepted &= values[id(check.accepts)]
    results: dict[str, Array] = {}
    for name, expr in program.outputs:
        result = values[id(expr)]
        if expr.type != "double":
            result = result.astype(object)
        results[name] = np.where(accepted, result, _EMPTY[expr.type])
    return results


def evaluate_expressions(roots: tuple[Expr, ...], columns: Mapping[str, Array], n_rows: int) -> Values:
    """Evaluate every node that is reached from some roots, keyed by the node's id."""
    values: Values = {}
    with np.errstate(all="ignore"):
        for node in walk(roots):
            values[id(node)] = _evaluate_node(node, values, columns, n_rows)
    return values


def evaluate_from(expr: Expr, source: Expr, given: Array) -> Array:
    """Evaluate an expression that reads one node and constants, for some values of this node."""
    values: Values = {id(source): given}
    with np.errstate(all="ignore"):
        for node in walk((expr,), known=(source,)):
            values[id(node)] = _evaluate_node(node, values, {}, len(given))
    result: Array = values[id(expr)]
    return result


def _evaluate_node(node: Expr | Operator, values: Values, columns: Mapping[str, Array], n_rows: int) -> Any:
    match node:
        case Input():
            return columns[node.name]
        case Constant():
            return _full(node.value, node.type, n_rows)
        case Call():
            return OPERATIONS[node.name].evaluate(*(values[id(arg)] for arg in node.args))
        case Case():
            return _evaluate_case(node, values)
        case Sum():
            total = values[id(node.terms[0])].copy()
            for term in node.terms[1:]:
                total = total + values[id(term)]
            return total
        case Lookup():
            return _evaluate_lookup(node, values[id(node.key)])
        case Element():
            return values[id(node.operator)][:, node.index]
        case Operator():
            return OPERATORS[type(node)].evaluate(node, [values[id(expr)] for expr in node.inputs], n_rows)
    raise TypeError(f"the evaluator knows no {type(node).__name__}")


def _full(value: Any, type_: ValueType, n_rows: int) -> Array:
    """Return a constant as a column that takes no memory: a model may have as many constants as rows."""
    if type_ == "double":
        one = np.array(np.nan if value is None else value, dtype=np.float64)
    elif type_ == "boolean" and value is not None:
        one = np.array(value, dtype=bool)
    else:
        one = np.array(value, dtype=object)
    return np.broadcast_to(one, (n_rows,))


def _evaluate_case(node: Case, values: Values) -> Array:
    result: Array = values[id(node.default)]
    for condition, value in reversed(node.branches):
        chosen: Array = values[id(value)]
        if chosen.dtype != result.dtype:
            chosen, result = chosen.astype(object), result.astype(object)
        result = np.where(values[id(condition)].astype(bool), chosen, result)
    return result


def _evaluate_lookup(node: Lookup, keys: Array) -> Array:
    table = dict(node.entries)
    absent = is_missing(keys)
    found = [
        node.missing if gone else table.get(key, node.default)
        for key, gone in zip(keys.tolist(), absent.tolist(), strict=True)
    ]
    if node.type == "double":
        return np.array([np.nan if value is None else value for value in found], dtype=np.float64)
    result = np.empty(len(found), dtype=object)
    result[:] = found
    return result
