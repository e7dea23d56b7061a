"""Lists of dicts: each key is a column."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend("DictVectorizer", family="Encoders", limits="values that are lists of texts")
def dict_vectorizer(vectorizer: Any, features: Features, context: Context) -> Result:
    """Translate numbers into themselves, texts into indicators of ``key=value``, and absent keys into zero."""
    dtype = np.dtype(vectorizer.dtype)
    if dtype not in (np.float64, np.float32):
        raise context.unsupported(vectorizer, "dtype", dtype, "use numpy.float64")
    terms: dict[str, list[Expr]] = {str(name): [] for name in vectorizer.feature_names_}
    for feature in features:
        if feature.expr.type == "text":
            prefix = feature.name + vectorizer.separator
            for name, found in terms.items():
                if name.startswith(prefix):
                    found.append(build.indicator(build.equal(feature.expr, name[len(prefix) :])))
        elif feature.name in terms:
            there = rounded(feature.expr, dtype)
            absent = build.is_missing(feature.expr)
            terms[feature.name].append(build.case([(absent, build.constant(0.0))], there))
    return Transformed(
        tuple(Feature(name, build.sum_of(found), dtype, sparse=vectorizer.sparse) for name, found in terms.items())
    )
