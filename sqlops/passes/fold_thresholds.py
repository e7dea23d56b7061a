"""Fold monotone steps and imputers between a column and a tree ensemble into the ensemble's splits.

A split ``f(x) <= t`` of a monotone ``f`` is a split of ``x``: floating-point monotone functions stay monotone, so there
is one double up to which it holds. Where ``f`` falls, the children change places. A missing ``x`` goes where ``f`` of a
missing value goes: for an imputer, to the side of the filled value; an indicator of missing values is nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from sqlops.ir.doubles import TOP, doubles
from sqlops.ir.nodes import Expr, Operator, TreeEnsemble
from sqlops.ir.program import Program
from sqlops.passes.chains import Chain, chain_of
from sqlops.passes.ensembles import Numbers, by_category, known_of, splits_by_input, swap, with_inputs
from sqlops.passes.facts import present_values
from sqlops.passes.rewrite import replace_operators


def fold_thresholds(program: Program) -> Program:
    """Let trees compare source columns instead of what scalers, clipping, roundings and imputers make of them."""
    present = present_values(program)

    def rewrite(operator: Operator) -> Operator:
        return _fold(operator, present) if isinstance(operator, TreeEnsemble) else operator

    return replace_operators(program, rewrite)


def _fold(ensemble: TreeEnsemble, present: Collection[int]) -> TreeEnsemble:
    folded = replace(
        ensemble,
        threshold=ensemble.threshold.copy(),
        left=ensemble.left.copy(),
        right=ensemble.right.copy(),
        missing_left=ensemble.missing_left.copy(),
    )
    inputs: list[Expr] = list(ensemble.inputs)
    for number, nodes in splits_by_input(ensemble):
        chain = chain_of(inputs[number], present)
        if chain.source is not chain.value and _fold_input(folded, nodes, chain):
            inputs[number] = chain.source
    if all(new is old for new, old in zip(inputs, ensemble.inputs, strict=True)):
        return ensemble
    return with_inputs(folded, inputs, known_of(ensemble), ensemble.feature)


def _fold_input(folded: TreeEnsemble, nodes: Numbers, chain: Chain) -> bool:
    """Change the splits of one input, in place; return False if they had to stay."""
    if by_category(folded, nodes).any():
        return False
    bounds, which = np.unique(folded.threshold[nodes], return_inverse=True)
    flips, is_sound = chain.flips(bounds)
    if not is_sound:
        return False
    at_missing = chain.at_missing
    missing_left = folded.missing_left[nodes] if np.isnan(at_missing) else (at_missing <= bounds)[which]
    nowhere = flips < -TOP
    thresholds = doubles(np.where(nowhere, TOP, flips))
    swapped = (nowhere == chain.increasing)[which]
    folded.threshold[nodes] = thresholds[which]
    folded.missing_left[nodes] = missing_left != swapped
    swap(folded.left, folded.right, nodes[swapped])
    return True
