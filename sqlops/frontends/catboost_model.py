"""What is in a CatBoost model: its JSON, and the hashes by which it knows categories.

The hash of a category is that of its text. The library itself computes it, for the categories that are in X.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from sqlops.errors import UnsupportedOptionError
from sqlops.frontends.base import Context, Feature, Features
from sqlops.ir import build
from sqlops.ir.nodes import Scalar
from sqlops.ir.trees import float32_bounds

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Categories:
    """A categorical feature.

    Parameters
    ----------
    at : int
        Its number among all features.
    feature : Feature
    hashes : mapping of scalar to int
        The signed 32-bit hash of each category in X; those with the same one are the same to CatBoost.
    compared : sequence of int
        Hashes of the categories that splits compare it with.
    """

    at: int
    feature: Feature
    hashes: Mapping[Scalar, int]
    compared: Sequence[int]


@dataclass(frozen=True)
class Model:
    """What is in a model's JSON.

    Parameters
    ----------
    loss : str
    trees : sequence of dict
        Symmetric ones are lists of splits, others nested.
    scale : float
    bias : sequence of float
    floats : sequence of dict
        What is said of float features, in their own order.
    categories : sequence of Categories
        The categorical features, in their own order.
    statistics : sequence of dict
        What is said of the statistics of categories that splits compare.
    tables : mapping of str to dict
        What statistics are computed from, by their identifiers.
    parameters : sequence of dict
        Those of fitting; a sum of models has those of each.
    """

    loss: str
    trees: Sequence[Document]
    scale: float
    bias: Sequence[float]
    floats: Sequence[Document]
    categories: Sequence[Categories]
    statistics: Sequence[Document]
    tables: Mapping[str, Document]
    parameters: Sequence[Document]


def read(model: Any, features: Features, context: Context) -> Model:
    """Read a fitted model, and require what it requires of categories.

    Raises
    ------
    UnsupportedOptionError
        It has text or embedding features, or cannot be written as JSON.
    """
    for kind in ("text", "embedding"):
        positions = getattr(model, f"get_{kind}_feature_indices")()
        if positions:
            names = [features[at].name for at in positions]
            raise context.unsupported(model, f"{kind}_features", names, "turn them into numbers before fitting")
    values = {at: context.values_of(features[at]) for at in model.get_cat_feature_indices()}
    document = _document(model, sorted({_as_text(value) for each in values.values() for value in each}), context)
    about = document["features_info"]
    hashes = {item["value"]: _signed(item["hash"]) for item in about.get("cat_features_hash", [])}
    categories = []
    for category in about.get("categorical_features", []):
        at = category["flat_feature_index"]
        _require_category(features[at], context)
        own = {value: hashes[_as_text(value)] for value in values[at]}
        categories.append(Categories(at, features[at], own, category.get("values", ())))
    info = document["model_info"]
    parameters = [value for name, value in info.items() if name.rpartition(":")[2] == "params"]
    loss = json.loads(info["loss_function"]) if "loss_function" in info else parameters[0]["loss_function"]
    scale, bias = document["scale_and_bias"]
    return Model(
        loss=str(loss["type"]),
        trees=document.get("oblivious_trees") or document.get("trees", []),
        scale=float(scale),
        bias=bias,
        floats=about.get("float_features", []),
        categories=categories,
        statistics=about.get("ctrs", []),
        tables=document.get("ctr_data", {}),
        parameters=parameters,
    )


def _document(model: Any, texts: Sequence[str], context: Context) -> Document:
    """Return the model as JSON, with the hashes of some texts: those of a pool are written with a model."""
    from catboost import CatBoostError, Pool

    by_category = set(model.get_cat_feature_indices())
    names = model.feature_names_
    columns = {name: texts if at in by_category else [0.0] * len(texts) for at, name in enumerate(names)}
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        try:
            pool = Pool(pd.DataFrame(columns), cat_features=sorted(by_category)) if texts else None
            model.save_model(str(path), format="json", pool=pool)
        except CatBoostError as error:
            raise UnsupportedOptionError(
                f"CatBoost cannot write the model as JSON: {error}",
                step=context.step,
                hint="fit without infinite values and on its own features",
            ) from error
        document: Document = json.loads(path.read_text(encoding="utf-8"))
    return document


def _as_text(value: Any) -> str:
    """Return how CatBoost writes a category: booleans are numbers."""
    return value if isinstance(value, str) else str(int(value))


def _signed(code: int) -> int:
    return code - 2**32 if code >= 2**31 else code


def _require_category(feature: Feature, context: Context) -> None:
    """Refuse rows in which a category is missing, or a number that is not whole."""
    if feature.expr.type == "text":
        context.require(build.negate(build.is_missing(feature.expr)), f"{feature.name} is missing")
    else:
        whole = build.call("equal", build.call("trunc", feature.expr), feature.expr)
        is_whole = build.all_of([build.is_finite(feature.expr), whole])
        context.require(is_whole, f"{feature.name} is missing or no whole number")


def border_of(about: Document, border: float) -> tuple[float, bool]:
    """Return the largest double that float32 does not put above a border, and whether missing values are not above.

    Parameters
    ----------
    about : dict
        What is said of the float feature.
    border : float
    """
    return float(float32_bounds(np.array([border]))[0]), about["nan_value_treatment"] != "AsTrue"
