"""Special functions, built from the catalogue."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlops.ir import build
from sqlops.ir.nodes import Expr

_NDTRI_MIDDLE = (
    (-5.99633501014107895267e1, 9.80010754185999661536e1, -5.66762857469070293439e1, 1.39312609387279679503e1,
     -1.23916583867381258016e0),
    (1.0, 1.95448858338141759834e0, 4.67627912898881538453e0, 8.63602421390890590575e1, -2.25462687854119370527e2,
     2.00260212380060660359e2, -8.20372256168333339912e1, 1.59056225126211695515e1, -1.18331621121330003142e0),
)  # fmt: skip
_NDTRI_TAIL = (
    (4.05544892305962419923e0, 3.15251094599893866154e1, 5.71628192246421288162e1, 4.40805073893200834700e1,
     1.46849561928858024014e1, 2.18663306850790267539e0, -1.40256079171354495875e-1, -3.50424626827848203418e-2,
     -8.57456785154685413611e-4),
    (1.0, 1.57799883256466749731e1, 4.53907635128879210584e1, 4.13172038254672030440e1, 1.50425385692907503408e1,
     2.50464946208309415979e0, -1.42182922854787788574e-1, -3.80806407691578277194e-2, -9.33259480895457427372e-4),
)  # fmt: skip
_NDTRI_FAR_TAIL = (
    (3.23774891776946035970e0, 6.91522889068984211695e0, 3.93881025292474443415e0, 1.33303460815807542389e0,
     2.01485389549179081538e-1, 1.23716634817820021358e-2, 3.01581553508235416007e-4, 2.65806974686737550832e-6,
     6.23974539184983293730e-9),
    (1.0, 6.02427039364742014255e0, 3.67983563856160859403e0, 1.37702099489081330271e0, 2.16236993594496635890e-1,
     1.34204006088543189037e-2, 3.28014464682127739104e-4, 2.89247864745380683936e-6, 6.79019408009981274425e-9),
)  # fmt: skip
_EXP_MINUS_2 = 0.13533528323661269189


def polynomial(value: Expr, coefficients: Sequence[float]) -> Expr:
    """Return a polynomial by Horner's rule, the highest coefficient first."""
    result: Expr = build.constant(coefficients[0])
    for coefficient in coefficients[1:]:
        result = build.add(build.multiply(result, value), build.constant(coefficient))
    return result


def _ratio(value: Expr, parts: tuple[Sequence[float], Sequence[float]]) -> Expr:
    return build.divide(polynomial(value, parts[0]), polynomial(value, parts[1]))


def ndtri(probability: Expr) -> Expr:
    """Return the quantile of the standard normal distribution.

    The rational approximations are those of ``ndtri`` in Cephes (Moshier), which `scipy.special.ndtri` evaluates.

    Parameters
    ----------
    probability : Expr
        Strictly between 0 and 1, or missing; 0 and 1 give infinities, what is outside is missing.
    """
    zero, one = build.constant(0.0), build.constant(1.0)
    is_upper = build.call("greater", probability, build.constant(1.0 - _EXP_MINUS_2))
    lower = build.case([(is_upper, build.subtract(one, probability))], probability)
    centred = build.subtract(lower, build.constant(0.5))
    square = build.multiply(centred, centred)
    correction = build.multiply(centred, build.multiply(square, _ratio(square, _NDTRI_MIDDLE)))
    middle = build.multiply(build.add(centred, correction), build.constant(math.sqrt(2 * math.pi)))
    x = build.call("sqrt", build.multiply(build.constant(-2.0), build.call("log", lower)))
    first = build.subtract(x, build.divide(build.call("log", x), x))
    z = build.divide(one, x)
    is_near = build.call("less", x, build.constant(8.0))
    second = build.multiply(z, build.case([(is_near, _ratio(z, _NDTRI_TAIL))], _ratio(z, _NDTRI_FAR_TAIL)))
    tail = build.subtract(first, second)
    return build.case(
        [
            (build.call("equal", probability, zero), build.constant(-math.inf)),
            (build.call("equal", probability, one), build.constant(math.inf)),
            (build.call("greater", lower, build.constant(_EXP_MINUS_2)), middle),
            (is_upper, tail),
        ],
        build.call("negative", tail),
    )
