"""Drop what has no effect: inputs that no weight and no split reads, outputs that nothing uses, trees that add zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sqlops.ir import build
from sqlops.ir.nodes import Affine, Element, Expr, Operator, TreeEnsemble
from sqlops.ir.program import Program, walk
from sqlops.ir.tokens import Tokens
from sqlops.passes.ensembles import compact, known_of, with_inputs
from sqlops.passes.rewrite import replace_operators


def drop_unused(program: Program) -> Program:
    """Drop what has no effect, and then what only that read."""
    after = _drop_once(program)
    while after is not program:
        program, after = after, _drop_once(after)
    return program


def _drop_once(program: Program) -> Program:
    used: dict[int, set[int]] = {}
    for node in walk(program.roots()):
        if isinstance(node, Element):
            used.setdefault(id(node.operator), set()).add(node.index)

    def rewrite(operator: Operator) -> Operator | Sequence[Expr]:
        operator = _drop_inputs(operator)
        if not operator.inputs and isinstance(operator, Affine):
            return [build.constant(value) for value in operator.intercept]
        if isinstance(operator, TreeEnsemble) and not operator.n_trees:
            return [build.constant(value) for value in operator.base]
        return _drop_outputs(operator, used)

    return replace_operators(program, rewrite)


def _drop_inputs(operator: Operator) -> Operator:
    if isinstance(operator, Affine):
        acts = (operator.weights != 0).any(axis=0)
        if operator.slack is not None:
            acts |= (operator.slack[:, :-1] != 0).any(axis=0)
        if acts.all():
            return operator
        return replace(
            operator,
            inputs=tuple(operator.inputs[number] for number in np.flatnonzero(acts)),
            weights=operator.weights[:, acts],
            slack=None if operator.slack is None else operator.slack[:, [*acts, True]],
        )
    if isinstance(operator, TreeEnsemble):
        roots = operator.roots
        adds = (operator.left[roots] >= 0) | (operator.value[roots] != 0).any(axis=1)
        if not adds.all():
            operator = compact(replace(operator, roots=roots[adds]))
        if len(np.unique(operator.feature[operator.left >= 0])) < len(operator.inputs):
            return with_inputs(operator, operator.inputs, known_of(operator), operator.feature)
    return operator


def _drop_outputs(operator: Operator, used: Mapping[int, set[int]]) -> Operator | Sequence[Expr]:
    kept = sorted(used.get(id(operator), range(operator.n_outputs)))
    if len(kept) == operator.n_outputs:
        return operator
    smaller: Operator
    if isinstance(operator, Affine):
        slack = None if operator.slack is None else operator.slack[kept]
        smaller = replace(operator, weights=operator.weights[kept], intercept=operator.intercept[kept], slack=slack)
    elif isinstance(operator, Tokens) and operator.weights is None:
        smaller = replace(operator, kept=operator.kept[kept])
    elif isinstance(operator, TreeEnsemble):
        smaller = replace(operator, value=operator.value[:, kept], base=operator.base[kept])
    else:
        return operator
    outputs: list[Expr] = [build.MISSING] * operator.n_outputs
    for number, output in zip(kept, build.elements(smaller), strict=True):
        outputs[number] = output
    return outputs
