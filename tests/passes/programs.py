"""Random Programs, and what a pass must keep of them."""

import numpy as np
from hypothesis import strategies as st

from sqlops.ir import build
from sqlops.ir.evaluate import evaluate
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import Check, Program, walk
from sqlops.ir.rounding import rounding_bounds
from sqlops.ir.trees import Tree, join

INPUTS = tuple(build.column(name, "double") for name in "abc")
TEXTS = tuple(build.column(name, "text") for name in "st")
X, Y, Z = INPUTS
S, T = TEXTS
VALUES = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, 1e308, -1e308, 5e-324, np.inf, -np.inf, np.nan])
WORDS = np.array(["p", "q", "r", "s", None], dtype=object)
NUMBERS = (2.0, -0.5, 3.0, -1.0, 1e-3, 1e300, 5e-324)
MONOTONE = (
    "negative", "floor", "ceil", "trunc", "rint", "sign", "sqrt", "cbrt", "exp", "expm1", "log", "log1p", "arctan",
    "sinh", "tanh", "arcsinh",
)  # fmt: skip


def number(value):
    return build.constant(float(value))


def fill(value, with_=3.0):
    return build.case([(build.is_missing(value), number(with_))], value)


def clip(value, low, high):
    branches = [(build.call("less", value, number(low)), number(low))]
    return build.case([*branches, (build.call("greater", value, number(high)), number(high))], value)


def one_hot(key, *values):
    return build.indicator(build.equal(key, values[0]) if len(values) == 1 else build.is_in(key, values))


@st.composite
def random_trees(draw, n_features=3):
    depth = draw(st.integers(0, 4))
    n_nodes = 2 ** (depth + 1) - 1
    inner = np.arange(n_nodes) < 2**depth - 1
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    return Tree(
        feature=np.where(inner, rng.integers(0, n_features, n_nodes), 0).astype(np.int32),
        threshold=np.where(rng.random(n_nodes) < 0.7, rng.choice(VALUES[:7], n_nodes), rng.normal(size=n_nodes)),
        left=np.where(inner, 2 * np.arange(n_nodes) + 1, -1).astype(np.int32),
        right=np.where(inner, 2 * np.arange(n_nodes) + 2, -1).astype(np.int32),
        missing_left=rng.random(n_nodes) < 0.5,
        value=rng.choice([0.0, -0.0, 1.0, 2.0], (n_nodes, 2)),
    )


def ensembles(draw, inputs):
    """Draw the two outputs of a few trees."""
    trees = draw(st.lists(random_trees(len(inputs)), min_size=1, max_size=3))
    return build.elements(join(trees, inputs, [0.5, -0.5]))


@st.composite
def steps(draw, value):
    """Draw a function of one number with constants."""
    name = draw(st.sampled_from([*MONOTONE, "add", "subtract", "multiply", "divide", "clip", "fill", "above", "gone"]))
    by = number(draw(st.sampled_from(NUMBERS)))
    if name in MONOTONE:
        return build.call(name, value)
    if name == "clip":
        return clip(value, -1.5, 2.0)
    if name == "fill":
        return fill(value, by.value)
    if name == "above":
        return build.indicator(build.call(draw(st.sampled_from(["less", "greater_equal"])), value, by))
    if name == "gone":
        return build.indicator(build.is_missing(value))
    return build.call(name, *((value, by) if draw(st.booleans()) else (by, value)))


@st.composite
def chains(draw, source):
    """Draw a few functions of a number, one after the other."""
    for _ in range(draw(st.integers(0, 4))):
        source = draw(steps(source))
    return source


@st.composite
def encoded(draw, key):
    """Draw a number that follows from which of a few values a key has."""
    values = ["p", "q", "r"] if key.type == "text" else [1.0, 0.0, 3.0]
    kind = draw(st.sampled_from(["hot", "hot", "group", "rest", "codes", "gone", "filled", "scaled"]))
    some = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
    if kind == "group":
        return build.indicator(build.any_of([build.is_in(key, some), build.is_missing(key)]))
    if kind == "rest":
        return build.indicator(build.negate(build.is_in(key, some)))
    if kind == "codes":
        codes = {value: float(code) for code, value in enumerate(some)}
        unknown = draw(st.sampled_from([None, -1.0]))
        return build.lookup(key, codes, missing=unknown, default=draw(st.sampled_from([unknown, 7.0])), type_="double")
    if kind == "gone":
        return build.indicator(build.is_missing(key))
    if kind == "filled":
        return one_hot(build.case([(build.is_missing(key), build.constant(values[0]))], key), *some)
    hot = one_hot(key, *some)
    return draw(steps(hot)) if kind == "scaled" else hot


@st.composite
def expressions(draw, depth=3):
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([*INPUTS, number(2.0), number(-0.5), build.MISSING]))
    name = draw(
        st.sampled_from(
            ["add", "subtract", "multiply", "divide", "case", "chain", "tree", "hot tree", "affine", "hot affine"]
        )
    )
    left, right = draw(expressions(depth - 1)), draw(expressions(depth - 1))
    if name == "case":
        return build.case([(build.call("less", left, right), left)], right)
    if name == "chain":
        return draw(chains(left))
    if name == "tree":
        return ensembles(draw, [draw(chains(left)), draw(chains(X)), fill(X), X])[draw(st.integers(0, 1))]
    if name == "hot tree":
        key = draw(st.sampled_from([S, T, X]))
        inputs = [draw(encoded(key)) for _ in range(4)] + [draw(encoded(S)), left, draw(chains(X))]
        return ensembles(draw, inputs)[draw(st.integers(0, 1))]
    if name == "affine":
        return build.affine([left, right], np.array([[2.0, 0.0]]), np.array([1.0]))[0]
    if name == "hot affine":
        key = draw(st.sampled_from([S, X]))
        inputs = [*(draw(encoded(key)) for _ in range(3)), left, draw(encoded(T))]
        weights = np.array([[1.0, -2.0, 0.5, 0.0, 4.0], [0.25, 0.0, -1.0, 2.0, 0.0]])
        return build.affine(inputs, weights, np.array([1.0, 0.0]))[draw(st.integers(0, 1))]
    return build.call(name, left, right)


