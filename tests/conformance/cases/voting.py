"""Voting and stacking."""

from functools import partial

import numpy as np
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import diabetes, flights, iris, labelled, two_of_three, with_missing

CASES = Cases("voting and stacking")

LOGISTIC = LogisticRegression(max_iter=60)
CLASSIFIERS = [
    ("logistic", LOGISTIC),
    ("tree", DecisionTreeClassifier(max_depth=2, random_state=0)),
    ("stump", DecisionTreeClassifier(max_depth=1, random_state=1)),
    ("scaled", make_pipeline(StandardScaler(), LogisticRegression())),
]
REGRESSORS = [("linear", LinearRegression()), ("tree", DecisionTreeRegressor(max_depth=3)), ("ridge", Ridge())]
DATA = {"three classes": iris, "two classes": two_of_three}

VOTES = {
    "hard": VotingClassifier(CLASSIFIERS),
    "hard, weighted": VotingClassifier(CLASSIFIERS, weights=[0.1, 0.7, 0.3, 0.5]),
    "hard, weights that tie": VotingClassifier(CLASSIFIERS, weights=[2, 1, 2, 1]),
    "hard, dropped": VotingClassifier([*CLASSIFIERS[:3], ("gone", "drop")], weights=[1, 2, 1, 9]),
    "soft": VotingClassifier(CLASSIFIERS, voting="soft"),
    "soft, weighted": VotingClassifier(CLASSIFIERS, voting="soft", weights=[0.1, 0.7, 0.3, 0.5]),
    "soft, trees that tie": VotingClassifier(CLASSIFIERS[1:3], voting="soft"),
}
for name, estimator in VOTES.items():
    for kind, data in DATA.items():
        CASES.add(f"vote, {name} ({kind})")(partial(fitted, estimator, data))
    if name in ("hard", "hard, dropped", "soft"):
        CASES.add(f"vote, {name}, transform", methods=["transform"])(partial(fitted, estimator, iris))
for kind in ("text", "bool", "negative", "float"):
    CASES.add(f"vote, classes {kind}")(partial(fitted, VotingClassifier(CLASSIFIERS), partial(labelled, kind)))
    CASES.add(f"soft vote, classes {kind}")(
        partial(fitted, VotingClassifier(CLASSIFIERS, voting="soft"), partial(labelled, kind))
    )
for name, weights in {"": None, ", weighted": [1, 5, 2]}.items():
    CASES.add(f"mean of regressors{name}")(partial(fitted, VotingRegressor(REGRESSORS, weights=weights), diabetes))
CASES.add("mean of regressors, transform", methods=["transform"])(
    partial(fitted, VotingRegressor(REGRESSORS), diabetes)
)
CASES.add("vote of trees, missing values")(
    partial(fitted, VotingClassifier(CLASSIFIERS[1:3], voting="soft"), partial(with_missing, iris))
)

MIXED = [*CLASSIFIERS[:2], ("svc", LinearSVC())]
STACKS = {
    "automatic": StackingClassifier(MIXED, cv=2),
    "predictions": StackingClassifier(MIXED, stack_method="predict", cv=2),
    "decisions": StackingClassifier([MIXED[0], MIXED[2]], stack_method="decision_function", cv=2),
    "passthrough": StackingClassifier(MIXED, passthrough=True, cv=2),
    "dropped": StackingClassifier([*MIXED, ("gone", "drop")], cv=2),
    "last a tree": StackingClassifier(MIXED, DecisionTreeClassifier(max_depth=3, random_state=0), cv=2),
    "last a support vector machine": StackingClassifier(MIXED, LinearSVC(), cv=2),
    "of a forest": StackingClassifier(
        [("forest", RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0))], cv=2, passthrough=True
    ),
    "with a regressor": StackingClassifier([("ridge", Ridge()), MIXED[1]], cv=2),
}
for name, estimator in STACKS.items():
    for kind, data in DATA.items():
        CASES.add(f"stack, {name} ({kind})")(partial(fitted, estimator, data))
    if name in ("automatic", "predictions", "passthrough"):
        CASES.add(f"stack, {name}, transform", methods=["transform"])(partial(fitted, estimator, two_of_three))
for kind in ("text", "bool", "negative", "float"):
    CASES.add(f"stack, classes {kind}", methods=["predict", "predict_proba", "decision_function"])(
        partial(fitted, StackingClassifier(MIXED, cv=2), partial(labelled, kind))
    )
REGRESSION = {
    "": StackingRegressor(REGRESSORS, Ridge(), cv=2),
    ", passthrough": StackingRegressor(REGRESSORS, LinearRegression(), passthrough=True, cv=2),
    ", last a forest": StackingRegressor(
        REGRESSORS, RandomForestRegressor(n_estimators=5, max_depth=3, random_state=0), cv=2
    ),
}
for name, estimator in REGRESSION.items():
    CASES.add(f"stacked regressors{name}")(partial(fitted, estimator, diabetes))
CASES.add("stacked regressors, transform", methods=["transform"])(
    partial(fitted, REGRESSION[", passthrough"], diabetes)
)


@CASES.add("stack, fitted before")
def prefit():
    X, y = iris()
    parts = [(name, part.fit(X, y)) for name, part in CLASSIFIERS[:2]]
    return StackingClassifier(parts, cv="prefit").fit(X, y), X


@CASES.add("stack in a stack in a vote")
def nested():
    X, y = labelled("text")
    inner = StackingClassifier(MIXED[:2], LOGISTIC, cv=2)
    outer = StackingClassifier([("inner", inner), MIXED[2]], DecisionTreeClassifier(max_depth=2), cv=2)
    return VotingClassifier([("outer", outer), CLASSIFIERS[0]], voting="soft").fit(X, y), X


@CASES.add("stack and vote of pipelines on text and numbers with holes")
def pipelines():
    X, y = flights()
    X, y = X.loc[:200, ["carrier", "origin", "distance", "dep_delay"]], y[:201]
    texts = (OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin"])
    numbers = (make_pipeline(SimpleImputer(), StandardScaler()), ["distance", "dep_delay"])
    parts = [
        ("both", make_pipeline(make_column_transformer(texts, numbers), LOGISTIC)),
        ("numbers", make_pipeline(make_column_transformer(numbers), DecisionTreeClassifier(max_depth=3))),
    ]
    stack = StackingClassifier(parts, LOGISTIC, cv=2)
    return VotingClassifier([("stack", stack), *parts], voting="soft").fit(X, y), X


def many_labels():
    X, y = iris()
    X, y = X.sample(frac=1, random_state=0), y.sample(frac=1, random_state=0)
    return X, np.column_stack([y == 0, y > 0, X.iloc[:, 0] > 5.5]).astype(int)


def many_labelled(estimator):
    X, Y = many_labels()
    return estimator.fit(X, Y), X


TREES = DecisionTreeClassifier(max_depth=3, random_state=0)
CASES.add("stack of many labels, trees")(partial(many_labelled, StackingClassifier([("tree", TREES)], TREES, cv=2)))
CASES.add("stack of many labels, one for each")(
    partial(
        many_labelled,
        StackingClassifier(
            [("tree", TREES), ("each", MultiOutputClassifier(LOGISTIC))], MultiOutputClassifier(LOGISTIC), cv=2
        ),
    )
)


@CASES.add("stack of many labels, decisions of chains", methods=["decision_function"])
def chains():
    X, Y = many_labels()
    part = ClassifierChain(LOGISTIC).fit(X, Y)
    return StackingClassifier([("chain", part)], ClassifierChain(LOGISTIC), cv="prefit", passthrough=True).fit(X, Y), X
