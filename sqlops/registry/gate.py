"""The parity gate: a deployment first scores the model's sample in the warehouse, by its own SQL."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlglot import exp

from sqlops import emit
from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.relations import drop, output_types
from sqlops.artifacts.run import output_frame
from sqlops.dialects.base import Dialect
from sqlops.parity import ParityReport, Sample, bounds_of, compare, require_parity
from sqlops.registry.store import insert, now
from sqlops.schema import Column, LogicalType
from sqlops.warehouses.base import Connection

_SAMPLE = "sample"


def prove_in_warehouse(
    connection: Connection, schema: str, model: CompiledModel, version: int, constants: exp.Table | None
) -> ParityReport | None:
    """Score the sample in the warehouse, compare with the recorded answers, and write down how they compare.

    Returns
    -------
    ParityReport or None
        None in a dry run.

    Raises
    ------
    ParityError
        The warehouse answers otherwise than the estimator did.
    """
    dialect = connection.dialect
    row = _row_name(model)
    place = dialect.loaded_table(schema, model.name, _SAMPLE)
    if not dialect.transactional:
        connection.execute(drop(place, dialect.loaded))
    sample = _held(model.sample, dialect)
    rows = sample_table(sample, model.signature.inputs, row)
    connection.load(place, rows, temporary=dialect.loads_for_session)
    plan, types = model.plan(dialect.name), output_types(model.signature, dialect)
    query = emit.select(plan, dialect, emit.Source(place), keys=[row], constants=constants, types=types)
    query = query.order_by(exp.column(row, quoted=True))
    if connection.recording:
        connection.execute(query)
        connection.execute(drop(place, dialect.loaded))
        return None
    names = [output.name for output in model.signature.outputs]
    answers = connection.arrow(query).select([dialect.shortened(name) for name in names]).rename_columns(names)
    connection.execute(drop(place, dialect.loaded))
    scored = output_frame(answers, model.signature)
    got = {name: scored[name].to_numpy() for name in scored.columns}
    bounds = bounds_of(model.program, sample.inputs)
    report = compare(sample.expected, got, model.signature, bounds)
    require_parity(report, f"{dialect.name} and the recorded answers of {model.name} version {version}")
    _write(connection, schema, model.name, version, report)
    return report


def _held(sample: Sample, dialect: Dialect) -> Sample:
    """Return the rows of a sample without those whose numbers the engine reads as missing, as they are too large."""
    if dialect.largest is None:
        return sample
    numbers = [values for values in sample.inputs.values() if values.dtype != object]
    held = np.all([~(np.abs(values) >= dialect.largest) for values in numbers] or [np.full(len(sample), True)], axis=0)
    parts = (sample.inputs, sample.expected)
    return Sample(*({name: values[held] for name, values in part.items()} for part in parts))


def _row_name(model: CompiledModel) -> str:
    taken = {column.name.lower() for column in model.signature.inputs}
    name = "_row_number"
    while name in taken:
        name += "_"
    return name


def _write(connection: Connection, schema: str, model: str, version: int, report: ParityReport) -> None:
    checked = now()
    for output in report.outputs:
        row = {
            "model": model,
            "version": version,
            "output": output.name,
            "rows": output.rows,
            "differing": output.differing,
            "worst_absolute": output.worst_absolute,
            "worst_relative": output.worst_relative,
            "ok": output.differing == 0,
            "checked_at": checked,
        }
        insert(connection, schema, "parity_checks", row)


def sample_table(sample: Sample, columns: tuple[Column, ...], row: str) -> pa.Table:
    """Return the rows of a sample in the types of their columns, and their numbers."""
    arrays = {column.name: _to_arrow(sample.inputs[column.name], column) for column in columns}
    return pa.table(arrays | {row: pa.array(np.arange(len(sample)))})


def _to_arrow(values: npt.NDArray[np.generic], column: Column) -> pa.Array:
    if column.is_text:
        return pa.array(values.tolist(), type=pa.string())
    missing = np.isnan(values)
    if column.of is LogicalType.BOOLEAN and np.isin(values[~missing], (0, 1)).all():
        return pa.array(values == 1, mask=missing)
    present = values[~missing]
    # Made rows may hold values that no integer column can: infinity, halves.
    if column.of is LogicalType.INTEGER and (np.abs(present) < 2**53).all() and (present == np.trunc(present)).all():
        return pa.array(np.where(missing, 0, values).astype(np.int64), mask=missing)
    return pa.array(values, from_pandas=True)
