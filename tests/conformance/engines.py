"""The engines: each runs a compiled model over frames and returns its outputs. Adding one is an entry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.run import run_in_duckdb
from sqlops.frames import to_arrays
from sqlops.ir.evaluate import evaluate

Outputs = dict[str, npt.NDArray[np.generic]]
Engine = Callable[[CompiledModel, pd.DataFrame], Outputs]


def evaluator(model: CompiledModel, frame: pd.DataFrame) -> Outputs:
    """The reference evaluator, on the Program."""
    return evaluate(model.program, to_arrays(frame, model.signature.inputs), len(frame))


def duckdb(model: CompiledModel, frame: pd.DataFrame) -> Outputs:
    """The SQL, in an in-process DuckDB."""
    scores = run_in_duckdb(model.plan("duckdb"), model.signature, frame)
    return {name: scores[name].to_numpy() for name in scores.columns}


ENGINES: dict[str, Engine] = {"evaluator": evaluator, "duckdb": duckdb}
