import numpy as np

from sqlops.ir import build, convolution
from sqlops.ir.convolution import Convolution

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(30, 4))
INPUTS = tuple(build.column(f"x{number}", "double") for number in range(4))
FACTORS = tuple(RNG.integers(-1, 2, size=(9, 4)).astype(np.float64) for _ in range(3))


def test_it_is_the_product_of_fourier_transforms_within_its_bound():
    operator = Convolution(INPUTS, FACTORS)
    transforms = np.prod([np.fft.fft(ROWS @ factor.T, axis=1) for factor in FACTORS], axis=0)
    expected = np.real(np.fft.ifft(transforms, axis=1))
    got = convolution.evaluate(operator, list(ROWS.T), len(ROWS))
    bound = convolution.error(operator, list(ROWS.T), [np.zeros(len(ROWS))] * 4, len(ROWS))
    assert (np.abs(got - expected) <= bound).all()
    assert bound.max() < 1e-9


def test_errors_of_the_inputs_are_passed_on():
    operator = Convolution(INPUTS, FACTORS)
    moved = convolution.evaluate(operator, list((ROWS + 1e-6).T), len(ROWS))
    bound = convolution.error(operator, list(ROWS.T), [np.full(len(ROWS), 1e-6)] * 4, len(ROWS))
    assert (np.abs(moved - convolution.evaluate(operator, list(ROWS.T), len(ROWS))) <= bound).all()
