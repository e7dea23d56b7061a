"""Composition: pipelines, column transformers, unions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import (
    Context,
    Feature,
    Features,
    Method,
    Result,
    Transformed,
    common_dtype,
    frontend,
    frontend_of_methods,
    names_of,
    rounded,
)
from sqlops.frontends.containers import as_framed, as_taken, output_container
from sqlops.ir import build


def is_passthrough(step: object) -> bool:
    """Whether a step leaves its columns as they are."""
    return step is None or (isinstance(step, str) and step == "passthrough")


def is_dropped(step: object) -> bool:
    """Whether a step leaves its columns out."""
    return isinstance(step, str) and step == "drop"


@frontend_of_methods("Pipeline", family="Composition")
def pipeline(model: Any, features: Features, context: Context, method: Method) -> Result:
    """Translate the steps one after the other; the last one is asked what the pipeline is asked."""
    *transformers, (name, last) = model.steps
    for step, transformer in transformers:
        if not is_passthrough(transformer):
            features = context.transform(transformer, features, step)
    return Transformed(features) if is_passthrough(last) else context.translate(last, features, name, method=method)


@frontend("ColumnTransformer", family="Composition", takes="frame")
def column_transformer(model: Any, features: Features, context: Context) -> Result:
    """Translate each transformer on the columns that were selected in fit."""
    blocks: list[tuple[str, Features]] = []
    for name, transformer, _ in model.transformers_:
        indices = model._transformer_to_input_indices[name]
        if is_dropped(transformer) or not len(indices):
            continue
        selected = tuple(features[index] for index in indices)
        if is_passthrough(transformer):
            selected = as_framed(selected, model)
        else:
            selected = context.transform(transformer, selected, name)
        blocks.append((name, _weighted(selected, (model.transformer_weights or {}).get(name), name, context)))
    if not gives_frames(model):
        for _, block in blocks:
            for feature in block:
                if feature.missing == "na":
                    present = build.negate(build.is_missing(feature.expr))
                    context.require(present, f"{feature.name} is pandas.NA, which no array may hold")
    sparse = getattr(model, "sparse_output_", False)
    return Transformed(_stacked(model, blocks, sparse=sparse))


@frontend("FeatureUnion", family="Composition", takes="frame")
def feature_union(model: Any, features: Features, context: Context) -> Result:
    """Translate each transformer on all columns."""
    blocks: list[tuple[str, Features]] = []
    for name, transformer in model.transformer_list:
        if is_dropped(transformer):
            continue
        block = features if is_passthrough(transformer) else context.transform(transformer, features, name)
        nullable = [repr(feature.name) for feature in block if feature.missing == "na"]
        if nullable and not gives_frames(model):
            raise UnsupportedTypeError(
                f"FeatureUnion puts nullable pandas columns into an array of objects: {', '.join(nullable)}",
                step=context.step,
                hint="convert them before fitting: X[column].astype('float64'), or astype('str') for text",
            )
        blocks.append((name, _weighted(block, (model.transformer_weights or {}).get(name), name, context)))
    sparse = any(feature.sparse for _, block in blocks for feature in block)
    return Transformed(_stacked(model, blocks, sparse=sparse))


def _weighted(block: Features, weight: float | None, name: str, context: Context) -> Features:
    """Multiply what a transformer gives by its weight, if it has one."""
    if weight is None:
        return block
    with context.inside(name):
        context.refuse_text(block)
        weighted = tuple(_times(feature, weight) for feature in block)
        context.refuse_float16(weighted)
    return weighted


def _times(feature: Feature, weight: float) -> Feature:
    """Multiply as numpy does: a Python number takes the dtype of the column, and so is rounded with it.

    In polars a Python number has a dtype of its own, and makes doubles of float32.
    """
    if feature.dtype.kind == "O":
        return replace(feature, expr=build.multiply(feature.expr, build.constant(float(weight))))
    number = np.asarray(weight) if feature.polars else weight
    dtype = (np.ones(1, dtype=feature.dtype) * number).dtype
    product = build.multiply(feature.expr, build.constant(float(dtype.type(weight))))
    return replace(feature, expr=rounded(product, dtype), dtype=dtype)


def gives_frames(model: Any) -> bool:
    """Whether a step gives pandas or polars frames, in which each column keeps its dtype."""
    return output_container(model) != "default"


def _stacked(model: Any, blocks: Sequence[tuple[str, Features]], *, sparse: bool) -> Features:
    """Put blocks beside each other: one dtype for all, and names with the prefixes that the step asks for.

    Frames keep the dtype of each column where all blocks are frames of the kind that is asked for.
    """
    are_polars = {feature.polars for _, block in blocks for feature in block}
    keeps = gives_frames(model) and are_polars == {output_container(model) == "polars"}
    if not keeps:
        blocks = [(name, as_taken(block, "array")) for name, block in blocks]
    flat = [feature for _, block in blocks for feature in block]
    if not keeps and flat:
        dtype = np.result_type(*(common_dtype(block) for _, block in blocks if block))
        flat = [replace(feature, dtype=dtype) for feature in flat]
    names = _prefixed(model.verbose_feature_names_out, [(name, names_of(block)) for name, block in blocks])
    return tuple(
        replace(feature, name=name, sparse=sparse, polars=False) for feature, name in zip(flat, names, strict=True)
    )


def _prefixed(verbose: Any, blocks: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    if callable(verbose):
        return [str(verbose(step, name)) for step, names in blocks for name in names]
    if isinstance(verbose, str):
        return [verbose.format(transformer_name=step, feature_name=name) for step, names in blocks for name in names]
    plain = [name for _, names in blocks for name in names]
    if not verbose and len(set(plain)) == len(plain):
        return plain
    return [f"{step}__{name}" for step, names in blocks for name in names]
