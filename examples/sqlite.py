"""Put a model into a SQLite file, and ask it there: ``python examples/sqlite.py clinic.sqlite``.

It takes ``pip install 'sqlops[sqlite]'``. Any SQLite from 3.41 on reads the view, without Python.
"""

import sqlite3
import sys

import pyarrow as pa
from sklearn import datasets, linear_model, pipeline, preprocessing

import sqlops

X, y = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
steps = preprocessing.StandardScaler(), linear_model.LogisticRegression()
model = sqlops.compile(pipeline.make_pipeline(*steps).fit(X, y), X, name="benign")

with sqlops.connect(f"sqlite:///{sys.argv[1]}") as warehouse:
    if warehouse.connection.locate("patients") is None:
        patients = X.assign(id=range(len(X)))
        warehouse.connection.load("patients", pa.Table.from_pandas(patients), temporary=False)
    version = warehouse.register(model, baseline=X, target=y)
    print(warehouse.deploy("benign", version.number, source="patients", keys=["id"]))
    print(warehouse.refresh("benign"))

with sqlite3.connect(sys.argv[1]) as plain:
    for row in plain.execute("SELECT id, prediction, probability_1 FROM benign ORDER BY probability_1 LIMIT 3"):
        print(*row)
