from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import pytest

import sqlops
from sqlops.errors import ConnectionFailedError, InvalidNameError


@pytest.mark.parametrize(
    "target", ["oracle://ann:s3cret@db/leads", "mysql+pymysql://ann:s3cret@db:9000", "duckdb://ann:s3cret@x"]
)
def test_other_urls_are_refused_without_their_passwords(target: str) -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        sqlops.connect(target)
    assert "s3cret" not in str(caught.value)
    assert "duckdb://" in str(caught.value)


def test_schemes_are_named() -> None:
    with pytest.raises(ConnectionFailedError) as caught:
        sqlops.connect("oracle://db/leads")
    assert str(caught.value) == (
        "URLs of scheme 'oracle' are not supported: pass the path of a DuckDB file, or a URL with one of: "
        "duckdb://, postgresql://, postgres://, sqlite://, clickhouse://, clickhouses://, chdb://, spark://"
    )


def test_paths_and_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for target in ("a.duckdb", tmp_path / "b.duckdb", "duckdb:///c.duckdb", f"duckdb:///{tmp_path}/d.duckdb"):
        with sqlops.connect(target) as wh:
            assert wh.query("SELECT 1 AS one")["one"].tolist() == [1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.duckdb", "b.duckdb", "c.duckdb", "d.duckdb"]
    for target in (":memory:", "duckdb:///"):
        sqlops.connect(target).close()


def test_schema_named_as_its_database(tmp_path: Path) -> None:
    with pytest.raises(InvalidNameError, match="the database is named 'sqlops' as the registry's schema would be"):
        sqlops.connect(tmp_path / "sqlops.duckdb")
    with sqlops.connect(tmp_path / "crm.duckdb") as wh:
        wh.connection.execute("CREATE SCHEMA crm")
        wh.connection.execute("CREATE TABLE crm.crm.leads (a INTEGER)")
        place = wh.connection.locate("crm.leads")
        assert place is not None
        assert place.sql() == '"crm"."crm"."leads"'


def test_live_connections() -> None:
    with duckdb.connect() as native:
        sqlops.connect(native, dialect="duckdb").close()
        assert native.execute("SELECT 1").fetchall() == [(1,)]
        with pytest.raises(ConnectionFailedError, match="this is a connection to duckdb, not to 'postgres'"):
            sqlops.connect(native, dialect="postgres")
    with pytest.raises(
        ConnectionFailedError, match="cannot connect to a object: pass a path, a URL, or a live connection"
    ):
        sqlops.connect(object())
    with sqlops.connect(sqlite3.connect(":memory:")) as wh:
        assert wh.connection.dialect.name == "sqlite"


def test_files_of_sqlite_are_known(tmp_path: Path) -> None:
    for name in ("crm.sqlite", "crm.sqlite3"):
        with sqlops.connect(tmp_path / name) as wh:
            assert wh.connection.dialect.name == "sqlite"
    with sqlite3.connect(tmp_path / "old.db") as native:
        native.execute("CREATE TABLE leads (lead_id INTEGER)")
    with sqlops.connect(tmp_path / "old.db") as wh:
        assert wh.connection.dialect.name == "sqlite"
        assert wh.connection.locate("leads") is not None
