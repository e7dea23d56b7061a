"""Commands on a warehouse: what `sqlops.connect` returns, method by method."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sqlops.cli.app import ALERT, DryRunOption, FormatOption, KeysOption, NameArgument, WarehouseArgument, command
from sqlops.cli.output import Format, message, print_frame, print_record, print_text, working
from sqlops.errors import ConnectionFailedError, SchemaError

if TYPE_CHECKING:
    import pandas as pd

    from sqlops.warehouse import Warehouse

BreakingOption = Annotated[
    bool, typer.Option("--allow-breaking", help="Also if what reads the stable view would break.")
]
VersionOption = Annotated[
    int | None, typer.Option("--version", min=1, help="This version. [default: the one in force]")
]
VersionArgument = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="The version's number.")]

METRIC_COLUMNS = ("window_start", "status", "metric", "column_name", "slice_value", "value", "threshold", "n_current")
VERSION_COLUMNS = ("version", "in_force", "deployed", "task", "baseline_rows", "registered_at", "source")
EVENT_COLUMNS = ("happened_at", "model", "version", "event", "detail", "actor")


@contextmanager
def _open(url: str, *, create: bool = False, read_only: bool = False) -> Iterator[Warehouse]:
    import sqlops

    if "://" not in url and not create and not Path(url).is_file():
        raise ConnectionFailedError(f"there is no database '{url}'")
    with sqlops.connect(url, read_only=read_only) as warehouse:
        yield warehouse


@command(
    "sqlops register leads.duckdb lead_score.sqlops",
    "sqlops register leads.duckdb lead_score.sqlops --baseline train.parquet --target converted --card owner=crm",
)
def register(
    warehouse: WarehouseArgument,
    model: Annotated[Path, typer.Argument(metavar="MODEL.sqlops", help="A compiled model.")],
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="Training data (.parquet or .csv) to measure drift against."),
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="COLUMN", help="The column of the baseline with the labels.")
    ] = None,
    card: Annotated[
        list[str] | None, typer.Option("--card", metavar="KEY=VALUE", help="A line of the model card; repeatable.")
    ] = None,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Store a compiled model as a new version.

    The same model again is the same version. A DuckDB file that does not exist is made.
    """
    import sqlops

    if target is not None and baseline is None:
        raise typer.BadParameter("it names a column of the baseline: give --baseline", param_hint="'--target'")
    lines = dict(_key_and_value(line) for line in card or [])
    compiled = sqlops.load(model)
    X, y = _baseline(baseline, target, [column.name for column in compiled.signature.inputs])
    with _open(warehouse, create=True) as wh, working("registering"):
        done = wh.register(compiled, baseline=X, target=y, card=lines or None, dry_run=dry_run)
    _print_done(done, format_)


def _key_and_value(line: str) -> tuple[str, str]:
    key, equals, value = line.partition("=")
    if not equals or not key:
        raise typer.BadParameter(f"'{line}' is not KEY=VALUE", param_hint="'--card'")
    return key, value


def _baseline(path: Path | None, target: str | None, inputs: list[str]) -> tuple[pd.DataFrame | None, Any]:
    from sqlops.modelfiles import read_frame

    if path is None:
        return None, None
    frame = read_frame(path)
    wanted = inputs if target is None else [*inputs, target]
    missing = [f"column '{name}' is missing" for name in wanted if name not in frame.columns]
    if missing:
        raise SchemaError(f"'{path}'", missing)
    return frame[inputs], None if target is None else frame[target]


