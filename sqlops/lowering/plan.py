"""The Plan: what a query computes in which stage, in the words of a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy.typing as npt

from sqlops.ir.nodes import Input, ValueType

ElementType = ValueType | Literal["float32", "int32", "int16", "record"]
"""What an array of the constants relation holds: values, numbers of fewer bytes, or records of numbers."""

_TYPE_OF_DTYPE: Mapping[str, ElementType] = {
    "float64": "double",
    "float32": "float32",
    "int64": "bigint",
    "int32": "int32",
    "int16": "int16",
}


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
        Columns of the stage before, or constants, that a later stage reads.
    columns : tuple of StageColumn
        New columns.
    joins_constants : bool
        Whether the constants relation is joined in; later stages carry what they read of it.
    """

    carried: tuple[str, ...]
    columns: tuple[StageColumn, ...]
    joins_constants: bool


@dataclass(frozen=True, slots=True)
class ConstantArray:
    """A column of the constants relation, which has one row.

    Parameters
    ----------
    name : str
    values : ndarray of shape (n,) or (n, m)
        A matrix becomes an array of arrays; a structured array, which has one dimension, an array of records.
    type : ElementType
        The type of its elements.
    """

    name: str
    values: npt.NDArray[Any]
    type: ElementType

    @property
    def fields(self) -> tuple[ConstantArray, ...]:
        """The fields of an array of records, each an array."""
        names = self.values.dtype.names or ()
        return tuple(ConstantArray(name, self.values[name], element_type(self.values[name])) for name in names)


@dataclass(frozen=True, slots=True)
class PlanInput:
    """An input column and the name it has inside the chain.

    Parameters
    ----------
    input : Input
    name : str
    may_be_nan : bool
        Whether NaN need not become NULL, as the outputs are NULL either way.
    is_boolean : bool
        Whether the column holds booleans.
    """

    input: Input
    name: str
    may_be_nan: bool = False
    is_boolean: bool = False


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
    outputs_join_constants : bool
        Whether only the last SELECT reads constants.
    constants : tuple of ConstantArray
    """

    inputs: tuple[PlanInput, ...]
    stages: tuple[Stage, ...]
    outputs: tuple[StageColumn, ...]
    outputs_join_constants: bool
    constants: tuple[ConstantArray, ...]


def element_type(values: npt.NDArray[Any]) -> ElementType:
    """Return the type of an array of numbers, or of records."""
    return "record" if values.dtype.names else _TYPE_OF_DTYPE[values.dtype.name]
