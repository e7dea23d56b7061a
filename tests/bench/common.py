"""What the benchmarks share: clocks, memory, processes of their own, and what they ran on.

Light to import: each process that measures loads it, and its memory counts.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

SPAWN = multiprocessing.get_context("spawn")
LIBRARIES = ("duckdb", "scikit-learn", "lightgbm", "xgboost-cpu", "numpy", "pandas")


class Spent(NamedTuple):
    """Seconds on the wall, and seconds of CPU (user and system) in all threads of the process."""

    wall: float
    cpu: float


def spent(action: Callable[[], object]) -> Spent:
    """Return what one run of an action takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu)


def median(runs: Iterable[Spent]) -> Spent:
    walls, cpus = zip(*runs, strict=True)
    return Spent(statistics.median(walls), statistics.median(cpus))


def megabytes() -> float:
    """Return the peak of this process's memory.

    Linux hands `ru_maxrss` of the parent on to a process that it starts, so that the peak is read from /proc there.
    """
    with contextlib.suppress(FileNotFoundError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if platform.system() == "Linux" else 1024**2)


def alone(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what a function returns in a new process, so that the peak of its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        return pool.submit(function, *args, **kwargs).result()


class StoppedError(Exception):
    """A measurement took too long, or more memory than there is."""


def each(function: Callable[..., Iterator[T]], *args: Any, limit: float) -> Iterator[T]:
    """Yield what a generator yields in a new process, which is killed when it takes too long over one of them.

    Parameters
    ----------
    function : callable
        A generator function.
    *args
        Its arguments.
    limit : float
        How many seconds it may take until the next item.

    Raises
    ------
    StoppedError
        It took longer, or raised this itself, or its process was killed.
    RuntimeError
        It failed; its traceback is on standard error.
    """
    ours, theirs = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=_send, args=(theirs, function, args))
    process.start()
    theirs.close()
    try:
        while True:
            if not ours.poll(limit):
                raise StoppedError(f"not in {limit:g} s")
            try:
                item = ours.recv()
            except EOFError:
                break
            if isinstance(item, StoppedError):
                raise item
            yield item
        process.join()
        if process.exitcode is None or process.exitcode < 0:
            raise StoppedError(f"killed by signal {-(process.exitcode or 0)}")
        if process.exitcode > 0:
            raise RuntimeError(f"{function.__name__} failed")
    finally:
        process.kill()
        process.join()
        ours.close()


def _send(pipe: Connection, function: Callable[..., Iterator[Any]], args: tuple[Any, ...]) -> None:
    try:
        for item in function(*args):
            pipe.send(item)
    except StoppedError as stopped:
        pipe.send(stopped)


def limit_memory(share: float) -> None:
    """Let this process have no more than a share of the machine's memory, rather than have the machine kill others."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = int(share * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    resource.setrlimit(resource.RLIMIT_AS, (wanted, most))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def machine() -> dict[str, Any]:
    """Return what a measurement was made on."""
    versions = {name.removesuffix("-cpu"): version(name) for name in LIBRARIES}
    return {"machine": platform.machine(), "cores": cores(), "python": platform.python_version(), **versions}
