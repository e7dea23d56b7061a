"""Running a plan over a frame, in an in-process DuckDB."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.relations import constants_row
from sqlops.dialects.duckdb import DUCKDB
from sqlops.frames import to_arrow
from sqlops.lowering import Plan
from sqlops.schema import LogicalType, Signature

_ROW = "_row_number"
_FRAME = "_frame"
_CONSTANTS = "_frame_constants"

INLINE = 2000
"""Up to so many constants are written into the query: more take longer to read as text than as a table."""


def run_in_duckdb(plan: Plan, signature: Signature, frame: pd.DataFrame) -> pd.DataFrame:
    """Score a frame.

    Parameters
    ----------
    plan : Plan
        Lowered for DuckDB.
    signature : Signature
    frame : DataFrame
        With the inputs of the signature.

    Returns
    -------
    DataFrame
        One column per output, in the order and with the index of the frame.
    """
    physical = {column.name: f"_column{number}" for number, column in enumerate(signature.inputs)}
    table = to_arrow(frame, signature.inputs, list(physical.values()))
    table = table.append_column(_ROW, pa.array(np.arange(len(frame))))
    is_large = sum(constant.values.size for constant in plan.constants) > INLINE
    constants = exp.to_table(_CONSTANTS) if is_large else None
    query = emit.select(plan, DUCKDB, emit.Source(exp.to_table(_FRAME), physical), keys=[_ROW], constants=constants)
    query = query.order_by(exp.column(_ROW, quoted=True))
    with duckdb.connect() as connection:
        connection.register(_FRAME, table)
        if is_large:
            connection.register(_CONSTANTS, constants_row(plan))
        scored = connection.sql(query.sql(dialect=DUCKDB.grammar)).to_arrow_table()
    return output_frame(scored, signature).set_axis(frame.index)


def output_frame(table: pa.Table, signature: Signature) -> pd.DataFrame:
    """Return the outputs of an Arrow table as a frame: doubles with NaN for missing, labels in their own type."""
    columns = {}
    for output in signature.outputs:
        values = table[output.name]
        if output.type is LogicalType.NUMBER:
            columns[output.name] = values.to_numpy().astype(np.float64)
        elif values.null_count:
            columns[output.name] = np.array(values.to_pylist(), dtype=object)
        else:
            columns[output.name] = values.to_pandas().to_numpy()
    return pd.DataFrame(columns)
