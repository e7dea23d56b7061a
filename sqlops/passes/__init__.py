"""Rewrites of a Program that keep its meaning. Each is a file; the tuple says the order."""

from collections.abc import Callable

from sqlops.ir.program import Program
from sqlops.passes.drop_splits import drop_splits
from sqlops.passes.drop_unused import drop_unused
from sqlops.passes.fold_affine import fold_affine
from sqlops.passes.fold_categories import fold_categories
from sqlops.passes.fold_lookups import fold_lookups
from sqlops.passes.fold_thresholds import fold_thresholds
from sqlops.passes.fuse_tokens import fuse_tokens
from sqlops.passes.merge_equal_leaves import merge_equal_leaves
from sqlops.passes.simplify_checks import simplify_checks

Pass = Callable[[Program], Program]

PASSES: tuple[Pass, ...] = (
    fold_categories,
    fold_thresholds,
    fold_affine,
    fold_lookups,
    fuse_tokens,
    simplify_checks,
    drop_splits,
    merge_equal_leaves,
    drop_unused,
)


def run_passes(program: Program) -> Program:
    """Return the Program after all passes."""
    for rewrite in PASSES:
        program = rewrite(program)
    return program
