"""A deployed model of neighbours: lambdas and lists from the constants table, in views and functions."""

from sklearn.neighbors import KNeighborsClassifier

import sqlops
from tests.registry.conftest import make_labels


def test_views_and_functions_find_the_nearest(empty, leads):
    estimator = KNeighborsClassifier(weights="distance").fit(leads, make_labels(leads))
    model = sqlops.compile(estimator, leads, name="nearest")
    empty.register(model)
    empty.deploy("nearest", 1, source="crm.leads", keys=["lead_id"])
    wanted = estimator.predict_proba(leads)[:, 1].tolist()
    seen = empty.query("SELECT probability_1 FROM nearest ORDER BY lead_id")["probability_1"].tolist()
    assert seen == wanted
    of = empty.query("SELECT probability_1 FROM nearest_of('crm.leads') ORDER BY lead_id")["probability_1"].tolist()
    assert of == wanted
