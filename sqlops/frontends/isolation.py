"""Trees that are grown at random: isolation forests, and the embedding of rows by their leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from sqlops.frontends.base import Context, Detected, Feature, Features, Result, Transformed, frontend, names_of
from sqlops.frontends.trees import require_float32, sum_of_trees, takes_missing
from sqlops.ir import build
from sqlops.ir.doubles import doubles, last_where
from sqlops.ir.nodes import BoolArray, FloatArray


@frontend("IsolationForest", family="Outlier detection")
def isolation_forest(model: Any, features: Features, context: Context) -> Result:
    """Translate mean path lengths (Liu, Ting and Zhou, ICDM 2008); infinite and missing values are taken."""
    context.refuse_text(features)
    lengths = zip(model._decision_path_lengths, model._average_path_length_per_tree, strict=True)
    depths = [(path + rest - 1.0)[:, np.newaxis] for path, rest in lengths]
    columns = model.estimators_features_ if model._max_features != model.n_features_in_ else None
    (depth,) = sum_of_trees(model.estimators_, depths, features, columns)
    normal = float(_normal_depth(model))
    shallowness = build.divide(depth, build.constant(normal)) if normal else build.constant(1.0)
    score = build.call("negative", build.call("power", build.constant(2.0), build.call("negative", shallowness)))
    decision = build.subtract(score, build.constant(float(model.offset_)))
    # A row of the training data lies exactly on the offset: compared is the depth, which rounding does not move.
    shallow = build.call("less_equal", depth, build.constant(_last_outlying_depth(model, normal)))
    inlier, outlier = build.constant(1, "bigint"), build.constant(-1, "bigint")
    return Detected(build.case([(shallow, outlier)], inlier), decision, score)


def _normal_depth(model: Any) -> float:
    """Return the sum of depths that gives a score of -1/2."""
    from sklearn.ensemble._iforest import _average_path_length

    return float(len(model.estimators_) * _average_path_length([model._max_samples])[0])


def _last_outlying_depth(model: Any, normal: float) -> float:
    """Return the largest sum of depths that the estimator takes for an outlier; missing where there is none."""

    def is_outlier(depths: FloatArray) -> BoolArray:
        shallowness = depths / normal if normal else np.ones_like(depths)
        return np.asarray(-(2**-shallowness) - model.offset_ < 0)

    with np.errstate(over="ignore"):
        return float(doubles(last_where(is_outlier, 1))[0])


@frontend("RandomTreesEmbedding", family="Trees and ensembles")
def random_trees_embedding(model: Any, features: Features, context: Context) -> Result:
    """Translate one indicator for each leaf of each tree."""
    require_float32(features, context, allow_nan=takes_missing(model.estimators_[0]))
    names = iter(model.get_feature_names_out(names_of(features) if hasattr(model, "feature_names_in_") else None))
    found: list[Feature] = []
    for part, leaves in zip(model.estimators_, model.one_hot_encoder_.categories_, strict=True):
        numbers = np.arange(part.tree_.node_count, dtype=np.float64)[:, np.newaxis]
        (leaf,) = sum_of_trees([part], [numbers], features)
        for number in leaves:
            reached = build.indicator(build.equal(leaf, float(number)))
            found.append(Feature(str(next(names)), reached, sparse=model.sparse_output))
    return Transformed(tuple(found))
