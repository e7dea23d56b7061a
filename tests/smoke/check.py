"""What an installed wheel must do: compile, deploy into a DuckDB file, promote, refresh, monitor, and the commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sqlops

SQLOPS = str(Path(sys.executable).with_name("sqlops"))


def command(*arguments: str) -> str:
    """Return what a command prints; it must be done."""
    done = subprocess.run([SQLOPS, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (arguments, done.returncode, done.stderr)
    return done.stdout


def main() -> None:
    """Try everything once."""
    assert Path(sqlops.__file__).is_relative_to(sys.prefix), "this is not the installed package"
    rng = np.random.default_rng(0)
    leads = pd.DataFrame({"age": rng.normal(40, 9, 2000), "income": rng.lognormal(10, 1, 2000)})
    leads["converted"] = (leads["age"] + rng.normal(0, 9, 2000) > 40).astype(int)
    leads["lead_id"] = range(2000)
    leads["created_at"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(leads["lead_id"], unit="h")
    inputs = ["age", "income"]
    for number, strength in enumerate((1.0, 0.01), 1):
        fitted = make_pipeline(StandardScaler(), LogisticRegression(C=strength)).fit(leads[inputs], leads["converted"])
        skops.io.dump(fitted, f"v{number}.skops")
    leads.to_parquet("leads.parquet")
    with duckdb.connect("leads.duckdb") as connection:
        connection.execute("create table leads as select * from leads")

    assert command("--version") == f"sqlops {sqlops.__version__}\n"
    assert "promote" in command("--help")
    for number in (1, 2):
        command("compile", f"v{number}.skops", "leads.parquet", "-o", f"v{number}.sqlops", "--name", "lead_score")
        command("verify", f"v{number}.sqlops", "leads.parquet", "--estimator", f"v{number}.skops")
        baseline = ("--baseline", "leads.parquet", "--target", "converted")
        command("register", "leads.duckdb", f"v{number}.sqlops", *baseline)
        command("deploy", "leads.duckdb", "lead_score", str(number), "--source", "leads", "--keys", "lead_id")
    command("promote", "leads.duckdb", "lead_score", "2")
    command("refresh", "leads.duckdb", "lead_score")
    windows = ("--timestamp", "created_at", "--window", "month", "--label", "converted")
    metrics = json.loads(command("monitor", "leads.duckdb", "lead_score", *windows, "--format", "json"))
    assert any(row["metric"] == "auc" and row["value"] > 0.5 for row in metrics)
    rows = json.loads(command("query", "leads.duckdb", "select * from lead_score order by lead_id", "-f", "json"))
    expected = fitted.predict_proba(leads[inputs])[:, 1]
    assert np.allclose([row["probability_1"] for row in rows], expected, rtol=1e-9, atol=0)
    print(
        f"smoke test: sqlops {sqlops.__version__} on Python {sys.version.split()[0]}, DuckDB {duckdb.__version__}: ok"
    )


if __name__ == "__main__":
    main()
