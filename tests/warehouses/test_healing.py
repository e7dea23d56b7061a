"""A session that dies before any statement of a command: what users see stays whole, and the repeat heals.

Where there are transactions these do it. Where there are none, it is the order of the statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from sqlops.registry import log
from sqlops.warehouse import Warehouse
from tests.warehouses.conftest import Life, put_customers
from tests.warehouses.engines import WAREHOUSES
from tests.warehouses.test_life import KEYS

TIMES = re.compile(r"id|run_id|\w+_at")
ENTRY = re.compile(r"_scores_\d+")
MONITORED = {"timestamp": "created_at", "window": "month", "label": "converted", "slices": ["city"]}
EVERYDAY_ENGINES = ("sqlite", "clickhouse", "snowflake")
"""Where each command is broken off in one place every day; other engines, and all places, are for the long run."""


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def dying(wh: Warehouse, n: int | None) -> Iterator[list[str]]:
    """Let a session die before its n-th statement that writes, and yield what it ran until then.

    A table that is loaded is two statements: it is created, and it is filled.
    """
    connection, done = wh.connection, list[str]()
    execute, load = connection.execute, connection.load

    def count(what: str) -> None:
        if len(done) == n:
            connection.execute = connection.load = die
            raise Killed(what)
        done.append(what)

    def die(*_: object, **__: object) -> None:
        raise Killed

    def dying_execute(sql: Any, parameters: Any = ()) -> None:
        count(str(sql))
        execute(sql, parameters)

    def dying_load(name: Any, table: pa.Table, *, temporary: bool = True) -> None:
        count(f"create {name}")
        if len(done) == n:
            load(name, table.slice(0, 0), temporary=temporary)
        count(f"fill {name}")
        connection.execute = execute
        load(name, table, temporary=temporary)
        connection.execute = dying_execute

    connection.execute, connection.load = dying_execute, dying_load
    try:
        yield done
    finally:
        del connection.execute, connection.load


@dataclass(frozen=True)
class Command:
    """A command, and what is there before it.

    Parameters
    ----------
    before : callable
        What has happened.
    run : callable
        The command.
    """

    before: Callable[[Warehouse, Life], object]
    run: Callable[[Warehouse, Life], object]


def register(wh: Warehouse, life: Life) -> object:
    return wh.register(life.tree, baseline=life.baseline.head(50), target="converted")


def deploy(wh: Warehouse, life: Life) -> object:
    return wh.deploy("lead_score", 1, source="customers", keys=KEYS)


def redeploy(wh: Warehouse, life: Life) -> object:
    return wh.deploy("lead_score", 1, source="others", keys=["other_id"], allow_breaking=True)


def promote(wh: Warehouse, life: Life) -> object:
    return wh.promote("lead_score", 2)


def refresh(wh: Warehouse, life: Life) -> object:
    return wh.refresh("lead_score", prune=True)


def monitor(wh: Warehouse, life: Life) -> object:
    return wh.monitor("lead_score", **MONITORED)


def registered(wh: Warehouse, life: Life) -> None:
    wh.register(life.tree)


def deployed(wh: Warehouse, life: Life) -> None:
    registered(wh, life)
    deploy(wh, life)
    query = "SELECT customer_id AS other_id, age, income, city, flag FROM customers WHERE customer_id < 300"
    wh.connection.execute(f"CREATE VIEW others AS {query}")


def two_deployed(wh: Warehouse, life: Life) -> None:
    registered(wh, life)
    deploy(wh, life)
    wh.register(life.logistic)
    wh.deploy("lead_score", 2, source="customers", keys=KEYS)


def promoted(wh: Warehouse, life: Life) -> None:
    two_deployed(wh, life)
    promote(wh, life)


def refreshed(wh: Warehouse, life: Life) -> None:
    registered(wh, life)
    deploy(wh, life)
    wh.refresh("lead_score")
    changed = life.customers.set_index("customer_id").drop([1, 2])
    changed.loc[7, "age"] = 90
    put_customers(wh, changed.reset_index())


def frozen(wh: Warehouse, life: Life) -> None:
    register(wh, life)
    deploy(wh, life)


COMMANDS = {
    "register": Command(lambda wh, life: None, register),
    "deploy": Command(registered, deploy),
    "redeploy": Command(deployed, redeploy),
    "promote": Command(two_deployed, promote),
    "rollback": Command(promoted, lambda wh, life: wh.rollback("lead_score")),
    "refresh": Command(deployed, refresh),
    "refresh again": Command(refreshed, refresh),
    "monitor": Command(frozen, monitor),
}


def seen(wh: Warehouse) -> dict[str, pd.DataFrame | None]:
    """Return what readers of the views without a version see; None where there is none."""
    found = {}
    for name in ("lead_score", "lead_score_scores"):
        there = wh.connection.locate(name)
        frame = None if there is None else wh.query(f"SELECT * FROM {name}")
        found[name] = None if frame is None else sort(frame.drop(columns="scored_at", errors="ignore"))
    return found


def sort(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns), ignore_index=True)


def state(wh: Warehouse) -> dict[str, Any]:
    """Return what the registry says, without times and ids."""
    dialect, said = wh.connection.dialect, {}
    for table in sorted(log.columns()):
        place = dialect.table(wh.schema, table)
        if wh.connection.locate(place) is None:
            continue
        told = [column for column in log.columns()[table] if column != "artifact" and not TIMES.fullmatch(column)]
        listed = ", ".join(map(dialect.identifier, told))
        frame = wh.connection.frame(f"SELECT {listed} FROM {place.sql(dialect=dialect.grammar)}")
        rows = [tuple(map(as_text, row)) for row in frame.itertuples(index=False)]
        # A proof that was done twice is written down twice.
        said[table] = sorted(set(rows) if table == "parity_checks" else rows)
    owned = wh.connection.rows(
        f"SELECT placed_in, object FROM {dialect.table(wh.schema, 'objects').sql(dialect=dialect.grammar)}"
    )
    said["gone"] = [name for schema, name in owned if not wh.connection.named(schema, [name])]
    return said


def as_text(value: object) -> str:
    """Return a value as text; sums of doubles depend on the order of threads in their last digits."""
    return f"{value:.9g}" if isinstance(value, float) else ENTRY.sub("_scores_n", str(value))


def masked(wh: Warehouse, said: Mapping[str, Any]) -> str:
    """Return a state as text, without the name of the database of the test."""
    return str(said).replace(wh.connection.current_schema(), "here")


def is_one_of(got: pd.DataFrame | None, *allowed: pd.DataFrame | None) -> bool:
    return any((got is None and want is None) or (got is not None and got.equals(want)) for want in allowed)


def cases() -> list[Any]:
    """Return engines and whether every place is tried; where other tests kill processes, only in the long run."""
    found = []
    for engine in WAREHOUSES:
        group = pytest.mark.xdist_group(engine)
        if engine in EVERYDAY_ENGINES:
            found.append(pytest.param(engine, False, marks=group, id=f"{engine}-some"))
        found.append(pytest.param(engine, True, marks=(group, pytest.mark.long), id=f"{engine}-all"))
    return found


@pytest.mark.parametrize(("engine", "every"), cases())
@pytest.mark.parametrize("command", COMMANDS)
def test_the_repeat_of_a_command_that_was_broken_off(engine: str, command: str, every: bool, life: Life) -> None:
    before, run = COMMANDS[command].before, COMMANDS[command].run

    @contextmanager
    def prepared() -> Iterator[Warehouse]:
        with WAREHOUSES[engine]() as wh:
            put_customers(wh, life.customers)
            before(wh, life)
            yield wh

    with prepared() as wh:
        old = seen(wh)
        with dying(wh, None) as done:
            run(wh, life)
        new, want = seen(wh), masked(wh, state(wh))
    some = [len(done) * (1 + list(COMMANDS).index(command)) // (1 + len(COMMANDS))]
    for n in range(len(done)) if every else some:
        with prepared() as wh:
            with dying(wh, n), pytest.raises(Killed) as killed:
                run(wh, life)
            between = seen(wh)
            for name, frame in between.items():
                assert is_one_of(frame, old[name], new[name]), (n, name, killed.value)
            run(wh, life)
            assert masked(wh, state(wh)) == want, (n, killed.value)
            for name, frame in seen(wh).items():
                assert is_one_of(frame, new[name]), (n, name, killed.value)
