"""The command line as a scheduler sees it: processes without a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

COMMAND = "import sys; from sqlops.cli import main; sys.exit(main())"


def sqlops(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


def test_results_and_messages_go_their_own_ways(folder: Path) -> None:
    done = sqlops("compile", "lead_score.skops", "train.parquet", "--format", "csv")
    assert done.returncode == 0
    assert done.stdout.startswith("file,name,task,inputs,outputs,digest\nlead_score.sqlops,lead_score,")
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1


def test_an_error_is_one_line_without_a_traceback(folder: Path) -> None:
    done = sqlops("models", "nope.duckdb")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "error: there is no database 'nope.duckdb'\n")
    assert not Path("nope.duckdb").exists()


def test_no_command_shows_help_and_is_wrong_usage() -> None:
    done = sqlops()
    assert done.returncode == 2
    assert "Commands:" in done.stdout + done.stderr


def test_progress_is_shown_on_a_terminal_only(folder: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", COMMAND, "compile", "lead_score.skops", "train.parquet", "--format", "json"]
    with os.fdopen(ours, "rb", closefd=True) as terminal:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=theirs, stdin=subprocess.DEVNULL, env=os.environ | {"TERM": "xterm"}
        )
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # Linux ends a terminal that nobody writes to with EIO.
            while chunk := terminal.read1():
                shown += chunk
    assert done.returncode == 0
    assert json.loads(done.stdout)["name"] == "lead_score"
    assert b"compiling" in shown
