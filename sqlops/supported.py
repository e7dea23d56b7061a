"""What can be compiled: the registry of frontends as a frame, as the table in the README, and as a page of the docs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlops.errors import SqlopsError
from sqlops.frontends.base import Method, registrations
from sqlops.frontends.refused import REFUSED
from sqlops.outputs import METHODS

if TYPE_CHECKING:
    import pandas as pd

BEGIN = "<!-- supported: begin (written by `make docs`) -->"
END = "<!-- supported: end -->"

_PART_OF: dict[str, Method] = {"transform": "transform", "score_samples": "score_samples"}


@dataclass(frozen=True, slots=True)
class Supported:
    """One supported class.

    Parameters
    ----------
    family, package, class_name : str
    methods : tuple of str
        The methods that can be columns; empty where the class cannot be imported here.
    limits : str
        Options that are not covered.
    """

    family: str
    package: str
    class_name: str
    methods: tuple[str, ...]
    limits: str

    @property
    def name(self) -> str:
        """The class as it is listed: with its package where that is not scikit-learn."""
        return self.class_name if self.package == "sklearn" else f"{self.package}.{self.class_name}"


def supported() -> tuple[Supported, ...]:
    """Return every supported class, in the order of families and names."""
    found = []
    by_class = groupby(registrations(), key=lambda item: (item.family, item.package, item.class_name))
    for (family, package, class_name), group in by_class:
        items = tuple(group)
        limits = "; ".join(dict.fromkeys(item.limits for item in items if item.limits))
        methods = _methods(package, class_name, {item.method for item in items})
        found.append(Supported(family, package, class_name, methods, limits))
    return tuple(found)


def _methods(package: str, class_name: str, registered: set[Method]) -> tuple[str, ...]:
    cls = _classes(package).get(class_name)
    has = [method for method in METHODS if hasattr(cls, method)]
    if cls is not None and not has:
        return METHODS  # it passes on what its part has
    if len(registered) > 1:
        has = [method for method in has if _PART_OF.get(method, "predict") in registered]
    return tuple(has)


@cache
def _classes(package: str) -> dict[str, Any]:
    if package == "sklearn":
        from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
        from sklearn.utils import all_estimators

        return dict(all_estimators())
    try:
        return vars(import_module(package))
    except ImportError:
        return {}


def supported_frame() -> pd.DataFrame:
    """Return one row per supported class: family, package, class, methods, and within which limits."""
    import pandas as pd

    rows = [
        {
            "family": item.family,
            "package": item.package,
            "class": item.class_name,
            "methods": ", ".join(item.methods),
            "limits": item.limits,
        }
        for item in supported()
    ]
    return pd.DataFrame(rows)


def summary() -> str:
    """Return the table in the README: one row per family."""
    lines = ["| family | estimators |", "|---|---|"]
    for family, group in groupby(supported(), key=attrgetter("family")):
        lines.append(f"| {family} | {', '.join(f'`{item.name}`' for item in group)} |")
    return "\n".join(lines)


def page() -> str:
    """Return the page of the docs: one table per family, then what is refused, and why."""
    every = supported()
    parts = [
        "# What is supported",
        "Written by `make docs` from the table in which the frontends are registered; a test keeps it current. "
        f"{len(every)} classes. The last column names options that are not covered; Python functions and, in some "
        "steps, float16 are refused without being named here. The cases are in `tests/conformance/cases`.",
    ]
    for family, group in groupby(every, key=attrgetter("family")):
        rows = [f"| `{item.name}` | {', '.join(item.methods)} | {item.limits} |" for item in group]
        parts += [f"## {family}", "\n".join(["| class | methods | not covered |", "|---|---|---|", *rows])]
    rows = [f"| `{name}` | {reason.why} | {reason.instead} |" for (_, name), reason in sorted(REFUSED.items())]
    if rows:
        parts += ["## What is refused", "\n".join(["| class | why | instead |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def renew(text: str) -> str:
    """Return a document with the table between its markers brought up to date.

    Raises
    ------
    SqlopsError
        The markers are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SqlopsError(f"the lines {BEGIN!r} and {END!r} are missing")
    return f"{before}{BEGIN}\n{summary()}\n{END}{after}"


def main() -> None:
    """Bring the README, named first on the command line, and the page, named second, up to date."""
    readme, docs = map(Path, sys.argv[1:3])
    readme.write_text(renew(readme.read_text(encoding="utf-8")), encoding="utf-8")
    docs.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
