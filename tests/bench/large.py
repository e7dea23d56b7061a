"""Large models: seconds and memory to compile and deploy each in DuckDB, and to score rows (``make bench-large``).

Each model is fitted in a process of its own and handed over as a pickle to a fresh one, in which it is compiled,
deployed and scored: `compile_peak_mb` is the peak of that process once the model is compiled, libraries and estimator
and all, and `peak_mb` the one at its end.
"""

from __future__ import annotations

import argparse
import json
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC

import sqlops
from tests.bench.common import alone, machine, megabytes
from tests.bench.data import frame_of_numbers, numbers
from tests.bench.models import grown_forest

ROWS = 100_000
Fitted = tuple[Any, Any]
"""A fitted estimator and its X."""
SHOPS = [f"shop {number}" for number in range(10_000)]


def support_vectors() -> Fitted:
    X, _ = numbers(5_600)
    y = np.random.default_rng(0).integers(0, 2, len(X))
    model = SVC(gamma=0.05).fit(X, y)
    assert len(model.support_vectors_) >= 5_000
    return model, X


def neighbors() -> Fitted:
    X, y = numbers(10_000)
    return KNeighborsClassifier().fit(X, y), X


def perceptron() -> Fitted:
    X, y = numbers(2_000)
    return MLPClassifier((100, 100), max_iter=5, random_state=0).fit(X, y), X


def documents(n: int, seed: int = 0, vocabulary: int = 50_000) -> list[str]:
    rng = np.random.default_rng(seed)
    words = np.array([f"word{number}" for number in range(vocabulary)])
    drawn = (vocabulary * rng.random((n, 50)) ** 3).astype(int)
    return [" ".join(row) for row in words[drawn]]


def text() -> Fitted:
    texts = [*documents(20_000), " ".join(f"word{n}" for n in range(50_000))]
    y = np.random.default_rng(0).integers(0, 2, len(texts))
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=20)).fit(texts, y)
    assert len(model[0].vocabulary_) == 50_000
    return model, texts[:2_000]


def frame_of_documents(n: int) -> pd.DataFrame:
    return pd.DataFrame({"text": documents(n, seed=1)})


def categories() -> Fitted:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"shop": SHOPS + list(rng.choice(SHOPS, 10_000))})
    y = rng.integers(0, 2, len(X))
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression(max_iter=20)).fit(X, y)
    return model, X


def frame_of_shops(n: int) -> pd.DataFrame:
    return pd.DataFrame({"shop": np.random.default_rng(1).choice([*SHOPS, "closed"], n)})


MODELS: dict[str, tuple[Callable[[], Fitted], Callable[[int], pd.DataFrame]]] = {
    "RandomForest 100, fully grown": (grown_forest, frame_of_numbers),
    "SVC rbf, 5,000 support vectors": (support_vectors, frame_of_numbers),
    "KNeighbors 5 of 10,000": (neighbors, frame_of_numbers),
    "MLP 100 x 100": (perceptron, frame_of_numbers),
    "tf-idf of 50,000 words + logistic regression": (text, frame_of_documents),
    "one-hot of 10,000 + logistic regression": (categories, frame_of_shops),
}
"""What fits each model, and what makes rows to score."""


def fit(name: str, path: Path) -> None:
    path.write_bytes(pickle.dumps(MODELS[name][0]()))


def measure(name: str, rows: int, path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        model, X = pickle.load(file)
    start = time.perf_counter()
    compiled = sqlops.compile(model, X, name="large")
    seconds = time.perf_counter() - start
    compile_peak = megabytes()
    frame = MODELS[name][1](rows)
    with duckdb.connect() as connection:
        connection.execute("SET memory_limit = '4GB'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("CREATE TABLE given AS SELECT row_number() OVER () AS id, * FROM frame")
        warehouse = sqlops.connect(connection)
        warehouse.register(compiled)
        start = time.perf_counter()
        warehouse.deploy("large", 1, source="given", keys="id")
        deployed = time.perf_counter() - start
        view = connection.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'large_v1'").fetchall()[0][0]
        start, cpu = time.perf_counter(), time.process_time()
        connection.execute("CREATE TABLE scored AS SELECT * FROM large")
        ran, used = time.perf_counter() - start, time.process_time() - cpu
        assert connection.execute("SELECT count(*) FROM scored").fetchall() == [(rows,)]
    given: Any = frame
    if isinstance(X, list):
        given = given.iloc[:, 0]
    elif isinstance(X, np.ndarray):
        given = given.to_numpy()
    score = model.decision_function if isinstance(model, SVC) else model.predict_proba
    start = time.process_time()
    score(given)
    return {
        "model": name,
        "compile_s": round(seconds, 2),
        "compile_peak_mb": round(compile_peak),
        "deploy_s": round(deployed, 2),
        "view_kb": round(len(view) / 1e3, 1),
        "run_s": round(ran, 2),
        "run_cpu_s": round(used, 2),
        "library_cpu_s": round(time.process_time() - start, 2),
        "peak_mb": round(megabytes()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--model", action="append", choices=MODELS, help="only these")
    parser.add_argument("--json", type=Path)
    parsed = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "model.pickle"
        for name in parsed.model or MODELS:
            alone(fit, name, path)
            results.append(alone(measure, name, parsed.rows, path))
            print(results[-1], flush=True)
    print(pd.DataFrame(results).to_string(index=False))
    if parsed.json:
        measured = {"rows": parsed.rows, **machine(), "results": results}
        parsed.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
