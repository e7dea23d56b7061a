from __future__ import annotations

import pytest
import typer.main

import sqlops
from sqlops.cli import app
from sqlops.cli.models import DIALECT_HELP
from sqlops.dialects import DIALECTS

from .conftest import run

COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_all_commands_are_there() -> None:
    assert set(COMMANDS) >= {
        "compile", "deploy", "events", "metrics", "models", "monitor", "promote", "query", "refresh", "register",
        "rollback", "score", "sql", "supported", "verify", "versions",
    }  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples(name: str) -> None:
    done = run(name, "--help")
    assert done.exit_code == 0
    assert f"\n  Examples:\n    sqlops {name} " in done.stdout.replace(f"sqlops {name}\n", f"sqlops {name} \n")


def test_help_names_every_dialect() -> None:
    listed = DIALECT_HELP.partition(": ")[2].rstrip(".").replace(" or ", ", ").split(", ")
    assert listed == sorted(DIALECTS)


def test_version() -> None:
    assert run("--version").stdout == f"sqlops {sqlops.__version__}\n"
