"""Score 336,776 flights on a cluster, and see which executor did what: ``python examples/spark.py MASTER``.

It takes ``pip install 'sqlops[demo,spark]'`` and Java 17 or later. A master is named, of this machine or of a cluster
that can read this directory: ``local-cluster[2,1,1024]`` starts two executors with a core each, processes of their own.
The flights are a file per month in ``build/departures``; the models are those of ``make demo``, and every score is
compared with scikit-learn's.
"""

import json
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from flights import CATEGORIES, DATABASE, KEY, LABEL, NUMBERS, TIMESTAMP, ask, load_flights, pipeline, read_departures
from pyspark.sql import SparkSession
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

import sqlops

FILES = Path("build/departures").absolute()


def executors(spark: SparkSession) -> dict[str, dict[str, Any]]:
    """Return what each executor has done since the session began, by Spark's own web server."""
    asked = f"{spark.sparkContext.uiWebUrl}/api/v1/applications/{spark.sparkContext.applicationId}/stages?details=true"
    with urllib.request.urlopen(asked) as answer:
        stages = json.load(answer)
    done: dict[str, dict[str, Any]] = {}
    for stage in stages:
        for name, part in stage["executorSummary"].items():
            mine = done.setdefault(name, {"succeededTasks": 0, "inputRecords": 0, "taskTime": 0})
            for what in mine:
                mine[what] += part[what]
    return done


load_flights(DATABASE)
departures = read_departures(DATABASE)
with duckdb.connect(str(DATABASE), read_only=True) as connection:
    by_month = f"SELECT *, month({TIMESTAMP}) AS month FROM departures"
    connection.execute(f"COPY ({by_month}) TO '{FILES}' (FORMAT parquet, PARTITION_BY (month), OVERWRITE)")
train = departures[(departures[TIMESTAMP] < "2013-07-01") & departures[LABEL].notna()]
X, y = train[NUMBERS + CATEGORIES], train[LABEL].astype(int)

# Small files are read a few to a task, unless a task may read no more than one of them.
builder = SparkSession.builder.master(sys.argv[1]).appName("flights")
spark = builder.config("spark.sql.files.maxPartitionBytes", "256k").getOrCreate()
spark.read.parquet(str(FILES)).createOrReplaceTempView("departures")

for classifier in (LogisticRegression(max_iter=1000), HistGradientBoostingClassifier(random_state=0)):
    fitted = pipeline(classifier).fit(X, y)
    model = sqlops.compile(fitted, X, name="late_arrival")
    spark.sql(f"CREATE OR REPLACE TEMPORARY VIEW scores AS {model.sql('spark', source='departures', keys=KEY)}")
    start = time.perf_counter()
    rows = spark.table("scores").toArrow().to_pandas().sort_values(KEY)
    taken = time.perf_counter() - start
    expected = ask(fitted, departures)
    differing = (rows["prediction"].to_numpy() != expected.labels).sum()
    apart = np.abs(rows["probability_1"].to_numpy() - expected.probabilities).max()
    print(f"{type(classifier).__name__}: {len(rows):,} flights in {taken:.1f} s, {differing} labels differ from")
    print(f"scikit-learn's, and no probability by more than 1e-9: {apart <= 1e-9}")

for name, done in sorted(executors(spark).items()):
    seconds = done["taskTime"] / 1000
    print(f"executor {name}: {done['succeededTasks']} tasks, {done['inputRecords']:,} flights, {seconds:.1f} s")
spark.stop()
