"""Discretization into bins."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr, FloatArray
from sqlops.ir.piecewise import just_below, steps


@frontend("KBinsDiscretizer", family="Encoders", takes="doubles")
def k_bins_discretizer(model: Any, features: Features, context: Context) -> Result:
    """Translate how many of the inner edges a value has reached, as a number or as indicators of bins."""
    asked = None if model.dtype is None else np.dtype(model.dtype)
    dtype = asked or context.float_dtype(features)
    context.refuse_text(features)
    values = [feature.expr if asked is None else rounded(feature.expr, asked) for feature in features]
    context.require_numbers(tuple(replace(f, expr=value) for f, value in zip(features, values, strict=True)))
    edges = [np.asarray(edges[1:-1], dtype=np.float64) for edges in model.bin_edges_]
    if model.encode == "ordinal":
        exprs = [_bin(value, inner) for value, inner in zip(values, edges, strict=True)]
        names = names_of(features)
    else:
        exprs = [expr for value, inner in zip(values, edges, strict=True) for expr in _indicators(value, inner)]
        names = list(model.get_feature_names_out(names_of(features)))
    sparse = model.encode == "onehot"
    return Transformed(
        tuple(Feature(str(name), expr, dtype, sparse=sparse) for name, expr in zip(names, exprs, strict=True))
    )


def _bin(value: Expr, inner: FloatArray) -> Expr:
    return steps(value, just_below(inner), np.arange(len(inner) + 1.0)[:, np.newaxis])[0]


def _indicators(value: Expr, inner: FloatArray) -> list[Expr]:
    reached = [build.TRUE, *(build.call("greater_equal", value, build.constant(float(edge))) for edge in inner)]
    missed = [*(build.call("less", value, build.constant(float(edge))) for edge in inner), build.TRUE]
    return [build.indicator(build.all_of(both)) for both in zip(reached, missed, strict=True)]
