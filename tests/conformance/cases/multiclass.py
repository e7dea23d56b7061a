"""Several classes from classifiers of two; several targets."""

from functools import partial

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import iris, labelled, linnerud, two_of_three

CASES = Cases("multiclass and multioutput")
LOGISTIC = LogisticRegression(max_iter=60)
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
PARTS = {
    "logistic": LOGISTIC,
    "tree": TREE,
    "svc": LinearSVC(),
    "ridge": Ridge(),
    "regression tree": DecisionTreeRegressor(max_depth=2),
}
DATA = {"three classes": iris, "two classes": two_of_three}
ALL = ["predict", "predict_proba", "decision_function"]
LABELS = ["predict", "decision_function"]

for name, part in PARTS.items():
    for kind, data in DATA.items():
        CASES.add(f"one against the rest, {name} ({kind})")(partial(fitted, OneVsRestClassifier(part), data))
        CASES.add(f"one against one, {name} ({kind})")(partial(fitted, OneVsOneClassifier(part), data))
        if name in ("logistic", "tree", "svc"):
            CASES.add(f"output code, {name} ({kind})")(
                partial(fitted, OutputCodeClassifier(part, code_size=2.5, random_state=1), data)
            )
CASES.add("one against the rest, all methods", methods=ALL)(partial(fitted, OneVsRestClassifier(LOGISTIC), iris))
CASES.add("output code, short", made=False)(
    partial(fitted, OutputCodeClassifier(LOGISTIC, code_size=0.7, random_state=0), iris)
)
for kind in ("text", "bool", "negative"):
    data = partial(labelled, kind)
    CASES.add(f"one against the rest, classes {kind}")(partial(fitted, OneVsRestClassifier(LOGISTIC), data))
    CASES.add(f"one against one, classes {kind}")(partial(fitted, OneVsOneClassifier(LOGISTIC), data))
    CASES.add(f"output code, classes {kind}")(partial(fitted, OutputCodeClassifier(TREE, random_state=0), data))


def labels_of(kind):
    """Return iris with three targets."""
    X, y = iris()
    long = X.iloc[:, 0].to_numpy()
    match kind:
        case "many labels":
            return X, np.column_stack([y == 0, y > 0, long > 5.5]).astype(int)
        case "a label that all have":
            return X, np.column_stack([y == 0, y >= 0, y < 0]).astype(int)
        case "three classes each":
            return X, np.column_stack([y, 2 - y, np.digitize(long, [5, 6])])
        case "text":
            return X, np.column_stack([np.array(["a", "b", "c"])[y], np.where(long > 5.5, "long", "short")])
        case "negative":
            return X, np.column_stack([np.where(y > 0, 7, -1), np.where(long > 5.5, 3, 2)])
    raise ValueError(kind)


def of_many(estimator, kind):
    X, Y = labels_of(kind)
    return estimator.fit(X, Y), X


for name, part in {"logistic": LOGISTIC, "tree": TREE, "svc": LinearSVC(), "ridge": Ridge()}.items():
    CASES.add(f"one against the rest, {name} (many labels)")(partial(of_many, OneVsRestClassifier(part), "many labels"))
    CASES.add(f"one against the rest, {name} (a label that all have)")(
        partial(of_many, OneVsRestClassifier(part), "a label that all have")
    )
CASES.add("one against the rest, one class")(
    lambda: (OneVsRestClassifier(TREE).fit(iris()[0], np.full(150, "only")), iris()[0])
)
for name, part in {"logistic": LOGISTIC, "tree": TREE, "svc": LinearSVC()}.items():
    for kind in ("many labels", "three classes each", "text", "negative"):
        CASES.add(f"one for each target, {name} ({kind})")(partial(of_many, MultiOutputClassifier(part), kind))
for name, part in {"tree": TREE, "forest": RandomForestClassifier(n_estimators=5, max_depth=3, random_state=0)}.items():
    for kind in ("many labels", "a label that all have", "three classes each", "text", "negative"):
        CASES.add(f"{name} of several targets ({kind})")(partial(of_many, part, kind))
CASES.add("tree of one class")(lambda: (TREE.fit(iris()[0], np.full(150, "only")), iris()[0]))
CASES.add("forest of one class")(
    lambda: (RandomForestClassifier(n_estimators=3).fit(iris()[0], np.full(150, -3)), iris()[0])
)

CHAINS = {
    "chain": ClassifierChain(LOGISTIC),
    "chain in another order": ClassifierChain(LOGISTIC, order=[2, 0, 1]),
    "chain in a random order": ClassifierChain(LOGISTIC, order="random", random_state=1),
    "chain of probabilities": ClassifierChain(LOGISTIC, chain_method="predict_proba", cv=2),
    "chain of decisions": ClassifierChain(LOGISTIC, chain_method="decision_function"),
    "chain of what there is": ClassifierChain(LinearSVC(), chain_method=["predict_proba", "decision_function"]),
    "chain of trees": ClassifierChain(TREE, order=[1, 2, 0], cv=2),
}
for name, estimator in CHAINS.items():
    CASES.add(name)(partial(of_many, estimator, "many labels"))
CASES.add("chain, all methods", methods=ALL)(partial(of_many, CHAINS["chain in another order"], "many labels"))
CASES.add("chain, classes negative")(partial(of_many, ClassifierChain(TREE), "negative"))
CASES.add("chain of trees, a label that all have")(partial(of_many, ClassifierChain(TREE), "a label that all have"))

for name, estimator in {
    "one regressor for each target": MultiOutputRegressor(Ridge()),
    "one tree for each target": MultiOutputRegressor(DecisionTreeRegressor(max_depth=3)),
    "regressor chain": RegressorChain(LinearRegression()),
    "regressor chain in another order": RegressorChain(Ridge(), order=[2, 0, 1], cv=2),
    "regressor chain of trees": RegressorChain(DecisionTreeRegressor(max_depth=3), order=[1, 2, 0]),
}.items():
    CASES.add(name)(partial(fitted, estimator, linnerud))
