"""The command line's frame: one application, its options, and how errors end it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable
from typing import Annotated, Any, TextIO, TypeVar

import typer
from typer.core import TyperGroup

from sqlops.cli import output
from sqlops.cli.output import Format
from sqlops.errors import SqlopsError
from sqlops.version import __version__

FAILED = 1
"""Exit code: refused or failed, with one line that says why."""

ALERT = 3
"""Exit code of `monitor`: done, and an alert is open."""

Command = TypeVar("Command", bound=Callable[..., None])


class _Group(TyperGroup):
    """Commands whose errors are one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SqlopsError as error:
            output.message(f"error: {' '.join(str(error).split())}")
            raise typer.Exit(FAILED) from error


app = typer.Typer(cls=_Group, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


def command(*examples: str) -> Callable[[Command], Command]:
    """Register a function as a command; its docstring and the examples are its help.

    Parameters
    ----------
    *examples : str
        Lines to paste.
    """

    def register(function: Command) -> Command:
        block = "\n".join(["\b", "Examples:", *(f"  {line}" for line in examples)])
        app.command(help=f"{inspect.cleandoc(function.__doc__ or '')}\n\n{block}")(function)
        return function

    return register


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"sqlops {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Turn trained scikit-learn models into SQL that gives the same answers, and run and watch them in a warehouse.

    Results go to standard output, messages to standard error. Exit codes: 0 done, 1 refused or failed (one line says
    why), 2 wrong usage, 3 an alert is open.
    """


FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print the result.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the SQL that would run, and run none of it.")]
WarehouseArgument = Annotated[
    str, typer.Argument(metavar="WAREHOUSE", help="A database: the path of a DuckDB file, or a URL.")
]
NameArgument = Annotated[str, typer.Argument(metavar="MODEL", help="The model's name.")]
KeysOption = Annotated[
    list[str] | None,
    typer.Option("--keys", "--key", "-k", metavar="COLUMN", help="A key column of the source; repeatable."),
]


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    output.warning(" ".join(str(message).split()))


def main() -> None:
    """Run the command line."""
    warnings.showwarning = _show_warning
    app(prog_name="sqlops")
