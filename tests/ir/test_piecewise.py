"""One tree finds the interval of a value."""

import numpy as np

from sqlops.ir import build
from sqlops.ir.nodes import Element
from sqlops.ir.piecewise import steps
from sqlops.ir.trees import depths, evaluate


def test_steps_find_the_first_edge_that_is_not_below():
    for n in (0, 1, 2, 7, 100):
        edges = np.arange(n) * 2.0
        (level,) = steps(build.column("x", "double"), edges, np.arange(n + 1.0)[:, np.newaxis])
        assert isinstance(level, Element)
        tree = level.operator
        x = np.concatenate([edges, edges - 1, [-5.0, 1e9]])
        assert evaluate(tree, [x], len(x))[:, 0].tolist() == np.searchsorted(edges, x).tolist()
        assert depths(tree).max() <= np.ceil(np.log2(n + 1)) + 1
