"""A model over text in a warehouse: view, functions, refreshed table, and filters that reach the source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeRegressor

import sqlops
from sqlops.warehouse import Warehouse
from tests.conformance.cases.text import HOSTILE


def loaded(path: Path, **columns: list[object]) -> Warehouse:
    wh = sqlops.connect(path)
    n_rows = len(next(iter(columns.values())))
    wh.connection.load("documents", pa.table({"id": range(n_rows), **columns}), temporary=False)
    return wh


def test_text_model_deploys(tmp_path: Path) -> None:
    texts = HOSTILE * 3
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), strip_accents="unicode"), LogisticRegression(C=30)).fit(
        texts, np.arange(len(texts)) % 2
    )
    compiled = sqlops.compile(model, texts, name="topic")
    with loaded(tmp_path / "text.duckdb", text=[*texts, None]) as wh:
        wh.register(compiled)
        done = wh.deploy("topic", 1, source="documents", keys="id")
        assert done.parity is not None
        assert done.parity.ok
        expected = model.predict_proba(texts)[:, 1]
        viewed = wh.query("SELECT probability_1 FROM topic ORDER BY id")["probability_1"]
        np.testing.assert_allclose(viewed[:-1], expected, rtol=1e-9)
        assert viewed.isna().tolist()[-1]
        called = wh.query("SELECT topic_probability(text) AS p FROM documents ORDER BY id")["p"]
        pd.testing.assert_series_equal(called, viewed, check_names=False)
        related = wh.query("SELECT probability_1 FROM topic_of('documents') ORDER BY id")["probability_1"]
        pd.testing.assert_series_equal(related, viewed)
        assert wh.refresh("topic").new == len(texts) + 1
        assert wh.refresh("topic").unchanged == len(texts) + 1
        plan = wh.connection.rows("EXPLAIN SELECT * FROM topic WHERE id = 7")[0][1]
        scan = plan[plan.rindex("SEQ_SCAN") :] if "SEQ_SCAN" in plan else plan
        assert "id=7" in scan.replace(" ", "")
        assert "JOIN" not in plan.replace("CROSS_PRODUCT", "")
        assert "GROUP_BY" not in plan


def test_large_lookup_deploys_and_is_saved(tmp_path: Path) -> None:
    codes = [f"code {number}" for number in range(500)]
    X = pd.DataFrame({"code": codes})
    model = make_pipeline(OrdinalEncoder(), DecisionTreeRegressor(max_depth=5)).fit(X, np.arange(500) % 7)
    saved = sqlops.compile(model, X, name="place").save(tmp_path / "place.sqlops")
    with loaded(tmp_path / "codes.duckdb", code=[*codes, "unseen", None]) as wh:
        wh.register(sqlops.load(saved))
        wh.deploy("place", 1, source="documents", keys="id")
        got = wh.query(
            "SELECT prediction, place_predict(code) AS called FROM place JOIN documents USING (id) ORDER BY id"
        )
        assert got.isna().all(axis=1).tolist() == [False] * 500 + [True, True]
        for column in got:
            np.testing.assert_allclose(got[column][:500], model.predict(X))


def test_text_model_is_saved_and_loaded(tmp_path: Path) -> None:
    model = make_pipeline(TfidfVectorizer(stop_words=["the"], sublinear_tf=True), LogisticRegression())
    model.fit(HOSTILE, np.arange(len(HOSTILE)) % 3)
    compiled = sqlops.compile(model, HOSTILE)
    again = sqlops.load(compiled.save(tmp_path / "text.sqlops"))
    assert again.sql(source="t") == compiled.sql(source="t")
    assert again.verify(HOSTILE, model).ok
