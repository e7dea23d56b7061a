"""What the engine does with a query on a view: only the rows and outputs that are asked for are computed."""

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

import sqlops
from sqlops.lowering import STRATEGIES

ROWS = 5_000


@pytest.fixture(scope="module", params=STRATEGIES)
def connection(request):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(300, 4)), columns=list("abcd"))
    fitted = RandomForestClassifier(40, max_depth=5, random_state=0).fit(X, (X.sum(axis=1) > 0).astype(int))
    leads = pd.DataFrame(rng.normal(size=(ROWS, 4)), columns=list("abcd")).assign(lead_id=range(ROWS))
    with duckdb.connect() as opened:
        opened.register("given", leads)
        opened.execute("CREATE TABLE leads AS FROM given")
        warehouse = sqlops.connect(opened)
        warehouse.register(sqlops.compile(fitted, X, name="lead_score", strategy=request.param))
        warehouse.deploy("lead_score", 1, source="leads", keys="lead_id")
        yield opened


def operators(connection, query):
    """Return the operators of a query that was run, each before its children."""
    ((_, text),) = connection.execute(f"EXPLAIN (ANALYZE, FORMAT json) {query}").fetchall()
    pending, found = json.loads(text)["operator"], []
    while pending:
        node = pending.pop()
        found.append(node)
        pending.extend(node.get("children", []))
    return found


def test_a_point_lookup_scores_only_its_row(connection):
    found = operators(connection, "SELECT * FROM lead_score WHERE lead_id = 42")
    (scan,) = (node for node in found if node["extra_info"].get("Table") == "memory.main.leads")
    assert scan["extra_info"]["Filters"] == "(lead_id = 42)"
    computed = [node for node in found if node["type"] == "PROJECTION"]
    assert len(computed) >= 3
    assert {node["intermediate_rows"] for node in [scan, *computed]} == {1}


def test_only_the_outputs_of_a_query_are_computed(connection):
    def size(query):
        return sum(len(str(node["extra_info"].get("Projections"))) for node in operators(connection, query))

    one, both = "SELECT probability_1 FROM lead_score", "SELECT probability_0, probability_1 FROM lead_score"
    assert size(one) < size(both) < size("SELECT * FROM lead_score")
