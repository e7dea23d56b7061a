"""Text vectorizers: counts of words and character n-grams, and TF-IDF."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sqlops.errors import UnsupportedTypeError
from sqlops.frontends.base import (
    Context,
    Feature,
    Features,
    Result,
    Transformed,
    common_dtype,
    frontend,
    is_single,
    names_of,
    rounded,
)
from sqlops.frontends.patterns import translate_pattern
from sqlops.ir import build
from sqlops.ir.nodes import Expr
from sqlops.ir.tokens import Tokens, element_of


@frontend("CountVectorizer", family="Text")
def count_vectorizer(vectorizer: Any, features: Features, context: Context) -> Result:
    """Translate the analyzer and the vocabulary into counts of tokens."""
    dtype = np.dtype(vectorizer.dtype)
    if dtype.kind not in "fiub" or (dtype.kind in "iu" and dtype.itemsize < 4):
        raise context.unsupported(vectorizer, "dtype", dtype, "use a dtype that holds counts: numpy.int64")
    tokens = _tokens(vectorizer, features, context, binary=vectorizer.binary or dtype.kind == "b")
    return _features(tokens, dtype)


@frontend("TfidfVectorizer", family="Text")
def tfidf_vectorizer(vectorizer: Any, features: Features, context: Context) -> Result:
    """Translate counts of tokens, and what TfidfTransformer makes of them."""
    dtype = np.dtype(vectorizer.dtype)
    tokens = _tokens(vectorizer, features, context, binary=vectorizer.binary)
    return _features(_weighted(tokens, vectorizer._tfidf, dtype), _dtype_of_counts(dtype))


def _dtype_of_counts(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the dtype that TfidfTransformer makes of a matrix: it keeps float32 and makes doubles of the rest."""
    return dtype if dtype == np.float32 else np.dtype(np.float64)


@frontend("TfidfTransformer", family="Text", takes="doubles")
def tfidf_transformer(transformer: Any, features: Features, context: Context) -> Result:
    """Translate term frequency, idf and norm: into an option of a vectorizer before it, or column by column."""
    dtype = _dtype_of_counts(common_dtype(features))
    names = transformer.get_feature_names_out(names_of(features))
    counts = _plain_counts(features)
    if counts is not None:
        values: Sequence[Expr] = build.elements(_weighted(counts, transformer, dtype))
    else:
        context.require_numbers(features)
        values = _tfidf_columns(transformer, features, dtype, context)
    return Transformed(tuple(Feature(str(n), e, dtype, sparse=True) for n, e in zip(names, values, strict=True)))


def _features(tokens: Tokens, dtype: np.dtype[Any]) -> Transformed:
    values = build.elements(tokens)
    return Transformed(
        tuple(Feature(name, expr, dtype, sparse=True) for name, expr in zip(tokens.vocabulary, values, strict=True))
    )


def _weighted(tokens: Tokens, transformer: Any, dtype: np.dtype[Any]) -> Tokens:
    idf = getattr(transformer, "idf_", None)
    return replace(
        tokens,
        sublinear=bool(transformer.sublinear_tf),
        idf=None if idf is None else np.asarray(idf, dtype=np.float64),
        norm=transformer.norm or "none",
        single=is_single(dtype),
    )


def _plain_counts(features: Features) -> Tokens | None:
    """Return the operator whose outputs the features are, all of them in order, if they are plain counts."""
    found = [element_of(feature.expr) for feature in features]
    if not found or found[0] is None:
        return None
    tokens = found[0][0]
    is_plain = not tokens.sublinear and tokens.idf is None and tokens.norm == "none"
    in_order = [(tokens, position) for position in range(len(tokens.vocabulary))]
    return tokens if is_plain and found == in_order else None


