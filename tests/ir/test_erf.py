import math

import numpy as np
from scipy import special as scipy_special

from sqlops.ir import build
from sqlops.ir.erf import erf
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
