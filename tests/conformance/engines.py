"""The engines: each runs a compiled model over frames and returns its outputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.relations import drop
from sqlops.artifacts.run import output_frame, run_in_duckdb
from sqlops.dialects import Dialect
from sqlops.frames import to_arrays, to_arrow
from sqlops.ir.evaluate import evaluate
from sqlops.schema import Signature
from tests.sessions import SESSIONS, session

Outputs = dict[str, npt.NDArray[np.generic]]
Engine = Callable[[CompiledModel, pd.DataFrame], Outputs]

ROW = "_row_number"
FRAME = "_frame"


def evaluator(model: CompiledModel, frame: pd.DataFrame) -> Outputs:
    """The reference evaluator, on the Program."""
    return evaluate(model.program, to_arrays(frame, model.signature.inputs), len(frame))


def duckdb(model: CompiledModel, frame: pd.DataFrame) -> Outputs:
    """The SQL, in an in-process DuckDB."""
    return _arrays(run_in_duckdb(model.plan("duckdb"), model.signature, frame))


def on_session(engine: str) -> Engine:
    """Return an engine that loads a frame as a table, and runs the self-contained SELECT over it."""

    def run(model: CompiledModel, frame: pd.DataFrame) -> Outputs:
        opened = session(engine)
        dialect, signature = opened.dialect, model.signature
        physical = {column.name: f"_column{number}" for number, column in enumerate(signature.inputs)}
        table = to_arrow(frame, signature.inputs, list(physical.values()))
        table = table.append_column(ROW, pa.array(np.arange(len(frame))))
        source = emit.Source(emit.table(FRAME, dialect), physical)
        query = emit.select(model.plan(dialect.name), dialect, source, keys=[ROW])
        opened.load(FRAME, table)
        try:
            scored = opened.arrow(query).sort_by(ROW)
        finally:
            opened.execute(drop(emit.table(FRAME, dialect), "TABLE"))
        return _arrays(output_frame(_named(scored, signature, dialect), signature))

    return run


def _named(scored: pa.Table, signature: Signature, dialect: Dialect) -> pa.Table:
    """Return the outputs under their full names."""
    names = [output.name for output in signature.outputs]
    return scored.select([dialect.shortened(name) for name in names]).rename_columns(names)


def _arrays(scores: pd.DataFrame) -> Outputs:
    return {name: scores[name].to_numpy() for name in scores.columns}


ENGINES: dict[str, Engine] = {name: on_session(name) for name in SESSIONS} | {"evaluator": evaluator, "duckdb": duckdb}
