import math

import numpy as np
from scipy import special as scipy_special

from sqlops.ir import build
from sqlops.ir.erf import erf, normal_cdf
from sqlops.ir.evaluate import evaluate
from sqlops.ir.program import Program


def test_erf_is_that_of_scipy():
    x = np.concatenate(
        [np.linspace(-7, 7, 20001), [0.0, -0.0, 1e-300, 0.5, -0.5, 26.9, 1e300, np.inf, -np.inf, np.nan]]
    )
    column = build.column("x", "double")
    got = evaluate(Program((column,), (("y", erf(column)),)), {"x": x}, len(x))["y"]
    np.testing.assert_allclose(got, scipy_special.erf(x), rtol=1e-15, atol=0)
    assert math.isnan(got[-1])


def test_normal_cdf_is_that_of_scipy():
    x = np.concatenate([np.linspace(-37, 9, 20001), [0.0, -1.0, 1.0, 1e300, -1e300, np.inf, -np.inf, np.nan]])
    column = build.column("x", "double")
    got = evaluate(Program((column,), (("y", normal_cdf(column)),)), {"x": x}, len(x))["y"]
    # The square of x is rounded before exp, here and in scipy: that costs as many digits as it has before its point.
    np.testing.assert_allclose(got, scipy_special.ndtr(x), rtol=1e-12, atol=0)
    np.testing.assert_allclose(got[x > -6], scipy_special.ndtr(x[x > -6]), rtol=1e-14, atol=0)
    assert math.isnan(got[-1])
