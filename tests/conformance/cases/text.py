"""Text: vectorizers and their options on documents of many scripts, and what reads them."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.tree import DecisionTreeRegressor

from tests.conformance.cases import Cases

CASES = Cases("text")

PLAIN = [
    "The quick brown fox jumps over the lazy dog",
    "the dog and the fox, the dog's den; a den",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit",
    "to be or not to be, that is the question",
    "a b c dd ee dd ee ff_gg _x1 1234 12.5 3e10",
    "",
    " ",
    "one\ntwo\t three\r\nfour\x0bfive\x1csix",
    "MIXED Case miXed cASE",
    "tabs\t\tand  double   spaces ",
]

HOSTILE = [
    *PLAIN,
    "it's 'quoted' don''t \"double\" back\\slash \\n %s {0} $1",
    "); DROP TABLE x; -- /* comment */",
    "naïve café Größe straße STRASSE ẞ ŒUVRE ﬁnal ﬂow",
    "nai\u0308ve cafe\u0301 A\u030angstro\u0308m \u1e9b\u0323",
    "İstanbul Istanbul ısı IŞIK i̇ç",
    "ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ Σίσυφος ΣΣ Σ ΑΣ. ΑΣΑ 'ΑΣ' Α\u0301Σ ΑΣ\u00adΑ ΑΣ\u0301",
    "ϲίγμα ςσ άλφα Άλφα",
    "съешь ещё этих МЯГКИХ французских булок Й",
    "日本語のテキスト 中文分词 한국어 텍스트 \u1112\u1161\u11ab ｶﾀｶﾅ ＦＵＬＬ",
    "العربية نص مُشَكَّل ١٢٣ ۱۲۳",
    "עברית שָׁלוֹם हिन्दी क्षेत्र ไทย ภาษา",
    "emoji 👍🏽 👩\u200d👩\u200d👧 🇩🇪 x👍y",
    "zero\u200bwidth joiner\u200dhere soft\u00adhyphen nb\u00a0space thin\u2009space ideo\u3000space",
    "digits ٣٤ ४५ ５６ ² ½ Ⅷ 〇 x² 𝟘𝟙 𝒳𝓎",
    "under_score __dunder__ a_b _ __",
    "line\u2028sep para\u2029sep nel\x85x",
    "\ufeffbom \U0001f600\U0001f601 \U00010400\U00010428 Ǆ ǅ ŉ ΐ \u0345",
]


def answers(documents):
    """Return labels that depend on the documents a little."""
    return np.array([(7 * len(text) + text.count("e")) % 3 for text in documents])


def classified(vectorizer, documents=HOSTILE):
    X = pd.Series(documents, dtype=object)
    return make_pipeline(vectorizer, LogisticRegression(C=50)).fit(X, answers(documents)), X


def others(X):
    """Probe with parts and joins of the documents, of other words between known ones."""
    texts = X.dropna().tolist()
    joined = [f"{a} unknown {b[::-1]} {a}" for a, b in pairwise(texts)]
    upper = [text.upper() for text in texts]
    yield pd.Series(joined + upper, dtype=object)


for name, options in {
    "words": {},
    "words and pairs": {"ngram_range": (1, 2)},
    "pairs and triples": {"ngram_range": (2, 3)},
    "case kept": {"lowercase": False},
    "binary": {"binary": True},
    "stop words": {"stop_words": "english"},
    "stop words and pairs": {"stop_words": ["the", "den", "größe", "σς"], "ngram_range": (1, 2)},
    "accents ascii": {"strip_accents": "ascii"},
    "accents unicode": {"strip_accents": "unicode"},
    "accents unicode, case kept": {"strip_accents": "unicode", "lowercase": False},
    "char": {"analyzer": "char"},
    "char 2 to 4": {"analyzer": "char", "ngram_range": (2, 4)},
    "char, accents": {"analyzer": "char", "strip_accents": "unicode", "ngram_range": (1, 2)},
    "char_wb 1 to 3": {"analyzer": "char_wb", "ngram_range": (1, 3)},
    "char_wb 5 to 8": {"analyzer": "char_wb", "ngram_range": (5, 8)},
    "limits": {"max_df": 0.5, "min_df": 2, "max_features": 20},
    "vocabulary": {"vocabulary": ["dog", "fox", "größe", "σας", "the"]},
    "vocabulary with pairs and stop words": {"vocabulary": {"the": 1, "dog": 0, "the dog": 2}, "stop_words": ["the"]},
    "float dtype": {"dtype": np.float64},
}.items():
    CASES.add(f"count, {name}", probes=others)(partial(lambda o: classified(CountVectorizer(**o)), options))

for pattern in (
    r"\w+",
    r"(?u)\b\w+\b",
    r"\b[^\d\W]+\b",
    r"\b[a-z]{2,}\b",
    r"\S+",
    r"[^\W_]+|[.,;]",
    r"_(\w+)",
    r"(?a)\b\w\w+\b",
    r"\b(?:the|[A-Z]\w*?e)\b",
    r"[\w']+",
    r".",
    r"(?s)...",
    r"\d+(?:\.\d+)?",
):
    CASES.add(f"count, pattern {pattern}", probes=others)(
        partial(lambda p: classified(CountVectorizer(token_pattern=p, lowercase=False)), pattern)
    )

for name, options in {
    "default": {},
    "l1": {"norm": "l1"},
    "no norm": {"norm": None},
    "no idf": {"use_idf": False},
    "not smooth": {"smooth_idf": False},
    "sublinear": {"sublinear_tf": True},
    "sublinear, no norm, no idf": {"sublinear_tf": True, "norm": None, "use_idf": False},
    "binary": {"binary": True, "norm": "l1"},
    "all": {"sublinear_tf": True, "ngram_range": (1, 2), "stop_words": "english", "strip_accents": "unicode"},
}.items():
    CASES.add(f"tfidf, {name}", probes=others)(partial(lambda o: classified(TfidfVectorizer(**o)), options))


@CASES.add("columns of counts")
def counts():
    return CountVectorizer(max_features=12).fit(PLAIN), PLAIN


@CASES.add("columns of TF-IDF, a list")
def tfidf():
    return TfidfVectorizer(ngram_range=(1, 2), max_features=15).fit(PLAIN), PLAIN


@CASES.add("columns of booleans")
def booleans():
    return CountVectorizer(dtype=bool, max_features=9).fit(PLAIN), np.array(PLAIN, dtype=object)


@CASES.add("one document")
def one():
    return CountVectorizer().fit(PLAIN), PLAIN[:1]


@CASES.add("missing documents", probes=others)
def missing():
    model, X = classified(TfidfVectorizer())
    return model, pd.concat([X, pd.Series([None, None], dtype=object)], ignore_index=True)


@CASES.add("str dtype with missing")
def missing_str():
    model, X = classified(TfidfVectorizer(analyzer="char_wb"))
    return model, pd.Series([*X, None], dtype="str", name="body")


for name, options in {
    "default": {},
    "l1, sublinear": {"norm": "l1", "sublinear_tf": True},
    "no norm": {"norm": None, "smooth_idf": False},
    "no idf": {"use_idf": False},
}.items():
    CASES.add(f"TfidfTransformer of counts, {name}", probes=others)(
        partial(lambda o: classified(make_pipeline(CountVectorizer(binary=True), TfidfTransformer(**o))), options)
    )

    @CASES.add(f"TfidfTransformer of numbers, {name}")
    def numbers(options=options):
        rng = np.random.default_rng(0)
        X = pd.DataFrame(rng.poisson(0.8, (40, 6)), columns=list("abcdef"))
        return TfidfTransformer(**options).fit(X), X.astype(float)


@CASES.add("TfidfTransformer of a column of zeros, whose idf is infinite")
def nothing():
    X = pd.DataFrame({"a": [1.0, 2, 0, 4], "none": 0.0, "b": [3.0, 0, 0, 1]})
    return TfidfTransformer(smooth_idf=False).fit(X), X


@CASES.add("TfidfTransformer of scaled counts")
def scaled():
    steps = make_pipeline(CountVectorizer(), MaxAbsScaler(), TfidfTransformer())
    return classified(steps, PLAIN)


@CASES.add("trees on TF-IDF", probes=others)
def trees():
    X = pd.Series(HOSTILE * 3, dtype=object)
    forest = RandomForestClassifier(n_estimators=5, random_state=0)
    return make_pipeline(TfidfVectorizer(), forest).fit(X, answers(X)), X


@CASES.add("a tree on counts", probes=others)
def tree():
    X = pd.Series(HOSTILE, dtype=object)
    return make_pipeline(CountVectorizer(), DecisionTreeRegressor(max_depth=4)).fit(X, answers(X) / 7), X


@CASES.add("latent semantic analysis", probes=others)
def latent():
    X = pd.Series(HOSTILE, dtype=object)
    steps = make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=0), Ridge())
    return steps.fit(X, answers(X)), X


@CASES.add("two text columns and a number")
def columns():
    n = len(HOSTILE)
    X = pd.DataFrame({"title": HOSTILE[::-1], "body": HOSTILE, "length": np.arange(n) / 7.0})
    steps = ColumnTransformer(
        [
            ("title", TfidfVectorizer(norm="l1"), "title"),
            ("body", CountVectorizer(analyzer="char_wb", ngram_range=(3, 3)), "body"),
            ("number", MaxAbsScaler(), ["length"]),
        ],
        transformer_weights={"body": 0.5},
    )
    return make_pipeline(steps, LogisticRegression(C=20)).fit(X, answers(HOSTILE)), X


@CASES.add("a union of words and characters", probes=others)
def union():
    words = TfidfVectorizer(sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char", ngram_range=(2, 2))
    return classified(FeatureUnion([("words", words), ("characters", characters)]))
