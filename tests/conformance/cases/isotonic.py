"""Isotonic regression."""

from functools import partial

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression

from tests.conformance.cases import Cases
from tests.conformance.data import diabetes

CASES = Cases("isotonic")


def bmi(n=None, dtype=np.float64):
    X, y = diabetes()
    return (X["bmi"][:n] * 10).astype(dtype), y[:n]


def outside(X):
    """Return values at and beyond both ends."""
    low, high = X.min(), X.max()
    ends = [low - 1, np.nextafter(low, -np.inf), low, high, np.nextafter(high, np.inf), high + 1e6]
    return [pd.Series(ends, name=X.name, dtype=X.dtype)]


MODELS = {
    "increasing": {},
    "decreasing": {"increasing": False},
    "auto": {"increasing": "auto"},
    "clipped": {"out_of_bounds": "clip"},
    "refused out of bounds": {"out_of_bounds": "raise"},
    "between y_min and y_max": {"y_min": 100, "y_max": 200, "out_of_bounds": "clip"},
}


def fitted(options, dtype=np.float64, n=None):
    x, y = bmi(n, dtype)
    return IsotonicRegression(**options).fit(x, y), x


for name, options in MODELS.items():
    for dtype in (np.float64, np.float32):
        CASES.add(f"{name}, {dtype.__name__}", probes=outside)(partial(fitted, options, dtype))
    CASES.add(f"{name}, transform", probes=outside, methods=["transform"])(partial(fitted, options))
CASES.add("two knots", probes=outside)(partial(fitted, {}, n=2))
CASES.add("two knots, float32", probes=outside)(partial(fitted, {}, np.float32, n=2))


@CASES.add("weighted")
def weighted():
    x, y = bmi()
    return IsotonicRegression().fit(x, y, sample_weight=np.arange(len(x)) % 3), x


for options in ({}, {"out_of_bounds": "raise"}, {"out_of_bounds": "clip"}):
    CASES.add(f"one point {options}")(
        lambda options=options: (IsotonicRegression(**options).fit([2.0], [5.0]), np.array([1.0, 2.0, 3.0]))
    )


@CASES.add("a frame of one column")
def frame():
    x, y = bmi()
    return IsotonicRegression(out_of_bounds="clip").fit(x.to_frame(), y), x.to_frame()


@CASES.add("integers")
def integers():
    X, y = diabetes()
    x = (X["age"] * 1000).round().astype(int)
    return IsotonicRegression(increasing="auto").fit(x, y), x


@CASES.add("a thousand knots", probes=lambda x: [np.linspace(0.1, 990, 1501), np.arange(0, 1000, 7.0)])
def many():
    x = np.arange(1000.0)
    return IsotonicRegression().fit(x, np.sqrt(x)), x[::5]
