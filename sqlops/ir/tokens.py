"""Counting tokens of text: the operator, the analyzers it stands for, and both in numpy.

The analyzers are those of ``sklearn.feature_extraction.text``, with the regular expressions already translated: a
pattern here holds character classes written out as code points, so that Python's `re` and the engines' regular
expressions read it the same way, whatever version of Unicode each of them knows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from sqlops.ir.nodes import Element, Expr, FloatArray, IntArray, Operator

Array = npt.NDArray[Any]
Unit = Literal["word", "char", "char_wb"]
Accents = Literal["keep", "ascii", "unicode"]
Norm = Literal["none", "l1", "l2"]

WHITESPACE = r"[\x09-\x0d\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
"""What `str.isspace`, `str.split` and ``\\s`` take for white space."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens(Operator):
    """Counts of the words or character n-grams of one text column, weighted as in TF-IDF, and linear maps of them.

    Parameters
    ----------
    unit : {"word", "char", "char_wb"}
        What n-grams are made of: words, characters, or the characters of each word between two spaces.
    lowercase : bool
    accents : {"keep", "ascii", "unicode"}
        What is stripped: nothing, all that is not ASCII after decomposition, or combining characters.
    pattern : str
        Finds the words; the part in its one group, if it has one.
    whole : str
        Must match all of what `pattern` found; empty where it need not.
    stop_words : tuple of str
        Words left out before n-grams are made.
    ngrams : (int, int)
        The shortest and the longest n.
    vocabulary : tuple of str
        Every other token is ignored.
    binary : bool
        Count each token of a document once.
    sublinear : bool
        Take ``1 + log(count)``.
    idf : ndarray of shape (n_vocabulary,) or None
        What counts are multiplied by.
    norm : {"none", "l1", "l2"}
        What a document is divided by afterwards.
    kept : ndarray of int
        Without weights: the positions in the vocabulary that are outputs.
    weights : ndarray of shape (n_outputs, n_vocabulary) or None
        The outputs are ``weights @ values + intercept``, the products added in any order.
    intercept : ndarray of shape (n_outputs,) or None
    slack : ndarray of shape (n_outputs, n_vocabulary + 1) or None
        How far rounding may move the outputs beyond the order of the sums, as in `Affine`.
    single : bool
        Whether the weighted counts are float32: each is rounded after logarithm, idf and norm.
    adds_single : bool
        Whether the library adds the products with the weights in float32, and so rounds more than SQL.
    """

    unit: Unit
    lowercase: bool
    accents: Accents
    pattern: str
    whole: str
    stop_words: tuple[str, ...]
    ngrams: tuple[int, int]
    vocabulary: tuple[str, ...]
    binary: bool
    sublinear: bool
    idf: FloatArray | None
    norm: Norm
    kept: IntArray
    weights: FloatArray | None = None
    intercept: FloatArray | None = None
    slack: FloatArray | None = None
    single: bool = False
    adds_single: bool = False

    @property
    def n_outputs(self) -> int:
        """How many outputs the operator has."""
        return len(self.kept) if self.weights is None else int(self.weights.shape[0])

    @property
    def adds_counts(self) -> bool:
        """Whether each occurrence of a token adds the same, whatever else is in the document."""
        is_rounded = self.single and self.idf is not None
        return not self.binary and not self.sublinear and self.norm == "none" and not is_rounded


def evaluate(operator: Tokens, columns: Sequence[Array], n_rows: int) -> Array:
    """Return the outputs; NaN for a missing document."""
    values = _values(operator, columns[0])
    if operator.weights is None:
        result: Array = values[:, operator.kept].toarray()
    else:
        assert operator.intercept is not None
        result = values @ operator.weights.T + operator.intercept
    result[[text is None for text in columns[0]]] = np.nan
    return result


def error(operator: Tokens, columns: Sequence[Array], errors: Sequence[Array], n_rows: int) -> Array:
    """Bound the rounding error: of logarithm, idf and norm for each value, and of sums in any order."""
    values = _values(operator, columns[0])
    unit, coarse = np.finfo(np.float64).eps, np.finfo(np.float32).eps
    terms = np.diff(values.indptr)[:, np.newaxis]
    if operator.weights is None:
        size: Array = values[:, operator.kept].toarray()
    else:
        assert operator.intercept is not None
        size = abs(values) @ np.abs(operator.weights).T + np.abs(operator.intercept)
    bound: Array = np.abs(size) * unit * (2 * terms + 8)
    if operator.single and (operator.sublinear or operator.norm != "none"):
        bound += np.abs(size) * coarse * _ROUNDINGS
    if operator.adds_single:
        bound += np.abs(size) * coarse * (terms + 2)
    if operator.slack is not None:
        bound += unit * (abs(values) @ operator.slack[:, :-1].T + operator.slack[:, -1])
    return bound


