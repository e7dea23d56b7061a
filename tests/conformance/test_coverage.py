"""Every estimator of scikit-learn has a case, or a reason why it cannot be SQL."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.utils import all_estimators

from sqlops.frontends.base import registrations
from sqlops.frontends.refused import REFUSED
from sqlops.outputs import METHODS
from tests.conformance import cases

ESTIMATORS = dict(all_estimators())
NOT_ROW_WISE = {name for (package, name), reason in REFUSED.items() if package == "sklearn" and not reason.row_wise}
ROW_WISE = sorted(
    name
    for name, cls in ESTIMATORS.items()
    if any(hasattr(cls, method) for method in METHODS) and name not in NOT_ROW_WISE
)
REGISTERED = {(item.package, item.class_name) for item in registrations()}


def named_in_cases() -> set[str]:
    """Return every name that a module of cases imports, where nothing is imported in vain, and every attribute."""
    names: set[str] = set()
    for path in Path(cases.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.Attribute):
                names.add(node.attr)
    return names


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_estimator_is_compiled_or_refused_with_a_reason(name: str) -> None:
    assert (("sklearn", name) in REGISTERED) != (("sklearn", name) in REFUSED), (
        f"{name} needs a frontend and a case, or an entry in sqlops/frontends/refused.py, and not both"
    )


def test_what_is_refused_exists() -> None:
    assert {name for package, name in REFUSED if package == "sklearn"} <= set(ESTIMATORS)


def test_every_registered_class_has_a_case() -> None:
    # What is registered of statsmodels are results, which no case names: fit makes them.
    registered = {name for package, name in REGISTERED if package != "statsmodels"}
    assert sorted(registered - named_in_cases()) == []


def test_nearly_all_row_wise_estimators_compile() -> None:
    compiled = [name for name in ROW_WISE if ("sklearn", name) in REGISTERED]
    assert len(compiled) >= 0.97 * len(ROW_WISE), sorted(set(ROW_WISE) - set(compiled))
