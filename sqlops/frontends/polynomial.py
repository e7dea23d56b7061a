"""Polynomial features."""

from __future__ import annotations

from itertools import chain, combinations, combinations_with_replacement
from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Feature, Features, Result, Transformed, frontend, names_of, rounded
from sqlops.ir import build
from sqlops.ir.nodes import Expr


@frontend("PolynomialFeatures", family="Functions", takes="doubles")
def polynomial_features(model: Any, features: Features, context: Context) -> Result:
    """Translate each product of columns, its factors in the order in which scikit-learn multiplies them."""
    context.require_numbers(features)
    dtype = context.float_dtype(features)
    sparse = any(feature.sparse for feature in features)
    columns = [feature.expr for feature in features]
    choose = combinations if model.interaction_only else combinations_with_replacement
    degrees = range(max(1, model._min_degree), model._max_degree + 1)
    products = chain.from_iterable(choose(range(len(features)), degree) for degree in degrees)
    exprs: list[Expr] = [build.constant(1.0)] if model.include_bias else []
    for factors in products:
        if not sparse:
            exprs.append(_product(columns, factors[::-1], dtype))
        elif model._max_degree > 3:
            exprs.append(_product(columns, factors, dtype))
        else:
            exprs.append(_sparse_product(columns, factors, dtype))
    names = model.get_feature_names_out(names_of(features))
    return Transformed(
        tuple(Feature(str(name), expr, dtype, sparse=sparse) for name, expr in zip(names, exprs, strict=True))
    )


def _product(columns: list[Expr], factors: tuple[int, ...], dtype: np.dtype[Any]) -> Expr:
    """Multiply from left to right; a product that begins others is one expression."""
    result = columns[factors[0]]
    for factor in factors[1:]:
        result = rounded(build.multiply(result, columns[factor]), dtype)
    return result


def _sparse_product(columns: list[Expr], factors: tuple[int, ...], dtype: np.dtype[Any]) -> Expr:
    """Multiply what is not zero, as up to degree 3 is done with sparse matrices: zero times an overflow is zero."""
    product = _product(columns, factors, dtype)
    if len(factors) < 3:
        return product
    zero = build.any_of(build.equal(columns[factor], 0.0) for factor in factors)
    return build.case([(zero, build.constant(0.0))], product)
