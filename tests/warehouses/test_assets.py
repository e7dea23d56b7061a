from __future__ import annotations

from pathlib import Path

import pytest

from sqlops import assets
from sqlops.errors import SqlopsError


def test_checkout() -> None:
    assert assets.sql_files("duckdb")[0].name == "0001_registry.sql"
    assert assets.sql_files("nothing") == []
    assert assets.template_loader().list_templates()


def test_wheel_and_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "sqlops"
    (package / "_assets" / "sql" / "duckdb").mkdir(parents=True)
    (package / "_assets" / "sql" / "duckdb" / "0001_x.sql").touch()
    monkeypatch.setattr(assets, "_PACKAGE", package)
    assets.directory.cache_clear()
    try:
        assert [path.name for path in assets.sql_files("duckdb")] == ["0001_x.sql"]
        with pytest.raises(SqlopsError, match="the directory 'templates' of sqlops is missing: reinstall sqlops"):
            assets.directory("templates")
    finally:
        assets.directory.cache_clear()
