"""Critical values of χ², without scipy: monitoring must not load scikit-learn's stack."""

from __future__ import annotations

import math
from functools import cache

_STEPS = 200


@cache
def critical_value(degrees: int, level: float = 0.95) -> float:
    """Return the quantile of the χ² distribution.

    Parameters
    ----------
    degrees : int
        Degrees of freedom; for none the distribution is a point at zero.
    level : float

    Returns
    -------
    float

    Notes
    -----
    Bisection on the regularised lower incomplete gamma function, summed as in Abramowitz & Stegun 6.5.29.

    Examples
    --------
    >>> round(critical_value(1), 6)
    3.841459
    """
    if degrees <= 0:
        return 0.0
    low, high = 0.0, 10.0 * degrees + 100.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _lower_gamma(degrees / 2, middle / 2) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _lower_gamma(shape: float, x: float) -> float:
    if x <= 0:
        return 0.0
    term = total = 1.0 / shape
    n = 0
    while term > total * 1e-17:
        n += 1
        term *= x / (shape + n)
        total += term
    return total * math.exp(shape * math.log(x) - x - math.lgamma(shape))
