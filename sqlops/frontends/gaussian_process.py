"""Gaussian processes."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import UnsupportedOptionError
from sqlops.frontends.base import (
    Classified,
    Context,
    Features,
    Regressed,
    Result,
    as_labels,
    frontend,
    is_single,
    label_type,
    rounded,
)
from sqlops.frontends.kernels import compared_in, in_dtype, kernel_dtype, kernel_sums, pair_decisions, pairwise
from sqlops.frontends.results import held_beside
from sqlops.ir import build
from sqlops.ir.erf import erf
from sqlops.ir.kernel import Formula, Kernel, Measure
from sqlops.ir.nodes import Expr
from sqlops.ir.propagation import shortest_of

Typed = tuple[Formula, np.dtype[Any]]

_LIMITS = "kernels of sklearn.gaussian_process.kernels; Matern with nu 0.5, 1.5, 2.5 or inf"


@frontend("GaussianProcessRegressor", family="Gaussian processes", limits=_LIMITS)
def gaussian_process_regressor(model: Any, features: Features, context: Context) -> Result:
    """Translate the mean of the predictive distribution; without training data, the prior's, which is zero."""
    context.require_numbers(features)
    context.refuse_float16(features)
    if not hasattr(model, "X_train_"):
        if (model.n_targets or 1) > 1:
            raise context.unsupported(model, "n_targets", model.n_targets, "fit it: a prior of one target is supported")
        return Regressed((build.constant(0.0),))
    kernel = _Kernel(model.kernel_, model.X_train_, features, context)
    weights = np.atleast_2d(np.asarray(model.alpha_).T)
    options: dict[str, Any] = {"single": kernel.single, "single_sums": is_single(np.result_type(kernel.dtype, weights))}
    n_targets = len(weights)
    scale = np.broadcast_to(np.ravel(model._y_train_std), n_targets)
    mean = np.broadcast_to(np.ravel(model._y_train_mean), n_targets)
    weights = weights * scale[:, np.newaxis]
    sums = kernel_sums(kernel.inputs, model.X_train_, kernel.measures, kernel.between, weights, mean, **options)
    return Regressed(sums)


@frontend("GaussianProcessClassifier", family="Gaussian processes", limits=_LIMITS)
def gaussian_process_classifier(model: Any, features: Features, context: Context) -> Result:
    """Translate Laplace's approximation; several classes one against the rest, or against each other."""
    context.require_numbers(features)
    context.refuse_float16(features)
    classes = as_labels(model.classes_)
    if len(classes) == 2:
        mean, positive = _latent(model.base_estimator_, features, context)
        first, second = (build.constant(label, label_type(classes)) for label in classes)
        label = build.case([(build.call("greater", mean, build.constant(0.0)), second)], first)
        return Classified(classes, label, (build.subtract(build.constant(1.0), positive), positive))
    parts = [_latent(estimator, features, context) for estimator in model.base_estimator_.estimators_]
    if model.multi_class == "one_vs_one":
        wins = [build.call("greater", mean, build.constant(0.0)) for mean, _ in parts]
        scores = pair_decisions(wins, [positive for _, positive in parts], list(combinations(range(len(classes)), 2)))
        return Classified(classes, build.first_maximum(scores, classes, label_type(classes)))
    scores = tuple(positive for _, positive in parts)
    total = build.sum_of(scores)
    empty = build.call("equal", total, build.constant(0.0))
    probabilities = tuple(build.case([(empty, score)], build.divide(score, total)) for score in scores)
    return Classified(classes, build.first_maximum(scores, classes, label_type(classes)), probabilities)


_LAMBDAS = (0.41, 0.4, 0.37, 0.44, 0.39)
_COEFFICIENTS = (-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654)
"""Williams and Barber, "Bayesian Classification with Gaussian Processes", 1998, appendix A."""


