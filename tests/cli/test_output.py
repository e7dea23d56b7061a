from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from sqlops.cli.output import Format, print_frame, print_record

FRAME = pd.DataFrame(
    {
        "model": ["late_arrival", "naïve"],
        "value": [0.1234567891, np.nan],
        "n_rows": [1.0, np.nan],
        "status": ["alert", "ok"],
        "at": pd.to_datetime(["2013-01-01", "2013-02-01"]),
        "ok": [True, False],
        "text": ["two\nlines", None],
    }
)


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame(FRAME, Format.TABLE)
    assert capsys.readouterr().out == (
        "model             value   n rows   status   at           ok      text\n"
        "──────────────────────────────────────────────────────────────────────────\n"
        "late_arrival   0.123457        1   alert    2013-01-01   true    two lines\n"
        "naïve                              ok       2013-02-01   false\n"
    )


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame(FRAME, Format.JSON)
    first, second = json.loads(capsys.readouterr().out)
    assert first == {
        "model": "late_arrival", "value": 0.1234567891, "n_rows": 1.0, "status": "alert", "at": "2013-01-01T00:00:00",
        "ok": True, "text": "two\nlines",
    }  # fmt: skip
    assert (second["value"], second["text"]) == (None, None)


def test_csv(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame(FRAME[["model", "value"]], Format.CSV)
    assert capsys.readouterr().out == "model,value\nlate_arrival,0.1234567891\nnaïve,\n"


def test_columns_that_do_not_fit_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    wide = pd.DataFrame([{f"column_{number}": "x" * 30 for number in range(4)}])
    print_frame(wide, Format.TABLE)
    out, err = capsys.readouterr()
    assert max(map(len, out.splitlines())) <= 80
    assert err == "not shown for lack of width: column_2, column_3 (--format json or csv shows all)\n"


def test_long_cells_are_cut_in_tables_only(capsys: pytest.CaptureFixture[str]) -> None:
    frame = pd.DataFrame({"text": ["x" * 100]})
    print_frame(frame, Format.TABLE)
    assert capsys.readouterr().out.splitlines()[-1] == "x" * 39 + "…"
    print_frame(frame, Format.JSON)
    assert json.loads(capsys.readouterr().out) == [{"text": "x" * 100}]


def test_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_frame(FRAME[:0], Format.TABLE)
    assert capsys.readouterr() == ("", "nothing to show\n")
    print_frame(FRAME[:0], Format.JSON)
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        (Format.TABLE, "name    lead_score\nnumber  2\n"),
        (Format.JSON, '{\n  "name": "lead_score",\n  "number": 2\n}\n'),
        (Format.CSV, "name,number\nlead_score,2\n"),
    ],
)
def test_records(format_: Format, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    print_record({"name": "lead_score", "number": 2}, format_)
    assert capsys.readouterr().out == text
