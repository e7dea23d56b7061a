"""Real data for the cases: scikit-learn's bundled sets and a sample of the flights of 2013."""

from functools import cache

import numpy as np
from sklearn import datasets

from tests.flights import read_flights


def _bundled(name):
    return getattr(datasets, f"load_{name}")(return_X_y=True, as_frame=True)


def iris():
    return _bundled("iris")


def wine():
    return _bundled("wine")


def diabetes():
    return _bundled("diabetes")


def breast_cancer():
    return _bundled("breast_cancer")


def linnerud():
    return _bundled("linnerud")


def digits():
    X, y = _bundled("digits")
    return X[:600], y[:600]


def two_of_three():
    X, y = iris()
    return X[y > 0], y[y > 0]


def with_missing(data, share=0.1, seed=0):
    """Return data with some numbers missing."""
    X, y = data()
    rng = np.random.default_rng(seed)
    return X.astype(float).mask(rng.random(X.shape) < share), y


CLASSES = {
    "text": ["setosa", "versicolor", "virginica"],
    "bool": [False, True, True],
    "negative": [-1, 7, 40],
    "float": [-1.0, 7.0, 4e10],
    "hostile": ["it's", 'a "quoted" one', "größer; drop table x"],
}


def labelled(kind):
    """Return iris with classes of another type."""
    X, y = iris()
    return X, np.array(CLASSES[kind])[y]


@cache
def _flights():
    frame = read_flights().sample(2000, random_state=0).reset_index(drop=True)
    columns = ["month", "sched_dep_time", "carrier", "origin", "dest", "distance", "air_time", "dep_delay"]
    return frame[columns], (frame["arr_delay"] > 15).to_numpy()


def flights():
    """Return flights with text, numbers, missing values, and whether they came late."""
    X, y = _flights()
    return X.copy(), y


def categories():
    """Return flights with pandas categoricals of text and of numbers."""
    X, y = flights()
    X = X.astype({"carrier": "category", "origin": "category", "dest": "category", "month": "category"})
    X.loc[::9, "carrier"] = None
    return X, y


def multilabel():
    """Return iris with three labels that may hold at once."""
    X, y = iris()
    return X, np.column_stack([y == 1, X["sepal length (cm)"] > 6, y > 0]).astype(int)