def _latent(model: Any, features: Features, context: Context) -> tuple[Expr, Expr]:
    """Return the latent mean, and the probability of the second class, of the binary classifier.

    Algorithm 3.2 of Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006: the variance is
    ``k(x, x) - v @ v`` with ``v = solve(L, W_sr * k(X_train, x))``.
    """
    from scipy.linalg import solve_triangular

    kernel = _Kernel(model.kernel_, model.X_train_, features, context)
    operator = Kernel(
        kernel.inputs,
        np.asarray(model.X_train_, dtype=np.float64),
        kernel.measures,
        kernel.between,
        np.asarray(model.y_train_ - model.pi_, dtype=np.float64)[np.newaxis],
        np.zeros(1),
        quadratic=solve_triangular(model.L_, np.diag(model.W_sr_), lower=True),
        single=kernel.single,
    )
    mean, explained = build.elements(operator)
    context.require(build.is_finite(mean), "the kernel overflows, which solving for the variance refuses")
    variance = build.subtract(kernel.at_itself(), explained)
    one, two, pi = build.constant(1.0), build.constant(2.0), build.constant(math.pi)
    alpha = build.divide(one, build.multiply(two, variance))
    height = build.call("sqrt", build.divide(pi, alpha))
    width = build.multiply(two, build.call("sqrt", build.multiply(build.multiply(variance, two), pi)))
    terms = []
    for rate, coefficient in zip(_LAMBDAS, _COEFFICIENTS, strict=True):
        shrunk = build.call("sqrt", build.divide(alpha, build.add(alpha, build.constant(rate**2))))
        error = erf(build.multiply(build.multiply(build.constant(rate), mean), shrunk))
        integral = build.divide(build.multiply(height, error), width)
        terms.append(build.multiply(build.constant(coefficient), integral))
    return mean, build.add(build.sum_of(terms), build.constant(0.5 * sum(_COEFFICIENTS)))


