from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lightgbm import LGBMClassifier

import sqlops.supported
from tests import spark
from tests.warehouses.engines import postgres_database

ROOT = Path(__file__).parents[2]
QUICKSTART = ROOT / "examples" / "quickstart.py"


def test_quickstart_runs_and_runs_again(tmp_path: Path) -> None:
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, QUICKSTART], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        assert done.returncode == 0, done.stderr
        assert "prediction: 0 of 569 rows differ" in done.stdout
        assert "probability_1" in done.stdout


def test_readme_shows_the_quickstart() -> None:
    assert f"```python\n{QUICKSTART.read_text()}```" in (ROOT / "README.md").read_text()


def test_readme_lists_what_is_supported() -> None:
    text = (ROOT / "README.md").read_text()
    assert sqlops.supported.renew(text) == text, "run `make docs`"


@pytest.mark.skipif(
    not hasattr(LGBMClassifier, "decision_function"), reason="the page lists what classes have since LightGBM 4.7"
)
def test_docs_list_what_is_supported() -> None:
    assert sqlops.supported.page() == (ROOT / "docs" / "supported.md").read_text(), "run `make docs`"


def run_example(name: str, target: str, directory: Path) -> str:
    """Run an example as a user would, and return what it prints."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / name, target],
        cwd=directory, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_postgres_runs_and_runs_again(tmp_path: Path) -> None:
    with postgres_database() as url:
        for changed in ("569 new", "569 unchanged"):
            printed = run_example("postgres.py", url, tmp_path)
            assert changed in printed
            assert "probability_1" in printed


def test_sqlite_runs_and_runs_again(tmp_path: Path) -> None:
    for changed in ("569 new", "569 unchanged"):
        printed = run_example("sqlite.py", "clinic.sqlite", tmp_path)
        assert changed in printed
        assert printed.splitlines()[-3].startswith("461 0 ")


def test_clickhouse_runs(tmp_path: Path) -> None:
    printed = run_example("clickhouse.py", "chdb://memory", tmp_path)
    assert "default.benign_scores: 569 new, 0 changed, 0 unchanged (version 1)" in printed
    assert "default.benign_scores: 0 new, 569 changed, 0 unchanged (version 2)" in printed
    assert printed.count(" ok\n") == 4
    assert printed.endswith("benign version 1 is in force, instead of version 2\n")


@pytest.mark.long
@pytest.mark.xdist_group("spark")
def test_spark_scores_the_flights_on_two_executors(tmp_path: Path) -> None:
    """Two models of the demo over a file of flights per month: each executor scores some of them, as scikit-learn."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / "spark.py", "local-cluster[2,1,1024]"],
        cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env=os.environ | {"JAVA_HOME": str(spark.java_home(tmp_path)), "SPARK_LOCAL_IP": "127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(re.findall(": 336,776 flights in .* s, 0 labels differ from\n.* more than 1e-9: True", done.stdout)) == 2
    scored = {
        name: int(rows.replace(",", "")) for name, rows in re.findall(r"executor (\w+): .* ([\d,]+) f", done.stdout)
    }
    assert set(scored) == {"0", "1"}
    assert min(scored.values()) > 0
    assert sum(scored.values()) == 2 * 336_776
