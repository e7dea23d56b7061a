"""The rows that are scored and that models are fitted on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd


def numbers(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 20))
    return X, (X[:, :5].sum(axis=1) + 2 * rng.normal(size=n) > 0).astype(int)


def frame_of_numbers(n: int, seed: int = 1) -> pd.DataFrame:
    X, _ = numbers(n, seed)
    return pd.DataFrame(X, columns=[f"x{number}" for number in range(X.shape[1])])


def frame_of_mixed(n: int, seed: int = 1) -> pd.DataFrame:
    """Return ten columns of numbers, 5 % of them missing, and ten of 50 texts each."""
    X = frame_of_numbers(n, seed).iloc[:, :10]
    rng = np.random.default_rng(seed)
    X = X.mask(rng.random(X.shape) < 0.05)
    texts = np.array([f"v{number}" for number in range(50)], dtype=object)
    for number in range(10):
        X[f"c{number}"] = rng.choice(texts, n)
    return X


FRAMES: dict[str, Callable[[int, int], pd.DataFrame]] = {"numbers": frame_of_numbers, "mixed": frame_of_mixed}
