from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from typer.testing import CliRunner, Result

from sqlops.cli import app

INPUTS = ["age", "income"]


class Odd(LogisticRegression):
    """A class that nobody knows."""


def run(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner(env={"COLUMNS": "80", "TERM": "dumb", "NO_COLOR": "1"}).invoke(app, [str(a) for a in arguments])


def leads(n_rows: int = 400) -> pd.DataFrame:
    """Return leads with a key, a date, two numbers and a label."""
    rng = np.random.default_rng(1)
    age = rng.integers(18, 80, n_rows).astype(float)
    income = rng.lognormal(10, 0.5, n_rows).round(2)
    converted = (rng.random(n_rows) < 1 / (1 + np.exp((40 - age) / 10))).astype(int)
    created = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 90, n_rows), unit="D")
    return pd.DataFrame(
        {"lead_id": np.arange(n_rows), "created_at": created, "age": age, "income": income, "converted": converted}
    )


def fitted(frame: pd.DataFrame) -> Pipeline:
    """Return a pipeline fitted on the leads."""
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(frame[INPUTS], frame["converted"])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with lead_score.skops, train.parquet and train.csv."""
    monkeypatch.chdir(tmp_path)
    frame = leads()
    skops.io.dump(fitted(frame), tmp_path / "lead_score.skops")
    frame.to_parquet(tmp_path / "train.parquet")
    frame.to_csv(tmp_path / "train.csv", index=False)
    return tmp_path


@pytest.fixture
def compiled(folder: Path) -> Path:
    """The same folder, with lead_score.sqlops."""
    assert run("compile", "lead_score.skops", "train.parquet").exit_code == 0
    return folder
