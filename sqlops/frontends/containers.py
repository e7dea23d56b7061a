"""What holds the columns between steps: arrays, or frames where set_output asks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlops.frontends.results import Result, Transformed, refuse_polars_float32


def as_held(result: Result, estimator: Any) -> Result:
    """Return what a transformer gives as polars holds it, which makes None of missing texts; else as it is."""
    if not isinstance(result, Transformed) or output_container(estimator) != "polars":
        return result
    refuse_polars_float32(result.features)
    return Transformed(
        tuple(
            replace(feature, polars=True, missing="none" if feature.expr.type == "text" else feature.missing)
            for feature in result.features
        )
    )


def output_container(estimator: Any) -> str:
    """Return what set_output asked of a transformer: "default", "pandas" or "polars"."""
    import sklearn

    own = getattr(estimator, "_sklearn_output_config", {}).get("transform")
    return str(own or sklearn.get_config()["transform_output"])
