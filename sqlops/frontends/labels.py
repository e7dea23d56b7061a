"""Encoders of labels: they take one column, as y is."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, as_labels, frontend
from sqlops.ir import build
from sqlops.ir.nodes import Scalar


@frontend("LabelEncoder", family="Encoders")
def label_encoder(encoder: Any, features: Features, context: Context) -> Result:
    """Translate labels into their positions in `classes_`; others are refused."""
    feature = _one_column(encoder, features, context)
    classes = _classes(encoder, feature, context)
    context.require(build.is_in(feature.expr, classes), f"{feature.name} is a label that was not there in fit")
    codes: dict[Scalar, Scalar] = {label: float(code) for code, label in enumerate(classes)}
    code = build.lookup(feature.expr, codes, missing=None, default=None, type_="double")
    return Transformed((Feature(feature.name, code, np.dtype(np.int64)),))


@frontend("LabelBinarizer", family="Encoders")
def label_binarizer(binarizer: Any, features: Features, context: Context) -> Result:
    """Translate labels into one column per class, or one for two classes; other labels are in none."""
    feature = _one_column(binarizer, features, context)
    if binarizer.y_type_.startswith("multilabel"):
        raise UnsupportedTypeError(
            "LabelBinarizer was fitted on a matrix of labels, which it passes on as it is", step=context.step
        )
    context.require(build.negate(build.is_missing(feature.expr)), f"{feature.name} is missing")
    if feature.expr.type == "double":
        whole = build.call("equal", feature.expr, build.call("rint", feature.expr))
        context.require(build.all_of([build.is_finite(feature.expr), whole]), f"{feature.name} is no whole number")
    classes = _classes(binarizer, feature, context)
    low, high = build.constant(float(binarizer.neg_label)), build.constant(float(binarizer.pos_label))
    columns = [build.case([(build.equal(feature.expr, label), high)], low) for label in classes]
    if len(classes) <= 2:
        columns = [columns[1] if len(classes) == 2 else low]
    names = [f"{feature.name}_{label}" for label in as_labels(binarizer.classes_)[-len(columns) :]]
    dtype = np.dtype(np.int64)
    return Transformed(
        tuple(
            Feature(name, expr, dtype, sparse=binarizer.sparse_output)
            for name, expr in zip(names, columns, strict=True)
        )
    )


def _one_column(estimator: Any, features: Features, context: Context) -> Feature:
    if len(features) != 1:
        raise UnsupportedTypeError(
            f"{type(estimator).__name__} takes one column of labels, not {len(features)}",
            step=context.step,
            hint="use OrdinalEncoder or OneHotEncoder for columns of X",
        )
    return features[0]


def _classes(estimator: Any, feature: Feature, context: Context) -> list[Scalar]:
    """Return the classes as values of the column."""
    classes = as_labels(estimator.classes_)
    is_text = feature.expr.type == "text"
    if any(isinstance(label, str) is not is_text for label in classes):
        raise UnsupportedTypeError(
            f"column {feature.name!r} holds {'text' if is_text else 'numbers'}, but the labels were others in fit",
            step=context.step,
            hint="pass the labels it was fitted on",
        )
    return [label if isinstance(label, str) else float(label) for label in classes]
