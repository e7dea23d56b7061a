"""The Plan: what a query computes in which stage, in the words of a dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from sqlops.ir.nodes import Input, ValueType


@dataclass(frozen=True, slots=True)
class StageColumn:
    """A column that a stage computes.

    Parameters
    ----------
    name : str
    text : str
        Its SQL, over the columns of earlier stages.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One SELECT of the chain.

    Parameters
    ----------
    carried : tuple of str
        Columns of the stage before that a later stage reads.
    columns : tuple of StageColumn
        New columns.
    reads_constants : bool
        Whether the constants relation is joined in.
    """

    carried: tuple[str, ...]
    columns: tuple[StageColumn, ...]
    reads_constants: bool


@dataclass(frozen=True, slots=True)
class ConstantArray:
    """A column of the constants relation, which has one row.

    Parameters
    ----------
    name : str
    values : ndarray of shape (n,) or (n, m)
        A matrix becomes an array of arrays.
    type : {"double", "bigint", "text"}
        The type of its elements.
    """

    name: str
    values: npt.NDArray[Any]
    type: ValueType


@dataclass(frozen=True, slots=True)
class PlanInput:
    """An input column and the name it has inside the chain.

    Parameters
    ----------
    input : Input
    name : str
    may_be_nan : bool
        Whether NaN need not become NULL, as the outputs are NULL either way.
    """

    input: Input
    name: str
    may_be_nan: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Stages over a source.

    Parameters
    ----------
    inputs : tuple of PlanInput
        What the first stage reads from the source; columns that nothing reads are left out.
    stages : tuple of Stage
        The first reads the inputs; each later one the stage before.
    outputs : tuple of StageColumn
        The last SELECT, named as in the signature, over the last stage.
    outputs_read_constants : bool
    constants : tuple of ConstantArray
    """

    inputs: tuple[PlanInput, ...]
    stages: tuple[Stage, ...]
    outputs: tuple[StageColumn, ...]
    outputs_read_constants: bool
    constants: tuple[ConstantArray, ...]
