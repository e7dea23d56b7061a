"""The error function, and the normal distribution's, as compositions of the catalogue."""

from __future__ import annotations

import math

from sqlops.ir import build
from sqlops.ir.nodes import Expr

_MIDDLE = 3.0
_TAIL = (
    1.2530080582697294, -0.1356211061245808, -0.047562294353420645, 0.12964515870271726,
    -0.11927366341668254, 0.0683080273453853, -0.023770514893707625, 0.002529391795545322,
    0.0018886901223383384, -0.000779832113630668, -0.00010515845884415828, 0.00012509863097774594,
    4.944633040314928e-06, -2.009851018664295e-05, -7.198867528929712e-07, 3.468630975919779e-06,
    3.381842682608091e-07, -6.121662521916496e-07, -1.2176869107730383e-07, 9.856164903908877e-08,
    2.84091441266027e-08, -1.194302230930766e-08, -3.2926663301188195e-09, 7.381777124066996e-10,
)  # fmt: skip
"""``(1 + 2x) exp(x²) erfc(x)`` as a polynomial in ``(x - 3) / (x + 3)``: a Chebyshev fit to 50-digit values."""

_SERIES = tuple(2 / math.sqrt(math.pi) * (-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(13))


def erf(x: Expr) -> Expr:
    """Return the error function, to within a few units in the last place.

    A power series near zero; beyond, the complement by the substitution of M. M. Shepherd and J. G. Laframboise,
    "Chebyshev Approximation of (1 + 2x)exp(x²)erfc x in 0 ≤ x < ∞", Mathematics of Computation 36 (1981).
    """
    one, size = build.constant(1.0), build.call("absolute", x)
    near = build.multiply(x, _polynomial(_SERIES, build.call("square", x)))
    far = build.multiply(build.call("sign", x), build.subtract(one, _complement(size)))
    branches = [(build.is_missing(x), build.MISSING), (build.call("less", size, build.constant(0.5)), near)]
    return build.case(branches, far)


def erfc(x: Expr) -> Expr:
    """Return ``1 - erf(x)``, small above as ``scipy.special.erfc`` has it."""
    one, zero, size = build.constant(1.0), build.constant(0.0), build.call("absolute", x)
    tail = _complement(size)
    branches = [
        (build.is_missing(x), build.MISSING),
        (build.call("less", size, build.constant(0.5)), build.subtract(one, erf(x))),
        (build.call("less", x, zero), build.subtract(build.constant(2.0), tail)),
    ]
    return build.case(branches, tail)


def normal_cdf(x: Expr) -> Expr:
    """Return the distribution function of the standard normal, small below as ``scipy.special.ndtr`` has it."""
    half, root = build.constant(0.5), build.constant(math.sqrt(0.5))
    scaled = build.multiply(x, root)
    size = build.call("absolute", scaled)
    middle = build.add(half, build.multiply(half, erf(scaled)))
    tail = build.multiply(half, _complement(size))
    branches = [
        (build.is_missing(x), build.MISSING),
        (build.call("less", size, root), middle),
        (build.call("greater", x, build.constant(0.0)), build.subtract(build.constant(1.0), tail)),
    ]
    return build.case(branches, tail)


def _complement(size: Expr) -> Expr:
    """Return ``1 - erf(size)`` for sizes from one half on; from 27 on it is 0."""
    # At infinity the ratio would be NaN.
    one, middle = build.constant(1.0), build.constant(_MIDDLE)
    bounded = build.call("minimum", size, build.constant(30.0))
    ratio = build.divide(build.subtract(bounded, middle), build.add(bounded, middle))
    scale = build.add(one, build.multiply(build.constant(2.0), bounded))
    decay = build.call("exp", build.call("negative", build.call("square", bounded)))
    return build.divide(build.multiply(decay, _polynomial(_TAIL, ratio)), scale)


def _polynomial(coefficients: tuple[float, ...], x: Expr) -> Expr:
    """Return a polynomial, its coefficients in rising order, by Horner's rule."""
    total: Expr = build.constant(coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = build.add(build.multiply(total, x), build.constant(coefficient))
    return total
