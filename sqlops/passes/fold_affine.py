"""Fold scaling into the affine maps that read it, and consecutive affine maps into one.

``w * ((x - m) / s)`` becomes ``(w / s) * x``, and ``-w * m / s`` goes into the intercept. The library subtracts first,
which is more exact near ``m``; the folded map loses about as many digits as ``m / s`` has before its point. Only shifts
up to `LARGEST_SHIFT` are folded: at most three digits of sixteen, where nine must be right. A map without intercept is
exactly zero at the centre of a scaler, and must stay so: shifts are not folded into it.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from sqlops.ir.affine import slack as slack_of
from sqlops.ir.nodes import Affine, Call, Constant, Element, Expr, FloatArray, Operator
from sqlops.ir.program import Program, children, walk
from sqlops.passes.facts import finite_values
from sqlops.passes.rewrite import replace_operators

LARGEST_SHIFT = 1000.0


def fold_affine(program: Program) -> Program:
    """Let affine maps read columns instead of what scalers and other affine maps make of them."""
    after = _fold_once(program)
    while after is not program:
        program, after = after, _fold_once(after)
    return program


def _fold_once(program: Program) -> Program:
    finite, inner = finite_values(program), _only_read_by_affine(program)

    def rewrite(operator: Operator) -> Operator:
        return _fold(operator, finite, inner) if isinstance(operator, Affine) else operator

    return replace_operators(program, rewrite)


@dataclass(frozen=True, slots=True)
class _Linear:
    """An input as a linear function of others, and how far rounding moves it, as in `Affine.slack`."""

    sources: tuple[Expr, ...]
    weights: FloatArray
    shift: float
    slack: FloatArray


def _fold(affine: Affine, finite: Collection[int], inner: Collection[int]) -> Affine:
    parts = [_linear(affine, number, finite, inner) for number in range(len(affine.inputs))]
    if all(part is None for part in parts):
        return affine
    places: dict[int, int] = {}
    sources: list[Expr] = []
    for part, expr in zip(parts, affine.inputs, strict=True):
        for source in part.sources if part else (expr,):
            if id(source) not in places:
                places[id(source)] = len(sources)
                sources.append(source)
    old_slack = slack_of(affine)
    weights = np.zeros((affine.n_outputs, len(sources)))
    slack = np.zeros((affine.n_outputs, len(sources) + 1))
    intercept = affine.intercept.copy()
    slack[:, -1] = old_slack[:, -1]
    for part, expr, weight, own in zip(parts, affine.inputs, affine.weights.T, old_slack.T, strict=False):
        part = part or _Linear((expr,), np.ones(1), 0.0, np.zeros(2))
        at = np.array([places[id(source)] for source in part.sources], dtype=np.intp)
        np.add.at(weights.T, at, np.outer(part.weights, weight))
        intercept += weight * part.shift
        passed = np.outer(np.abs([*part.weights, part.shift]), own) + np.outer(part.slack, np.abs(weight))
        np.add.at(slack.T, np.append(at, len(sources)), passed)
    return replace(affine, inputs=tuple(sources), weights=weights, intercept=intercept, slack=slack)


def _linear(affine: Affine, number: int, finite: Collection[int], inner: Collection[int]) -> _Linear | None:
    """Return what an input is made of, or None where it stays."""
    expr = affine.inputs[number]
    if isinstance(expr, Element) and id(expr.operator) in inner and isinstance(expr.operator, Affine):
        below = expr.operator
        if all(id(source) in finite for source in below.inputs):
            row = expr.index
            return _Linear(below.inputs, below.weights[row], float(below.intercept[row]), slack_of(below)[row])
        return None
    part = _scaled(expr) if isinstance(expr, Constant) or id(expr) in finite else None
    if part is None:
        return None
    used = affine.weights[:, number] != 0
    folded = np.abs(affine.weights[used, number, None] * part.weights)
    if part.shift != 0 and part.sources and not affine.intercept[used].all():
        return None
    return part if ((folded > np.finfo(np.float64).tiny) & (folded < np.inf)).all() else None


def _scaled(expr: Expr) -> _Linear | None:
    """Recognise arithmetic with constants."""
    if isinstance(expr, Constant):
        if not isinstance(expr.value, float) or not math.isfinite(expr.value):
            return None
        return _Linear((), np.empty(0), expr.value, np.zeros(1))
    weight, shift, n_steps = 1.0, 0.0, 0
    while isinstance(expr, Call) and expr.name in ("add", "subtract", "multiply", "divide", "negative"):
        constants = [arg.value for arg in expr.args if isinstance(arg, Constant)]
        if expr.name == "negative":
            source, weight = expr.args[0], -weight
        elif len(constants) != 1 or not isinstance(constants[0], float) or not math.isfinite(constants[0]):
            break
        else:
            by = constants[0]
            is_first = isinstance(expr.args[0], Constant)
            source = expr.args[is_first]
            if by == 0 or (expr.name == "divide" and is_first):
                break
            if expr.name == "add":
                shift += weight * by
            elif expr.name == "subtract":
                shift += weight * by if is_first else -weight * by
                weight = -weight if is_first else weight
            else:
                weight = weight * by if expr.name == "multiply" else weight / by
        expr, n_steps = source, n_steps + 1
    if n_steps == 0 or not abs(shift) <= LARGEST_SHIFT:
        return None
    return _Linear((expr,), np.array([weight]), shift, 2 * n_steps * np.abs([weight, shift]))


def _only_read_by_affine(program: Program) -> set[int]:
    """Return the ids of affine maps that nothing but affine maps reads, where two maps in one are no more work."""
    readers: dict[int, int] = {}
    found: dict[int, Affine] = {}
    kept = {id(root.operator) for root in program.roots() if isinstance(root, Element)}
    for node in walk(program.roots()):
        read = {id(child.operator): child.operator for child in children(node) if isinstance(child, Element)}
        for key, operator in read.items():
            if isinstance(operator, Affine) and isinstance(node, Affine):
                found[key] = operator
                readers[key] = readers.get(key, 0) + node.n_outputs
            else:
                kept.add(key)
    return {key for key, operator in found.items() if key not in kept and _pays(operator, readers[key])}


def _pays(inner: Affine, n_readers: int) -> bool:
    """Whether one map for each reading output takes no more products than two maps."""
    n_inputs = len(inner.inputs)
    return n_readers * n_inputs <= inner.n_outputs * (n_inputs + n_readers)
