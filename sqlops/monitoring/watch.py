"""What of a model is watched, and as what: the one place that says which logical type gets which bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlops.dialects.base import Dialect
from sqlops.schema import Label, LogicalType, Output, Role, Signature

MAGNITUDE = 1e150
"""Larger numbers, and infinities, are left out of means and deviations: their squares are no doubles."""

LARGEST_LABEL = 1e75
"""Larger labels and predictions of a regression do not count: the fourth powers of their errors are no doubles."""

LARGEST_WHOLE = 1e15
"""Whole numbers up to here are written without a point where they are categories."""


class Kind(StrEnum):
    """How a column is binned."""

    NUMBER = "number"
    CATEGORY = "category"


class Task(StrEnum):
    """What performance means for a model."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    REGRESSION = "regression"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Watched:
    """A column that is watched.

    Parameters
    ----------
    name : str
        Its name in the metrics.
    source : str
        Its name in the source, or in the version's view.
    kind : Kind
    of : LogicalType
        What its values, or its categories, are.
    is_score : bool
        Whether it is an output of the model.
    """

    name: str
    source: str
    kind: Kind
    of: LogicalType
    is_score: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """Everything that is watched of a model.

    Parameters
    ----------
    columns : tuple of Watched
        Inputs, then scores.
    outputs : tuple of Output
        All outputs: a row without any of them was refused.
    task : Task
    classes : tuple
        The classes, in the order of their probabilities.
    prediction : Output or None
        What is compared with the label.
    probabilities : tuple of Output
        One for each class, or none.
    ranking : Output or None
        What orders rows from the first class to the second, for a binary classifier.
    """

    columns: tuple[Watched, ...]
    outputs: tuple[Output, ...]
    task: Task
    classes: tuple[Label, ...]
    prediction: Output | None
    probabilities: tuple[Output, ...]
    ranking: Output | None

    @property
    def scores(self) -> tuple[Watched, ...]:
        """The outputs that are watched."""
        return tuple(column for column in self.columns if column.is_score)

    @property
    def main_score(self) -> str:
        """The name of the score, of the first one where there are several."""
        return self.scores[0].name

    @property
    def has_text_classes(self) -> bool:
        """Whether labels are compared as text; otherwise as numbers."""
        return any(isinstance(label, str) for label in self.classes)


def kind_of(type_: LogicalType) -> Kind:
    """Return how a logical type is binned.

    Numbers and integers get ranges, a range for each value where the baseline has no more than ten of them (so flags
    and grades keep their values). Text, booleans and categories, whatever their values are, get a bin for each value.
    """
    return Kind.NUMBER if type_ in (LogicalType.NUMBER, LogicalType.INTEGER) else Kind.CATEGORY


def watch(signature: Signature) -> Watch:
    """Return what is watched of a model with this signature.

    The score of a binary classifier is the probability (or decision) of its second class; of any other classifier its
    labels and the probability (or decision) of each class; of any other model all outputs.
    """
    by_role = {role: tuple(o for o in signature.outputs if o.role is role) for role in Role}
    predictions, probabilities = by_role[Role.PREDICTION], by_role[Role.PROBABILITY]
    decisions = by_role[Role.DECISION]
    task = _task(signature, predictions)
    ranking: Output | None = None
    scores: tuple[Output, ...] = signature.outputs
    if task is Task.BINARY:
        ranking = probabilities[-1] if probabilities else decisions[0] if decisions else None
        scores = (ranking,) if ranking else predictions
    elif task is Task.MULTICLASS:
        scores = predictions + (probabilities or decisions)
    inputs = [Watched(c.name, c.name, kind_of(c.type), c.of) for c in signature.inputs]
    taken = {column.name.lower() for column in inputs}
    columns = (*inputs, *(_score(output, signature, taken) for output in scores))
    prediction = predictions[0] if len(predictions) == 1 else None
    return Watch(columns, signature.outputs, task, signature.classes, prediction, probabilities, ranking)


def _task(signature: Signature, predictions: Sequence[Output]) -> Task:
    if signature.task == "classification" and len(signature.classes) > 1:
        return Task.BINARY if len(signature.classes) == 2 else Task.MULTICLASS
    if signature.task == "regression" and len(predictions) == 1:
        return Task.REGRESSION
    return Task.OTHER


def _score(output: Output, signature: Signature, taken: set[str]) -> Watched:
    is_label = signature.task != "regression" and output.role is Role.PREDICTION
    kind = Kind.CATEGORY if is_label else kind_of(output.type)
    name = f"{output.name} (output)" if output.name.lower() in taken else output.name
    return Watched(name, output.name, kind, output.type, is_score=True)


def value_sql(column: Watched, reference: str, dialect: Dialect) -> str:
    """Return how a column is read: as a double, or as the text of a category; missing is NULL.

    Parameters
    ----------
    column : Watched
    reference : str
        The column in SQL.
    dialect : Dialect
    """
    if column.kind is Kind.NUMBER:
        return dialect.input_number.format(reference)
    if column.of is LogicalType.TEXT:
        return dialect.input_text.format(reference)
    number = dialect.read(reference, "double", is_boolean=column.of is LogicalType.BOOLEAN)
    if column.of is LogicalType.BOOLEAN:
        return f"CASE WHEN ({number}) = 0 THEN 'false' WHEN ({number}) IS NOT NULL THEN 'true' END"
    largest = dialect.double(LARGEST_WHOLE)
    text = dialect.nullable_in_cast("text")
    whole = dialect.call("whole", (f"({number})",))
    return (
        f"CASE WHEN ({number}) = {dialect.call('trunc', (f'({number})',))} AND abs({number}) <= {largest} "
        f"THEN CAST(({whole}) AS {text}) ELSE CAST(({number}) AS {text}) END"
    )


def label_sql(reference: str, subject: Watch, dialect: Dialect) -> str:
    """Return how a label, or a predicted label, is read: as text or as a double; missing is NULL."""
    if subject.has_text_classes:
        return dialect.input_text.format(reference)
    return dialect.input_number.format(reference)


def class_index_sql(reference: str, subject: Watch, dialect: Dialect) -> str:
    """Return the position of a label among the classes, or the label itself for a regression.

    NULL for what is no class, or no number that errors can be computed with.
    """
    value = label_sql(reference, subject, dialect)
    if subject.task is Task.REGRESSION:
        return f"CASE WHEN abs({value}) <= {dialect.double(LARGEST_LABEL)} THEN {value} END"
    cases = " ".join(
        f"WHEN {dialect.text(label) if isinstance(label, str) else dialect.double(float(label))} THEN {position}"
        for position, label in enumerate(subject.classes)
    )
    return f"CASE {value} {cases} END"
