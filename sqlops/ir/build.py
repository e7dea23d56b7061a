"""Constructors of nodes: they check types, fold constants, and intern."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sqlops.ir.nodes import (
    Affine,
    Call,
    Case,
    Constant,
    Element,
    Expr,
    Input,
    Lookup,
    Operator,
    Scalar,
    Sum,
    ValueType,
    intern,
)
from sqlops.ir.operations import OPERATIONS


def column(name: str, type_: ValueType) -> Input:
    """Return the input column of a name and type."""
    return intern(Input, name, type_)


def constant(value: Scalar | np.generic, type_: ValueType | None = None) -> Constant:
    """Return a literal; the type follows the value unless it is given.

    Parameters
    ----------
    value : float, int, str, bool or None
        None, and NaN for a double, is missing.
    type_ : {"double", "bigint", "text", "boolean"}, optional
        Needed for None; a number becomes a double unless ``bigint`` is asked for.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if type_ is None:
        if value is None:
            raise TypeError("a missing constant needs a type")
        type_ = "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "double"
    if type_ == "double" and value is not None:
        value = float(value)
        value = None if math.isnan(value) else value
    return intern(Constant, value, type_)


TRUE = constant(True)
FALSE = constant(False)
MISSING = constant(None, "double")


def call(name: str, *args: Expr) -> Expr:
    """Apply a function of the catalogue; over constants alone it is computed now."""
    operation = OPERATIONS[name]
    if operation.arity >= 0 and len(args) != operation.arity:
        raise TypeError(f"{name} takes {operation.arity} arguments, not {len(args)}")
    if operation.arity < 0 and not args:
        raise TypeError(f"{name} takes at least one argument")
    if all(isinstance(arg, Constant) for arg in args):
        return _fold(name, [arg for arg in args if isinstance(arg, Constant)])
    return intern(Call, name, tuple(args), operation.type)


def _fold(name: str, args: Sequence[Constant]) -> Constant:
    operation = OPERATIONS[name]
    arrays = [
        np.array(
            [math.nan if arg.type == "double" and arg.value is None else arg.value],
            dtype=object if arg.type == "text" else None,
        )
        for arg in args
    ]
    with np.errstate(all="ignore"):
        return constant(operation.evaluate(*arrays)[0], operation.type)


def add(left: Expr, right: Expr) -> Expr:
    """Return ``left + right``."""
    return call("add", left, right)


def subtract(left: Expr, right: Expr) -> Expr:
    """Return ``left - right``."""
    return call("subtract", left, right)


def multiply(left: Expr, right: Expr) -> Expr:
    """Return ``left * right``; multiplying by one is the same value."""
    if right is constant(1.0):
        return left
    return call("multiply", left, right)


def divide(left: Expr, right: Expr) -> Expr:
    """Return ``left / right``; dividing by one is the same value."""
    if right is constant(1.0):
        return left
    return call("divide", left, right)


def equal(left: Expr, value: Scalar | np.generic) -> Expr:
    """Return whether a value equals a constant."""
    return call("equal", left, constant(value, left.type))


def is_in(key: Expr, values: Iterable[Scalar]) -> Expr:
    """Return whether a value is one of some constants."""
    members = tuple(constant(value, key.type) for value in values)
    return call("is_in", key, *members) if members else FALSE


def is_missing(value: Expr) -> Expr:
    """Return whether a value is missing."""
    return call("is_missing", value)


def is_finite(value: Expr) -> Expr:
    """Return whether a number is neither missing nor infinite."""
    return call("is_finite", value)


def all_of(conditions: Iterable[Expr]) -> Expr:
    """Return whether all conditions hold."""
    unique = [c for c in dict.fromkeys(conditions) if c is not TRUE]
    if FALSE in unique:
        return FALSE
    return TRUE if not unique else unique[0] if len(unique) == 1 else call("and", *unique)


def any_of(conditions: Iterable[Expr]) -> Expr:
    """Return whether any condition holds."""
    unique = [c for c in dict.fromkeys(conditions) if c is not FALSE]
    if TRUE in unique:
        return TRUE
    return FALSE if not unique else unique[0] if len(unique) == 1 else call("or", *unique)


def negate(condition: Expr) -> Expr:
    """Return whether a condition does not hold."""
    return call("not", condition)


