"""Trees, forests and boosters fitted on random data: leaves, labels and values equal at every threshold, ±1 ulp."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import sqlops
from sqlops.ir import trees
from sqlops.ir.nodes import TreeEnsemble
from sqlops.ir.program import walk

QUICK = settings(derandomize=True, deadline=None, max_examples=12)
LONG = settings(deadline=None, max_examples=400)
pytestmark = pytest.mark.filterwarnings("ignore")


@st.composite
def data(draw, *, missing):
    """Return X with ties, tiny steps and huge values, perhaps with some of it missing."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_rows, n_columns = draw(st.integers(12, 60)), draw(st.integers(1, 4))
    kinds = [
        lambda: rng.integers(-3, 4, n_rows).astype(float),
        lambda: rng.normal(size=n_rows),
        lambda: 1 + rng.integers(0, 6, n_rows) * 2.0**-25,
        lambda: rng.normal(size=n_rows) * 10.0 ** rng.integers(-40, 37, n_rows),
        lambda: rng.choice([0.0, -0.0, 1e-45, -1e-45, 5e-324], n_rows),
    ]
    X = np.column_stack([kinds[draw(st.integers(0, len(kinds) - 1))]() for _ in range(n_columns)])
    if missing and draw(st.booleans()):
        X[rng.random(X.shape) < 0.2] = np.nan
    return X, rng


def probes(X, thresholds):
    """Return rows of X with one value at, just below or just above a threshold, in double and in float32."""
    rows = [X]
    for feature, threshold in thresholds:
        with np.errstate(over="ignore"):
            single = np.float32(threshold)
            around = [threshold, np.nextafter(threshold, -np.inf), np.nextafter(threshold, np.inf), float(single)]
            around += [float(np.nextafter(single, np.float32(s))) for s in (-np.inf, np.inf)]
            around += [(float(single) + value) / 2 for value in around[-2:]]
        made = np.repeat(X[:1], len(around), axis=0)
        made[:, feature] = around
        rows.append(made)
    return np.concatenate(rows)


def tree_thresholds(trees, limit=40):
    found = [(t.feature[n], t.threshold[n]) for t in trees for n in np.flatnonzero(t.children_left >= 0)]
    return found[:limit]


def assert_same_answers(estimator, X, rows):
    model = sqlops.compile(estimator, X)
    report = model.verify(rows)
    assert report.ok, str(report)
    return model


def classification(estimator_of):
    def check(drawn, n_classes, depth):
        X, rng = drawn
        y = rng.integers(0, n_classes, len(X))
        y[:n_classes] = np.arange(n_classes)
        return X, estimator_of(depth).fit(X, y)

    return check


CLASSIFIERS = {
    "tree": classification(lambda depth: DecisionTreeClassifier(max_depth=depth, random_state=0)),
    "forest": classification(lambda depth: RandomForestClassifier(n_estimators=7, max_depth=depth, random_state=0)),
    "extra trees": classification(lambda depth: ExtraTreesClassifier(n_estimators=7, max_depth=depth, random_state=0)),
}


def check_classifier(name, drawn, n_classes, depth):
    X, model = CLASSIFIERS[name](drawn, n_classes, depth)
    trees = [tree.tree_ for tree in getattr(model, "estimators_", [model])]
    rows = probes(X, tree_thresholds(trees))
    compiled = assert_same_answers(model, X, rows)
    if name == "tree":
        assert_same_leaves(model, compiled, rows)


def assert_same_leaves(model, compiled, rows):
    ensembles = [node for node in walk(compiled.program.roots()) if isinstance(node, TreeEnsemble)]
    matrix = rows[:, [int(expr.name[1:]) for expr in ensembles[0].inputs]]
    leaves = trees.find_leaves(ensembles[0], 0, matrix)
    fits = ~np.isnan(compiled.score(rows).iloc[:, -1].to_numpy())
    expected = model.tree_.value[model.apply(rows[fits])][:, 0, :]
    np.testing.assert_array_equal(ensembles[0].value[leaves[fits]], expected)


