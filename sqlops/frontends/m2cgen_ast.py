"""m2cgen as a frontend: its AST of a model becomes expressions.

It serves the families where it is exact: linear models and support vector machines. Its assemblers recurse once per
term, so the recursion limit is raised while one works; the AST itself is walked without recursion.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from m2cgen import ast
from m2cgen.assemblers import get_assembler_cls

from sqlops.ir import build
from sqlops.ir.nodes import Constant, Expr

_BINARY = {
    ast.BinNumOpType.ADD: "add",
    ast.BinNumOpType.SUB: "subtract",
    ast.BinNumOpType.MUL: "multiply",
    ast.BinNumOpType.DIV: "divide",
}
_UNARY = {
    ast.AbsExpr: "absolute",
    ast.AtanExpr: "arctan",
    ast.ExpExpr: "exp",
    ast.LogExpr: "log",
    ast.Log1pExpr: "log1p",
    ast.SqrtExpr: "sqrt",
    ast.TanhExpr: "tanh",
}


def outputs(model: Any, inputs: Sequence[Expr], n_terms: int, assembler: type[Any] | None = None) -> tuple[Expr, ...]:
    """Return what m2cgen says a model computes.

    Parameters
    ----------
    model : object
        A fitted model that m2cgen has an assembler for.
    inputs : sequence of Expr
        The model's columns.
    n_terms : int
        The most terms that one of its sums has.
    assembler : type, optional
        The assembler of m2cgen to use; by default the one that m2cgen has for the model's class.

    Returns
    -------
    tuple of Expr
        One value, or one per element of a vector.
    """
    with _recursion(3 * n_terms + 1000):
        root = (assembler or get_assembler_cls(model))(model).assemble()
    scores = root.exprs if isinstance(root, ast.VectorVal) else [root]
    rows = [_linear_row(score, len(inputs)) for score in scores]
    linear = [row for row in rows if row is not None]
    if len(linear) == len(rows):
        return build.affine(inputs, np.array([row[0] for row in linear]), np.array([row[1] for row in linear]))
    translated: dict[int, Expr] = {}
    return tuple(_expression(score, inputs, translated) for score in scores)


@contextmanager
def _recursion(limit: int) -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, limit))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _terms(node: Any) -> list[Any]:
    """Return the terms of a chain of additions, from left to right."""
    terms: list[Any] = []
    while isinstance(node, ast.BinNumExpr) and node.op is ast.BinNumOpType.ADD:
        terms.append(node.right)
        node = node.left
    terms.append(node)
    return terms[::-1]


def _linear_row(node: Any, n_inputs: int) -> tuple[list[float], float] | None:
    """Return weights and intercept of ``intercept + sum(feature * weight)``, or None for anything else."""
    first, *products = _terms(node)
    if not isinstance(first, ast.NumVal):
        return None
    weights = [0.0] * n_inputs
    for product in products:
        if not (
            isinstance(product, ast.BinNumExpr)
            and product.op is ast.BinNumOpType.MUL
            and isinstance(product.left, ast.FeatureRef)
            and isinstance(product.right, ast.NumVal)
        ):
            return None
        weights[product.left.index] = float(product.right.value)
    return weights, float(first.value)


def _parts(node: Any) -> Sequence[Any]:
    if isinstance(node, ast.BinNumExpr):
        return _terms(node) if node.op is ast.BinNumOpType.ADD else (node.left, node.right)
    if isinstance(node, ast.PowExpr):
        return (node.base_expr, node.exp_expr)
    return (node.expr,) if type(node) in _UNARY else ()


def _expression(root: Any, inputs: Sequence[Expr], done: dict[int, Expr]) -> Expr:
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        parts = _parts(node)
        if not ready and parts:
            stack.append((node, True))
            stack.extend((part, False) for part in parts)
            continue
        done[id(node)] = _node(node, [done[id(part)] for part in parts], inputs)
    return done[id(root)]


def _node(node: Any, parts: list[Expr], inputs: Sequence[Expr]) -> Expr:
    if isinstance(node, ast.NumVal):
        return build.constant(float(node.value))
    if isinstance(node, ast.FeatureRef):
        return inputs[int(node.index)]
    if isinstance(node, ast.PowExpr):
        square = isinstance(node.exp_expr, ast.NumVal) and node.exp_expr.value == 2
        return build.call("square", parts[0]) if square else build.call("power", *parts)
    if isinstance(node, ast.BinNumExpr):
        if node.op is ast.BinNumOpType.ADD:
            return _sum_intercept_last(parts)
        return build.call(_BINARY[node.op], *parts)
    return build.call(_UNARY[type(node)], *parts)


def _sum_intercept_last(terms: list[Expr]) -> Expr:
    """Add as the libraries do: the products first, then the intercept."""
    if isinstance(terms[0], Constant):
        terms = [*terms[1:], terms[0]]
    return build.sum_of(terms)
