from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import joblib
import pytest
import skops.io
from sklearn.cluster import DBSCAN

import sqlops

from .conftest import INPUTS, Odd, fitted, leads, run


def test_compile_prints_what_it_made(folder: Path) -> None:
    done = run("compile", "lead_score.skops", "train.parquet", "-o", "out.sqlops", "--name", "scored")
    assert done.exit_code == 0, done.stderr
    digest = sqlops.load("out.sqlops").digest
    assert done.stdout == (
        "file     out.sqlops\n"
        "name     scored\n"
        "task     classification\n"
        "inputs   age number, income number\n"
        "outputs  prediction integer, probability_0 number, probability_1 number\n"
        f"digest   {digest}\n"
    )
    assert done.stderr.startswith("'out.sqlops' gives the estimator's answers on a sample of ")


def test_compile_takes_names_from_files(folder: Path) -> None:
    done = run("compile", "lead_score.skops", "train.csv", "--format", "json")
    assert json.loads(done.stdout)["file"] == "lead_score.sqlops"
    assert sqlops.load("lead_score.sqlops").name == "lead_score"


def test_sql_is_only_sql(compiled: Path) -> None:
    done = run("sql", "lead_score.sqlops", "--source", "crm.leads", "--keys", "lead_id")
    assert done.exit_code == 0
    assert done.stdout == sqlops.load("lead_score.sqlops").sql(source="crm.leads", keys=["lead_id"]) + "\n"
    assert done.stderr == ""


def test_score_gives_what_the_model_gives(compiled: Path) -> None:
    done = run("score", "lead_score.sqlops", "train.parquet", "--keys", "lead_id", "--format", "csv")
    scores = list(csv.DictReader(io.StringIO(done.stdout)))
    expected = sqlops.load("lead_score.sqlops").score(leads())
    assert [int(row["lead_id"]) for row in scores] == leads()["lead_id"].tolist()
    assert [float(row["probability_1"]) for row in scores] == expected["probability_1"].tolist()


def test_verify_says_how_the_answers_compare(compiled: Path) -> None:
    done = run("verify", "lead_score.sqlops", "train.parquet", "--estimator", "lead_score.skops", "--format", "json")
    assert done.exit_code == 0
    assert {row["output"]: (row["rows"], row["differing"]) for row in json.loads(done.stdout)} == {
        "prediction": (400, 0),
        "probability_0": (400, 0),
        "probability_1": (400, 0),
    }


def test_verify_of_another_estimator_fails(compiled: Path) -> None:
    frame = leads()
    frame["converted"] = 1 - frame["converted"]
    skops.io.dump(fitted(frame), "other.skops")
    done = run("verify", "lead_score.sqlops", "train.parquet", "--estimator", "other.skops")
    assert done.exit_code == 1
    assert done.stderr == "error: SQL and estimator differ\n"


def test_supported_lists_classes() -> None:
    done = run("supported", "--format", "json")
    classes = {row["class"] for row in json.loads(done.stdout)}
    assert {"LogisticRegression", "StandardScaler", "Pipeline"} <= classes


def refusal(*arguments: object) -> str:
    """Return the one line with which a command refuses."""
    done = run(*arguments)
    assert done.exit_code == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    (line,) = (line for line in done.stderr.splitlines() if not line.startswith("warning: "))
    assert line.startswith("error: ")
    return line.removeprefix("error: ")


def test_untrusted_types_are_listed_and_not_loaded(folder: Path) -> None:
    frame = leads()
    skops.io.dump(Odd().fit(frame[INPUTS], frame["converted"]), "odd.skops")
    assert refusal("compile", "odd.skops", "train.parquet") == (
        "'odd.skops' holds types that are not trusted, and was not loaded; if you know them: "
        "--trust tests.cli.conftest.Odd"
    )
    trusted = refusal("compile", "odd.skops", "train.parquet", "--trust", "tests.cli.conftest.Odd")
    assert "tests.Odd is not supported" in trusted


def test_pickles_are_refused_then_warned_of(folder: Path) -> None:
    joblib.dump(fitted(leads()), "model.joblib")
    assert refusal("compile", "model.joblib", "train.parquet") == (
        "'model.joblib' is a pickle, and reading one runs whatever code is in it: save the estimator with "
        "skops.io.dump, or allow pickles (--allow-pickle) if you trust where the file comes from"
    )
    done = run("compile", "model.joblib", "train.parquet", "--allow-pickle")
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: 'model.joblib' is a pickle: reading it runs whatever code is in it\n")


@pytest.mark.parametrize("name", ["cut.skops", "noise.skops", "empty.skops", "noise.pkl", "empty.pkl"])
def test_corrupt_files_are_refused(folder: Path, name: str) -> None:
    content = {"cut": Path("lead_score.skops").read_bytes()[:-900], "noise": b"\x80\x04noise", "empty": b""}
    Path(name).write_bytes(content[name.partition(".")[0]])
    assert f"'{name}' is corrupt" in refusal("compile", name, "train.parquet", "--allow-pickle")


def test_missing_and_unknown_files_are_refused(folder: Path) -> None:
    assert refusal("compile", "nope.skops", "train.csv") == "there is no file 'nope.skops'"
    assert refusal("compile", "lead_score.skops", "nope.csv") == "there is no file 'nope.csv'"
    assert refusal("compile", "lead_score.onnx", "train.csv").startswith("cannot tell what 'lead_score.onnx' is")
    assert refusal("compile", "lead_score.skops", "train.xlsx").startswith("cannot tell what 'train.xlsx' is")
    assert refusal("sql", "nope.sqlops", "-s", "leads").startswith("cannot read 'nope.sqlops'")
    Path("bad.parquet").write_bytes(b"PAR1 no")
    assert refusal("compile", "lead_score.skops", "bad.parquet").startswith("cannot read 'bad.parquet'")


def test_missing_columns_are_all_named(compiled: Path) -> None:
    leads().drop(columns=INPUTS).to_parquet("keys.parquet")
    for command in (["compile", "lead_score.skops"], ["score", "lead_score.sqlops"]):
        text = refusal(*command, "keys.parquet")
        assert "'age' is missing" in text
        assert "'income' is missing" in text


def test_an_unsupported_estimator_names_step_and_class(folder: Path) -> None:
    frame = leads()
    skops.io.dump(DBSCAN().fit(frame[INPUTS]), "dbscan.skops")
    assert "DBSCAN is not supported" in refusal("compile", "dbscan.skops", "train.csv")


def test_a_bad_name_is_refused(folder: Path) -> None:
    assert refusal("compile", "lead_score.skops", "train.csv", "--name", "no-name").startswith("'no-name' cannot name")


@pytest.mark.parametrize(
    "arguments",
    [["compile"], ["sql", "x.sqlops"], ["nonsense"], ["score", "a", "b", "--format", "xml"], ["deploy", "a", "b", "0"]],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Usage: " in done.stderr