@pytest.mark.parametrize("name", CLASSIFIERS)
@QUICK
@given(drawn=data(missing=True), n_classes=st.integers(2, 4), depth=st.sampled_from([1, 3, None]))
def test_classifiers(name, drawn, n_classes, depth):
    check_classifier(name, drawn, n_classes, depth)


@pytest.mark.long
@pytest.mark.parametrize("name", CLASSIFIERS)
@LONG
@given(drawn=data(missing=True), n_classes=st.integers(2, 4), depth=st.sampled_from([1, 3, None]))
def test_classifiers_long(name, drawn, n_classes, depth):
    check_classifier(name, drawn, n_classes, depth)


REGRESSORS = {
    "tree": lambda: DecisionTreeRegressor(random_state=0),
    "forest": lambda: RandomForestRegressor(n_estimators=5, random_state=0),
    "boosting": lambda: GradientBoostingRegressor(n_estimators=8, random_state=0),
    "boosting classifier": lambda: GradientBoostingClassifier(n_estimators=8, random_state=0),
}


def check_regressor(name, drawn):
    X, rng = drawn
    X = X if name in ("tree", "forest") else np.nan_to_num(X, nan=0.0)
    y = rng.normal(size=len(X)) * 10.0 ** rng.integers(-3, 9)
    if name == "boosting classifier":
        y = (y > np.median(y)).astype(int)
    model = REGRESSORS[name]().fit(X, y)
    trees = [model.tree_] if name == "tree" else [tree.tree_ for tree in np.ravel(model.estimators_)]
    assert_same_answers(model, X, probes(X, tree_thresholds(trees)))


@pytest.mark.parametrize("name", REGRESSORS)
@QUICK
@given(drawn=data(missing=True))
def test_regressors(name, drawn):
    check_regressor(name, drawn)


@pytest.mark.long
@pytest.mark.parametrize("name", REGRESSORS)
@LONG
@given(drawn=data(missing=True))
def test_regressors_long(name, drawn):
    check_regressor(name, drawn)


def check_hist(kind, drawn, n_categories, n_classes):
    X, rng = drawn
    X = np.column_stack([rng.integers(-2, n_categories, len(X)), X])
    X[rng.random(len(X)) < 0.2, 0] = np.nan
    options = {"max_iter": 6, "min_samples_leaf": 2, "random_state": 0, "early_stopping": False}
    mask = [True] + [False] * (X.shape[1] - 1)
    if kind == "classifier":
        y = rng.integers(0, n_classes, len(X))
        y[:n_classes] = np.arange(n_classes)
        model = HistGradientBoostingClassifier(categorical_features=mask, **options).fit(X, y)
    else:
        loss = ["squared_error", "poisson", "absolute_error", "gamma"][n_classes - 2]
        model = HistGradientBoostingRegressor(categorical_features=mask, loss=loss, **options)
        model.fit(X, rng.gamma(2.0, size=len(X)) + 1e-3)
    nodes = [node for stage in model._predictors for predictor in stage for node in predictor.nodes]
    splits = [(n["feature_idx"], n["num_threshold"]) for n in nodes if not n["is_leaf"] and not n["is_categorical"]]
    unseen = np.repeat(X[:1], 5, axis=0)
    unseen[:, 0] = [99, -7, np.nan, np.inf, 0.5]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_same_answers(model, X, np.concatenate([probes(X, splits[:40]), unseen]))


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@QUICK
@given(drawn=data(missing=True), n_categories=st.integers(1, 12), n_classes=st.integers(2, 4))
def test_hist_gradient_boosting(kind, drawn, n_categories, n_classes):
    check_hist(kind, drawn, n_categories, n_classes)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["classifier", "regressor"])
@LONG
@given(drawn=data(missing=True), n_categories=st.integers(1, 12), n_classes=st.integers(2, 4))
def test_hist_gradient_boosting_long(kind, drawn, n_categories, n_classes):
    check_hist(kind, drawn, n_categories, n_classes)
