"""The nodes of a Program: immutable, interned, compared by identity.

Scalars are small and interned, so that equal expressions are one object. Bulk operators hold their parameters
as numpy arrays and have several outputs, which an `Element` picks: a model of a million tree nodes is one object.

Missing is a value of every scalar: NaN for doubles, None for text. A comparison with a missing side is false;
only `is_missing` sees it.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

ValueType = Literal["double", "bigint", "text", "boolean"]
Scalar = float | int | str | bool | None
Activation = Literal["identity", "logistic", "relu", "tanh"]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]


class Expr:
    """Base class of everything that has a value for each row."""

    __slots__ = ("__weakref__",)
    type: ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Input(Expr):
    """A column of the source. Numbers, integers and booleans are doubles; text is text."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expr):
    """A literal; None is missing."""

    value: Scalar
    type: ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Call(Expr):
    """A function of the catalogue in `sqlops.ir.operations`."""

    name: str
    args: tuple[Expr, ...]
    type: ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Case(Expr):
    """The value of the first branch whose condition holds, else the default."""

    branches: tuple[tuple[Expr, Expr], ...]
    default: Expr
    type: ValueType


@dataclass(frozen=True, slots=True, eq=False)
class Sum(Expr):
    """Terms added from left to right: the order is part of the meaning."""

    terms: tuple[Expr, ...]
    type: ValueType = "double"


@dataclass(frozen=True, slots=True, eq=False)
class Lookup(Expr):
    """A finite map from values to values, with one value for missing and one for everything else."""

    key: Expr
    entries: tuple[tuple[Scalar, Scalar], ...]
    missing: Scalar
    default: Scalar
    type: ValueType


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Operator(ABC):
    """Base class of bulk operators.

    Parameters
    ----------
    inputs : tuple of Expr
        The columns the operator reads, in the order of its parameters.
    """

    inputs: tuple[Expr, ...]

    @property
    @abstractmethod
    def n_outputs(self) -> int:
        """How many outputs the operator has."""


@dataclass(frozen=True, slots=True, eq=False)
class Element(Expr):
    """One output of a bulk operator."""

    operator: Operator
    index: int
    type: ValueType = "double"


@dataclass(frozen=True, slots=True, eq=False)
class Affine(Operator):
    """``weights @ inputs + intercept``, the products added in any order, as in BLAS.

    Parameters
    ----------
    weights : ndarray of shape (n_outputs, n_inputs)
    intercept : ndarray of shape (n_outputs,)
    single : bool
        Whether the library adds in float32, and so rounds more than SQL, which adds doubles.
    slack : ndarray of shape (n_outputs, n_inputs + 1), optional
        By how many units in the last place of each input, and of 1, rounding may move the outputs. Where several maps
        became one, that is more than its own weights tell.
    """

    weights: FloatArray
    intercept: FloatArray
    single: bool = False
    slack: FloatArray | None = None

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return int(self.weights.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class DenseLayers(Operator):
    """Affine maps one after the other, with a function of each value between them: a multi-layer perceptron.

    Parameters
    ----------
    weights : tuple of ndarray of shape (n_units, n_units of the layer before)
        The first layer reads the inputs; the outputs are those of the last, to which no function is applied.
    intercepts : tuple of ndarray of shape (n_units,)
    activation : {"identity", "logistic", "relu", "tanh"}
        The function between layers; the products are added in any order.
    single : bool
        Whether the library computes in float32, and so rounds more than SQL.
    """

    weights: tuple[FloatArray, ...]
    intercepts: tuple[FloatArray, ...]
    activation: Activation
    single: bool = False

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return len(self.intercepts[-1])


@dataclass(frozen=True, slots=True, eq=False)
class TreeEnsemble(Operator):
    """Trees whose leaf values are added, in the order of the trees, to a base.

    Node ``i`` goes left where ``inputs[feature[i]] <= threshold[i]``, or, where ``category_set[i] >= 0``, where the
    input is one of ``category_sets[category_set[i]]``. A missing value, and a category outside
    ``known_categories[feature]``, takes the side of ``missing_left[i]``.

    Parameters
    ----------
    roots : ndarray of shape (n_trees,)
        The first node of each tree.
    feature, left, right : ndarrays of shape (n_nodes,)
        The input compared, and the children; ``left`` is -1 for a leaf.
    threshold : ndarray of shape (n_nodes,)
        Exact bounds in doubles, whatever precision the estimator compares in.
    missing_left : ndarray of bool, shape (n_nodes,)
    value : ndarray of shape (n_nodes, n_outputs)
        What a leaf adds; rows of inner nodes are not read.
    base : ndarray of shape (n_outputs,)
    category_set : ndarray of shape (n_nodes,)
        The number of the node's set of categories, or -1.
    category_sets : tuple of ndarray
        Category codes (as doubles) that go left.
    known_categories : tuple of (ndarray or None)
        For each input: all codes seen in training, or None where no node splits it by category.
    single : bool
        Whether base, leaf values and every sum on the way are rounded to float32.
    """

    roots: IntArray
    feature: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    missing_left: BoolArray
    value: FloatArray
    base: FloatArray
    category_set: IntArray
    category_sets: tuple[FloatArray, ...] = ()
    known_categories: tuple[FloatArray | None, ...] = ()
    single: bool = False

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return int(self.value.shape[1])

    @property
    def n_trees(self) -> int:
        """How many trees there are."""
        return len(self.roots)


_interned: WeakValueDictionary[tuple[Any, ...], Expr] = WeakValueDictionary()
_E = TypeVar("_E", bound=Expr)


def _key(value: object) -> object:
    if isinstance(value, Expr | Operator):
        return id(value)
    if isinstance(value, tuple):
        return tuple(_key(item) for item in value)
    if isinstance(value, float):
        return ("nan",) if math.isnan(value) else (value, math.copysign(1.0, value))
    return (type(value).__name__, value)


def intern(cls: type[_E], *fields: object) -> _E:
    """Return the one node of a class with these fields.

    Parameters
    ----------
    cls : type
        A scalar node class.
    *fields : object
        Its fields, in order.

    Returns
    -------
    Expr
        The node; equal arguments give the same object as long as it is in use.
    """
    key = (cls.__name__, *(_key(value) for value in fields))
    found = _interned.get(key)
    if found is None:
        found = cls(*fields)
        _interned[key] = found
    return found  # type: ignore[return-value]
