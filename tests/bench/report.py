"""The measurements of ``make bench`` as Markdown and for a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.bench.suite import SUBJECTS

Measured = dict[str, Any]

ONE = "1"
"""Targets are for one thread."""

STAGES = 6
SHOWN = 0.005
"""What takes a smaller share of the time is left out."""


def figure(value: float | None) -> str:
    """Return a number with three digits that count."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def met(value: float | None, at_most: float | None = None, at_least: float | None = None) -> str:
    """Return whether a measure reaches its target; nothing where it has none."""
    if value is None or (at_most is None and at_least is None):
        return ""
    reached = value <= at_most if at_most is not None else value >= (at_least or 0.0)
    return "yes" if reached else "**no**"


def ratio(model: Measured, threads: str, what: str = "cpu_s") -> float:
    """Return how much of the round trip's time the view takes."""
    return float(model["sql"][threads][what] / model["round_trip"][threads][what])


def execution(side: Measured) -> float:
    """Return the CPU seconds of a query without those of its plan."""
    return float(side["cpu_s"] - side["plan_cpu_s"])


def finished(model: Measured, threads: str) -> Measured | None:
    """Return the nested CASE, where it finished."""
    case = model.get("case", {}).get(threads)
    return case if case and "stopped" not in case else None


def faster(model: Measured, threads: str) -> float | None:
    """Return how many times faster than nested CASE the view runs, planning not counted, where that can be told."""
    case = finished(model, threads)
    own = execution(model["sql"][threads])
    return execution(case) / own if case and min(own, execution(case)) > 0 else None


def planned_faster(model: Measured, threads: str) -> float | None:
    """Return how many times faster than nested CASE the view is planned."""
    case = model.get("case", {}).get(threads)
    return case["plan_cpu_s"] / model["sql"][threads]["plan_cpu_s"] if case and case["plan_cpu_s"] else None


def markdown(results: Measured) -> str:
    models = results["models"]
    threads = [str(n) for n in sorted(results["threads"])]
    parts = [INTRODUCTION, facts(results)]
    parts += [f"## Against the round trip, {plural(n)}\n\n{round_trips(models, n)}" for n in threads]
    if any("case" in model for model in models):
        parts += [f"## Against nested CASE, {plural(n)}\n\n{cases(models, n)}" for n in threads]
    parts.append(f"## What it takes around that\n\n{around(models, threads)}")
    if any("operators" in model for model in models):
        parts.append(f"## Where the view's time goes\n\n{operators(models)}")
    if "growth" in results:
        parts.append(f"## Growth\n\n{growth(results['growth'])}")
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """# Scoring in SQL, measured

Written by `make bench` from [bench.json](bench.json). Side by side, on the same table of one DuckDB file, each writing
its scores to a table:

- **(a)** sqlops: a query of the deployed view.
- **(b)** The round trip: fetch to pandas, the library's own `predict_proba`, write the scores back.
- **(c)** Nested CASE as other exporters write it, with double literals and balanced sums, one score per row;
  given up after 120 s.

CPU seconds are user and system, of all threads. Each figure is the median of the runs, each side in a process of its
own; of nested CASE, a plan that takes over 10 s and a run that takes over 30 s are made
once. Its rows that differ are those whose score is not the library's within 1e-6."""


def facts(results: Measured) -> str:
    versions = ", ".join(f"{name} {results[name]}" for name in VERSIONS)
    return (
        f"{results['rows']:,} rows × 20 features unless a line says otherwise; {results['repeat']} run"
        f"{'' if results['repeat'] == 1 else 's'};"
        f" {results['cores']} cores ({results['machine']}); {versions}."
    )


VERSIONS = ("python", "duckdb", "scikit-learn", "lightgbm", "xgboost", "numpy", "pandas")


