"""Encoding of categories by the mean target."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of
from sqlops.frontends.encoding import columns_of
from sqlops.ir import build


@frontend("TargetEncoder", family="Encoders")
def target_encoder(encoder: Any, features: Features, context: Context) -> Result:
    """Translate ``transform``: the encoding of a category, the mean target of an unknown one; one column per class."""
    means = [float(mean) for mean in np.ravel(encoder.target_mean_)]
    exprs = []
    encodings = iter(encoder.encodings_)
    for column in columns_of(encoder, features, context, handle_unknown="ignore"):
        for mean in means:
            encoding = next(encodings)
            values = {value: float(encoding[position]) for value, position in column.positions.items()}
            missing = mean if column.missing is None else float(encoding[column.missing])
            exprs.append(build.lookup(column.key, values, missing=missing, default=mean, type_="double"))
    names = encoder.get_feature_names_out(names_of(features))
    return Transformed(tuple(Feature(str(name), expr) for name, expr in zip(names, exprs, strict=True)))
