"""The bin of a number is how many thresholds it is above, whatever their number."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from sqlops import emit
from sqlops.dialects.duckdb import DUCKDB
from sqlops.ir import build
from sqlops.lowering.bins import lower_bin
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.plan import Plan, PlanInput, StageColumn

X = build.column("x", "double")


def planned(thresholds):
    builder = Builder(DUCKDB)
    found = builder.store(lower_bin(builder, Fragment("_x0", columns=frozenset(("_x0",))), thresholds))
    stages = builder.stages(found.columns)
    return Plan((PlanInput(X, "_x0"),), stages, (StageColumn("bin", found.text),), False, tuple(builder.constants))


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 9, 15, 16, 100])
def test_bins_are_those_of_a_sorted_search(n):
    thresholds = np.sort(np.random.default_rng(n).normal(size=n))
    around = np.concatenate([np.nextafter(thresholds, -np.inf), thresholds, np.nextafter(thresholds, np.inf)])
    values = np.concatenate([around, [-np.inf, np.inf, -1e300, 0.0]])
    given = pd.DataFrame({"x": [*values, np.nan], "row": range(len(values) + 1)})  # noqa: F841
    query = emit.select(planned(thresholds), DUCKDB, emit.Source(emit.table("given", DUCKDB)), keys=["row"])
    with duckdb.connect() as connection:
        found = connection.sql(query.sql(dialect="duckdb")).order("row").fetchnumpy()["bin"]
    assert found.tolist() == [*(np.searchsorted(thresholds, values, side="left") + 1), n + 2]


def test_few_thresholds_are_literals():
    (stage,) = planned(np.array([1.0, 2.0])).stages
    assert [column.text for column in stage.columns] == [
        "CASE WHEN (_x0 IS NULL) THEN 4 ELSE "
        "CASE WHEN _x0 > 2.0e0 THEN 6 ELSE CASE WHEN _x0 > 1.0e0 THEN 5 ELSE 4 END END - 3 END"
    ]
