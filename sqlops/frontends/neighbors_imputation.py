"""The imputer that asks the nearest training rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of, rounded
from sqlops.frontends.metrics import Space
from sqlops.frontends.neighbors import by_distance, nearest
from sqlops.frontends.results import held_beside
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend("KNNImputer", family="Imputers", takes="doubles")
def knn_imputer(imputer: Any, features: Features, context: Context) -> Result:
    """Translate the filling of missing values with the mean of the nearest training rows that have them.

    A column that no training row has is dropped, or 0. Where no row with the value can be compared, as they share no
    column with the row, the column's mean is taken.
    """
    if imputer.metric != "nan_euclidean":
        instead = "use metric='nan_euclidean': a Python function cannot become SQL"
        raise context.unsupported(imputer, "metric", imputer.metric, instead)
    literal = imputer.missing_values == imputer.missing_values
    context.require_numbers(features, allow_nan=not literal)
    dtype = context.float_dtype(features)
    masks = [
        build.equal(feature.expr, held_beside(imputer.missing_values, dtype))
        if literal
        else build.is_missing(feature.expr)
        for feature in features
    ]
    inputs = tuple(
        build.case([(mask, build.MISSING)], feature.expr) if literal else feature.expr
        for mask, feature in zip(masks, features, strict=True)
    )
    filled = _filled(imputer, dtype, features, masks, inputs, context)
    made = [expr for number, expr in enumerate(filled) if imputer.keep_empty_features or imputer._valid_mask[number]]
    if imputer.add_indicator:
        made += [build.indicator(masks[number]) for number in imputer.indicator_.features_]
    names = _names(imputer, features)
    return Transformed(tuple(Feature(name, expr, dtype) for name, expr in zip(names, made, strict=True)))


def _names(imputer: Any, features: Features) -> list[str]:
    """Return the names of the columns; get_feature_names_out forgets those that are empty but kept."""
    names = names_of(features)
    kept = [
        name for name, valid in zip(names, imputer._valid_mask, strict=True) if valid or imputer.keep_empty_features
    ]
    if imputer.add_indicator:
        kept += [str(name) for name in imputer.indicator_.get_feature_names_out(names)]
    return kept


def _filled(
    imputer: Any,
    dtype: np.dtype[Any],
    features: Features,
    masks: list[Expr],
    inputs: tuple[Expr, ...],
    context: Context,
) -> list[Expr]:
    references = np.where(imputer._mask_fit_X, np.nan, imputer._fit_X).astype(np.float64)
    single = dtype == imputer._fit_X.dtype == np.float32
    space = Space(inputs, references, "nan_euclidean", cancels=True, arithmetic="single" if single else "double")
    weighted = by_distance(imputer, context)
    filled: list[Expr] = []
    for number, (mask, feature) in enumerate(zip(masks, features, strict=True)):
        if not imputer._valid_mask[number]:
            filled.append(build.constant(0.0))
            continue
        values = np.nan_to_num(references[:, number])[:, np.newaxis]
        operator, outputs = nearest(
            space,
            values,
            n_neighbors=imputer.n_neighbors,
            by_distance=weighted,
            imputed=number,
            single_means=single,
        )
        some = build.call("greater", outputs[operator.count_at], build.constant(0.0))
        known = np.ma.array(imputer._fit_X[:, number], mask=imputer._mask_fit_X[:, number])
        imputed = build.case([(some, outputs[0])], build.constant(float(known.mean())))
        filled.append(build.case([(mask, rounded(imputed, dtype))], feature.expr))
    return filled
