"""TF-IDF in float32."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import LinearSVC

from tests.conformance.cases import Cases
from tests.conformance.cases.text import HOSTILE, PLAIN, answers, classified, others
from tests.conformance.tables import bundled

CASES = Cases("float32 text")

OPTIONS: dict[str, dict[str, Any]] = {
    "default": {},
    "l1": {"norm": "l1"},
    "no norm": {"norm": None},
    "no idf": {"use_idf": False},
    "sublinear": {"sublinear_tf": True},
    "sublinear, no norm": {"sublinear_tf": True, "norm": None},
    "sublinear, l1, not smooth": {"sublinear_tf": True, "norm": "l1", "smooth_idf": False},
}


def columns(options: dict[str, Any], documents: list[str] = PLAIN) -> tuple[Any, Any]:
    X = pd.Series(documents, dtype=object)
    return TfidfVectorizer(dtype=np.float32, max_features=12, **options).fit(X), X


def numbers(options: dict[str, Any], fit: Any, given: Any) -> tuple[Any, Any]:
    X = bundled("digits")[0].iloc[:80, 10:16]
    return TfidfTransformer(**options).fit(X.astype(fit)), X.astype(given)


for name, options in OPTIONS.items():
    CASES.add(f"columns, {name}", probes=others)(partial(columns, options))
    CASES.add(f"tfidf, {name}", probes=others)(
        partial(lambda options: classified(TfidfVectorizer(dtype=np.float32, **options)), options)
    )
    CASES.add(f"TfidfTransformer of numbers, {name}")(partial(numbers, options, np.float32, np.float32))
CASES.add("TfidfTransformer of numbers, fitted on doubles")(partial(numbers, {}, np.float64, np.float32))
CASES.add("TfidfTransformer of doubles, fitted on float32")(partial(numbers, {}, np.float32, np.float64))
CASES.add("TfidfTransformer of float16")(partial(numbers, {}, np.float32, np.float16))


@CASES.add("TfidfTransformer of a sparse matrix")
def sparse() -> tuple[Any, Any]:
    X = csr_matrix(bundled("digits")[0].iloc[:80, 10:16].to_numpy(dtype=np.float32))
    return TfidfTransformer().fit(X), X


@CASES.add("TfidfTransformer of counts", probes=others)
def counts() -> tuple[Any, Any]:
    return classified(make_pipeline(CountVectorizer(dtype=np.float32), TfidfTransformer(sublinear_tf=True)))


@CASES.add("counts and a linear model", probes=others)
def plain_counts() -> tuple[Any, Any]:
    return classified(CountVectorizer(dtype=np.float32))


@CASES.add("weights in double", probes=others)
def support() -> tuple[Any, Any]:
    X = pd.Series(HOSTILE, dtype=object)
    return make_pipeline(TfidfVectorizer(dtype=np.float32), LinearSVC()).fit(X, answers(HOSTILE)), X


@CASES.add("a regression", probes=others)
def regression() -> tuple[Any, Any]:
    X = pd.Series(HOSTILE, dtype=object)
    steps = TfidfVectorizer(dtype=np.float32, max_features=20), MaxAbsScaler(), LinearRegression()
    return make_pipeline(*steps).fit(X, answers(HOSTILE)), X


@CASES.add("trees", probes=others)
def trees() -> tuple[Any, Any]:
    X = pd.Series(HOSTILE * 3, dtype=object)
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    return make_pipeline(TfidfVectorizer(dtype=np.float32), forest).fit(X, answers(X)), X


@CASES.add("a union with doubles", probes=others)
def union() -> tuple[Any, Any]:
    words = TfidfVectorizer(dtype=np.float32)
    characters = TfidfVectorizer(analyzer="char")
    return classified(FeatureUnion([("words", words), ("characters", characters)]))


@CASES.add("a union", probes=others)
def single_union() -> tuple[Any, Any]:
    words = TfidfVectorizer(dtype=np.float32)
    characters = CountVectorizer(analyzer="char", dtype=np.float32)
    return classified(FeatureUnion([("words", words), ("characters", characters)]))
