"""What only PostgreSQL can show: functions inlined, sessions that meet, and a server that dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pytest
from sklearn.pipeline import make_union
from sklearn.preprocessing import RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import sqlops
from sqlops.errors import ConflictError, ConnectionFailedError, QueryError, RegistryError, SqlopsError
from sqlops.warehouse import Warehouse
from sqlops.warehouses.base import Statement
from sqlops.warehouses.postgres import PostgresConnection
from tests import postgres
from tests.tolerances import ORDER_OF_SUM
from tests.warehouses.conftest import INPUTS, Life
from tests.warehouses.engines import postgres_database
from tests.warehouses.test_life import KEYS, deploy, read, require_scores

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def url(life: Life) -> Iterator[str]:
    """A database with the customers in it."""
    with postgres_database() as url:
        with sqlops.connect(url) as wh:
            load(wh, life)
        yield url


def load(wh: Warehouse, life: Life) -> None:
    table = pa.Table.from_pandas(life.customers, preserve_index=False)
    wh.connection.load("customers", table, temporary=False)


def test_functions_are_inlined(url: str, life: Life) -> None:
    with sqlops.connect(url) as wh:
        deploy(wh, life)
        for version in (1, 2):
            wh.promote("lead_score", version)
            call = f"lead_score_predict({', '.join(INPUTS)})"
            plan = "\n".join(
                row[0] for row in wh.connection.rows(f"EXPLAIN (VERBOSE, COSTS OFF) SELECT {call} FROM customers")
            )
            assert "lead_score" not in plan
            assert "CASE WHEN" in plan


def test_one_of_two_promotions_at_once_wins(url: str, life: Life) -> None:
    with sqlops.connect(url) as one, sqlops.connect(url) as other:
        deploy(one, life)
        one.register(life.decision)
        one.deploy("lead_score", 3, source="customers", keys=KEYS)
        lost: list[BaseException] = []

        def promote() -> None:
            try:
                other.promote("lead_score", 3, allow_breaking=True)
            except SqlopsError as error:
                lost.append(error)

        thread = threading.Thread(target=promote)
        with one.connection.transaction():
            one.promote("lead_score", 2)
            thread.start()
            wait_for_lock(url)
        thread.join()
        (error,) = lost
        assert isinstance(error, ConflictError)
        assert "another session changed the same thing at the same time: run it again" in str(error)
        require_scores(read(other, "lead_score"), life.tree, life)
        assert other.versions("lead_score")["in_force"].tolist() == [False, True, False]
        assert other.events("lead_score")["event"].tolist().count("promoted") == 1
        assert other.promote("lead_score", 3, allow_breaking=True).changed


def wait_for_lock(url: str) -> None:
    """Wait until a session waits for another."""
    with sqlops.connect(url) as watcher:
        for _ in range(500):
            ((waiting,),) = watcher.connection.rows("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if waiting:
                return
            time.sleep(0.02)
    raise AssertionError("no session waited for another")


def test_names_that_are_too_long_are_refused(url: str, life: Life) -> None:
    X, y = life.customers[["age", "income"]], life.customers["converted"]
    name = "m" * 48
    with sqlops.connect(url) as wh:
        for version in range(1, 11):
            fitted = DecisionTreeClassifier(max_depth=version, random_state=0).fit(X, y)
            assert wh.register(sqlops.compile(fitted, X, name=name)).number == version
        assert wh.deploy(name, 9, source="customers", keys=KEYS).changed
        with pytest.raises(RegistryError) as caught:
            wh.deploy(name, 10, source="customers", keys=KEYS)
        assert str(caught.value) == (
            f"'{name}_v10_probability' is longer than the 63 bytes that a name may have on postgres: "
            f"compile model '{name}' under a shorter name"
        )
        assert wh.connection.locate(f"{name}_v10") is None


def test_long_output_names_are_shortened(url: str, life: Life) -> None:
    X = life.customers[["age", "income"]].set_axis(["a" * 60 + "x", "a" * 60 + "y"], axis=1)
    union = make_union(StandardScaler(), RobustScaler())
    model = sqlops.compile(union.fit(X), X, name="scaled", methods="transform")
    assert all(len(output.name) > 63 for output in model.signature.outputs)
    with sqlops.connect(url) as wh:
        source = X.assign(customer_id=life.customers["customer_id"])
        wh.connection.load("wide", pa.Table.from_pandas(source, preserve_index=False), temporary=False)
        wh.register(model, baseline=X)
        wh.deploy("scaled", 1, source="wide", keys=KEYS)
        got = wh.query("SELECT * FROM scaled ORDER BY customer_id")
        want = model.score(X)
        assert len({*got.columns}) == 5
        assert all(len(column.encode()) <= 63 for column in got.columns)
        for number, column in enumerate(want.columns):
            assert got.iloc[:, number + 1].to_numpy() == pytest.approx(want[column].to_numpy(), rel=ORDER_OF_SUM)
        assert wh.refresh("scaled").new == len(X)


def test_functions_with_other_parameters_take_the_place_of_the_old_ones(url: str, life: Life) -> None:
    X, y = life.customers[["income"]], life.customers["converted"]
    smaller = sqlops.compile(DecisionTreeClassifier(max_depth=2, random_state=0).fit(X, y), X, name="lead_score")
    with sqlops.connect(url) as wh:
        deploy(wh, life)
        wh.register(smaller)
        wh.deploy("lead_score", 3, source="customers", keys=KEYS)
        wh.promote("lead_score", 3)
        got = wh.query("SELECT lead_score_predict(income) AS prediction FROM customers ORDER BY customer_id")
        assert got["prediction"].tolist() == smaller.score(X)["prediction"].tolist()
        with pytest.raises(QueryError, match="does not exist"):
            wh.query(f"SELECT lead_score_predict({', '.join(INPUTS)}) FROM customers")
        wh.rollback("lead_score")
        got = wh.query(f"SELECT lead_score_predict({', '.join(INPUTS)}) AS y FROM customers ORDER BY customer_id")
        assert got["y"].tolist() == life.logistic.score(life.customers[INPUTS])["prediction"].tolist()


class Dying(PostgresConnection):
    """A connection whose server dies before its n-th statement."""

    def __init__(self, server: postgres.Server, n: int) -> None:
        import psycopg

        super().__init__(psycopg.connect(server.url, autocommit=True), owned=True)
        self.server, self.left = server, n

    def execute(self, sql: Statement, parameters: object = ()) -> None:
        self.left -= 1
        if self.left == 0:
            self.server.kill()
        super().execute(sql, parameters)  # type: ignore[arg-type]


@pytest.fixture
def server(life: Life) -> Iterator[postgres.Server]:
    made = postgres.make()
    made.start()
    try:
        with sqlops.connect(made.url) as wh:
            load(wh, life)
            wh.register(life.logistic)
        yield made
    finally:
        made.stop()


def revive(server: postgres.Server) -> None:
    time.sleep(0.1)
    server.start()


@pytest.mark.parametrize("n", [2, 5, 9])
def test_a_server_that_dies_in_a_deployment_loses_nothing(server: postgres.Server, life: Life, n: int) -> None:
    dying = Warehouse(Dying(server, n))
    with pytest.raises(ConnectionFailedError):
        dying.deploy("lead_score", 1, source="customers", keys=KEYS)
    revive(server)
    with sqlops.connect(server.url) as wh:
        assert wh.events("lead_score")["event"].tolist() == ["registered"]
        assert wh.connection.locate("lead_score") is None
        assert wh.connection.locate("lead_score_v1") is None
        assert wh.deploy("lead_score", 1, source="customers", keys=KEYS).changed
        require_scores(read(wh, "lead_score"), life.logistic, life)


@pytest.mark.parametrize("n", [1, 3, 5])
def test_a_server_that_dies_in_a_refresh_loses_nothing(server: postgres.Server, life: Life, n: int) -> None:
    with sqlops.connect(server.url) as wh:
        wh.deploy("lead_score", 1, source="customers", keys=KEYS)
        wh.refresh("lead_score")
        before = wh.query("SELECT * FROM lead_score_scores ORDER BY customer_id")
        wh.connection.execute("UPDATE customers SET age = age + 1")
    dying = Warehouse(Dying(server, n))
    with pytest.raises(ConnectionFailedError):
        dying.refresh("lead_score")
    revive(server)
    with sqlops.connect(server.url) as wh:
        after = wh.query("SELECT * FROM lead_score_scores ORDER BY customer_id")
        pd.testing.assert_frame_equal(after, before)
        assert wh.refresh("lead_score").changed == len(before)


def test_passwords_are_never_shown() -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        sqlops.connect("postgresql://ann:s3cret@127.0.0.1:1/leads")
    assert "s3cret" not in str(caught.value)
    assert "ann" in str(caught.value)


def test_an_open_transaction_is_refused(url: str, life: Life) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as native:
        wh = sqlops.connect(native)
        native.execute("BEGIN")
        with pytest.raises(RegistryError, match="a transaction is open on this connection already"):
            wh.register(life.logistic)
