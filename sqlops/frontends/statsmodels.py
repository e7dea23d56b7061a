"""statsmodels: results whose predict is a function of linear predictors.

The linear predictors come by way of m2cgen. The functions are ours: m2cgen has not all of them, and some of its lose
digits.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from m2cgen.assemblers import ProcessMLEModelAssembler

from sqlops.errors import UnsupportedOptionError
from sqlops.estimators import STATSMODELS_RESULTS
from sqlops.frontends import m2cgen_ast
from sqlops.frontends.base import Context, Feature, Features, Regressed, Result, frontend
from sqlops.ir import build
from sqlops.ir.erf import normal_cdf
from sqlops.ir.nodes import Expr

_ONE = build.constant(1.0)
_ZERO = build.constant(0.0)

_IDENTITY = ("OLS", "WLS", "GLS", "GLSAR", "QuantReg", "RLM")
_COUNTS = ("Poisson", "NegativeBinomial", "NegativeBinomialP", "GeneralizedPoisson")


@frontend(
    *STATSMODELS_RESULTS,
    package="statsmodels",
    family="Statistical models",
    limits="formulas of columns, categories and their products",
)
def results(model: Any, features: Features, context: Context) -> Result:
    """Translate results: the mean that predict gives, without offset and exposure."""
    kind = type(model.model).__name__
    scores = _linear_predictors(model, features, context)
    if kind in _IDENTITY:
        return Regressed(scores)
    if kind in _COUNTS:
        return Regressed((build.call("exp", scores[0]),))
    if kind == "Logit":
        return Regressed((_logistic(scores[0]),))
    if kind == "Probit":
        return Regressed((normal_cdf(scores[0]),))
    if kind == "MNLogit":
        powers = (_ONE, *(build.call("exp", score) for score in scores))
        total = build.sum_of(powers)
        return Regressed(tuple(build.divide(power, total) for power in powers))
    if kind in ("GLM", "GEE"):
        return Regressed((_inverse(model, scores[0], context),))
    raise UnsupportedOptionError(
        f"results of statsmodels' {kind} are not supported",
        step=context.step,
        hint="use GLM, Logit, Probit, MNLogit, a count model or a linear one",
    )


def _linear_predictors(model: Any, features: Features, context: Context) -> tuple[Expr, ...]:
    """Return ``exog @ params``, one for each column of parameters; those of the distribution come after exog's."""
    width = model.model.exog.shape[1]
    parameters = np.asarray(model.params, dtype=np.float64).reshape(len(model.params), -1)[:width]
    columns = _design(model, features, context)
    for at in np.flatnonzero(np.any(parameters == 0, axis=1)):
        context.require(build.is_finite(columns[at]), f"{model.model.exog_names[at]} is missing or infinite")
    scores: list[Expr] = []
    for weights in parameters.T:
        plain = SimpleNamespace(params=weights, k_exog=width)
        scores += m2cgen_ast.outputs(plain, columns, width, ProcessMLEModelAssembler)
    return tuple(scores)


def _design(model: Any, features: Features, context: Context) -> list[Expr]:
    """Return the columns of exog: the features themselves, or what a formula makes of them."""
    if not getattr(model.model, "formula", None):
        context.refuse_text(features)
        return [feature.expr for feature in features]
    by_name = {feature.name: feature for feature in features}
    columns: list[Expr] = []
    for name in model.model.exog_names[: model.model.exog.shape[1]]:
        parts = [name] if name in by_name else name.split(":")
        columns.append(_ONE if name == "Intercept" else _product([_factor(p, model, by_name, context) for p in parts]))
    return columns


def _product(parts: list[Expr]) -> Expr:
    result = parts[0]
    for part in parts[1:]:
        result = build.multiply(result, part)
    return result


_LEVEL = re.compile(r"(?P<code>C\((?P<inside>[^()]+)\)|(?P<plain>[^\[\]]+))\[(?:T\.)?(?P<level>.*)\]", re.DOTALL)


def _factor(part: str, model: Any, by_name: Mapping[str, Feature], context: Context) -> Expr:
    """Return a column of numbers, or whether a category has a level; rows with other categories are refused."""
    feature = by_name.get(part)
    if feature is not None and feature.expr.type == "double":
        return feature.expr
    level = _LEVEL.fullmatch(part)
    feature = by_name.get(level["inside"] or level["plain"]) if level else None
    if level is None or feature is None:
        raise UnsupportedOptionError(
            f"the formula's term '{part}' is neither a column of numbers nor a level of a category",
            step=context.step,
            hint="compute it before, and fit on the computed columns",
        )
    factors = getattr(model.model.data.model_spec, "factor_infos", {})
    levels = next((about.categories for factor, about in factors.items() if factor.code == level["code"]), None)
    if levels is None:
        raise UnsupportedOptionError(
            f"the levels of the formula's term '{part}' are not known",
            step=context.step,
            hint="fit with the formula engine patsy",
        )
    context.require(build.is_in(feature.expr, levels), f"{feature.name} is missing or of an unseen category")
    return build.indicator(build.equal(feature.expr, {str(value): value for value in levels}[level["level"]]))


def _logistic(score: Expr) -> Expr:
    return build.divide(_ONE, build.add(_ONE, build.call("exp", build.call("negative", score))))


def _cauchy(score: Expr) -> Expr:
    """Return ``arctan2(1, -z) / pi``, without the cancellation of ``0.5 + arctan(z) / pi`` below zero."""
    pi = build.constant(math.pi)
    below = build.divide(build.call("arctan", build.divide(build.constant(-1.0), score)), pi)
    above = build.add(build.constant(0.5), build.divide(build.call("arctan", score), pi))
    return build.case([(build.call("less", score, _ZERO), below)], above)


def _exp_of_negative(score: Expr) -> Expr:
    return build.call("exp", build.call("negative", score))


_INVERSES: dict[str, Callable[[Expr], Expr]] = {
    "Identity": lambda score: score,
    "Log": lambda score: build.call("exp", score),
    "LogC": lambda score: build.subtract(_ONE, build.call("exp", score)),
    "Logit": _logistic,
    "CLogLog": lambda score: build.subtract(_ONE, _exp_of_negative(build.call("exp", score))),
    "LogLog": lambda score: _exp_of_negative(_exp_of_negative(score)),
    "Cauchy": _cauchy,
    "Probit": normal_cdf,
}
"""The inverses of links, as in ``statsmodels.genmod.families.links``."""


def _inverse(model: Any, score: Expr, context: Context) -> Expr:
    link = model.model.family.link
    name = type(link).__name__
    if name in _INVERSES:
        return _INVERSES[name](score)
    if name == "NegativeBinomial":
        below = build.multiply(build.constant(float(link.alpha)), build.subtract(_ONE, _exp_of_negative(score)))
        return build.divide(build.constant(-1.0), below)
    if hasattr(link, "power"):
        return build.call("power", score, build.constant(1.0 / link.power)) if link.power != 1 else score
    raise context.unsupported(model.model.family, "link", name, f"use one of {', '.join(sorted(_INVERSES))}")
