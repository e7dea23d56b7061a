"""What holds the columns between steps: arrays, or frames where set_output asks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np

from sqlops.frontends.results import Features, Result, Transformed

Takes = Literal["array", "doubles", "frame"]
"""What a step makes of a polars frame.

``check_array`` looks at the dtypes of a pandas frame, but not at those of a polars frame. Where it is given a list of
dtypes, float32 among them, it therefore makes ``"doubles"``: the first of the list. Where it is given "numeric", None
or one dtype, it makes the ``"array"`` that numpy makes. A step that hands its X on, or looks at it itself, takes the
``"frame"``.
"""


def as_taken(features: Features, takes: Takes) -> Features:
    """Return columns as a step looks at them: polars columns as those of one array, others as they are."""
    if takes == "frame" or not any(feature.polars for feature in features):
        return features
    dtype = np.dtype(np.float64) if takes == "doubles" else np.result_type(*(feature.dtype for feature in features))
    return tuple(replace(feature, dtype=dtype, polars=False) for feature in features)


def as_held(result: Result, estimator: Any) -> Result:
    """Return what an estimator gives, its features in the frame that set_output asks for."""
    return Transformed(as_framed(result.features, estimator)) if isinstance(result, Transformed) else result


def as_framed(features: Features, estimator: Any) -> Features:
    """Return columns in the frame that set_output of an estimator asks for; else as they are.

    Polars makes None of missing texts. Pandas takes a polars frame as one array.
    """
    container = output_container(estimator) if _is_wrapped(estimator) else "default"
    if container == "pandas":
        return as_taken(features, "array")
    if container == "polars":
        return tuple(
            replace(feature, polars=True, missing="none" if feature.expr.type == "text" else feature.missing)
            for feature in features
        )
    return features


def _is_wrapped(estimator: Any) -> bool:
    """Whether scikit-learn makes the frames: not of what a function of a FunctionTransformer gives without names."""
    makes = "transform" in getattr(estimator, "_sklearn_auto_wrap_output_keys", ())
    return makes and hasattr(estimator, "get_feature_names_out")


def output_container(estimator: Any) -> str:
    """Return what set_output asked of a transformer: "default", "pandas" or "polars"."""
    import sklearn

    own = getattr(estimator, "_sklearn_output_config", {}).get("transform")
    return str(own or sklearn.get_config()["transform_output"])
