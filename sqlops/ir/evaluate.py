"""The reference evaluator: runs a Program on numpy columns. It is the oracle that SQL is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import (
    Affine,
    Call,
    Case,
    Constant,
    Element,
    Expr,
    Input,
    Lookup,
    Operator,
    Sum,
    TreeEnsemble,
    ValueType,
)
from sqlops.ir.operations import OPERATIONS, is_missing
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
        case Affine():
            return _evaluate_affine(node, _matrix(node, values, n_rows))
        case TreeEnsemble():
            return evaluate_trees(node, _matrix(node, values, n_rows))
    raise TypeError(f"the evaluator knows no {type(node).__name__}")


def _full(value: Any, type_: ValueType, n_rows: int) -> Array:
    if type_ == "double":
        return np.full(n_rows, np.nan if value is None else value, dtype=np.float64)
    if type_ == "boolean" and value is not None:
        return np.full(n_rows, value, dtype=bool)
    result = np.empty(n_rows, dtype=object)
    result[:] = value
    return result


def _matrix(operator: Operator, values: Values, n_rows: int) -> Array:
    if not operator.inputs:
        return np.empty((n_rows, 0))
    return np.column_stack([values[id(expr)] for expr in operator.inputs])


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


def _evaluate_affine(node: Affine, matrix: Array) -> Array:
    result = np.zeros((len(matrix), node.n_outputs))
    for index in range(matrix.shape[1]):
        used = node.weights[:, index] != 0
        result[:, used] += matrix[:, [index]] * node.weights[used, index]
    return result + node.intercept


def evaluate_trees(node: TreeEnsemble, matrix: Array) -> Array:
    """Return the summed leaf values, shape (n_rows, n_outputs)."""
    result = np.repeat(node.base[np.newaxis, :], len(matrix), axis=0)
    for root in node.roots:
        result = result + node.value[find_leaves(node, int(root), matrix)]
        if node.single:
            result = result.astype(np.float32).astype(np.float64)
    return result


def find_leaves(node: TreeEnsemble, root: int, matrix: Array) -> Array:
    """Return the leaf that each row reaches in the tree of one root."""
    current = np.full(len(matrix), root, dtype=np.int64)
    active = np.flatnonzero(node.left[current] >= 0)
    while len(active):
        at = current[active]
        x = matrix[active, node.feature[at]]
        goes_left = x <= node.threshold[at]
        undecided = np.isnan(x)
        for number in np.unique(node.category_set[at]):
            if number < 0:
                continue
            here = node.category_set[at] == number
            goes_left[here] = np.isin(x[here], node.category_sets[number])
            known = node.known_categories[int(node.feature[at][here][0])]
            assert known is not None
            undecided[here] |= ~np.isin(x[here], known)
        goes_left = np.where(undecided, node.missing_left[at], goes_left)
        current[active] = np.where(goes_left, node.left[at], node.right[at])
        active = active[node.left[current[active]] >= 0]
    return current
