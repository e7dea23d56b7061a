"""What SQLite says, as errors of sqlops."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

from sqlops.errors import ConflictError, ConnectionFailedError, QueryError, RegistryError, SqlopsError

_NEWER = "use a later one, such as that of apsw (pip install 'sqlops[sqlite]')"


def errors_of(native: Any) -> tuple[type[Exception], ...]:
    """Return the exceptions that a connection raises: those of its driver, and one for numbers of more than 64 bits."""
    if isinstance(native, sqlite3.Connection):
        return sqlite3.Error, OverflowError
    return sys.modules["apsw"].Error, OverflowError


def translate(error: Exception, path: str | None = None) -> SqlopsError:
    """Return an error of a driver as one of sqlops.

    Parameters
    ----------
    error : Exception
    path : str, optional
        The file that is opened.
    """
    message = str(error).strip().split("\n", 1)[0]
    at = f"'{path}'" if path else "the database"
    if "file is not a database" in message:
        return ConnectionFailedError(f"{at} is not a SQLite database: name another file, or move this one away")
    if "malformed" in message and "disk image" in message:
        return ConnectionFailedError(f"{at} is corrupt: restore it from a backup ({message})")
    if "database is locked" in message or "table is locked" in message:
        return ConflictError(f"another session writes to the database at the same time: run it again ({message})")
    if "unable to open" in message:
        why = "its directory must exist, and a read-only connection does not create it"
        return ConnectionFailedError(f"cannot open {at}: {why}")
    if "readonly database" in message:
        return RegistryError("the database is open read-only: open it to write")
    if "closed" in message:
        return ConnectionFailedError(f"the connection is closed or broken: connect again ({message})")
    if "stack overflow" in message or "Recursion limit" in message:
        return QueryError(f"this SQLite nests expressions less deep than the model does: {_NEWER} ({message})")
    if "no such function" in message:
        return QueryError(f"this SQLite lacks a function that the model needs: {_NEWER} ({message})")
    return QueryError(f"SQLite refuses the statement: {message}")
