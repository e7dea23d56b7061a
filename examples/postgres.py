"""Put a model into PostgreSQL, and ask it there: ``python examples/postgres.py postgresql://user@host/database``.

It takes ``pip install 'sqlops[postgres]'`` and leaves a table ``patients`` and the schema ``sqlops`` in the database.
"""

import sys

import pyarrow as pa
from sklearn import datasets, linear_model, pipeline, preprocessing

import sqlops

X, y = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
steps = preprocessing.StandardScaler(), linear_model.LogisticRegression()
model = sqlops.compile(pipeline.make_pipeline(*steps).fit(X, y), X, name="benign")

with sqlops.connect(sys.argv[1]) as warehouse:
    if warehouse.connection.locate("patients") is None:
        patients = X.assign(id=range(len(X)), malignant=1 - y)
        warehouse.connection.load("patients", pa.Table.from_pandas(patients), temporary=False)
    version = warehouse.register(model, baseline=X, target=y)
    print(warehouse.deploy("benign", version.number, source="patients", keys=["id"]))
    print(warehouse.refresh("benign"))
    print(warehouse.query("SELECT id, prediction, probability_1 FROM benign ORDER BY probability_1 LIMIT 3"))
    print(warehouse.query("SELECT count(*) AS wrong FROM benign JOIN patients USING (id) WHERE prediction = malignant"))
