"""Calibration."""

from functools import partial

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.conformance.cases import Cases
from tests.conformance.cases.linear import fitted
from tests.conformance.data import breast_cancer, iris, labelled, two_of_three

CASES = Cases("calibration")
PARTS = {
    "svc": LinearSVC(),
    "tree": DecisionTreeClassifier(max_depth=3, random_state=0),
    "scaled": make_pipeline(StandardScaler(), LogisticRegression()),
}


def numbered(data):
    """Return data with classes from 0 on in an array: temperature scaling takes no other numbers."""
    X, y = data()
    return X, np.unique(y, return_inverse=True)[1]


for method in ("sigmoid", "isotonic", "temperature"):
    for ensemble in (True, False):
        for name, part in PARTS.items():
            if not ensemble and name != "svc":
                continue
            for kind, data in {"three classes": iris, "two classes": two_of_three}.items():
                model = CalibratedClassifierCV(part, method=method, ensemble=ensemble, cv=2)
                CASES.add(f"{method}, {name}, {'ensemble' if ensemble else 'one'} ({kind})")(
                    partial(fitted, model, partial(numbered, data))
                )
    for kind in ("text", "bool") if method == "temperature" else ("text", "bool", "negative", "float"):
        CASES.add(f"{method}, classes {kind}")(
            partial(fitted, CalibratedClassifierCV(PARTS["tree"], method=method, cv=2), partial(labelled, kind))
        )


@CASES.add("isotonic of a frozen forest")
def frozen():
    X, y = breast_cancer()
    forest = RandomForestClassifier(n_estimators=8, max_depth=3, random_state=0).fit(X[::2], y[::2])
    return CalibratedClassifierCV(FrozenEstimator(forest), method="isotonic").fit(X[1::2], y[1::2]), X


@CASES.add("isotonic, all shares zero")
def nothing():
    X, y = iris()
    rows = np.arange(150) % 5 == 0
    part = FrozenEstimator(DecisionTreeClassifier(max_depth=4, random_state=0).fit(X[rows], (y[rows] + 1) % 3))
    return CalibratedClassifierCV(part, method="isotonic").fit(X, y), X


CASES.add("sigmoid of a kernel")(partial(fitted, CalibratedClassifierCV(SVC(), cv=2), iris))
CASES.add("default of a default")(partial(fitted, CalibratedClassifierCV(cv=3), iris))
