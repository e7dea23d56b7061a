"""Probabilities of several classes from those of pairs, as libsvm couples them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sqlops.ir import build
from sqlops.ir.nodes import Expr

_ITERATIONS = 5
"""libsvm stops at 100, or when the error is small enough; that took four at most for any number of classes up to 15,
over grids and 40,000 random cases of up to 15 classes, probabilities of pairs down to 1e-7."""

_SMALLEST = 1e-7

Matrix = tuple[tuple[Expr, ...], ...]


def pair_probability(decision: Expr, slope: float, offset: float) -> Expr:
    """Return the probability of the first class of a pair: Platt's sigmoid, kept off 0 and 1."""
    score = build.add(build.multiply(decision, build.constant(slope)), build.constant(offset))
    probability = build.sigmoid(build.call("negative", score))
    low, high = build.constant(_SMALLEST), build.constant(1 - _SMALLEST)
    # NaN, where a sum overflows, is no greater: libsvm makes the smallest probability of it.
    above = build.case([(build.call("greater", probability, low), probability)], low)
    return build.case([(build.call("less", above, high), above)], high)


def coupled(pairs: Sequence[Expr], n_classes: int) -> tuple[Expr, ...]:
    """Return the probability of each class.

    ``multiclass_probability`` of libsvm: algorithm 2 of T.-F. Wu, C.-J. Lin and R. C. Weng, "Probability Estimates for
    Multi-class Classification by Pairwise Coupling", JMLR 5 (2004), with its early stop, which two classes need too.

    Parameters
    ----------
    pairs : sequence of Expr
        The probability of the first class of each pair, in the order of ``itertools.combinations``.
    n_classes : int
    """
    matrix = _matrix(pairs, n_classes)
    probabilities: tuple[Expr, ...] = (build.constant(1.0 / n_classes),) * n_classes
    for _ in range(_ITERATIONS):
        probabilities = _improved(matrix, probabilities)
    return probabilities


def _matrix(pairs: Sequence[Expr], n_classes: int) -> Matrix:
    """Return Q: sums of squares of the others' probabilities against a class, minus products off the diagonal."""
    against: dict[tuple[int, int], Expr] = {}
    for (first, second), probability in zip(combinations(range(n_classes), 2), pairs, strict=True):
        against[first, second] = probability
        against[second, first] = build.subtract(build.constant(1.0), probability)
    numbers = range(n_classes)

    def cell(row: int, column: int) -> Expr:
        if row == column:
            return build.sum_of([build.call("square", against[other, row]) for other in numbers if other != row])
        return build.call("negative", build.multiply(against[column, row], against[row, column]))

    return tuple(tuple(cell(row, column) for column in numbers) for row in numbers)


def _improved(matrix: Matrix, probabilities: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return the probabilities after one more iteration, or as they are where the error is small enough."""
    n_classes = len(probabilities)
    products = [
        build.sum_of([build.multiply(cell, p) for cell, p in zip(row, probabilities, strict=True)]) for row in matrix
    ]
    total = build.sum_of([build.multiply(p, product) for p, product in zip(probabilities, products, strict=True)])
    errors = [build.call("absolute", build.subtract(product, total)) for product in products]
    enough = build.call("less", build.call("maximum", *errors), build.constant(0.005 / n_classes))
    current = list(probabilities)
    one, two = build.constant(1.0), build.constant(2.0)
    for number, row in enumerate(matrix):
        step = build.divide(build.add(build.call("negative", products[number]), total), row[number])
        growth = build.add(one, step)
        gained = build.add(build.multiply(step, row[number]), build.multiply(two, products[number]))
        total = build.divide(build.divide(build.add(total, build.multiply(step, gained)), growth), growth)
        current[number] = build.add(current[number], step)
        products = [
            build.divide(build.add(product, build.multiply(step, cell)), growth)
            for product, cell in zip(products, row, strict=True)
        ]
        current = [build.divide(p, growth) for p in current]
    return tuple(build.case([(enough, before)], after) for before, after in zip(probabilities, current, strict=True))