_ROUNDINGS = 4
"""To float32: of the logarithm, one plus it, times idf, over the norm."""


def _values(operator: Tokens, texts: Array) -> Any:
    """Return the weighted counts as a sparse matrix, computed as scikit-learn does."""
    positions = {token: position for position, token in enumerate(operator.vocabulary)}
    indices: list[int] = []
    counts: list[float] = []
    indptr = [0]
    for text in texts:
        found = Counter(analyze(operator, text)) if text is not None else Counter()
        known = sorted((positions[token], count) for token, count in found.items() if token in positions)
        indices += [position for position, _ in known]
        counts += [1.0 if operator.binary else float(count) for _, count in known]
        indptr.append(len(indices))
    matrix = csr_array((np.array(counts), np.array(indices, dtype=np.int64), indptr), (len(texts), len(positions)))
    if operator.sublinear:
        matrix.data = _held(operator, _held(operator, np.log(matrix.data)) + 1.0)
    if operator.idf is not None:
        matrix.data = _held(operator, matrix.data * operator.idf[matrix.indices])
    if operator.norm != "none":
        _normalize(operator, matrix)
        matrix.data = _held(operator, matrix.data)
    return matrix


def _held(operator: Tokens, values: Array) -> Array:
    """Return values in the precision in which the library holds them."""
    return values.astype(np.float32).astype(np.float64) if operator.single else values


def _normalize(operator: Tokens, matrix: Any) -> None:
    """Divide each row by its norm, added up in double, in the order of the columns."""
    for start, stop in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        row = matrix.data[start:stop]
        sizes = np.abs(row) if operator.norm == "l1" else _held(operator, row * row)
        total = float(np.cumsum(sizes)[-1]) if len(row) else 0.0
        if total:
            row /= total if operator.norm == "l1" else np.sqrt(total)


def analyze(operator: Tokens, text: str) -> Iterator[str]:
    """Yield the tokens of a document."""
    if operator.lowercase:
        text = text.lower()
    if operator.accents != "keep":
        text = "".join(stripped(character, operator.accents) for character in text)
    if operator.unit == "word":
        yield from _word_ngrams(operator, text)
    elif operator.unit == "char":
        characters = re.sub(WHITESPACE + "{2,}", " ", text)
        for n in range(operator.ngrams[0], operator.ngrams[1] + 1):
            yield from (characters[at : at + n] for at in range(len(characters) - n + 1))
    else:
        for word in text.split():
            yield from _padded_ngrams(f" {word} ", operator.ngrams)


def stripped(character: str, accents: Accents) -> str:
    """Return what is left of a character when accents are stripped.

    Decomposition works on each character alone, but for the order of combining characters, which all go.
    """
    decomposed = unicodedata.normalize("NFKD", character)
    if accents == "ascii":
        return "".join(part for part in decomposed if part.isascii())
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _word_ngrams(operator: Tokens, text: str) -> Iterator[str]:
    words = re.findall(operator.pattern, text)
    if operator.whole:
        words = [word for word in words if re.fullmatch(operator.whole, word)]
    stop_words = frozenset(operator.stop_words)
    words = [word for word in words if word not in stop_words]
    for n in range(operator.ngrams[0], operator.ngrams[1] + 1):
        yield from (" ".join(words[at : at + n]) for at in range(len(words) - n + 1))


def _padded_ngrams(word: str, ngrams: tuple[int, int]) -> Iterator[str]:
    """Yield the n-grams of a word between two spaces; the word itself once where it is not longer than the longest."""
    shortest, longest = ngrams
    for n in range(shortest, min(longest, len(word) - 1) + 1):
        yield from (word[at : at + n] for at in range(len(word) - n + 1))
    if len(word) <= longest:
        yield word


def element_of(expr: Expr) -> tuple[Tokens, int] | None:
    """Return the operator and the position in its vocabulary, where an expression is one value of a Tokens."""
    if isinstance(expr, Element) and isinstance(expr.operator, Tokens) and expr.operator.weights is None:
        return expr.operator, int(expr.operator.kept[expr.index])
    return None