def plural(threads: str) -> str:
    return "one thread" if threads == ONE else f"{threads} threads"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int | None = None) -> str:
    """Return a table whose first column is text, followed by so many of numbers, by default the rest."""
    count = len(head) - 1 if numbers is None else numbers
    rule = ["---", *["--:"] * count, *["---"] * (len(head) - 1 - count)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def title(model: Measured, results_rows: int | None = None) -> str:
    return str(model["title"]) if results_rows in (None, model["rows"]) else f"{model['title']}, {model['rows']:,} rows"


def round_trips(models: Sequence[Measured], threads: str) -> str:
    most = max(model["rows"] for model in models)
    head = ["model", "(a) CPU s", "(b) CPU s", "(a)/(b)", "(a) wall s", "(b) wall s", "(a)/(b)"]
    head += ["to reach", "met"] if threads == ONE else []
    rows = []
    for model in models:
        a, b = model["sql"][threads], model["round_trip"][threads]
        row = [title(model, most)]
        for what in ("cpu_s", "wall_s"):
            row += [figure(a[what]), figure(b[what]), figure(ratio(model, threads, what))]
        if threads == ONE:
            to_reach = SUBJECTS[model["model"]].to_reach
            row += [f"≤ {to_reach:g}", met(ratio(model, ONE), at_most=to_reach)]
        rows.append(row)
    return table(head, rows)


def cases(models: Sequence[Measured], threads: str) -> str:
    """Return how the view compares with nested CASE: execution without planning, and planning."""
    head = ["model", "(a) run CPU s", "(c) run CPU s", "(c)/(a)", "(a) plan CPU s", "(c) plan CPU s", "(c)/(a)"]
    head += ["to reach", "met", "(c) rows that differ"] if threads == ONE else []
    rows = []
    for model in models:
        case = model.get("case", {}).get(threads)
        if not case:
            continue
        a, run, plan = model["sql"][threads], faster(model, threads), planned_faster(model, threads)
        done = finished(model, threads)
        row = [model["title"], figure(execution(a)), figure(execution(done)) if done else case["stopped"], figure(run)]
        row += [figure(a["plan_cpu_s"]), figure(case["plan_cpu_s"]), figure(plan)]
        if threads == ONE:
            subject = SUBJECTS[model["model"]]
            wanted = [("run", run, subject.case_to_reach), ("plan", plan, subject.planning_to_reach)]
            row.append(", ".join(f"{what} ≥ {target:g}" for what, _, target in wanted if target))
            row.append(", ".join(met(value, at_least=target) for _, value, target in wanted if target))
            parity = model["case"].get("parity")
            row.append(f"{parity['differ']:,}" if parity else "–")
        rows.append(row)
    return table(head, rows)


def around(models: Sequence[Measured], threads: Sequence[str]) -> str:
    peaks = [f"(a) peak MB, {plural(n)}" for n in threads]
    head = ["model", "compile s", "register and deploy s", "SQL kB", "plan ms", "one row ms", *peaks, "(b) peak MB"]
    head += ["rows differ", "at most by"]
    rows = []
    for model in models:
        subject, installed, parity = SUBJECTS[model["model"]], model["install"], model["parity"]
        both = installed["compile_s"] + installed["deploy_s"]
        rows.append(
            [
                model["title"],
                figure(installed["compile_s"]),
                figure(installed["deploy_s"]) + wanted(both, subject.install_to_reach, " s to compile and deploy"),
                figure(installed["view_kb"]) + wanted(installed["view_kb"], subject.text_to_reach, " kB"),
                f"{model['sql'][ONE]['plan_s'] * 1e3:.0f}",
                f"{model['sql'][ONE]['one_row_ms']:.0f}",
                *[f"{model['sql'][n]['peak_mb']:.0f}" for n in threads],
                f"{model['round_trip'][ONE]['peak_mb']:.0f}",
                str(parity["differ"]),
                f"{parity['largest']:.1g}",
            ]
        )
    return table(head, rows)


def wanted(value: float, target: float | None, unit: str) -> str:
    return f" (to reach ≤ {target:g}{unit}: {met(value, at_most=target)})" if target else ""


def operators(models: Sequence[Measured]) -> str:
    """Return where each query's time goes: by type of operator, and the slowest stages with what they add."""
    rows = []
    for model in models:
        if "operators" in model:
            slowest = [f"{stage(operator)} {share}" for operator, share in stages(model)[:STAGES]]
            types = ", ".join(f"{kind} {share}" for kind, share in by_type(model))
            rows.append([model["title"], figure(total(model)), types, ", ".join(slowest)])
    return table(["model", "seconds", "by operator", "slowest stages, and what they add"], rows, numbers=1)


def total(model: Measured) -> float:
    return float(sum(operator["seconds"] for operator in model["operators"]))


def percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %"


def by_type(model: Measured) -> list[tuple[str, str]]:
    """Return the types of operators with their shares, the largest first, those that show."""
    sums: dict[str, float] = {}
    for operator in model["operators"]:
        sums[operator["operator"]] = sums.get(operator["operator"], 0.0) + operator["seconds"]
    whole = total(model)
    ordered = sorted(sums.items(), key=lambda item: -item[1])
    return [(kind, percent(part, whole)) for kind, part in ordered if part >= SHOWN * whole]


def stages(model: Measured) -> list[tuple[Measured, str]]:
    """Return the projections with their shares, the largest first, those that show."""
    found = [operator for operator in model["operators"] if operator["seconds"] >= SHOWN * total(model)]
    ordered = sorted(found, key=lambda operator: -operator["seconds"])
    return [(operator, percent(operator["seconds"], total(model))) for operator in ordered if "stage" in operator]


def stage(operator: Measured) -> str:
    new = [column if len(column) <= 30 else f"{column[:29]}…" for column in operator["new"]]
    return f"{operator['stage']} `{', '.join(new[:3])}{f', … ({len(new)})' if len(new) > 3 else ''}`"


def growth(measured: Measured) -> str:
    rows, trees = measured["rows"], measured["trees"]
    by_rows = [
        [f"{point['rows']:,}", *spent(point), figure(point["wall_s"] / point["rows"] * 1e6), f"{point['peak_mb']:.0f}"]
        for point in rows["measured"]
    ]
    by_trees = []
    for point in trees["measured"]:
        by_trees.append(
            [
                str(point["trees"]),
                *spent(point),
                figure(point["cpu_s"] / point["trees"]),
                f"{point['plan_s'] * 1e3:.0f}",
                figure(point["compile_s"] + point["deploy_s"]),
                figure(point["view_kb"]),
                f"{point['peak_mb']:.0f}",
            ]
        )
    return "\n\n".join(
        [
            f"{SUBJECTS[rows['model']].title} by rows, {measured['threads']} threads, DuckDB held to"
            f" {rows['memory_limit']}:",
            table(["rows", "CPU s", "wall s", "wall µs per row", "peak MB"], by_rows),
            f"{SUBJECTS[trees['model']].title} by trees, {trees['rows']:,} rows, {measured['threads']} threads:",
            table(
                ["trees", "CPU s", "wall s", "CPU s per tree", "plan ms", "compile and deploy s", "SQL kB", "peak MB"],
                by_trees,
            ),
        ]
    )


def spent(point: Measured) -> list[str]:
    return [figure(point["cpu_s"]), figure(point["wall_s"])]


def line(model: Measured) -> str:
    """Return one line about a model that has been measured."""
    a, b = model["sql"][ONE]["cpu_s"], model["round_trip"][ONE]["cpu_s"]
    return f"{model['model']}: (a) {figure(a)} s, (b) {figure(b)} s, (a)/(b) {figure(ratio(model, ONE))}"


def terminal(results: Measured) -> str:
    """Return a table for a terminal: one thread, CPU seconds."""
    head = ("model", "(a) s", "(b) s", "(a)/(b)", "reach", "met", "(c)/(a)", "plan", "MB", "row ms")
    rows = []
    for model in results["models"]:
        to_reach = SUBJECTS[model["model"]].to_reach
        rows.append(
            (
                model["model"],
                *(figure(model[side][ONE]["cpu_s"]) for side in ("sql", "round_trip")),
                figure(ratio(model, ONE)),
                f"{to_reach:g}",
                met(ratio(model, ONE), at_most=to_reach).strip("*"),
                figure(faster(model, ONE)),
                figure(planned_faster(model, ONE)),
                f"{model['sql'][ONE]['peak_mb']:.0f}",
                f"{model['sql'][ONE]['one_row_ms']:.0f}",
            )
        )
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    aligned = [
        [
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        for row in (head, *rows)
    ]
    lines = [f"One thread, CPU seconds, {results['rows']:,} rows", *map(" ".join, aligned)]
    profiled = [model for model in results["models"] if "operators" in model]
    if profiled:
        lines += ["", "Where the view's time goes: operators, and the slowest stage"]
    for model in profiled:
        kinds = ", ".join(f"{kind.lower()} {share}" for kind, share in by_type(model)[:2])
        slowest = "".join(f"; stage {operator['stage']}: {share}" for operator, share in stages(model)[:1])
        lines.append(f"{model['model'].ljust(widths[0])} {kinds}{slowest}")
    return "\n".join(lines)