@st.composite
def programs(draw):
    outputs = draw(st.lists(expressions(), min_size=1, max_size=3))
    read = [node for node in walk(outputs) if not isinstance(node, TreeEnsemble)]
    inner = [node for node in read if getattr(node, "type", None) == "double"]
    checks = []
    for expr in draw(st.lists(st.one_of(expressions(), st.sampled_from(inner)), max_size=4)):
        finite = build.is_finite(expr)
        small = build.call("less", build.call("absolute", expr), number(3.4e38))
        either = build.any_of([build.is_missing(expr), draw(st.sampled_from([finite, small]))])
        checks.append(Check(draw(st.sampled_from([finite, small, either])), "step", "reason"))
    named = tuple((f"out{n}", expr) for n, expr in enumerate(outputs))
    return Program((*INPUTS, *TEXTS), named, tuple(checks))


def with_neighbours(values):
    """Return doubles and those next to them."""
    with np.errstate(over="ignore"):
        return np.concatenate([values, np.nextafter(values, -np.inf), np.nextafter(values, np.inf)])


def probes(program, n_rows=200):
    """Return columns: odd values, and those at the splits of every tree, one ulp beside them too."""
    rng = np.random.default_rng(0)
    thresholds = [node.threshold for node in walk(program.roots()) if isinstance(node, TreeEnsemble)]
    near = np.concatenate([VALUES, *thresholds])
    near = np.concatenate([with_neighbours(near), rng.normal(size=50)])
    columns = {
        x.name: np.where(rng.random(n_rows) < 0.4, rng.choice(VALUES, n_rows), rng.choice(near, n_rows)) for x in INPUTS
    }
    return columns | {text.name: rng.choice(WORDS, n_rows) for text in TEXTS}


def assert_same(before, after, columns=None, compare=np.testing.assert_array_equal):
    """Compare two Programs on rows that probe both."""
    for given in [columns] if columns else [probes(before), probes(after)]:
        n_rows = len(next(iter(given.values())))
        want, got = evaluate(before, given, n_rows), evaluate(after, given, n_rows)
        for name, values in want.items():
            compare(got[name], values)


@st.composite
def affine_programs(draw):
    """Draw affine maps of scaled and encoded columns, and of each other."""

    def scaled(value):
        for _ in range(draw(st.integers(0, 3))):
            name = draw(st.sampled_from(["add", "subtract", "multiply", "divide", "negative"]))
            by = number(draw(st.sampled_from([2.0, -0.5, 3.7, 1e-3, 5000.0])))
            swapped = name != "divide" and draw(st.booleans())
            value = build.call(name, *((value,) if name == "negative" else (by, value) if swapped else (value, by)))
        return value

    weight = st.sampled_from([0.0, 1.0, -2.0, 0.3, 1e-3])
    layer = [*INPUTS, *(draw(encoded(draw(st.sampled_from([S, T, X])))) for _ in range(draw(st.integers(0, 6))))]
    layer = [*map(scaled, layer), number(3.0)]
    checks = []
    for _ in range(draw(st.integers(1, 3))):
        layer = draw(st.lists(st.sampled_from(layer), min_size=1, max_size=9))
        if draw(st.booleans()):
            checks += [Check(build.is_finite(value), "step", "reason") for value in layer if value.type == "double"]
        shape = (draw(st.integers(1, 3)), len(layer))
        weights = np.array(draw(st.lists(weight, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])))
        intercept = np.array(draw(st.lists(weight, min_size=shape[0], max_size=shape[0])))
        layer = [*build.affine(layer, weights.reshape(shape), intercept), *draw(st.lists(st.sampled_from(layer)))]
    named = tuple((f"out{n}", scaled(value)) for n, value in enumerate(layer))
    return Program((*INPUTS, *TEXTS), named, tuple(checks))


def assert_close(before, after, *, same_bounds=True):
    """Compare two Programs on rows of usual size, up to what rounding can do; that must not become less.

    Except for subnormal numbers, which every operation is allowed to lose: a fold leaves fewer operations.
    """
    rng = np.random.default_rng(0)
    columns = {x.name: rng.choice([0.0, 1.0, 3.0, -2.5, 0.1, 17.3, np.nan], 200) for x in INPUTS}
    columns |= {text.name: rng.choice(WORDS, 200) for text in TEXTS}
    want, got = evaluate(before, columns, 200), evaluate(after, columns, 200)
    bounds, own = rounding_bounds(after, columns, 200), rounding_bounds(before, columns, 200)
    for name, values in want.items():
        np.testing.assert_array_equal(np.isnan(got[name]), np.isnan(values))
        assert not (np.abs(got[name] - values) > bounds[name]).any()
        assert not same_bounds or not (own[name] / 2 > bounds[name] + np.finfo(np.float64).tiny).any()


def operators(program, kind):
    return [node for node in walk(program.roots()) if isinstance(node, kind)]