def _tfidf_columns(transformer: Any, counts: Features, dtype: np.dtype[Any], context: Context) -> list[Expr]:
    """Return what TfidfTransformer makes of a matrix: zeros are not in it, and stay zero."""
    zero = build.constant(0.0)
    values = [feature.expr for feature in counts]
    if transformer.sublinear_tf:
        logarithms = [rounded(build.call("log", x), dtype) for x in values]
        values = [
            build.case([(build.equal(x, 0.0), zero)], rounded(build.add(logarithm, build.constant(1.0)), dtype))
            for x, logarithm in zip(values, logarithms, strict=True)
        ]
    if hasattr(transformer, "idf_"):
        weights = transformer.idf_.tolist()  # infinite where fit saw nothing but zeros
        products = [rounded(build.multiply(x, build.constant(w)), dtype) for x, w in zip(values, weights, strict=True)]
        values = [
            product if math.isfinite(w) else build.case([(build.equal(x, 0.0), zero)], product)
            for x, w, product in zip(values, weights, products, strict=True)
        ]
    if transformer.norm is None:
        return values
    for feature, value in zip(counts, values, strict=True):
        context.require(build.is_finite(value), f"{feature.name} has a weight that is not finite")
    size = "absolute" if transformer.norm == "l1" else "square"
    total = build.sum_of([rounded(build.call(size, value), dtype) for value in values])  # in double, as in Cython
    root = total if transformer.norm == "l1" else build.call("sqrt", total)
    norm = build.case([(build.equal(total, 0.0), build.constant(1.0))], root)
    shares = [rounded(build.divide(value, norm), dtype) for value in values]
    return [build.case([(build.equal(x, 0.0), zero)], share) for x, share in zip(values, shares, strict=True)]


def _tokens(vectorizer: Any, features: Features, context: Context, *, binary: bool) -> Tokens:
    """Return the operator that counts a fitted vectorizer's vocabulary in its one column."""
    text = _document(vectorizer, features, context)
    _refuse_callables(vectorizer, context)
    pattern, whole, stop_words = "", "", ()
    if vectorizer.analyzer == "word":
        pattern, whole = translate_pattern(
            vectorizer.token_pattern,
            lambda reason: context.unsupported(
                vectorizer,
                "token_pattern",
                vectorizer.token_pattern,
                f"{reason}, which not all engines match like Python: use classes of characters, for example {_PLAIN}",
            ),
        )
        stop_words = tuple(sorted(vectorizer.get_stop_words() or ()))
    vocabulary = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    if not all(isinstance(token, str) for token in vocabulary):
        raise context.unsupported(vectorizer, "vocabulary", "…", "make all of its entries text")
    return Tokens(
        inputs=(text,),
        unit=vectorizer.analyzer,
        lowercase=bool(vectorizer.lowercase),
        accents=vectorizer.strip_accents or "keep",
        pattern=pattern,
        whole=whole,
        stop_words=stop_words,
        ngrams=(int(vectorizer.ngram_range[0]), int(vectorizer.ngram_range[1])),
        vocabulary=tuple(map(str, vocabulary)),
        binary=bool(binary),
        sublinear=False,
        idf=None,
        norm="none",
        kept=np.arange(len(vocabulary), dtype=np.int32),
    )


_PLAIN = r"r'(?u)\b\w\w+\b' or r'[a-z]+'"


def _document(vectorizer: Any, features: Features, context: Context) -> Expr:
    """Return the one text column; rows without a document are refused."""
    name = type(vectorizer).__name__
    if len(features) != 1:
        raise UnsupportedTypeError(
            f"{name} takes one column of text, not {len(features)}",
            step=context.step,
            hint="use a ColumnTransformer with one vectorizer per column: (name, vectorizer, 'column')",
        )
    feature = features[0]
    if feature.expr.type != "text":
        raise UnsupportedTypeError(
            f"{name} takes text, but column {feature.name!r} holds numbers",
            step=context.step,
            hint="convert it before fitting: X[column].astype(str)",
        )
    context.require(build.negate(build.is_missing(feature.expr)), f"{feature.name} is missing")
    return feature.expr


def _refuse_callables(vectorizer: Any, context: Context) -> None:
    instead = {
        "preprocessor": "use lowercase and strip_accents, or prepare the column in SQL",
        "tokenizer": "use token_pattern",
        "analyzer": "use 'word', 'char' or 'char_wb', with token_pattern, stop_words and ngram_range",
        "strip_accents": "use 'ascii' or 'unicode'",
    }
    for option, hint in instead.items():
        value = getattr(vectorizer, option)
        if callable(value):
            called = getattr(value, "__qualname__", type(value).__name__)
            raise context.unsupported(vectorizer, option, called, f"a Python function is no SQL: {hint}")
    if vectorizer.input != "content":
        raise context.unsupported(vectorizer, "input", vectorizer.input, "a query reads no files: use 'content'")