def case(branches: Iterable[tuple[Expr, Expr]], default: Expr) -> Expr:
    """Return the value of the first branch that holds; branches that cannot matter are dropped."""
    kept: list[tuple[Expr, Expr]] = []
    for condition, value in branches:
        if condition is TRUE:
            default = value
            break
        if condition is not FALSE:
            kept.append((condition, value))
    while kept and kept[-1][1] is default:
        kept.pop()
    if not kept:
        return default
    return intern(Case, tuple(kept), default, default.type)


def indicator(condition: Expr) -> Expr:
    """Return 1.0 where a condition holds, else 0.0."""
    return case([(condition, constant(1.0))], constant(0.0))


def sum_of(terms: Sequence[Expr]) -> Expr:
    """Return the terms added from left to right."""
    if not terms:
        return constant(0.0)
    return terms[0] if len(terms) == 1 else intern(Sum, tuple(terms))


def lookup(key: Expr, entries: Mapping[Scalar, Scalar], *, missing: Scalar, default: Scalar, type_: ValueType) -> Expr:
    """Return the entry of a key.

    Parameters
    ----------
    key : Expr
        Text or double.
    entries : mapping
        From key to value.
    missing, default : scalar
        The value for a missing key, and for a key that is no entry; None is missing.
    type_ : {"double", "text", "bigint", "boolean"}
        The type of the values.
    """
    typed = tuple((constant(k, key.type).value, constant(v, type_).value) for k, v in entries.items())
    absent = (constant(missing, type_).value, constant(default, type_).value)
    if isinstance(key, Constant):
        return constant(absent[0] if key.value is None else dict(typed).get(key.value, absent[1]), type_)
    return intern(Lookup, key, typed, *absent, type_)


def elements(operator: Operator) -> tuple[Expr, ...]:
    """Return all outputs of a bulk operator."""
    return tuple(intern(Element, operator, index) for index in range(operator.n_outputs))


def affine(
    inputs: Sequence[Expr], weights: np.ndarray, intercept: np.ndarray, *, single: bool = False
) -> tuple[Expr, ...]:
    """Return ``weights @ inputs + intercept``, one expression for each row of weights; `single` as in `Affine`."""
    return elements(
        Affine(
            tuple(inputs),
            np.ascontiguousarray(weights, dtype=np.float64),
            np.ascontiguousarray(intercept, dtype=np.float64),
            single,
        )
    )


def first_maximum(
    scores: Sequence[Expr], labels: Sequence[Scalar], type_: ValueType, *, always_present: bool = False
) -> Expr:
    """Return the label of the first largest score, as ``numpy.argmax`` picks it; NaN counts as the largest of all.

    Parameters
    ----------
    scores : sequence of Expr
    labels : sequence of scalar
    type_ : {"double", "bigint", "text", "boolean"}
        The type of the labels.
    always_present : bool
        Whether no score can be NaN: nothing is asked about it then.
    """
    if len(scores) == 1:
        return constant(labels[0], type_)
    top = call("maximum", *scores)
    overflows = (
        []
        if always_present
        else [(is_missing(score), constant(label, type_)) for score, label in zip(scores, labels, strict=True)]
    )
    branches = [
        *overflows,
        *((call("equal", score, top), constant(label, type_)) for score, label in zip(scores, labels, strict=True)),
    ]
    return case(branches, constant(None, type_))


def sigmoid(score: Expr) -> Expr:
    """Return ``1 / (1 + exp(-score))`` without overflow, as ``scipy.special.expit``."""
    one = constant(1.0)
    small = call("exp", call("negative", call("absolute", score)))
    upper = divide(one, add(one, small))
    lower = divide(small, add(one, small))
    return case([(call("greater_equal", score, constant(0.0)), upper)], lower)


def two_class_probabilities(score: Expr) -> tuple[Expr, ...]:
    """Return ``1 - sigmoid(score)`` and ``sigmoid(score)``."""
    positive = sigmoid(score)
    return subtract(constant(1.0), positive), positive


def softmax(scores: Sequence[Expr]) -> tuple[Expr, ...]:
    """Return the softmax of some scores, the largest subtracted first, as ``sklearn.utils.extmath.softmax``."""
    top = call("maximum", *scores)
    powers = [call("exp", subtract(score, top)) for score in scores]
    total = sum_of(powers)
    return tuple(divide(power, total) for power in powers)


def log_sum_exp(scores: Sequence[Expr]) -> Expr:
    """Return ``log(sum(exp(scores)))``, the largest taken out first, as ``scipy.special.logsumexp``."""
    top = call("maximum", *scores)
    total = add(top, call("log", sum_of([call("exp", subtract(score, top)) for score in scores])))
    return case([(is_finite(top), total)], top)
