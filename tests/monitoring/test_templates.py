"""The SQL itself: one metric in full, and what holds for all templates."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import sqlglot
from jinja2 import UndefinedError

from sqlops.assets import directory
from sqlops.dialects.duckdb import DUCKDB
from sqlops.monitoring.metrics import METRICS
from sqlops.monitoring.templates import render

TEMPLATES = [*directory("templates").glob("monitoring/*.j2"), *directory("templates").glob("metrics/*.j2")]

QUOTING = re.compile(
    r"\| *(map\(')?(identifier|literal|relation|timestamp|deviation|later\(|table\(|value_of|label_of|class_index"
    r"|written\(|working|created|created_as|kept|gone|missing)|(nullable|in_cast)\["
)

PRINTED = {"source", "view", "labels", "start", "moment", "since_start", "text", "labelled", "k", "n"}
PRINTED |= {"greatest", "least", "ended", "loaded", "edge", "sign"}
"""SQL that was printed through the dialect before it came to the template, and the columns that macros are given."""

ACCURACY = """\
INSERT INTO _sqlops_metrics
WITH measured AS (
SELECT group_id, CAST(hits AS DOUBLE) / n_current AS value, n_current,
  sqrt((hits + 2) * (n_current - hits + 2) / ((n_current + 4.0e0) * (n_current + 4.0e0) * (n_current + 4.0e0))) \
AS standard_error
FROM (
  SELECT group_id, CAST(sum(CASE WHEN predicted = label THEN 1 ELSE 0 END) AS BIGINT) AS hits, count(*) AS n_current
  FROM (
SELECT "g0" AS group_id, "label", "predicted" FROM _sqlops_rows WHERE labelled
UNION ALL
SELECT "g1" AS group_id, "label", "predicted" FROM _sqlops_rows WHERE labelled

  ) AS labelled_rows
  GROUP BY group_id
) AS counts
), compared AS (
  SELECT 'it''s "late"' AS column_name, windows.group_id AS group_id, value,
    (SELECT "n" FROM _sqlops_frozen WHERE column_name = '' AND statistic = 'accuracy') AS n_reference,
    (SELECT "value" FROM _sqlops_frozen WHERE column_name = '' AND statistic = 'accuracy') AS origin,
    1.0e0 AS unit,
    n_current, 1.96e0 * standard_error AS sampling_bound
  FROM _sqlops_groups AS windows LEFT JOIN measured ON measured.group_id = windows.group_id
), judged AS (
  SELECT column_name, group_id, value, coalesce(n_reference, 0) AS n_reference, coalesce(n_current, 0) AS n_current,
    sampling_bound, origin, unit,
    -1 AS direction,
    origin - value AS difference,
    CASE
      WHEN value IS NULL OR coalesce(n_current, 0) < 30 THEN 'insufficient'
    END AS verdict
  FROM compared
), decided AS (
  SELECT *,
    CASE
      WHEN verdict IS NOT NULL THEN verdict
      WHEN difference >= 0.1e0 * unit AND difference > coalesce(sampling_bound, 0) THEN 'alert'
      WHEN difference >= 0.05e0 * unit AND difference > coalesce(sampling_bound, 0) THEN 'warn'
      ELSE 'ok'
    END AS status
  FROM judged
)
SELECT 'accuracy', decided.column_name, windows.slice_key, windows.slice_value, windows.window_start,
  windows.window_end, decided.value, decided.n_reference, decided.n_current,
  origin + direction * unit * CASE WHEN status = 'alert' THEN 0.1e0 ELSE 0.05e0 END,
  decided.sampling_bound, decided.status
FROM decided JOIN _sqlops_groups AS windows ON windows.group_id = decided.group_id"""


def test_accuracy_in_full() -> None:
    context = {
        "layout": "monitoring/measure.sql.j2",
        "metric": METRICS["accuracy"],
        "label": 'it\'s "late"',
        "groups": ["g0", "g1"],
    }
    assert render("metrics/accuracy", DUCKDB, context) == ACCURACY


def test_every_metric_has_one_template_and_one_registration() -> None:
    files = {path.name.removesuffix(".sql.j2") for path in directory("templates").glob("metrics/*.sql.j2")}
    assert files == set(METRICS)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_reaches_sql_unquoted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for expression in re.findall(r"\{\{(.*?)\}\}", text, re.DOTALL):
        code = expression.strip()
        if QUOTING.search(code) or code in PRINTED or code.startswith(("grouped.", "beyond(")):
            continue
        assert re.fullmatch(r"'' if loop\.last else '[ ,+AND]+'", code), f"{path.name}: {code} is not quoted"


def test_what_a_template_is_not_told_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="schema"):
        render("monitoring/frozen", DUCKDB, {"model": "m", "version": 1})


def test_the_migration_is_plain_sql_for_any_schema() -> None:
    text = (directory("sql") / "duckdb" / "0002_monitoring.sql").read_text(encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute('CREATE SCHEMA "an other"; USE "an other"')
        connection.execute(text)
        columns = connection.execute("DESCRIBE metrics").fetchall()
    assert [name for name, *_ in columns] == [
        "model", "version", "metric", "column_name", "slice_key", "slice_value", "window_start", "window_end",
        "granularity", "value", "n_reference", "n_current", "threshold", "sampling_bound", "status", "computed_at",
        "run_id",
    ]  # fmt: skip
    assert len(sqlglot.parse(text, read="duckdb")) >= 3
