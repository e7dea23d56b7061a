import duckdb
from sklearn import datasets, linear_model, pipeline, preprocessing

import sqlops

X, y = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
steps = preprocessing.StandardScaler(), linear_model.LogisticRegression()
model = sqlops.compile(pipeline.make_pipeline(*steps).fit(X, y), X, name="benign")
print(model.verify(X))  # every row, SQL against scikit-learn

connection = duckdb.connect("clinic.duckdb")
connection.execute("create or replace table patients as select row_number() over () as id, * from X")
warehouse = sqlops.connect(connection)
warehouse.register(model, baseline=X, target=y)
warehouse.deploy("benign", 1, source="patients", keys=["id"])
print(warehouse.query("select id, prediction, probability_1 from benign order by id limit 3"))
