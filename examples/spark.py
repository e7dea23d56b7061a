"""Put a model into Spark, as a view over the data: ``python examples/spark.py 'local-cluster[2,1,1024]'``.

It takes ``pip install 'sqlops[spark]'`` and Java 17 or later. A master is named, of this machine or of a cluster; the
one above starts two executors, processes of their own, and each scores its share of the rows.
"""

import sys

import pyarrow as pa
from pyspark.sql import SparkSession
from sklearn import datasets, linear_model, pipeline, preprocessing

import sqlops

X, y = datasets.load_breast_cancer(return_X_y=True, as_frame=True)
steps = preprocessing.StandardScaler(), linear_model.LogisticRegression()
model = sqlops.compile(pipeline.make_pipeline(*steps).fit(X, y), X, name="benign")

spark = SparkSession.builder.master(sys.argv[1]).appName("benign").getOrCreate()
patients = spark.createDataFrame(pa.Table.from_pandas(X.assign(id=range(len(X)), benign=y)))
patients.repartition(4).createOrReplaceTempView("patients")

spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW scores AS {model.sql('spark', source='patients', keys='id')}")
spark.sql("SELECT id, prediction, probability_1 FROM scores ORDER BY probability_1 LIMIT 3").show()
told = "SELECT count(*) AS scored, count_if(prediction <> benign) AS wrong FROM scores JOIN patients USING (id)"
spark.sql(told).show()
spark.stop()
