"""Rebuilding a Program with some of its nodes replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlops.ir import build
from sqlops.ir.nodes import Call, Case, Element, Expr, Lookup, Operator, Sum, intern
from sqlops.ir.program import Program, children, walk

Rewrite = Callable[[Operator], Operator | Sequence[Expr]]


def replace_operators(program: Program, rewrite: Rewrite) -> Program:
    """Rewrite every bulk operator, and rebuild what reads it.

    Parameters
    ----------
    program : Program
    rewrite : callable
        From an operator, whose inputs are already rebuilt, to the one that takes its place, or to one expression for
        each of its outputs.

    Returns
    -------
    Program
        The same object where nothing was rewritten.
    """
    new: dict[int, Expr] = {}
    outputs: dict[int, Operator | Sequence[Expr]] = {}
    changed = False
    for node in walk(program.roots()):
        if isinstance(node, Operator):
            inputs = tuple(new[id(expr)] for expr in node.inputs)
            same = all(a is b for a, b in zip(inputs, node.inputs, strict=True))
            outputs[id(node)] = rewrite(node if same else replace(node, inputs=inputs))
            changed = changed or outputs[id(node)] is not node
        elif isinstance(node, Element):
            new[id(node)] = _element(node, outputs[id(node.operator)])
        else:
            new[id(node)] = _rebuild(node, new)
    return _with_roots(program, new) if changed else program


def _with_roots(program: Program, new: Mapping[int, Expr]) -> Program:
    return replace(
        program,
        outputs=tuple((name, new[id(expr)]) for name, expr in program.outputs),
        checks=tuple(replace(check, accepts=new[id(check.accepts)]) for check in program.checks),
    )


def _element(node: Element, made: Operator | Sequence[Expr]) -> Expr:
    if not isinstance(made, Operator):
        return made[node.index]
    return node if made is node.operator else intern(Element, made, node.index)


def _rebuild(node: Expr, new: Mapping[int, Expr]) -> Expr:
    if all(new[id(child)] is child for child in children(node) if isinstance(child, Expr)):
        return node
    match node:
        case Call():
            return build.call(node.name, *(new[id(arg)] for arg in node.args))
        case Case():
            branches = [(new[id(condition)], new[id(value)]) for condition, value in node.branches]
            return build.case(branches, new[id(node.default)])
        case Sum():
            return build.sum_of([new[id(term)] for term in node.terms])
        case Lookup():
            entries = dict(node.entries)
            key = new[id(node.key)]
            return build.lookup(key, entries, missing=node.missing, default=node.default, type_=node.type)
    raise TypeError(f"no pass knows {type(node).__name__}")
