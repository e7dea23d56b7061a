"""Constructors of nodes: they check types, fold constants, and intern."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from sqlops.ir.nodes import (
    Activation,
    Affine,
    Call,
    Case,
    Constant,
    DenseLayers,
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


MOST_PLAIN_WEIGHTS = 128
"""Up to so many weights, dense layers are plain expressions: from there on, arrays are faster in DuckDB."""

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
    """Return ``weights @ inputs + intercept``, one expression for each row of weights; see `sqlops.ir.nodes.Affine`."""
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


def dense_layers(
    inputs: Sequence[Expr],
    weights: Sequence[np.ndarray],
    intercepts: Sequence[np.ndarray],
    activation: Activation,
    *,
    single: bool = False,
) -> tuple[Expr, ...]:
    """Return what the last of some dense layers gives; see `sqlops.ir.nodes.DenseLayers`.

    A few weights become plain expressions, which every engine reads, many one operator.
    """
    if sum(matrix.size for matrix in weights) > MOST_PLAIN_WEIGHTS:
        matrices = tuple(np.ascontiguousarray(matrix, dtype=np.float64) for matrix in weights)
        offsets = tuple(np.ascontiguousarray(intercept, dtype=np.float64) for intercept in intercepts)
        return elements(DenseLayers(tuple(inputs), matrices, offsets, activation, single))
    values = tuple(inputs)
    for number, (matrix, intercept) in enumerate(zip(weights, intercepts, strict=True)):
        if number:
            values = tuple(_activated(value, activation, single=single) for value in values)
        values = affine(values, matrix, intercept, single=single)
    return values


def _activated(value: Expr, activation: Activation, *, single: bool) -> Expr:
    match activation:
        case "logistic":
            return sigmoid(value, single=single)
        case "relu":
            return case([(call("less", value, constant(0.0)), constant(0.0))], value)
        case "tanh":
            return rounded(call("tanh", value), single=single)
    return value


def rounded(expr: Expr, *, single: bool) -> Expr:
    """Return a value as float32 holds it, where the library computes in float32.

    The float32 sum, difference, product, quotient or root of float32 values is that of the doubles, rounded.
    """
    return call("float32", expr) if single else expr


def total(terms: Sequence[Expr], *, single: bool = False) -> Expr:
    """Return the sum of terms; in float32 the order of additions matters too much to be told."""
    if not single:
        return sum_of(terms)
    (result,) = affine(terms, np.ones((1, len(terms))), np.zeros(1), single=True)
    return rounded(result, single=True)


def sigmoid(score: Expr, *, single: bool = False) -> Expr:
    """Return ``1 / (1 + exp(-score))`` as ``scipy.special.expit``: zero from where ``exp(-score)`` overflows."""
    zero, one = constant(0.0), constant(1.0)
    lowest = constant(-math.log(np.finfo(np.float32 if single else np.float64).max))
    small = call("exp", call("negative", call("absolute", score)))
    upper = divide(one, add(one, small))
    lower = divide(small, add(one, small))
    branches = [(call("greater_equal", score, zero), upper), (call("less", score, lowest), zero)]
    return rounded(case(branches, lower), single=single)


def two_class_probabilities(score: Expr, *, single: bool = False) -> tuple[Expr, ...]:
    """Return ``1 - sigmoid(score)`` and ``sigmoid(score)``."""
    positive = sigmoid(score, single=single)
    return rounded(subtract(constant(1.0), positive), single=single), positive


def softmax(scores: Sequence[Expr], *, single: bool = False) -> tuple[Expr, ...]:
    """Return the softmax of some scores, the largest subtracted first, as ``sklearn.utils.extmath.softmax``."""
    top = call("maximum", *scores)
    shifted = [rounded(subtract(score, top), single=single) for score in scores]
    powers = [rounded(call("exp", value), single=single) for value in shifted]
    whole = total(powers, single=single)
    return tuple(rounded(divide(power, whole), single=single) for power in powers)


def log_sum_exp(values: Sequence[Expr], *, single: bool = False) -> Expr:
    """Return ``log(sum(exp(values)))`` as ``sklearn.utils._array_api._logsumexp``: the largest values apart."""
    zero = constant(0.0)
    top = call("maximum", *values)
    is_top = [call("equal", value, top) for value in values]
    count = sum_of([indicator(condition) for condition in is_top])
    shift = case([(equal(call("absolute", top), math.inf), zero)], top)
    shifted = [rounded(subtract(value, shift), single=single) for value in values]
    powers = [rounded(call("exp", value), single=single) for value in shifted]
    rest = total([case([(c, zero)], power) for c, power in zip(is_top, powers, strict=True)], single=single)
    share = rounded(divide(rest, count), single=single)
    logs = [rounded(call(name, value), single=single) for name, value in (("log1p", share), ("log", count))]
    return rounded(add(rounded(add(*logs), single=single), top), single=single)
