"""The filter before distances never changes an answer: with it and without, all outputs are equal to the last bit."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sqlops.dialects import get_dialect
from sqlops.ir import build
from sqlops.ir.neighbors import Neighbors
from sqlops.ir.program import Program
from sqlops.lowering import candidates, lower
from tests.lowering.test_neighbors import NO_FLOORS, score

QUICK = settings(derandomize=True, deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
LONG = settings(deadline=None, max_examples=500, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def cases(draw):
    """Return references, rows near and far, and who is a neighbour."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_references, n_inputs = draw(st.integers(512, 700)), draw(st.integers(1, 9))
    spread = 10.0 ** rng.integers(-3, 4, n_inputs) if draw(st.booleans()) else np.ones(n_inputs)
    matrix = rng.standard_normal((n_references + 40, n_inputs)) * spread
    shape = draw(st.sampled_from(("normal", "heavy", "grid", "clusters")))
    if shape == "heavy":
        matrix = np.exp(matrix / spread * 2)
    elif shape == "grid":
        matrix = np.round(matrix / spread)
    elif shape == "clusters":
        matrix = matrix + 9 * spread * rng.integers(0, 4, (len(matrix), 1))
    matrix = (
        matrix * 10.0 ** draw(st.integers(-200, 100)) if draw(st.booleans()) else matrix + draw(st.floats(-1e9, 1e9))
    )
    references, rows = matrix[:n_references], matrix[n_references:]
    rows[:10] = references[:10]
    rows[10:15] *= 10.0 ** rng.integers(-9, 9, (5, 1))
    rows[15:18, 0] = [np.inf, -np.inf, np.nan]
    if draw(st.booleans()):
        return references, rows, {"n_neighbors": draw(st.integers(1, 30))}
    typical = np.sqrt(np.sum(np.square(references[:50] - references[50:100]), axis=1))
    return references, rows, {"n_neighbors": 0, "radius": float(np.quantile(typical, draw(st.floats(0, 0.3))))}


def check(references, rows, options):
    inputs = tuple(build.column(f"c{number}", "double") for number in range(references.shape[1]))
    values = np.column_stack(
        [np.arange(len(references)) % 2, np.arange(len(references)) % 2 == 0, np.arange(len(references))]
    )
    operator = Neighbors(inputs, references, values, np.array([2], dtype=np.int32), NO_FLOORS, **options)
    program = Program(inputs, tuple((f"o{at}", element) for at, element in enumerate(build.elements(operator))))
    columns = {item.name: pa.array(rows[:, at], from_pandas=True) for at, item in enumerate(inputs)}
    with np.errstate(all="raise", under="ignore"):
        lower(program, get_dialect("duckdb"))
    filtered = score(program, columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "FEWEST_REFERENCES", len(references) + 1)
        all_distances = score(program, columns)
    for name, expected in all_distances.items():
        np.testing.assert_array_equal(filtered[name], expected, err_msg=name)


@QUICK
@given(cases())
def test_the_same_neighbours(case):
    check(*case)


@pytest.mark.long
@LONG
@given(cases())
def test_the_same_neighbours_long(case):
    check(*case)
