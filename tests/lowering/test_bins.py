"""The bin of a number is how many thresholds it is above, whatever their number, and however they lie."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sqlops import emit
from sqlops.dialects import get_dialect
from sqlops.dialects.duckdb import DUCKDB
from sqlops.ir import build
from sqlops.lowering.bins import MOST_CELLS, MOST_WITHIN, levels, lower_bin
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.plan import Plan, PlanInput, StageColumn
from tests.sessions import session

X = build.column("x", "double")
rng = np.random.default_rng(0)
THRESHOLDS = {
    **{f"{n} of a bell": np.sort(rng.normal(size=n)) for n in (1, 2, 3, 7, 8, 9, 15, 16, 100, 300)},
    "whole": np.arange(40.0),
    "one far away": np.array([*np.linspace(0, 1, 20), 1e9]),
    "far from zero": 1e15 + np.arange(30.0),
    "next to each other": np.nextafter(1.0, 2.0) + np.arange(12) * np.spacing(1.0),
    "in clusters": np.sort(np.concatenate([centre + np.arange(5) * np.spacing(centre) for centre in (1.0, 2.0, 7.0)])),
    "too many in one place": np.array([0.0, *(1 + np.arange(9) * np.spacing(1.0)), 3.0]),
    "from end to end": np.array([-1.7e308, *np.linspace(-1, 1, 9), 1.7e308]),
    "tiny": np.arange(1, 20) * 5e-324,
    "with infinity": np.array([*np.linspace(0, 1, 10), np.inf]),
}


def planned(thresholds, dialect=DUCKDB):
    builder = Builder(dialect)
    found = builder.store(lower_bin(builder, Fragment("_x0", columns=frozenset(("_x0",))), thresholds))
    stages = builder.stages(found.columns)
    return Plan((PlanInput(X, "_x0"),), stages, (StageColumn("bin", found.text),), False, tuple(builder.constants))


def bins_of(engine, plans, values):
    """Return the bins that an engine gives, shape (n_plans, n_values); the last value is missing."""
    opened = session(engine)
    rows = pd.DataFrame({"x": [*values, np.nan], "row": np.arange(len(values) + 1)})
    name = f"bins_{len(values)}"
    opened.execute(f"DROP TABLE IF EXISTS {name}" if engine != "spark" else f"DROP VIEW IF EXISTS {name}")
    opened.load(name, pa.Table.from_pandas(rows, preserve_index=False))
    source = emit.Source(emit.table(name, opened.dialect))
    queries = (emit.select(plan, opened.dialect, source, keys=["row"]).order_by("row") for plan in plans)
    return [opened.arrow(query)["bin"].to_pylist() for query in queries]


@pytest.mark.parametrize(
    "engine",
    [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ("duckdb", "clickhouse", "spark")],
)
def test_bins_are_those_of_a_sorted_search(engine):
    every = np.concatenate(list(THRESHOLDS.values()))
    around = np.concatenate([np.nextafter(every, -np.inf), every, np.nextafter(every, np.inf)])
    values = np.concatenate([around, [-np.inf, np.inf, -1e300, 1e300, 0.0]])
    dialect = get_dialect(engine)
    found = bins_of(engine, [planned(thresholds, dialect) for thresholds in THRESHOLDS.values()], values)
    first = dialect.needed_lists.first
    for (name, thresholds), bins in zip(THRESHOLDS.items(), found, strict=True):
        want = np.searchsorted(thresholds, values, side="left") + first
        assert bins == [*want, len(thresholds) + 1 + first], name


def test_few_thresholds_are_literals():
    (stage,) = planned(np.array([1.0, 2.0])).stages
    assert [column.text for column in stage.columns] == [
        "CASE WHEN (_x0 IS NULL) THEN 4 ELSE "
        "CASE WHEN _x0 > 2.0e0 THEN 6 ELSE CASE WHEN _x0 > 1.0e0 THEN 5 ELSE 4 END END - 3 END"
    ]


def test_a_guide_leads_to_the_thresholds_that_are_left():
    plan = planned(np.arange(9.0))
    assert [[column.text for column in stage.columns] for stage in plan.stages] == [
        [
            "CASE WHEN _x0 >= 8.0e0 THEN 17 WHEN _x0 > 0.0e0 THEN "
            "CASE WHEN abs(((_x0 - -0.75e0) * 2.0e0)) <= 9007199254740992e0 THEN "
            "CAST(trunc(((_x0 - -0.75e0) * 2.0e0)) AS BIGINT) END ELSE 1 END"
        ],
        ["_k0[_v0]"],
        ["CASE WHEN (_x0 IS NULL) THEN 11 ELSE _v1.before + CAST(_x0 > _v1.t0 AS INTEGER) END"],
    ]
    (cells,) = plan.constants
    assert cells.values["before"].tolist() == [number // 2 + 1 + number % 2 for number in range(17)]
    assert cells.values["t0"][::2].tolist() == list(range(9))


def test_thresholds_that_no_guide_tells_apart_are_searched():
    """Nor those of which some are infinite, or further apart than the largest number."""
    many = {name: thresholds for name, thresholds in THRESHOLDS.items() if len(thresholds) > 7}
    searched = [name for name, thresholds in many.items() if levels(thresholds) == len(thresholds).bit_length()]
    assert searched == [
        "one far away", "too many in one place", "from end to end", "tiny", "with infinity",
    ]  # fmt: skip
    for thresholds in THRESHOLDS.values():
        for constant in planned(thresholds).constants:
            if constant.type == "record":
                assert len(constant.values) <= MOST_CELLS + 1
                assert len(constant.fields) <= MOST_WITHIN + 1
