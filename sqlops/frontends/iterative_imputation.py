"""Imputation of each column from the others, in rounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.frontends.base import (
    Context,
    Feature,
    Features,
    Result,
    Transformed,
    frontend,
    names_of,
    rounded,
)
from sqlops.frontends.imputation import missing_masks
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend(
    "IterativeImputer",
    family="Imputers",
    limits="sample_posterior=True; a row in which all is missing is imputed as one among others",
    takes="doubles",
)
def iterative_imputer(imputer: Any, features: Features, context: Context) -> Result:
    """Translate the initial imputation, and each fitted regressor in turn where its column is missing."""
    if imputer.sample_posterior:
        raise context.unsupported(imputer, "sample_posterior", True, "it draws at random: impute with the mean instead")
    dtype = context.float_dtype(features)
    held = tuple(replace(feature, dtype=dtype, missing="nan") for feature in features)
    masks = missing_masks(imputer.missing_values, held, context)
    filled = context.transform(imputer.initial_imputer_, held, "initial_imputer_")
    empty = imputer._is_empty_feature
    kept = [number for number in range(len(held)) if imputer.keep_empty_features or not empty[number]]
    gone = [build.FALSE if empty[number] else masks[number] for number in kept]
    values = [feature.expr for feature in filled]
    for number, (at, neighbours, regressor) in enumerate(imputer.imputation_sequence_ if imputer.n_iter_ else ()):
        if gone[at] is build.FALSE:
            continue
        read = tuple(replace(filled[other], expr=values[other]) for other in neighbours)
        predicted = _predicted(regressor, read, gone[at], context, f"round {number // _per_round(imputer) + 1}")
        clipped = _clipped(predicted, float(imputer._min_value[at]), float(imputer._max_value[at]))
        values[at] = build.case([(gone[at], rounded(clipped, dtype))], held[kept[at]].expr)
        read_later = build.any_of(mask for other, mask in enumerate(gone) if other != at)
        finite = build.any_of([build.is_finite(values[at]), build.negate(build.all_of([gone[at], read_later]))])
        context.require(finite, f"{held[kept[at]].name} is imputed with an infinite value")
    made = [(expr, dtype) for expr in values]
    if imputer.add_indicator:
        made += [(build.indicator(masks[number]), dtype) for number in imputer.indicator_.features_]
    names = imputer.get_feature_names_out(names_of(features))
    return Transformed(tuple(Feature(str(name), *pair) for name, pair in zip(names, made, strict=True)))


def _per_round(imputer: Any) -> int:
    return int(len(imputer.imputation_sequence_) // imputer.n_iter_)


def _predicted(regressor: Any, read: Features, missing: Expr, context: Context, step: str) -> Expr:
    """Return what a regressor predicts; what it would refuse matters in rows that miss its column alone."""
    own = context.apart()
    (predicted,) = own.regress(regressor, read, step)
    finite = {build.is_finite(feature.expr) for feature in read}
    for check in own.checks:
        if check.accepts not in finite:
            context.require(build.any_of([build.negate(missing), check.accepts]), check.reason)
    return predicted


def _clipped(value: Expr, low: float, high: float) -> Expr:
    branches = []
    for name, bound in (("less", low), ("greater", high)):
        if not np.isinf(bound):
            end = build.constant(bound)
            branches.append((build.call(name, value, end), end))
    return build.case(branches, value)
