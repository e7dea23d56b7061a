"""statsmodels."""

from functools import partial

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from statsmodels.genmod.families import links

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes, flights, iris

CASES = Cases("statsmodels")


def with_constant(data=diabetes):
    X, y = data()
    return sm.add_constant(X), y


def bounded():
    """Return targets and a column between which these links are no adventure."""
    X, y = with_constant()
    return X[["const", "bmi"]], y / 400 + 1


def late():
    """Return whether the disease goes on fast."""
    X, y = with_constant()
    return X, (y > 150).astype(int)


def result(make, data, fit=lambda model: model.fit()):
    X, y = data()
    return fit(make(y, X)), X


def silent(model):
    return model.fit(disp=0)


for name, make in {
    "ols": sm.OLS,
    "wls": lambda y, X: sm.WLS(y, X, weights=np.linspace(1, 2, len(y))),
    "gls": lambda y, X: sm.GLS(y, X, sigma=np.linspace(1, 2, len(y))),
    "rlm": sm.RLM,
}.items():
    CASES.add(name)(partial(result, make, with_constant))
CASES.add("quantile regression")(partial(result, sm.QuantReg, with_constant, lambda model: model.fit(0.7)))
CASES.add("ols, lasso")(
    partial(result, sm.OLS, with_constant, lambda model: model.fit_regularized(alpha=5.0, L1_wt=1.0))
)
CASES.add("ols, ridge")(partial(result, sm.OLS, with_constant, lambda m: m.fit_regularized(alpha=0.1, L1_wt=0.0)))


@CASES.add("ols on an array, without a constant")
def array():
    X, y = diabetes()
    return sm.OLS(y.to_numpy(), X.to_numpy()).fit(), X.to_numpy()


@CASES.add("ols with a constant in the last column")
def constant_last():
    X, y = diabetes()
    X = sm.add_constant(X, prepend=False)
    return sm.OLS(y, X).fit(), X


FAMILIES = {
    "gaussian": sm.families.Gaussian(),
    "gaussian, log": sm.families.Gaussian(links.Log()),
    "poisson": sm.families.Poisson(),
    "poisson, square root": sm.families.Poisson(links.Sqrt()),
    "gamma, inverse": sm.families.Gamma(),
    "gamma, log": sm.families.Gamma(links.Log()),
    "negative binomial, log": sm.families.NegativeBinomial(links.Log()),
    "negative binomial, its own link": sm.families.NegativeBinomial(links.NegativeBinomial(alpha=0.5), alpha=0.5),
    "tweedie": sm.families.Tweedie(var_power=1.5),
}
for name, family in FAMILIES.items():
    CASES.add(f"glm {name}")(partial(result, partial(sm.GLM, family=family), with_constant))
for name, family in {
    "inverse gaussian": sm.families.InverseGaussian(links.InverseSquared()),
    "tweedie, power": sm.families.Tweedie(links.Power(power=-0.7), var_power=1.5),
}.items():
    CASES.add(f"glm {name}")(partial(result, partial(sm.GLM, family=family), bounded))
for link in ("Logit", "Probit", "CLogLog", "LogLog", "Cauchy", "Identity"):
    family = sm.families.Binomial(getattr(links, link)())
    CASES.add(f"glm binomial, {link}")(
        partial(result, partial(sm.GLM, family=family), late, lambda model: model.fit(maxiter=6))
    )
CASES.add("glm with an offset, which predict leaves out")(
    partial(
        result, lambda y, X: sm.GLM(y, X, family=sm.families.Poisson(), offset=np.linspace(0, 1, len(y))), with_constant
    )
)
CASES.add("glm, elastic net")(
    partial(
        result,
        partial(sm.GLM, family=sm.families.Poisson()),
        with_constant,
        lambda model: model.fit_regularized(alpha=1.0, L1_wt=0.5),
    )
)
CASES.add("gee")(
    partial(result, lambda y, X: sm.GEE(y, X, np.arange(len(y)) % 40, family=sm.families.Poisson()), with_constant)
)
CASES.add("logit")(partial(result, sm.Logit, late, silent))
CASES.add("probit")(partial(result, sm.Probit, late, silent))
CASES.add("logit, lasso")(partial(result, sm.Logit, late, lambda model: model.fit_regularized(alpha=2.0, disp=0)))
CASES.add("mnlogit")(
    partial(result, sm.MNLogit, partial(with_constant, iris), lambda m: m.fit_regularized(alpha=1.0, disp=0))
)
for name in ("Poisson", "NegativeBinomial", "GeneralizedPoisson"):
    CASES.add(name.lower())(partial(result, getattr(sm, name), with_constant, lambda m: m.fit(disp=0, maxiter=5)))


@CASES.add("formula of plain columns and products")
def formula():
    X, y = diabetes()
    return smf.ols("y ~ bmi * age + s1 - 1", X.assign(y=y)).fit(), X


@CASES.add("formula of categories and their products (flights)")
def formula_categories():
    X, y = flights()
    X = X.iloc[:400].assign(late=y[:400])
    return smf.ols("air_time ~ C(month) + origin * distance + late + origin:dep_delay", X).fit(), X


@CASES.add("formula with an intercept")
def formula_glm():
    X, y = diabetes()
    return smf.glm("y ~ bmi:age + s5", X.assign(y=y), family=sm.families.Poisson()).fit(), X


@CASES.add("integers and booleans")
def integers():
    X, y = diabetes()
    X = pd.DataFrame({"one": 1, "many": np.arange(len(X)), "high": X["bp"] > 0, "bmi": X["bmi"]})
    return sm.OLS(y, X.astype({"high": int})).fit(), X.astype({"high": int})
