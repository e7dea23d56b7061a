"""What text vectorizers refuse to compile, with the whole message."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MultiLabelBinarizer

import sqlops
from sqlops.errors import CompileError

TEXTS = ["a dog and a fox", "the fox is the fox"]


def message(model: Any, X: Any = TEXTS) -> str:
    with pytest.raises(CompileError) as caught:
        sqlops.compile(model.fit(X), X)
    return str(caught.value)


@pytest.mark.parametrize(
    ("option", "value", "instead"),
    [
        ("preprocessor", str.upper, "use lowercase and strip_accents, or prepare the column in SQL"),
        ("tokenizer", str.split, "use token_pattern"),
        ("analyzer", str.split, "use 'word', 'char' or 'char_wb', with token_pattern, stop_words and ngram_range"),
        ("strip_accents", str.strip, "use 'ascii' or 'unicode'"),
    ],
)
def test_python_functions(option: str, value: Any, instead: str) -> None:
    assert message(CountVectorizer(**{option: value})) == (
        f"step 'CountVectorizer': CountVectorizer({option}={value.__qualname__!r}) is not supported; "
        f"a Python function is no SQL: {instead}"
    )


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(?i)[a-z]+", "it ignores case"),
        (r"\w*", "it matches nothing at all, too"),
        (r"\w+(?=\s|$)", "it uses assert"),
        (r"(\w)(?:\1|\w)", "it uses groupref"),
        (r"^\w+", "it uses at"),
        (r"\b\w[\w']+\b", r"\b is more than the two ends of words in it"),
        (r"\b[a-z]+", r"\b is more than the two ends of words in it"),
        (r"(?:a*)+b|\w+", "it repeats what can be empty"),
        (r"(a)|\w+", "its group is not always there, or repeated"),
        (r"\w{1,2000}", "it repeats a part more than 1000 times"),
        (r"(?i:a)|\w+", "it changes flags inside"),
    ],
)
def test_patterns(pattern: str, reason: str) -> None:
    assert message(CountVectorizer(token_pattern=pattern)) == (
        f"step 'CountVectorizer': CountVectorizer(token_pattern={pattern!r}) is not supported; {reason}, which not all "
        r"engines match like Python: use classes of characters, for example r'(?u)\b\w\w+\b' or r'[a-z]+'"
    )


def test_files() -> None:
    with pytest.raises(CompileError, match=r"input='filename'\) is not supported; a query reads no files"):
        sqlops.compile(CountVectorizer(vocabulary=["a"], input="filename").fit(["/dev/null"]), TEXTS)


@pytest.mark.parametrize(
    ("model", "part"),
    [
        (CountVectorizer(dtype=np.int8), "CountVectorizer(dtype=dtype('int8')) is not supported"),
        (HashingVectorizer(), "sklearn.HashingVectorizer is not supported: it hashes tokens with MurmurHash3"),
    ],
)
def test_options(model: Any, part: str) -> None:
    assert part in message(model)


def test_numbers_are_no_documents() -> None:
    X = pd.DataFrame({"text": TEXTS, "number": [1.0, 2.0]})
    model = make_column_transformer((CountVectorizer(), "text")).fit(X)
    model.transformers_[0][1].fit(TEXTS)
    model._transformer_to_input_indices["countvectorizer"] = [1]
    with pytest.raises(CompileError, match="CountVectorizer takes text, but column 'number' holds numbers"):
        sqlops.compile(model, X)


def test_two_columns_are_no_documents() -> None:
    X = pd.DataFrame({"title": TEXTS, "body": TEXTS})
    with pytest.raises(CompileError, match="takes one column of text, not 2; use a ColumnTransformer"):
        sqlops.compile(CountVectorizer().fit(TEXTS), X)


def test_labels_and_dicts() -> None:
    with pytest.raises(CompileError, match="MultiLabelBinarizer is not supported: each of its rows is a set of labels"):
        sqlops.compile(MultiLabelBinarizer().fit([["a", "b"], ["c"]]), ["a", "b"])
    with pytest.raises(CompileError, match="takes one column of labels, not 2"):
        sqlops.compile(LabelEncoder().fit(["a", "b"]), pd.DataFrame({"x": ["a"], "y": ["b"]}))
    with pytest.raises(CompileError, match="holds text, but the labels were others in fit"):
        sqlops.compile(LabelEncoder().fit([1, 2]), ["a", "b"])
    with pytest.raises(CompileError, match="fitted on a matrix of labels"):
        sqlops.compile(LabelBinarizer().fit(np.eye(2, dtype=int)), ["a", "b"])
    records = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
    assert "DictVectorizer(dtype=dtype('int64')) is not supported" in message(DictVectorizer(dtype=np.int64), records)
    assert "FeatureHasher is not supported: it hashes tokens" in message(FeatureHasher(), records)
