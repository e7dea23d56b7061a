"""Random projections: a fitted matrix, whatever it was drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, is_single, rounded
from sqlops.ir import build


@frontend("GaussianRandomProjection", "SparseRandomProjection", family="Random projection", takes="doubles")
def random_projection(model: Any, features: Features, context: Context) -> Result:
    """Translate ``X @ components_.T``."""
    context.require_numbers(features)
    components = model.components_
    weights = components.toarray() if hasattr(components, "toarray") else components
    dtype = np.result_type(context.float_dtype(features), weights.dtype)
    inputs = [feature.expr for feature in features]
    single = is_single(dtype)
    exprs = build.affine(inputs, weights, np.zeros(len(weights)), single=single)
    sparse = all(feature.sparse for feature in features) and not getattr(model, "dense_output", True)
    names = model.get_feature_names_out()
    return Transformed(
        tuple(
            Feature(str(name), rounded(expr, dtype), dtype, sparse=sparse)
            for name, expr in zip(names, exprs, strict=True)
        )
    )
