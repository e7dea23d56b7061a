"""Data for cases: scikit-learn's bundled sets, a sample of real flights, and small frames that are hard on purpose."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
from sklearn import datasets

from tests.flights import read_flights

HOSTILE_NAMES = (
    "with space",
    'double " quote',
    "single ' quote",
    "back\\slash",
    "semi;colon -- comment",
    "select",
    "größe 🌍",
    "%s {0} $1 ?",
    "new\nline",
    "x" * 200,
    "_x0",
)

HOSTILE_VALUES = (
    "it's",
    'say "hi"',
    "back\\slash",
    "\\'",
    "new\nline",
    "tab\t",
    "",
    " ",
    " leading",
    "trailing ",
    "nan",
    "None",
    "NULL",
    "größe",
    "🌍",
    "e\u0301",
    "\u00e9",
    "A",
    "a",
    "{0} %s",
    "); DROP TABLE x; --",
)


@lru_cache(maxsize=1)
def flights() -> pd.DataFrame:
    """Return 1,500 real departures, every tenth with something missing."""
    columns = [
        "month",
        "dep_time",
        "dep_delay",
        "arr_delay",
        "carrier",
        "tailnum",
        "origin",
        "dest",
        "air_time",
        "distance",
    ]
    frame = read_flights()[columns]
    gone = frame[frame.isna().any(axis=1)].sample(150, random_state=0)
    there = frame.dropna().sample(1350, random_state=0)
    return pd.concat([gone, there]).sample(frac=1, random_state=1).reset_index(drop=True)


@lru_cache(maxsize=8)
def bundled(name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return one of scikit-learn's sets as a frame, with its target."""
    return getattr(datasets, f"load_{name}")(return_X_y=True, as_frame=True)


def holes(frame: pd.DataFrame, share: float = 0.1) -> pd.DataFrame:
    """Return a frame of numbers with some of them missing."""
    gone = np.random.default_rng(0).random(frame.shape) < share
    return frame.astype(np.float64).mask(gone)


def mixed(n: int = 60) -> pd.DataFrame:
    """Return columns of every type that a model takes, most of them with missing values."""
    rng = np.random.default_rng(7)
    gone = rng.random(n) < 0.2

    def pick(values: list[object], dtype: object = None, missing: object = None, holes: bool = True) -> pd.Series:
        chosen = [values[i] for i in rng.integers(0, len(values), n)]
        return pd.Series([missing if holes and g else v for v, g in zip(chosen, gone, strict=True)], dtype=dtype)

    return pd.DataFrame(
        {
            "number": pick(list(rng.normal(size=12).round(3)), float),
            "whole": pick([0, 1, 2, 3, 7], int, holes=False),
            "flag": pick([True, False], bool, holes=False),
            "text": pick(["a", "b", "c", "dd"], "str"),
            "none": pick(["p", "q", "r"], object),
            "nan": pick(["p", "q", "r"], object, missing=np.nan),
            "full": pick(["u", "v"], "str", holes=False),
            "object_number": pick([1, 2.5, 4], object),
            "object_flag": pick([True, False], object),
            "category": pick(["x", "y", "z"], pd.CategoricalDtype(["z", "y", "x", "unused"])),
            "number_category": pick([10, 20, 30], pd.CategoricalDtype([10, 20, 30])),
            "nullable": pick([1, 2, 3], "Int64"),
            "nullable_flag": pick([True, False], "boolean"),
            "single": pick([0.1, 0.5, 2.7], "float32"),
        }
    )


def hostile_columns(n: int = 40) -> pd.DataFrame:
    """Return numbers under hostile names; two of them differ only in case."""
    rng = np.random.default_rng(3)
    return pd.DataFrame({name: rng.normal(size=n) for name in HOSTILE_NAMES})


def hostile_values() -> pd.DataFrame:
    """Return one column of text that is hard to quote, each value twice, and a missing one."""
    return pd.DataFrame({"select": pd.Series([*HOSTILE_VALUES, *HOSTILE_VALUES, None], dtype="str")})
