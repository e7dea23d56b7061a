"""From what a frontend gives to the named outputs of a signature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlops.errors import UnsupportedOptionError
from sqlops.frontends.results import (
    Classified,
    Clustered,
    Detected,
    MultiClassified,
    Regressed,
    Result,
    Scored,
    Transformed,
    label_type,
)
from sqlops.ir.nodes import Expr, ValueType
from sqlops.names import check_distinct, output_name
from sqlops.schema import Column, Label, LogicalType, Output, Role, Signature

METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform")
_LABEL_TYPES: dict[ValueType, LogicalType] = {
    "text": LogicalType.TEXT,
    "bigint": LogicalType.INTEGER,
    "double": LogicalType.NUMBER,
    "boolean": LogicalType.BOOLEAN,
}
_TASKS: dict[type[Result], str] = {
    Classified: "classification",
    MultiClassified: "multioutput classification",
    Regressed: "regression",
    Clustered: "clustering",
    Detected: "outlier detection",
    Scored: "density",
    Transformed: "transform",
}

Named = tuple[Output, Expr]


def name_outputs(
    estimator: Any, result: Result, columns: tuple[Column, ...], methods: Sequence[str] | None
) -> tuple[Signature, tuple[tuple[str, Expr], ...]]:
    """Return the signature of a model, and what computes each of its outputs.

    Parameters
    ----------
    estimator : object
    result : Result
        What its frontend gave.
    columns : tuple of Column
        The inputs.
    methods : sequence of str or None
        What was asked for; None is what design calls the outputs: labels with probabilities, or else decisions.

    Raises
    ------
    UnsupportedOptionError
        A method is not available, or there are no outputs.
    InvalidNameError
        Two outputs would have the same name.
    """
    available = _available(result)
    missing = [method for method in methods or () if method not in available]
    if missing:
        raise UnsupportedOptionError(
            f"{type(estimator).__name__} has no {', '.join(missing)} in SQL",
            hint=f"choose among: {', '.join(m for m in METHODS if m in available)}",
        )
    wanted = methods or _default(available)
    described = [named for method in METHODS if method in wanted for named in available[method]]
    if not described:
        raise UnsupportedOptionError(
            f"{type(estimator).__name__} gives no columns: all of them were dropped when it was fitted",
            hint="fit it on columns that hold something",
        )
    check_distinct((output.name, _meaning(output)) for output, _ in described)
    classes = result.classes if isinstance(result, Classified) else ()
    signature = Signature(columns, tuple(output for output, _ in described), _TASKS[type(result)], classes)
    return signature, tuple((output.name, expr) for output, expr in described)


def _default(available: dict[str, list[Named]]) -> tuple[str, ...]:
    if "predict" not in available:
        return tuple(available)
    second = next((method for method in ("predict_proba", "decision_function") if method in available), "predict")
    return ("predict", second)


def _meaning(output: Output) -> str:
    return f"{output.role} of {output.label!r}" if output.label is not None else output.name


def _available(result: Result) -> dict[str, list[Named]]:
    """Return the outputs of each method that a result has."""
    match result:
        case Transformed():
            return {"transform": _features(result)}
        case Scored():
            return {"score_samples": _score(result.score)}
        case Regressed():
            return {"predict": _values(result.values)}
        case Detected():
            found = {"predict": [_prediction(result.label, LogicalType.INTEGER)]}
            found["decision_function"] = [(Output("decision", LogicalType.NUMBER, Role.DECISION), result.decision)]
            return found | ({"score_samples": _score(result.score)} if result.score else {})
        case Clustered():
            found = {"predict": [_prediction(result.label, LogicalType.INTEGER)]}
            if result.probabilities:
                labels = range(len(result.probabilities))
                found["predict_proba"] = _per_class("probability", Role.PROBABILITY, labels, result.probabilities)
            return found | ({"score_samples": _score(result.score)} if result.score else {})
        case Classified():
            return _classified(result)
        case MultiClassified():
            return _multilabel(result, result.labels) if result.labels else _multioutput(result)


def _prediction(expr: Expr, type_: LogicalType, label: Label | None = None, target: int | None = None) -> Named:
    part = label if label is not None else target
    name = "prediction" if part is None else output_name("prediction", part)
    return Output(name, type_, Role.PREDICTION, label, target), expr


def _score(expr: Expr) -> list[Named]:
    return [(Output("score", LogicalType.NUMBER, Role.SCORE), expr)]


def _values(values: Sequence[Expr]) -> list[Named]:
    if len(values) == 1:
        return [_prediction(values[0], LogicalType.NUMBER)]
    return [_prediction(expr, LogicalType.NUMBER, number, number) for number, expr in enumerate(values)]


def _classified(result: Classified) -> dict[str, list[Named]]:
    found = {"predict": [_prediction(result.label, _LABEL_TYPES[label_type(result.classes)])]}
    if result.probabilities:
        found["predict_proba"] = _per_class("probability", Role.PROBABILITY, result.classes, result.probabilities)
    if result.decisions:
        found["decision_function"] = _decisions(result.classes, result.decisions)
    return found


def _decisions(classes: Sequence[Label], decisions: Sequence[Expr]) -> list[Named]:
    if len(decisions) == 1:
        return [(Output("decision", LogicalType.NUMBER, Role.DECISION), decisions[0])]
    labels = classes if len(decisions) == len(classes) else range(len(decisions))
    return _per_class("decision", Role.DECISION, labels, decisions)


def _per_class(
    prefix: str, role: Role, labels: Sequence[Label], exprs: Sequence[Expr], target: int | None = None
) -> list[Named]:
    parts = [prefix] if target is None else [prefix, target]
    return [
        (Output(output_name(*parts, label), LogicalType.NUMBER, role, label, target), expr)
        for label, expr in zip(labels, exprs, strict=True)
    ]


def _multioutput(result: MultiClassified) -> dict[str, list[Named]]:
    """Return one label per target, and for each target one probability per class."""
    found: dict[str, list[Named]] = {"predict": []}
    has_probabilities = all(target.probabilities for target in result.targets)
    for number, target in enumerate(result.targets):
        type_ = _LABEL_TYPES[label_type(target.classes)]
        found["predict"].append(_prediction(target.label, type_, target=number))
        if has_probabilities and target.probabilities:
            named = _per_class("probability", Role.PROBABILITY, target.classes, target.probabilities, number)
            found.setdefault("predict_proba", []).extend(named)
    return found


def _multilabel(result: MultiClassified, labels: Sequence[Label]) -> dict[str, list[Named]]:
    """Return 0 or 1 for each label, and the probability and the decision that it is 1."""
    pairs = list(zip(labels, result.targets, strict=True))
    found: dict[str, list[Named]] = {
        "predict": [_prediction(target.label, LogicalType.INTEGER, label) for label, target in pairs]
    }
    probabilities = [target.probabilities[-1] for target in result.targets if target.probabilities]
    decisions = [target.decisions[-1] for target in result.targets if target.decisions]
    if len(probabilities) == len(pairs):
        found["predict_proba"] = _per_class("probability", Role.PROBABILITY, labels, probabilities)
    if len(decisions) == len(pairs):
        found["decision_function"] = _per_class("decision", Role.DECISION, labels, decisions)
    return found


def _features(result: Transformed) -> list[Named]:
    return [
        (
            Output(
                output_name(feature.name),
                LogicalType.TEXT if feature.expr.type == "text" else LogicalType.NUMBER,
                Role.FEATURE,
                feature.name,
            ),
            feature.expr,
        )
        for feature in result.features
    ]
