"""The command line: every command is also a function of the package."""

from __future__ import annotations

# Importing the commands registers them.
import sqlops.cli.models
import sqlops.cli.warehouse  # noqa: F401
from sqlops.cli.app import app, main

__all__ = ["app", "main"]
