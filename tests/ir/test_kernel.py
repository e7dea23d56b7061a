import numpy as np
import pytest
from scipy.special import logsumexp

from sqlops.artifacts.encode import decode_program, encode_program
from sqlops.ir import build, kernel
from sqlops.ir.evaluate import evaluate
from sqlops.ir.kernel import Kernel
from sqlops.ir.program import Program

RNG = np.random.default_rng(3)
ROWS, REFERENCES = RNG.normal(size=(40, 3)), RNG.normal(size=(7, 3))
COLUMNS = list(ROWS.T)
INPUTS = tuple(build.column(f"x{number}", "double") for number in range(3))
WEIGHTS, INTERCEPT = RNG.normal(size=(2, 7)), np.array([0.5, -1.0])
SCALE = np.array([0.5, 2.0, 4.0])
RADIAL = ("exp", ("multiply", -0.3, ("square", ("measure", 0))))


def made(measures, formula, **options):
    return Kernel(INPUTS, REFERENCES, measures, formula, WEIGHTS, INTERCEPT, **options)


def differences(rows=ROWS, scale=1.0):
    return rows[:, np.newaxis] / scale - REFERENCES / scale


MEASURES = {
    "euclidean": lambda: np.sqrt(np.sum(differences() ** 2, axis=2)),
    "expanded": lambda: np.sqrt(np.sum(differences() ** 2, axis=2)),
    "product": lambda: ROWS @ REFERENCES.T,
    "manhattan": lambda: np.abs(differences()).sum(axis=2),
    "chebyshev": lambda: np.abs(differences()).max(axis=2),
    "chi2": lambda: np.sum(differences() ** 2 / (ROWS[:, np.newaxis] + REFERENCES), axis=2),
    "cosine": lambda: (
        (ROWS @ REFERENCES.T) / np.linalg.norm(ROWS, axis=1)[:, np.newaxis] / np.linalg.norm(REFERENCES, axis=1)
    ),
}


@pytest.mark.parametrize("kind", MEASURES)
def test_a_measure_is_its_definition(kind):
    got = kernel.evaluate(made(((kind, None),), ("measure", 0)), COLUMNS, len(ROWS))
    np.testing.assert_allclose(got, MEASURES[kind]() @ WEIGHTS.T + INTERCEPT, rtol=1e-12)


def test_a_formula_over_two_measures_one_of_them_scaled():
    operator = made((("euclidean", SCALE), ("product", None)), ("add", RADIAL, ("multiply", 2.0, ("measure", 1))))
    expected = np.exp(-0.3 * np.sum(differences(scale=SCALE) ** 2, axis=2)) + 2 * ROWS @ REFERENCES.T
    np.testing.assert_allclose(
        kernel.evaluate(operator, COLUMNS, len(ROWS)), expected @ WEIGHTS.T + INTERCEPT, rtol=1e-12
    )


def test_sums_read_their_spans_only():
    operator = made((("product", None),), ("measure", 0), spans=(((0, 2), (5, 7)), ((2, 5),)))
    expected = ROWS @ REFERENCES.T
    got = kernel.evaluate(operator, COLUMNS, len(ROWS))
    np.testing.assert_allclose(got[:, 0], expected[:, [0, 1, 5, 6]] @ WEIGHTS[0, [0, 1, 5, 6]] + 0.5, rtol=1e-12)
    np.testing.assert_allclose(got[:, 1], expected[:, 2:5] @ WEIGHTS[1, 2:5] - 1.0, rtol=1e-12)


def test_the_logarithm_of_a_sum_does_not_underflow():
    formula = ("multiply", -1e4, ("square", ("measure", 0)))
    operator = Kernel(
        INPUTS, REFERENCES, (("euclidean", None),), formula, np.abs(WEIGHTS[:1]), np.zeros(1), logarithm=True
    )
    logs = -1e4 * np.sum(differences() ** 2, axis=2)
    expected = logsumexp(logs, b=np.abs(WEIGHTS[0]), axis=1)
    np.testing.assert_allclose(kernel.evaluate(operator, COLUMNS, len(ROWS))[:, 0], expected, rtol=1e-12)


def test_the_quadratic_form_is_one_more_output():
    matrix = RNG.normal(size=(4, 7))
    operator = made((("product", None),), ("measure", 0), quadratic=matrix)
    expected = np.sum((ROWS @ REFERENCES.T @ matrix.T) ** 2, axis=1)
    assert operator.n_outputs == 3
    np.testing.assert_allclose(kernel.evaluate(operator, COLUMNS, len(ROWS))[:, 2], expected, rtol=1e-12)


@pytest.mark.parametrize("kind", MEASURES)
@pytest.mark.parametrize("scale", [None, SCALE])
def test_the_error_bounds_what_moved_inputs_and_rounding_do(kind, scale):
    operator = made(((kind, scale),), RADIAL, quadratic=RNG.normal(size=(4, 7)))
    columns = [np.abs(column) + 0.1 for column in COLUMNS]
    moved = [1e-7 * (1 + np.abs(column)) for column in columns]
    nearby = [column + error for column, error in zip(columns, moved, strict=True)]
    bound = kernel.error(operator, columns, moved, len(ROWS))
    difference = kernel.evaluate(operator, nearby, len(ROWS)) - kernel.evaluate(operator, columns, len(ROWS))
    assert (np.abs(difference) <= 1.01 * bound + 1e-12).all()
    still = kernel.error(operator, columns, [np.zeros(len(ROWS))] * 3, len(ROWS))
    assert (still < 1e-11).all()
    assert np.isinf(kernel.error(operator, columns, [np.full(len(ROWS), np.inf)] * 3, len(ROWS))).all()


def test_it_survives_being_saved():
    operator = made((("euclidean", SCALE), ("product", None)), RADIAL, spans=(((0, 2), (5, 7)), ((2, 5),)))
    outputs = tuple((f"y{number}", value) for number, value in enumerate(build.elements(operator)))
    program = Program(INPUTS, outputs)
    again = decode_program(*encode_program(program))
    columns = {f"x{number}": column for number, column in enumerate(COLUMNS)}
    want, got = (evaluate(each, columns, len(ROWS)) for each in (program, again))
    assert all((want[name] == got[name]).all() for name in want)
