"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import StrEnum
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    import pandas as pd

CELL_WIDTH = 40
"""Longer cells of a table are cut; JSON and CSV carry them whole."""

DEFAULT_WIDTH = 80
"""The width of tables where the output is no terminal and COLUMNS is not set."""

_STATUS_STYLES = {"ok": "green", "warn": "yellow", "alert": "bold red", "insufficient": "dim", "current": "bold"}


class Format(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def message(text: str) -> None:
    """Tell the user something that is no result."""
    print(text, file=sys.stderr, flush=True)


def warning(text: str) -> None:
    """Warn the user, in one line."""
    message(f"warning: {text}")


@contextmanager
def working(title: str) -> Iterator[None]:
    """Show a moving bar on standard error while the block runs, if that is a terminal.

    Parameters
    ----------
    title : str
        What is being done.
    """
    if not sys.stderr.isatty():
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(pulse_style="cyan"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        bar.add_task(title, total=None)
        yield


def print_text(text: str) -> None:
    """Print text, such as SQL, as it is."""
    print(text)


def print_frame(frame: pd.DataFrame, format_: Format, columns: Sequence[str] = ()) -> None:
    """Print a frame.

    Parameters
    ----------
    frame : DataFrame
    format_ : Format
        JSON (an array of objects) and CSV carry all columns and whole values.
    columns : sequence of str
        The columns of the table form, most important first; all by default. Empty ones are left out, and so are
        those that do not fit into the width of the terminal, which are named on standard error.
    """
    if format_ is Format.JSON:
        print(_json(frame))
    elif format_ is Format.CSV:
        print(frame.to_csv(index=False), end="")
    else:
        _print_table(frame, [name for name in columns if name in frame.columns] or list(map(str, frame.columns)))


def print_record(record: Mapping[str, Any], format_: Format) -> None:
    """Print one result: an object of JSON, one row of CSV, or one line per field, wrapped."""
    import pandas as pd

    if format_ is Format.TABLE:
        width = max(map(len, record))
        for name, value in record.items():
            room = max(_width() - width - 2, 20)
            lines = [
                part
                for line in _cell(value).splitlines()
                for part in wrap(line, room, break_long_words=False, break_on_hyphens=False)
            ]
            print(f"{name.replace('_', ' '):<{width}}  {f'{chr(10):<{width + 3}}'.join(lines)}".rstrip())
    elif format_ is Format.JSON:
        print(json.dumps({name: _plain(value) for name, value in record.items()}, ensure_ascii=False, indent=2))
    else:
        print(pd.DataFrame([dict(record)]).to_csv(index=False), end="")


def _json(frame: pd.DataFrame) -> str:
    names = [str(name) for name in frame.columns]
    lists = [[_plain(value) for value in _values(frame.iloc[:, number])] for number in range(len(names))]
    records = [dict(zip(names, row, strict=True)) for row in zip(*lists, strict=True)]
    lines = ",\n".join("  " + json.dumps(record, ensure_ascii=False, allow_nan=False) for record in records)
    return f"[\n{lines}\n]" if records else "[]"


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


def _cell(value: Any) -> str:
    value = str(value) if is_dataclass(value) else _plain(value)
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(_cell, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    return " ".join(str(value).split()) if not isinstance(value, int) else str(value)


def _values(series: pd.Series[Any]) -> list[Any]:
    return [None if gone else value for value, gone in zip(series.tolist(), series.isna(), strict=True)]


def _column_cells(series: pd.Series[Any]) -> list[str]:
    values = _values(series)
    present = [value for value in values if value is not None]
    if all(isinstance(value, float) and value.is_integer() for value in present):
        return ["" if value is None else f"{value:.0f}" for value in values]
    if series.dtype.kind == "M":
        form = "%Y-%m-%d" if all(value.time() == dt.time() for value in present) else "%Y-%m-%d %H:%M:%S"
        return ["" if value is None else value.strftime(form) for value in values]
    return [_cell(value) for value in values]


def _print_table(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    if frame.empty:
        message("nothing to show")
        return
    cells = {name: [_cut(text) for text in _column_cells(frame[name])] for name in columns}
    columns = [name for name in columns if any(cells[name])] or columns
    cells = {name: cells[name] for name in columns}
    headers = {name: _cut(name.replace("_", " ")) for name in columns}
    shown = _that_fit(cells, headers, _width())
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in shown:
        numeric = frame[name].dtype.kind in "iuf"
        table.add_column(headers[name], justify="right" if numeric else "left", no_wrap=True)
    for row in zip(*(cells[name] for name in shown), strict=True):
        table.add_row(*(Text(text, style=_style(name, text)) for name, text in zip(shown, row, strict=True)))
    console = Console(width=max(_width(), 20))
    with console.capture() as capture:
        console.print(table)
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))
    hidden = [name for name in columns if name not in shown]
    if hidden:
        message(f"not shown for lack of width: {', '.join(hidden)} (--format json or csv shows all)")


def _cut(text: str) -> str:
    return text if cell_len(text) <= CELL_WIDTH else set_cell_size(text, CELL_WIDTH - 1).rstrip() + "…"


def _that_fit(cells: Mapping[str, Sequence[str]], headers: Mapping[str, str], width: int) -> list[str]:
    """Return the first columns whose widths, with three columns between them, add up to at most a width."""
    shown: list[str] = []
    used = 0
    for name, texts in cells.items():
        used += max(map(cell_len, [headers[name], *texts])) + (3 if shown else 0)
        if used > width and shown:
            break
        shown.append(name)
    return shown


def _style(name: str, text: str) -> str:
    return _STATUS_STYLES.get(text, "") if name in ("status", "state") else ""


def _width() -> int:
    if sys.stdout.isatty() or "COLUMNS" in os.environ:
        return get_terminal_size().columns
    return DEFAULT_WIDTH
