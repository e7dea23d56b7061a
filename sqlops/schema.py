"""Columns and their logical types: what a model takes and what it gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class LogicalType(StrEnum):
    """What a column means, whatever the engine calls its type."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    TEXT = "text"
    CATEGORY = "category"
    DATETIME = "datetime"


@dataclass(frozen=True, slots=True)
class Column:
    """One input of a model.

    Parameters
    ----------
    name : str
        The column's name, as in the training frame.
    type : LogicalType
        What the column holds.
    of : LogicalType
        For a category: what its categories are; otherwise the type itself.
    """

    name: str
    type: LogicalType
    of: LogicalType

    @property
    def is_text(self) -> bool:
        """Whether the values are strings."""
        return self.of is LogicalType.TEXT


class Role(StrEnum):
    """What an output column is for."""

    PREDICTION = "prediction"
    PROBABILITY = "probability"
    DECISION = "decision"
    SCORE = "score"
    FEATURE = "feature"


Label = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a model.

    Parameters
    ----------
    name : str
        The column's name in SQL.
    type : LogicalType
        What it holds.
    role : Role
        Prediction, probability, decision, score of a sample, or a transformer's feature.
    label : str, int, float, bool or None
        For a probability or a decision of one class: the class. For one label of several: the label.
    target : int or None
        For an output of a model with several targets: which one.
    """

    name: str
    type: LogicalType
    role: Role
    label: Label | None = None
    target: int | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs and outputs of a model.

    Parameters
    ----------
    inputs : tuple of Column
    outputs : tuple of Output
    task : str
        ``classification``, ``multioutput classification``, ``regression``, ``clustering``, ``outlier detection``,
        ``density`` or ``transform``.
    classes : tuple
        The classes of a classifier, in the order of its probabilities; otherwise empty.
    """

    inputs: tuple[Column, ...]
    outputs: tuple[Output, ...]
    task: str
    classes: tuple[Label, ...] = ()

    def output(self, role: Role, label: Label | None = None) -> Output | None:
        """Return the first output of a role (and class), or None."""
        for output in self.outputs:
            if output.role is role and (label is None or output.label == label):
                return output
        return None

    def to_dict(self) -> dict[str, Any]:
        """Return the signature as JSON-ready data."""
        return {
            "task": self.task,
            "classes": list(self.classes),
            "inputs": [{"name": c.name, "type": c.type.value, "of": c.of.value} for c in self.inputs],
            "outputs": [
                {"name": o.name, "type": o.type.value, "role": o.role.value, "label": o.label, "target": o.target}
                for o in self.outputs
            ],
        }

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Signature:
        """Build a signature from what `to_dict` returned."""
        return Signature(
            inputs=tuple(Column(c["name"], LogicalType(c["type"]), LogicalType(c["of"])) for c in data["inputs"]),
            outputs=tuple(
                Output(o["name"], LogicalType(o["type"]), Role(o["role"]), o["label"], o["target"])
                for o in data["outputs"]
            ),
            task=data["task"],
            classes=tuple(data["classes"]),
        )
