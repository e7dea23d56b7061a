"""Put a model into ClickHouse and watch it there: ``python examples/clickhouse.py clickhouse://user:password@host/crm``.

It takes ``pip install 'sqlops[clickhouse]'``; with ``'sqlops[clickhouse,chdb]'`` and ``chdb://memory`` the engine runs
in this process, and no server is needed. It leaves a table ``patients``, a model of two versions and the
database ``sqlops``.
"""

import sys

import pandas as pd
import pyarrow as pa
from sklearn import datasets, linear_model, pipeline, preprocessing, tree

import sqlops

X, y = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
X = X.rename(columns=lambda name: name.replace(" ", "_"))
estimators = (
    pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()),
    tree.DecisionTreeClassifier(max_depth=4, random_state=0),
)

with sqlops.connect(sys.argv[1]) as warehouse:
    if warehouse.connection.locate("patients") is None:
        seen = pd.Timestamp("2024-01-01") + pd.to_timedelta(range(len(X)), unit="h")
        patients = X.assign(id=range(len(X)), benign=y, seen_at=seen)
        warehouse.connection.load("patients", pa.Table.from_pandas(patients), temporary=False)
    for estimator in estimators:
        model = sqlops.compile(estimator.fit(X, y), X, name="benign")
        version = warehouse.register(model, baseline=X, target=y)
        print(warehouse.deploy("benign", version.number, source="patients", keys=["id"]))
    print(warehouse.refresh("benign"))
    print(warehouse.promote("benign", 2))
    print(warehouse.refresh("benign"))
    print(warehouse.query("SELECT id, prediction, probability_1 FROM benign ORDER BY probability_1, id LIMIT 3"))
    metrics = warehouse.monitor("benign", timestamp="seen_at", window="week", label="benign")
    print(metrics[metrics["metric"] == "accuracy"][["window_start", "value", "status"]])
    print(warehouse.rollback("benign"))
