"""Trees as nested CASE, the way other exporters write them, written as well as it can be (side c of ``make bench``).

Literals are doubles, sums are balanced, and there is one CASE per tree and one score per row, all in one SELECT.
Nothing here knows sqlops: this is what sqlops is compared with. As other exporters do, it compares doubles where the
library compares float32, so that rows next to a threshold may get another score.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

Condition = Callable[[str], str]
"""From the comparison of a node, such as "<= 0.5e0", to its condition on the feature."""


def double(value: float) -> str:
    """Return a literal that DuckDB reads as a double: without an exponent it would be a DECIMAL."""
    text = repr(float(value))
    return text if "e" in text else f"{text}e0"


def case(condition: str, yes: str, no: str) -> str:
    return f"CASE WHEN {condition} THEN {yes} ELSE {no} END"


def balanced(terms: Sequence[str]) -> str:
    """Return a sum as deep as the logarithm of its terms."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return f"({balanced(terms[:middle])} + {balanced(terms[middle:])})"


def sigmoid(raw: str) -> str:
    return f"1e0 / (1e0 + exp(-({raw})))"


def of_tree(tree: Any, values: np.ndarray, conditions: Sequence[Condition]) -> str:
    """Return a tree of scikit-learn with a value for each node."""
    left, right = tree.children_left, tree.children_right

    def text(node: int) -> str:
        if left[node] == right[node]:
            return double(values[node])
        condition = conditions[tree.feature[node]](f"<= {double(tree.threshold[node])}")
        return case(condition, text(left[node]), text(right[node]))

    return text(0)


def forest(model: Any, conditions: Sequence[Condition]) -> str:
    trees = [of_tree(fitted.tree_, fitted.tree_.value[:, 0, 1], conditions) for fitted in model.estimators_]
    return f"{balanced(trees)} / {double(len(trees))}"


def gradient_boosting(model: Any, conditions: Sequence[Condition]) -> str:
    values = [tree.tree_.value[:, 0, 0] * model.learning_rate for tree in model.estimators_[:, 0]]
    trees = [of_tree(tree.tree_, v, conditions) for tree, v in zip(model.estimators_[:, 0], values, strict=True)]
    prior = model.init_.class_prior_[1]
    return sigmoid(f"{double(math.log(prior / (1 - prior)))} + {balanced(trees)}")


def hist_gradient_boosting(model: Any, conditions: Sequence[Condition]) -> str:
    def text(nodes: np.ndarray, number: int) -> str:
        node = nodes[number]
        if node["is_leaf"]:
            return double(node["value"])
        condition = conditions[node["feature_idx"]](f"<= {double(node['num_threshold'])}")
        return case(condition, text(nodes, node["left"]), text(nodes, node["right"]))

    trees = [text(predictor.nodes, 0) for (predictor,) in model._predictors]
    return sigmoid(f"{double(model._baseline_prediction.item())} + {balanced(trees)}")


def lightgbm(model: Any, conditions: Sequence[Condition]) -> str:
    def text(node: Mapping[str, Any]) -> str:
        if "leaf_value" in node:
            return double(node["leaf_value"])
        condition = conditions[node["split_feature"]](f"<= {double(node['threshold'])}")
        return case(condition, text(node["left_child"]), text(node["right_child"]))

    return sigmoid(balanced([text(tree["tree_structure"]) for tree in model.booster_.dump_model()["tree_info"]]))


def xgboost(model: Any, conditions: Sequence[Condition]) -> str:
    booster = model.get_booster()
    numbers = {name: number for number, name in enumerate(booster.feature_names)}

    def text(node: Mapping[str, Any]) -> str:
        if "leaf" in node:
            return double(node["leaf"])
        children = {child["nodeid"]: child for child in node["children"]}
        condition = conditions[numbers[node["split"]]](f"< {double(node['split_condition'])}")
        return case(condition, text(children[node["yes"]]), text(children[node["no"]]))

    trees = [text(json.loads(tree)) for tree in booster.get_dump(dump_format="json")]
    (base,) = json.loads(json.loads(booster.save_config())["learner"]["learner_model_param"]["base_score"])
    return sigmoid(f"{double(math.log(base / (1 - base)))} + {balanced(trees)}")


WRITERS: dict[str, Callable[[Any, Sequence[Condition]], str]] = {
    "RandomForestClassifier": forest,
    "GradientBoostingClassifier": gradient_boosting,
    "HistGradientBoostingClassifier": hist_gradient_boosting,
    "LGBMClassifier": lightgbm,
    "XGBClassifier": xgboost,
}


def compares(column: str) -> Condition:
    return lambda comparison: f"{column} {comparison}"


def is_not(column: str, category: str) -> Condition:
    """Return what sends a row left at a one-hot column: it is 0."""
    return lambda _: f"{column} <> '{category}'"


def prepared(transformer: Any) -> tuple[list[str], list[Condition]]:
    """Return what the mixed pipeline's first step computes: columns, and the conditions on its features."""
    (_, numeric, numbers), (_, one_hot, texts) = transformer.transformers_
    imputer, scaler = numeric
    medians, means, scales = (map(double, v) for v in (imputer.statistics_, scaler.mean_, scaler.scale_))
    columns = [
        f"(coalesce({name}, {median}) - {mean}) / {scale} AS {name}"
        for name, median, mean, scale in zip(numbers, medians, means, scales, strict=True)
    ]
    conditions = [compares(name) for name in numbers]
    for name, categories in zip(texts, one_hot.categories_, strict=True):
        conditions += [is_not(name, category) for category in categories]
    return [*columns, *texts], conditions


def score(model: Any, source: str) -> str:
    """Return a SELECT of id and the probability of the second class."""
    if isinstance(model, Pipeline):
        columns, conditions = prepared(model[0])
        source, trees = f"(SELECT id, {', '.join(columns)} FROM {source})", model[-1]
    else:
        trees = model
        conditions = [compares(f"x{number}") for number in range(model.n_features_in_)]
    return f"SELECT id, {WRITERS[type(trees).__name__](trees, conditions)} AS probability_1 FROM {source}"