class _Kernel:
    """A kernel of the library as a formula over measures; parts that measure the same share it.

    Of float32, inner products and the kernels of ``sklearn.metrics.pairwise`` are float32, and so are numbers of Python
    beside them; length scales are arrays of doubles, and distances doubles too.
    """

    def __init__(self, kernel: Any, references: Any, features: Features, context: Context) -> None:
        self.features = features
        self.context = context
        self.inputs = tuple(feature.expr for feature in features)
        self.compared = compared_in(features, references)
        self.single = is_single(self.compared)
        self._measures: list[Measure] = []
        self.between, self.dtype = self._formula(kernel, noise=0.0)
        self._own, _ = self._formula(kernel, noise=1.0)

    @property
    def measures(self) -> tuple[Measure, ...]:
        return tuple(self._measures)

    def at_itself(self) -> Expr:
        """Return the kernel of a row with itself: distances are zero, noise counts."""
        squares = [rounded(build.call("square", cell), self.compared) for cell in self.inputs]
        square = build.total(squares, single=self.single)
        shortest = build.constant(shortest_of(single=self.single))
        is_short = build.call("less", build.call("sqrt", square), shortest)
        cosine = build.case([(is_short, square)], build.indicator(build.is_finite(square)))
        own = {"product": square, "cosine": cosine}
        return _expression(self._own, [own.get(kind, build.constant(0.0)) for kind, _ in self._measures])

    def _measure(self, measure: Measure) -> Formula:
        kind, scale = measure
        for number, (known, known_scale) in enumerate(self._measures):
            same = scale is known_scale or (
                scale is not None and known_scale is not None and np.array_equal(scale, known_scale)
            )
            if kind == known and same:
                return ("measure", number)
        self._measures.append(measure)
        return ("measure", len(self._measures) - 1)

    def _scaled_distance(self, length_scale: npt.ArrayLike) -> Formula:
        """Return the distance divided by a length scale: one for all features in the formula, else in the measure."""
        scale = np.ravel(np.asarray(length_scale, dtype=np.float64))
        if len(scale) == 1:
            return ("divide", self._measure(("euclidean", None)), float(scale[0]))
        return self._measure(("euclidean", scale))

    def _formula(self, kernel: Any, noise: float) -> Typed:
        """Return a kernel, and the dtype in which it is held."""
        name = type(kernel).__name__
        match name:
            case "Sum" | "Product":
                (first, of_first), (second, of_second) = (self._formula(k, noise) for k in (kernel.k1, kernel.k2))
                dtype = np.result_type(of_first, of_second)
                return in_dtype(("add" if name == "Sum" else "multiply", first, second), dtype), dtype
            case "Exponentiation":
                base, of_base = self._formula(kernel.kernel, noise)
                dtype = np.result_type(of_base, kernel.exponent)
                return in_dtype(_power(base, held_beside(kernel.exponent, of_base)), dtype), dtype
            case "DotProduct":
                shift = kernel.sigma_0**2
                product, dtype = in_dtype(self._measure(("product", None)), self.compared), self.compared
                held = np.result_type(dtype, shift)
                return in_dtype(("add", product, held_beside(shift, dtype)), held), held
            case "PairwiseKernel":
                given = {"gamma": kernel.gamma, **(kernel.pairwise_kernels_kwargs or {})}
                dtype = kernel_dtype(kernel.metric, self.compared)
                measure, formula = pairwise(kernel, kernel.metric, given, self.features, self.context, dtype)
                return _substituted(formula, self._measure(measure)), dtype
        return self._in_double(kernel, name, noise), np.dtype(np.float64)

    def _in_double(self, kernel: Any, name: str, noise: float) -> Formula:
        """Return a kernel that is a double whatever the rows are."""
        match name:
            case "ConstantKernel":
                return float(kernel.constant_value)
            case "WhiteKernel":
                return float(kernel.noise_level) * noise
            case "RBF":
                return ("exp", ("multiply", -0.5, ("square", self._scaled_distance(kernel.length_scale))))
            case "Matern":
                return self._matern(kernel)
            case "RationalQuadratic":
                width = 2 * float(kernel.alpha) * float(kernel.length_scale) ** 2
                square = ("square", self._measure(("euclidean", None)))
                return ("power", ("add", 1.0, ("divide", square, width)), -float(kernel.alpha))
            case "ExpSineSquared":
                phase = ("multiply", math.pi / float(kernel.periodicity), self._measure(("euclidean", None)))
                sine = ("divide", ("sin", phase), float(kernel.length_scale))
                return ("exp", ("multiply", -2.0, ("square", sine)))
        raise UnsupportedOptionError(
            f"the kernel {name} is not supported", step=self.context.step, hint="use kernels of scikit-learn"
        )

    def _matern(self, kernel: Any) -> Formula:
        distance = self._scaled_distance(kernel.length_scale)
        smooth: dict[float, Callable[[Formula], Formula]] = {
            1.5: lambda k: ("add", 1.0, k),
            2.5: lambda k: ("add", ("add", 1.0, k), ("divide", ("square", k), 3.0)),
        }
        if kernel.nu == 0.5:
            return ("exp", ("negative", distance))
        if kernel.nu == math.inf:
            return ("exp", ("negative", ("divide", ("square", distance), 2.0)))
        if kernel.nu in smooth:
            scaled = ("multiply", distance, math.sqrt(2 * kernel.nu))
            return ("multiply", smooth[kernel.nu](scaled), ("exp", ("negative", scaled)))
        raise self.context.unsupported(kernel, "nu", kernel.nu, "SQL has no Bessel functions: use 0.5, 1.5, 2.5 or inf")


def _power(formula: Formula, exponent: float) -> Formula:
    return ("square", formula) if exponent == 2 else formula if exponent == 1 else ("power", formula, exponent)


def _substituted(formula: Formula, measure: Formula) -> Formula:
    """Return a formula with another measure in the place of its only one."""
    if not isinstance(formula, tuple):
        return formula
    if formula[0] == "measure":
        return measure
    return (formula[0], *(_substituted(part, measure) for part in formula[1:]))


def _expression(formula: Formula, measures: list[Expr]) -> Expr:
    """Return a formula as an expression of a row."""
    if not isinstance(formula, tuple):
        return build.constant(float(formula))
    name, *args = formula
    if name == "measure":
        return measures[args[0]]
    return build.call(name, *(_expression(arg, measures) for arg in args))
