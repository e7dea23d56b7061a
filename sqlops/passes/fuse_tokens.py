"""Fuse affine maps into the token counts they read: fifty thousand weights, and not as many columns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sqlops.ir import build
from sqlops.ir.nodes import Affine, Operator
from sqlops.ir.program import Program
from sqlops.ir.tokens import Tokens, element_of
from sqlops.passes.rewrite import replace_operators


def fuse_tokens(program: Program) -> Program:
    """Give the weights of an affine map to the Tokens whose outputs it adds."""
    return replace_operators(program, _fuse)


def _fuse(operator: Operator) -> Operator:
    if not isinstance(operator, Affine):
        return operator
    found = [element_of(expr) for expr in operator.inputs]
    counted = list(dict.fromkeys(item[0] for item in found if item is not None))
    if not counted:
        return operator
    fused = [_with_weights(tokens, operator, found) for tokens in counted]
    rest = [at for at, item in enumerate(found) if item is None]
    slack = operator.slack
    if len(fused) == 1 and not rest:
        own = fused[0].slack
        joined = None if own is None or slack is None else np.hstack([own[:, :-1], slack[:, -1:]])
        return replace(fused[0], intercept=operator.intercept, slack=joined)
    identity = np.eye(operator.n_outputs)
    weights = np.hstack([operator.weights[:, rest], *(identity for _ in fused)])
    if slack is not None:
        additions = len(fused) + 2
        slack = np.hstack([slack[:, rest], *(additions * identity for _ in fused), slack[:, -1:]])
    read = (expr for tokens in fused for expr in build.elements(tokens))
    return replace(operator, inputs=(*(operator.inputs[at] for at in rest), *read), weights=weights, slack=slack)


def _with_weights(tokens: Tokens, operator: Affine, found: list[tuple[Tokens, int] | None]) -> Tokens:
    weights = np.zeros((operator.n_outputs, len(tokens.vocabulary)))
    for at, item in enumerate(found):
        if item is not None and item[0] is tokens:
            weights[:, item[1]] += operator.weights[:, at]
    return replace(
        tokens,
        kept=np.zeros(0, dtype=np.int32),
        weights=weights,
        intercept=np.zeros(operator.n_outputs),
        adds_single=operator.single,
    )
