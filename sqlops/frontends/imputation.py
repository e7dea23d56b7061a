"""Imputers and indicators of missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of, rounded
from sqlops.frontends.containers import as_taken
from sqlops.ir import build
from sqlops.ir.nodes import Constant, Expr

_OBJECT = np.dtype(object)


@frontend("SimpleImputer", family="Imputers", takes="frame")
def simple_imputer(imputer: Any, features: Features, context: Context) -> Result:
    """Translate the filling of missing values with what was learned, and the indicators that may follow."""
    features = as_taken(features, "array" if imputer.strategy in ("most_frequent", "constant") else "doubles")
    dtype = _imputed_dtype(imputer, features)
    allow_nan = imputer.missing_values is pd.NA or _is_nan(imputer.missing_values)
    dropped = _dropped(imputer)
    if dtype != _OBJECT:
        empty = [number for number in dropped if features[number].expr.type == "text"]
        checked = tuple(feature for number, feature in enumerate(features) if number not in empty)
        context.require_numbers(checked, allow_nan=allow_nan)
    masks = [_mask(imputer.missing_values, feature, context, dtype, allow_nan=allow_nan) for feature in features]
    exprs = [
        build.case([(masks[number], _fill(imputer, number, feature, dtype, context))], feature.expr)
        if masks[number] is not build.FALSE
        else feature.expr
        for number, feature in enumerate(features)
        if number not in dropped
    ]
    kept = [feature for number, feature in enumerate(features) if number not in dropped]
    made = [(expr, feature.missing if dtype == _OBJECT else "nan") for expr, feature in zip(exprs, kept, strict=True)]
    if imputer.add_indicator:
        made += [(build.indicator(masks[number]), "nan") for number in imputer.indicator_.features_]
    names = imputer.get_feature_names_out(names_of(features))
    sparse = any(feature.sparse for feature in features)
    return Transformed(
        tuple(
            Feature(str(name), expr, dtype, missing, sparse) for name, (expr, missing) in zip(names, made, strict=True)
        )
    )


@frontend("MissingIndicator", family="Imputers")
def missing_indicator(indicator: Any, features: Features, context: Context) -> Result:
    """Translate one indicator per column that had missing values in fit, or per column."""
    dtype = _result_dtype(features)
    allow_nan = _is_nan(indicator.missing_values)
    if dtype != _OBJECT:
        context.require_numbers(features, allow_nan=allow_nan)
    masks = [_mask(indicator.missing_values, feature, context, dtype, allow_nan=allow_nan) for feature in features]
    if indicator.features == "missing-only" and indicator.error_on_new:
        for number, feature in enumerate(features):
            if number not in indicator.features_:
                context.require(build.negate(masks[number]), f"{feature.name} is missing, but was not in fit")
    names = indicator.get_feature_names_out(names_of(features))
    return Transformed(
        tuple(
            Feature(str(name), build.indicator(masks[number]), np.dtype(bool), sparse=indicator.sparse is True)
            for name, number in zip(names, indicator.features_, strict=True)
        )
    )


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and value != value


def _result_dtype(features: Features) -> np.dtype[Any]:
    return np.result_type(*(feature.dtype for feature in features))


def _imputed_dtype(imputer: Any, features: Features) -> np.dtype[Any]:
    """Return the dtype in which the imputer holds its matrix."""
    if imputer._fit_dtype.kind == "O":
        return _OBJECT
    dtype = _result_dtype(features)
    keeps_integers = imputer.strategy in ("most_frequent", "constant")
    if dtype == _OBJECT or (dtype.kind != "f" and not keeps_integers):
        return np.dtype(np.float64)
    return dtype


def _dropped(imputer: Any) -> list[int]:
    """Return the columns that are left out because nothing was learned for them."""
    if imputer.keep_empty_features:
        return []
    return [number for number, value in enumerate(imputer.statistics_) if _is_nan(value)]


def missing_masks(missing_values: Any, features: Features, context: Context) -> list[Expr]:
    """Return where columns of one dtype of numbers have what an imputer takes for missing."""
    allow_nan = _is_nan(missing_values)
    return [_mask(missing_values, feature, context, feature.dtype, allow_nan=allow_nan) for feature in features]


def _mask(missing_values: Any, feature: Feature, context: Context, dtype: np.dtype[Any], *, allow_nan: bool) -> Expr:
    """Return where a column has what the imputer takes for missing, and refuse the rows that it would not take."""
    absent = build.is_missing(feature.expr)
    literal = not (missing_values is None or missing_values is pd.NA or _is_nan(missing_values))
    if isinstance(feature.expr, Constant) or dtype != _OBJECT:
        return _equal(feature, missing_values, dtype) if literal else absent
    takes = {"nan": _is_nan(missing_values), "none": missing_values is None, "na": False}
    if missing_values is pd.NA:
        takes = {"nan": allow_nan, "none": True, "na": allow_nan}
    refuses = {"nan": not allow_nan, "none": False, "na": not takes["na"]}
    if feature.missing == "both" and not (takes["nan"] and takes["none"]):
        raise UnsupportedTypeError(
            f"column {feature.name!r} has both None and NaN in X, and one of them is filled, but SQL has one NULL",
            step=context.step,
            hint="replace one by the other before fitting: X[column].fillna(numpy.nan)",
        )
    kind = feature.missing if feature.missing in takes else "none" if takes["none"] else "nan"
    if refuses[kind]:
        context.require(build.negate(absent), f"{feature.name} is missing")
    if literal:
        return _equal(feature, missing_values, dtype)
    return absent if takes[kind] else build.FALSE


def _equal(feature: Feature, value: Any, dtype: np.dtype[Any]) -> Expr:
    if isinstance(value, str) is not (feature.expr.type == "text"):
        return build.FALSE
    if isinstance(value, float) and dtype == np.dtype(np.float32):
        value = float(np.float32(value))
    return build.equal(feature.expr, value)


def _fill(imputer: Any, number: int, feature: Feature, dtype: np.dtype[Any], context: Context) -> Expr:
    statistic = imputer.statistics_[number]
    value = np.array([statistic], dtype=object).astype(getattr(imputer, "_fill_dtype", imputer._fit_dtype))[0]
    plain = value.item() if isinstance(value, np.generic) else value
    kind = feature.expr.type
    if plain is None or _is_nan(plain) or plain is pd.NA:
        return build.constant(None, kind)
    if isinstance(plain, str) is not (kind == "text") or not isinstance(plain, str | int | float):
        held = "text" if kind == "text" else "numbers"
        raise UnsupportedTypeError(
            f"SimpleImputer(strategy={imputer.strategy!r}) fills column {feature.name!r}, which holds {held}, "
            f"with {plain!r}",
            step=context.step,
            hint="impute text and numbers in separate steps of a ColumnTransformer, each with a fill value of its type",
        )
    return rounded(build.constant(plain, kind), dtype)