@command(
    "sqlops deploy leads.duckdb lead_score 1 --source crm.leads --keys lead_id",
    "sqlops deploy leads.duckdb lead_score 1 --source crm.leads --keys lead_id --dry-run > deploy.sql",
)
def deploy(
    warehouse: WarehouseArgument,
    name: NameArgument,
    version: VersionArgument,
    source: Annotated[str, typer.Option("--source", "-s", help="The relation to score, such as crm.leads.")],
    keys: KeysOption = None,
    allow_breaking: BreakingOption = False,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Make the views and functions of a version.

    The version first proves itself on its recorded sample. It takes the stable view if no other version has it.
    """
    with _open(warehouse) as wh, working("deploying"):
        done = wh.deploy(name, version, source, keys or [], allow_breaking=allow_breaking, dry_run=dry_run)
    _print_done(done, format_)


@command("sqlops promote leads.duckdb lead_score 2")
def promote(
    warehouse: WarehouseArgument,
    name: NameArgument,
    version: VersionArgument,
    allow_breaking: BreakingOption = False,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Point the stable view and functions at a deployed version."""
    with _open(warehouse) as wh, working("promoting"):
        done = wh.promote(name, version, allow_breaking=allow_breaking, dry_run=dry_run)
    _print_done(done, format_)


@command("sqlops rollback leads.duckdb lead_score", "sqlops rollback leads.duckdb lead_score --to 1")
def rollback(
    warehouse: WarehouseArgument,
    name: NameArgument,
    to: Annotated[
        int | None,
        typer.Option("--to", min=1, metavar="VERSION", help="Back to this version. [default: the one before]"),
    ] = None,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Point the stable view and functions back at the version before."""
    with _open(warehouse) as wh, working("rolling back"):
        done = wh.rollback(name, to=to, dry_run=dry_run)
    _print_done(done, format_)


@command("sqlops refresh leads.duckdb lead_score", "sqlops refresh leads.duckdb lead_score --full --prune")
def refresh(
    warehouse: WarehouseArgument,
    name: NameArgument,
    full: Annotated[bool, typer.Option("--full", help="Score every row again.")] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete scores whose keys have left the source.")] = False,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Bring the table of scores up to date.

    Only new and changed keys are scored.
    """
    with _open(warehouse) as wh, working("scoring new and changed keys"):
        done = wh.refresh(name, full=full, prune=prune, dry_run=dry_run)
    _print_done(done, format_)


@command(
    "sqlops monitor leads.duckdb lead_score --timestamp created_at --window month",
    "sqlops monitor leads.duckdb lead_score --timestamp created_at --labels crm.outcomes --label converted",
    "sqlops monitor leads.duckdb lead_score --timestamp created_at --slices country || notify-owner",
)
def monitor(
    warehouse: WarehouseArgument,
    name: NameArgument,
    timestamp: Annotated[
        str, typer.Option("--timestamp", "-t", metavar="COLUMN", help="The column that says when a row happened.")
    ],
    window: Annotated[
        str, typer.Option("--window", "-w", help="hour, day, week, month, or several: '6 hours'.")
    ] = "month",
    labels: Annotated[
        str | None, typer.Option("--labels", help="The relation with keys and labels. [default: the source]")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", metavar="COLUMN", help="The column with the labels.")] = None,
    slices: Annotated[
        list[str] | None,
        typer.Option("--slices", "--slice", metavar="EXPR", help="Also by group: an SQL expression; repeatable."),
    ] = None,
    version: VersionOption = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only windows from here on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only windows before.")] = None,
    dry_run: DryRunOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Measure drift, and performance where labels are given.

    Writes to the metrics table and prints what it wrote; as a table, only what is not ok. Exit code 3 if a metric is
    in alert.
    """
    with _open(warehouse) as wh, working("measuring"):
        done = wh.monitor(
            name,
            timestamp=timestamp,
            window=window,
            labels=labels,
            label=label,
            slices=slices or [],
            version=version,
            since=since,
            until=until,
            dry_run=dry_run,
        )
    if isinstance(done, str):
        print_text(done)
        return
    counts = done["status"].value_counts()
    message(f"{len(done)} metrics: " + ", ".join(f"{count} {status}" for status, count in counts.items()))
    attention = done[done["status"].isin(["warn", "alert"])]
    print_frame(attention if format_ is Format.TABLE else done, format_, METRIC_COLUMNS)
    if "alert" in counts:
        raise typer.Exit(ALERT)


@command("sqlops models leads.duckdb")
def models(warehouse: WarehouseArgument, format_: FormatOption = Format.TABLE) -> None:
    """List the models."""
    with _open(warehouse, read_only=True) as wh:
        print_frame(wh.models(), format_)


@command("sqlops versions leads.duckdb lead_score")
def versions(warehouse: WarehouseArgument, name: NameArgument, format_: FormatOption = Format.TABLE) -> None:
    """List the versions of a model."""
    with _open(warehouse, read_only=True) as wh:
        print_frame(wh.versions(name), format_, VERSION_COLUMNS)


@command("sqlops events leads.duckdb", "sqlops events leads.duckdb lead_score --format json")
def events(
    warehouse: WarehouseArgument,
    name: Annotated[str | None, typer.Argument(metavar="[MODEL]", help="Only this model.")] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List what happened, oldest first."""
    with _open(warehouse, read_only=True) as wh:
        print_frame(wh.events(name), format_, EVENT_COLUMNS)


@command(
    "sqlops metrics leads.duckdb lead_score --metric auc",
    "sqlops metrics leads.duckdb lead_score --status alert --format json",
)
def metrics(
    warehouse: WarehouseArgument,
    name: NameArgument,
    version: VersionOption = None,
    metric: Annotated[str | None, typer.Option("--metric", "-m", help="Only this metric.")] = None,
    status: Annotated[
        str | None, typer.Option("--status", help="Only this status: ok, warn, alert or insufficient.")
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """List what has been measured."""
    with _open(warehouse, read_only=True) as wh:
        frame = wh.metrics(name, version)
    for column, wanted in (("metric", metric), ("status", status)):
        if wanted is not None:
            frame = frame[frame[column] == wanted]
    print_frame(frame, format_, METRIC_COLUMNS)


@command(
    'sqlops query leads.duckdb "select * from lead_score where probability_1 > 0.8"',
    "sqlops query leads.duckdb - --format csv < query.sql",
)
def query(
    warehouse: WarehouseArgument,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A query; - reads it from standard input.")],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Run a query and print its rows."""
    with _open(warehouse, read_only=True) as wh:
        print_frame(wh.query(sys.stdin.read() if sql == "-" else sql), format_)


def _print_done(done: Any, format_: Format) -> None:
    """Print what a method that writes has returned: SQL of a dry run, or what it did."""
    if isinstance(done, str):
        print_text(done)
        return
    message(str(done))
    print_record({item.name: getattr(done, item.name) for item in fields(done)}, format_)
