"""Score rows in ClickHouse: ``python examples/clickhouse.py clickhouse://user:password@host:8123/database``.

It takes ``pip install 'sqlops[clickhouse]'``; with ``'sqlops[clickhouse,chdb]'`` and ``chdb://memory`` the engine runs
in this process, and no server is needed.
"""

import sys

import pyarrow as pa
from sklearn import datasets, linear_model, pipeline, preprocessing

import sqlops
from sqlops.warehouses.clickhouse import open_clickhouse

X, y = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
steps = preprocessing.StandardScaler(), linear_model.LogisticRegression()
model = sqlops.compile(pipeline.make_pipeline(*steps).fit(X, y), X, name="benign")

with open_clickhouse(sys.argv[1]) as connection:
    connection.execute("DROP TABLE IF EXISTS patients")
    connection.load("patients", pa.Table.from_pandas(X.assign(id=range(len(X)))), temporary=False)
    select = model.sql("clickhouse", source="patients", keys=["id"])
    connection.execute(f"CREATE OR REPLACE VIEW benign AS {select}")
    print(connection.frame("SELECT id, prediction, probability_1 FROM benign ORDER BY probability_1 LIMIT 3"))
