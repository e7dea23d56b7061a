"""A Program: named outputs over a graph of nodes, and the checks a row must pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlops.ir.nodes import Call, Case, Element, Expr, Input, Lookup, Operator, Sum


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that a row must meet to be scored.

    Parameters
    ----------
    accepts : Expr
        True where the estimator would take the row; where it would raise, all outputs are missing.
    step : str
        The step that refuses.
    reason : str
        Why, in a few words.
    """

    accepts: Expr
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class Program:
    """What a model computes for a row.

    Parameters
    ----------
    inputs : tuple of Input
        All columns of the signature, in its order, read or not.
    outputs : tuple of (str, Expr)
        Names and values.
    checks : tuple of Check
        Where one fails, every output is missing.
    """

    inputs: tuple[Input, ...]
    outputs: tuple[tuple[str, Expr], ...]
    checks: tuple[Check, ...] = ()

    def roots(self) -> tuple[Expr, ...]:
        """Return the expressions from which everything is reached."""
        return (*(expr for _, expr in self.outputs), *(check.accepts for check in self.checks))


def children(node: Expr | Operator) -> tuple[Expr | Operator, ...]:
    """Return the nodes that a node reads directly."""
    if isinstance(node, Operator):
        return node.inputs
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Case):
        return (*(part for branch in node.branches for part in branch), node.default)
    if isinstance(node, Sum):
        return node.terms
    if isinstance(node, Lookup):
        return (node.key,)
    if isinstance(node, Element):
        return (node.operator,)
    return ()


def walk(roots: Iterable[Expr], known: Iterable[Expr] = ()) -> Iterator[Expr | Operator]:
    """Yield each node once, after everything it reads; iterative, whatever the depth.

    Parameters
    ----------
    roots : iterable of Expr
    known : iterable of Expr
        Nodes to stop at: they and what only they read are left out.
    """
    done = {id(node) for node in known}
    for root in roots:
        stack: list[tuple[Expr | Operator, bool]] = [(root, False)]
        while stack:
            node, ready = stack.pop()
            if id(node) in done:
                continue
            if ready:
                done.add(id(node))
                yield node
                continue
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(children(node)) if id(child) not in done)
