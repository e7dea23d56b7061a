"""What can be compiled: the registry of frontends as a frame, and as the table in the README."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from sqlops.errors import SqlopsError
from sqlops.frontends.base import Registration, registrations

if TYPE_CHECKING:
    import pandas as pd

BEGIN = "<!-- supported: begin (written by `make docs`) -->"
END = "<!-- supported: end -->"


def supported_frame() -> pd.DataFrame:
    """Return one row per supported class: family, package, class, and within which limits."""
    import pandas as pd

    rows = [
        {"family": item.family, "package": item.package, "class": item.class_name, "limits": item.limits}
        for item in registrations()
    ]
    return pd.DataFrame(rows)


def supported_markdown() -> str:
    """Return the table in the README: one row per family and limits."""
    lines = ["| family | estimators | limits |", "|---|---|---|"]
    for (family, limits), group in groupby(
        sorted(registrations(), key=_order), key=lambda item: (item.family, item.limits)
    ):
        lines.append(f"| {family} | {', '.join(map(_name, group))} | {limits} |")
    return "\n".join(lines)


def _order(item: Registration) -> tuple[str, str, str, str]:
    return item.family, item.limits, item.package, item.class_name


def _name(item: Registration) -> str:
    return f"`{item.class_name}`" if item.package == "sklearn" else f"`{item.package}.{item.class_name}`"


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
    return f"{before}{BEGIN}\n{supported_markdown()}\n{END}{after}"


def main() -> None:
    """Bring the documents named on the command line up to date."""
    for name in sys.argv[1:]:
        path = Path(name)
        path.write_text(renew(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
