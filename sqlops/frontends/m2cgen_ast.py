"""m2cgen as a frontend: its AST of a model becomes expressions.

It serves the family where it is exact: linear models. Its assemblers recurse once per term, so the recursion limit is
raised while one works; the AST itself is walked without recursion.
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
from sqlops.ir.nodes import Expr


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
    return build.affine(inputs, np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


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


def _linear_row(node: Any, n_inputs: int) -> tuple[list[float], float]:
    """Return weights and intercept of ``intercept + sum(feature * weight)``."""
    intercept, *products = _terms(node)
    weights = [0.0] * n_inputs
    for product in products:
        weights[product.left.index] = float(product.right.value)
    return weights, float(intercept.value)
