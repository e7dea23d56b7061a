"""Commands on models in files: compile, sql, score, verify, supported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from sqlops.cli.app import FAILED, FormatOption, KeysOption, command
from sqlops.cli.output import Format, message, print_frame, print_record, print_text, warning, working

if TYPE_CHECKING:
    import pandas as pd

    from sqlops.lowering import Strategy

ESTIMATOR_HELP = "A fitted estimator: a .skops file, or a .joblib or .pkl file with --allow-pickle."
DATA_HELP = "Data: a .parquet or .csv file. A CSV has no types: prefer Parquet where categories or dates matter."

EstimatorArgument = Annotated[Path, typer.Argument(metavar="ESTIMATOR", help=ESTIMATOR_HELP)]
DataArgument = Annotated[Path, typer.Argument(metavar="DATA", help=DATA_HELP)]
ModelArgument = Annotated[Path, typer.Argument(metavar="MODEL.sqlops", help="A compiled model.")]
TrustOption = Annotated[
    list[str] | None,
    typer.Option("--trust", metavar="TYPE", help="A type that the .skops file may hold; repeatable."),
]
PickleOption = Annotated[bool, typer.Option("--allow-pickle", help="Read pickles, which run whatever code is in them.")]
DIALECT_HELP = (
    "The engine to write for: bigquery, clickhouse, databricks, datafusion, duckdb, mysql, oracle, postgres, redshift, "
    "snowflake, spark, sqlite, trino or tsql."
)
DialectOption = Annotated[str, typer.Option("--dialect", help=DIALECT_HELP)]


@command(
    "sqlops compile lead_score.skops train.parquet -o lead_score.sqlops",
    "sqlops compile model.joblib train.csv --allow-pickle --name lead_score",
)
def compile(
    estimator: EstimatorArgument,
    data: DataArgument,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="The file to write. [default: NAME.sqlops]")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", "-n", help="The model's name. [default: that of the estimator's file]")
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option("--methods", metavar="METHOD", help="predict, predict_proba, decision_function; repeatable."),
    ] = None,
    strategy: Annotated[
        str | None,
        typer.Option("--strategy", metavar="FORM", help="Trees as case, bitmasks or traversal. [default: cheapest]"),
    ] = None,
    trust: TrustOption = None,
    allow_pickle: PickleOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Compile a fitted estimator into a .sqlops file.

    DATA is the training data or a sample of it. It gives the types of the columns, and the rows on which each
    deployment proves itself. Columns that the estimator was not fitted on are left out.
    """
    import sqlops

    fitted, X = _read(estimator, data, trust, allow_pickle)
    name = name or (out or estimator).stem
    with working("compiling"):
        model = sqlops.compile(fitted, X, name=name, methods=methods, strategy=cast("Strategy | None", strategy))
        path = model.save(out or f"{name}.sqlops")
    message(f"'{path}' gives the estimator's answers on a sample of {len(model.sample)} rows")
    print_record(
        {
            "file": str(path),
            "name": model.name,
            "task": model.signature.task,
            "inputs": [f"{column.name} {column.type}" for column in model.signature.inputs],
            "outputs": [f"{output.name} {output.type}" for output in model.signature.outputs],
            "digest": model.digest,
        },
        format_,
    )


@command(
    "sqlops sql lead_score.sqlops --source crm.leads --keys lead_id",
    "sqlops sql lead_score.sqlops --source leads | duckdb leads.duckdb",
)
def sql(
    model: ModelArgument,
    source: Annotated[str, typer.Option("--source", "-s", help="The relation to score, such as crm.leads.")],
    keys: KeysOption = None,
    dialect: DialectOption = "duckdb",
) -> None:
    """Print one SELECT that scores a relation.

    It is self-contained: keys, then outputs.
    """
    import sqlops

    print_text(sqlops.load(model).sql(dialect, source=source, keys=keys or []))


@command("sqlops score lead_score.sqlops leads.parquet --format csv > scores.csv")
def score(
    model: ModelArgument,
    data: DataArgument,
    keys: KeysOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Score a file: run the SQL in an in-process DuckDB."""
    import sqlops
    from sqlops.errors import SchemaError
    from sqlops.modelfiles import read_frame

    frame = read_frame(data)
    absent = [f"column '{key}' is missing" for key in keys or [] if key not in frame.columns]
    if absent:
        raise SchemaError(f"'{data}'", absent)
    with working("scoring"):
        scores = sqlops.load(model).score(frame)
    for number, key in enumerate(keys or []):
        scores.insert(number, key, frame[key])
    print_frame(scores, format_)


@command("sqlops verify lead_score.sqlops leads.parquet --estimator lead_score.skops")
def verify(
    model: ModelArgument,
    data: DataArgument,
    estimator: Annotated[Path, typer.Option("--estimator", "-e", metavar="FILE", help=ESTIMATOR_HELP)],
    trust: TrustOption = None,
    allow_pickle: PickleOption = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Compare the SQL with the estimator on every row of a file.

    Labels must be equal; numbers must agree within 1e-9. Exit code 1 if a row differs.
    """
    import sqlops

    compiled = sqlops.load(model)
    fitted, X = _read(estimator, data, trust, allow_pickle)
    with working("comparing"):
        report = compiled.verify(X, fitted)
    print_frame(report.to_frame(), format_)
    if not report.ok:
        message("error: SQL and estimator differ")
        raise typer.Exit(FAILED)


@command("sqlops supported", "sqlops supported --format json")
def supported(format_: FormatOption = Format.TABLE) -> None:
    """List the estimators that can be compiled."""
    from sqlops.supported import supported_frame

    print_frame(supported_frame(), format_)


def _read(path: Path, data: Path, trust: list[str] | None, allow_pickle: bool) -> tuple[Any, pd.DataFrame]:
    from sqlops.modelfiles import PICKLE_SUFFIXES, inputs_of, read_estimator, read_frame

    if allow_pickle and path.suffix.lower() in PICKLE_SUFFIXES:
        warning(f"'{path}' is a pickle: reading it runs whatever code is in it")
    fitted = read_estimator(path, trusted=trust or (), allow_pickle=allow_pickle)
    return fitted, inputs_of(fitted, read_frame(data))
