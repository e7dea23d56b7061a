"""What meta-estimators refuse to compile, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, VotingClassifier
from sklearn.feature_selection import SelectFromModel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multiclass import OneVsOneClassifier
from sklearn.preprocessing import FunctionTransformer, Normalizer
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import sqlops
from sqlops.errors import CompileError, NotFittedError

X, Y = load_iris(return_X_y=True, as_frame=True)
LOGISTIC = LogisticRegression(max_iter=60)


def message(model: Any, methods: str | None = None) -> str:
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model, X, methods=methods)
    return str(caught.value)


def test_a_search_that_kept_nothing() -> None:
    model = GridSearchCV(LOGISTIC, {"C": [1]}, cv=2, refit=False).fit(X, Y)
    assert message(model) == (
        "step 'GridSearchCV': GridSearchCV(refit=False) is not supported; "
        "fit it with refit=True: nothing was kept to predict with"
    )


def test_three_dimensions_of_probabilities() -> None:
    model = VotingClassifier([("a", LOGISTIC)], voting="soft", flatten_transform=False).fit(X, Y)
    assert "set it to True: a table has two dimensions" in message(model, "transform")


def test_a_kernel_that_was_computed_before() -> None:
    model = OneVsOneClassifier(SVC(kernel="precomputed")).fit(X.to_numpy() @ X.to_numpy().T, Y)
    kernel = X.to_numpy() @ X.to_numpy().T
    with pytest.raises(CompileError, match="use one whose kernel is not precomputed"):
        sqlops.compile(model, kernel)


def shifted(y: Any) -> Any:
    return y + 1


def unshifted(y: Any) -> Any:
    return y - 1


@pytest.mark.parametrize(
    ("transformer", "reason"),
    [
        (FunctionTransformer(shifted, unshifted), "SQL cannot run Python"),
        (Normalizer(), "the inverse of Normalizer is not supported"),
    ],
)
def test_a_target_without_a_way_back(transformer: Any, reason: str) -> None:
    model = TransformedTargetRegressor(LinearRegression(), transformer=transformer, check_inverse=False)
    if isinstance(transformer, Normalizer):
        model = model.set_params(transformer=FunctionTransformer()).fit(X, Y)
        model.transformer_ = transformer.fit(np.ones((3, 1)))
    else:
        model = model.fit(X, Y)
    assert reason in message(model)


def test_a_part_without_scores() -> None:
    votes = VotingClassifier([("a", LOGISTIC)])
    assert "VotingClassifier has none of decision_function, predict_proba" in message(
        OneVsOneClassifier(votes).fit(X, Y)
    )


def test_boosting_that_starts_from_no_probabilities() -> None:
    model = GradientBoostingClassifier(init=DecisionTreeClassifier(), n_estimators=2).fit(X, Y)
    model.init_ = SVC().fit(X, Y)
    assert "start from a classifier that has probabilities" in message(model)


@pytest.mark.parametrize(
    "model", [FixedThresholdClassifier(LOGISTIC.__class__()), SelectFromModel(DecisionTreeClassifier())]
)
def test_what_was_never_fitted(model: Any) -> None:
    with pytest.raises(NotFittedError):
        sqlops.compile(model, X)


def test_the_same_part_is_translated_once() -> None:
    """A part that occurs twice in a model is one set of operators."""
    from sqlops.ir.nodes import TreeEnsemble
    from sqlops.ir.program import walk

    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, Y)
    model = VotingClassifier([("a", tree), ("b", tree)], voting="soft").fit(X, Y)
    model.estimators_ = [tree, tree]
    program = sqlops.compile(model, X).program
    assert sum(isinstance(node, TreeEnsemble) for node in walk(program.roots())) == 1
