"""Large lookups, encoders of labels, and lists of dicts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, OrdinalEncoder

from tests.conformance.cases import Cases
from tests.conformance.tables import HOSTILE_VALUES, flights

CASES = Cases("lookups")


def codes(n=300):
    """Return a column of texts and columns of whole numbers, all with many values."""
    rng = np.random.default_rng(0)
    numbers = rng.choice(10**9, n, replace=False)
    texts = [*HOSTILE_VALUES, *(f"code {number}" for number in numbers)][:n]
    return pd.DataFrame(
        {
            "text": pd.Series(texts, dtype="str"),
            "dense": np.arange(n) * 1.0,
            "sparse": numbers - 5.0 * 10**8,
            "stepped": np.arange(n) * 4096.0,
            "large": (numbers * 8388593.0) % 2**53,
            "fractions": np.arange(n) / 8.0,
        }
    )


@CASES.add("ordinal")
def ordinal():
    X = codes()
    return OrdinalEncoder().fit(X), X


@CASES.add("ordinal, unknown is -1")
def ordinal_unknown():
    X = codes()
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(X), X


@CASES.add("ordinal, unknown and missing")
def ordinal_missing():
    X = codes().mask(np.random.default_rng(1).random((300, 6)) < 0.1)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=-2)
    return encoder.fit(X), X


@CASES.add("tail numbers")
def tail_numbers():
    X = flights()[["tailnum"]].dropna()
    return OrdinalEncoder(min_frequency=2).fit(X), X[:200]


@CASES.add("labels of text")
def labels():
    y = pd.Series(["b", "a", "it's", "größe", "", "a"], dtype=object, name="label")
    return LabelEncoder().fit(y), y


@CASES.add("many labels")
def many_labels():
    y = codes()["text"]
    return LabelEncoder().fit(y), y


@CASES.add("labels of whole numbers", made=False)
def whole_labels():
    y = np.array([3, 1, -2, 7, 3])
    return LabelEncoder().fit(y), y


@CASES.add("binarized labels")
def binarized():
    y = pd.Series(["b", "a", "c", "c", "a"], dtype=object, name="label")
    return LabelBinarizer(neg_label=-1, pos_label=2).fit(y), y


@CASES.add("binarized labels of two classes", made=False)
def binarized_two():
    y = pd.Series(["no", "yes", "yes"], dtype=object, name="late")
    return LabelBinarizer().fit(y), y


@CASES.add("binarized whole numbers, sparse", made=False)
def binarized_whole():
    y = np.array([3, 1, 2, 3])
    return LabelBinarizer(sparse_output=True).fit(y), y


@CASES.add("binarized, pos_label is 0", made=False)
def binarized_zero():
    y = ["u", "v", "w", "u"]
    return LabelBinarizer(neg_label=-3, pos_label=0).fit(y), y


def records():
    """Return dicts with numbers, texts, truths and absent keys."""
    frame = flights()[["carrier", "origin", "distance", "dep_delay"]][:60]
    rows = [{key: v for key, v in row.items() if not pd.isna(v)} for row in frame.to_dict("records")]
    for number, row in enumerate(rows):
        row["late"] = number % 3 == 0
        if number % 5 == 0:
            del row["carrier"]
    return rows


@CASES.add("dicts")
def dicts():
    X = records()
    return DictVectorizer().fit(X), X


@CASES.add("dicts, dense, another separator, as seen first")
def dicts_dense():
    X = records()
    return DictVectorizer(sparse=False, sort=False, separator=": ").fit(X), X


@CASES.add("dicts of float32")
def dicts_single():
    X = [{"a": 0.1, "b": "x"}, {"a": 1e10 / 3, "b": "y"}, {"b": "x", "a": -7.3}]
    return DictVectorizer(dtype=np.float32).fit(X), X


@CASES.add("dicts into a model")
def dicts_model():
    X = records()
    model = make_pipeline(DictVectorizer(), LogisticRegression())
    return model.fit(X, np.arange(len(X)) % 2), X
