"""Analyzers on text that hypothesis makes up: scikit-learn, the evaluator and DuckDB find the same tokens."""

from __future__ import annotations

import re

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from sqlops.artifacts.run import run_in_duckdb
from sqlops.compiler import compile as compile_model
from sqlops.dialects import get_dialect
from sqlops.frames import as_frame
from sqlops.frontends.patterns import translate_pattern
from sqlops.ir.characters import all_characters, character_class, matching
from sqlops.ir.tokens import WHITESPACE, analyze, stripped
from sqlops.lowering.hashing import hash_of, perfect_hash

ALPHABET = st.one_of(
    st.sampled_from(list("aAbBzZ019_-'. \t\n\u00a0İıßẞΣσςΑάςÉe\u0301\u0308\u0345\u200d日が한ﬁŉǅ٣²Ⅷ👍\U00010400")),
    st.characters(exclude_categories=["Cs"]),
)
DOCUMENTS = st.lists(st.text(ALPHABET, max_size=40), min_size=2, max_size=6)

OPTIONS = [
    {},
    {"ngram_range": (1, 2), "stop_words": ["a", "b"], "token_pattern": r"\w+"},
    {"lowercase": False, "token_pattern": r"\S+"},
    {"strip_accents": "unicode", "analyzer": "char", "ngram_range": (1, 2)},
    {"strip_accents": "ascii", "analyzer": "char_wb", "ngram_range": (2, 4)},
    {"analyzer": "char", "lowercase": True, "ngram_range": (2, 3)},
    {"analyzer": "char_wb", "ngram_range": (1, 6)},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@settings(max_examples=25, deadline=None)
@given(documents=DOCUMENTS, others=DOCUMENTS)
def test_counts_of_made_up_text(options: dict[str, object], documents: list[str], others: list[str]) -> None:
    vectorizer = TfidfVectorizer(max_features=200, **options)
    try:
        vectorizer.fit(documents)
    except ValueError:  # no token in all of them
        return
    rows = documents + others
    weights = np.arange(1.0, 1 + len(vectorizer.vocabulary_)) ** 0.5
    model = compile_weighted(vectorizer, weights, rows)
    got = run_in_duckdb(model.plan("duckdb"), model.signature, as_frame(rows, ["text"]))["prediction"]
    np.testing.assert_allclose(got, vectorizer.transform(rows) @ weights, rtol=1e-12, atol=1e-15)


def compile_weighted(vectorizer, weights, rows):
    """Compile the sum of all columns with a weight each: every column counts, and names cannot collide."""
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline

    linear = LinearRegression()
    linear.coef_, linear.intercept_, linear.n_features_in_ = weights, 0.0, len(weights)
    return compile_model(make_pipeline(vectorizer, linear), rows)


def every_character() -> list[str]:
    return [character for part in all_characters() for character in part]


def in_duckdb(expression: str, texts: list[str]) -> list[object]:
    """Return what DuckDB makes of each text."""
    with duckdb.connect() as connection:
        connection.register("given", pa.table({"i": range(len(texts)), "x": texts}))
        return [value for (value,) in connection.execute(f"SELECT {expression} FROM given ORDER BY i").fetchall()]


@pytest.mark.parametrize("escape", [r"\w", r"\d", r"\s"])
def test_classes_are_pythons_for_every_character(escape: str) -> None:
    texts = get_dialect("duckdb").texts
    assert texts is not None
    characters = every_character()
    written = get_dialect("duckdb").text(texts.pattern(character_class(matching(escape))))
    assert in_duckdb(texts.matches.format("x", written), characters) == [
        re.match(escape, character) is not None for character in characters
    ]


def test_white_space_is_pythons() -> None:
    assert [c for c in every_character() if c.isspace()] == re.findall(WHITESPACE, "".join(all_characters()))


def test_lower_case_is_pythons_for_every_character() -> None:
    texts = get_dialect("duckdb").texts
    assert texts is not None
    characters = every_character()
    differing = [
        character
        for character, lowered in zip(characters, in_duckdb(texts.lower.format("x"), characters), strict=True)
        if character.lower() != lowered
    ]
    assert differing == []


def test_accents_are_stripped_as_the_library_does_for_every_character() -> None:
    for accents in ("ascii", "unicode"):
        preprocess = CountVectorizer(strip_accents=accents, lowercase=False).build_preprocessor()
        for character in every_character():
            assert stripped(character, accents) == preprocess(character)  # type: ignore[arg-type]


@given(
    st.text(ALPHABET), st.sampled_from([(1, 1), (2, 2), (1, 5), (4, 6)]), st.sampled_from(["char", "char_wb", "word"])
)
def test_analyzer_is_the_librarys(text: str, ngrams: tuple[int, int], unit: str) -> None:
    stop_words = ["is", "the"] if unit == "word" else None
    vectorizer = CountVectorizer(analyzer=unit, ngram_range=ngrams, stop_words=stop_words)
    vectorizer.fit(["so many words that there are ngrams"])
    program = compile_weighted(vectorizer, np.ones(len(vectorizer.vocabulary_)), ["some words", text])
    operator = next(expr for _, expr in program.program.outputs)
    while not hasattr(operator, "operator"):
        operator = operator.branches[0][1]  # type: ignore[attr-defined]
    assert sorted(analyze(operator.operator, text)) == sorted(vectorizer.build_analyzer()(text))


PATTERNS = [
    r"\b\w\w+\b",
    r"\b[a-z]+\b",
    r"\b(?:ab|a)\b",
    r"\b\w+?\b",
    r"a|ab",
    r"(?:a|ab)(?:c|bcd)?",
    r"[ab]{2,3}?",
    r"_(\w+)",
]


@pytest.mark.parametrize("pattern", PATTERNS)
@given(text=st.text(st.sampled_from("abcdA_é -1"), max_size=20))
@settings(deadline=None)
def test_translated_pattern_finds_the_same(pattern: str, text: str) -> None:
    found, whole = translate_pattern(pattern, ValueError)
    words = [word for word in re.findall(found, text) if not whole or re.fullmatch(whole, word)]
    assert words == re.findall(pattern, text)


WHOLE = st.integers(-(2**53) + 1, 2**53 - 1).map(float)


@given(st.one_of(st.sets(st.text(), min_size=1, max_size=300), st.sets(WHOLE, min_size=1, max_size=300)))
def test_perfect_hash_has_a_slot_for_every_key(keys: set[str] | set[float]) -> None:
    listed = sorted(keys)
    if any(isinstance(key, str) and re.search("[\ud800-\udfff]", key) for key in listed):
        return
    table = perfect_hash(listed)
    assert table is not None
    for number, key in enumerate(listed):
        hashed = hash_of(key, table.seed)
        assert 0 <= hashed < 2**60
        rest, bucket = divmod(hashed, len(table.divisors))
        assert table.order[rest // table.divisors[bucket] % len(table.order)] == number


def test_hash_of_structured_numbers() -> None:
    for step in (1, 2, 7, 1000, 4096, 2**20, 3 * 2**30):
        assert perfect_hash([float(step * number) for number in range(1000)]) is not None
