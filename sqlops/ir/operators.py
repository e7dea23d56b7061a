"""The bulk operators: what each computes in numpy, and how far rounding can move it. Adding one is an entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from sqlops.ir import affine, convolution, kernel, layers, neighbors, tokens, trees
from sqlops.ir.convolution import Convolution
from sqlops.ir.kernel import Kernel
from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.nodes import Affine, DenseLayers, Operator, TreeEnsemble
from sqlops.ir.tokens import Tokens

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Numerics:
    """An operator in numpy.

    Parameters
    ----------
    evaluate : callable
        From the operator, its input columns (each of shape (n_rows,)) and the number of rows to an array of shape
        (n_rows, n_outputs).
    error : callable
        From the operator, its input columns, their absolute errors and the number of rows to bounds of the same shape:
        how far rounding alone can move each output; infinity where it can change a choice, see `sqlops.ir.rounding`.
    """

    evaluate: Callable[[Any, Sequence[Array], int], Array]
    error: Callable[[Any, Sequence[Array], Sequence[Array], int], Array]


OPERATORS: dict[type[Operator], Numerics] = {
    Affine: Numerics(affine.evaluate, affine.error),
    DenseLayers: Numerics(layers.evaluate, layers.error),
    Tokens: Numerics(tokens.evaluate, tokens.error),
    Distances: Numerics(neighbors.evaluate_distances, neighbors.distances_error),
    Neighbors: Numerics(neighbors.evaluate, neighbors.error),
    Convolution: Numerics(convolution.evaluate, convolution.error),
    Kernel: Numerics(kernel.evaluate, kernel.error),
    TreeEnsemble: Numerics(trees.evaluate, trees.error),
}
