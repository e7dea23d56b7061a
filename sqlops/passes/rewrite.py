"""Rebuilding a Program with some of its nodes replaced."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlops.ir import build
from sqlops.ir.nodes import Call, Case, Element, Expr, Lookup, Operator, Sum, intern
from sqlops.ir.program import Program, walk


def replace_operators(program: Program, rewrite: Callable[[Operator], Operator]) -> Program:
    """Rewrite every bulk operator, and rebuild what reads it.

    Parameters
    ----------
    program : Program
    rewrite : callable
        From an operator, whose inputs are already rebuilt, to the one that takes its place.

    Returns
    -------
    Program
    """
    new: dict[int, Expr] = {}
    operators: dict[int, Operator] = {}
    for node in walk(program.roots()):
        if isinstance(node, Operator):
            inputs = tuple(new[id(expr)] for expr in node.inputs)
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            operators[id(node)] = rewrite(node if same else replace(node, inputs=inputs))
        else:
            new[id(node)] = _rebuild(node, new, operators)
    return replace(
        program,
        outputs=tuple((name, new[id(expr)]) for name, expr in program.outputs),
        checks=tuple(replace(check, accepts=new[id(check.accepts)]) for check in program.checks),
    )


def _rebuild(node: Expr, new: dict[int, Expr], operators: dict[int, Operator]) -> Expr:
    match node:
        case Call():
            return build.call(node.name, *(new[id(arg)] for arg in node.args))
        case Case():
            branches = [(new[id(condition)], new[id(value)]) for condition, value in node.branches]
            return build.case(branches, new[id(node.default)])
        case Sum():
            return build.sum_of([new[id(term)] for term in node.terms])
        case Lookup():
            return build.lookup(
                new[id(node.key)],
                dict(node.entries),
                missing=node.missing,
                default=node.default,
                type_=node.type,
            )
        case Element():
            return intern(Element, operators[id(node.operator)], node.index)
    return node
