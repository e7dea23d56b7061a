"""The models of ``make bench``, and what they are to reach. Light to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A model to score.

    Parameters
    ----------
    title : str
        What the tables call it.
    to_reach : float
        At most so much of the round trip's CPU time.
    data : {"numbers", "mixed"}
        The rows it scores.
    most_rows : int, optional
        Score no more rows than this.
    trees : bool
        Whether it can be written as nested CASE.
    tolerance : float
        How far scores may be from the library's, relative to their size.
    floor : float
        Scores smaller than this are compared as if they were this size: those that cancel to almost nothing.
    case_to_reach : float, optional
        At least so many times faster than nested CASE, planning not counted.
    planning_to_reach : float, optional
        At least so many times faster planned than nested CASE.
    install_to_reach : float, optional
        At most so many seconds to compile and deploy.
    text_to_reach : float, optional
        At most so many kilobytes of SQL.
    """

    title: str
    to_reach: float
    data: str = "numbers"
    most_rows: int | None = None
    trees: bool = False
    tolerance: float = 1e-9
    floor: float = 0.0
    case_to_reach: float | None = None
    planning_to_reach: float | None = None
    install_to_reach: float | None = None
    text_to_reach: float | None = None


SUBJECTS = {
    "logistic": Subject("StandardScaler + LogisticRegression", 0.15),
    "gradient_boosting": Subject("GradientBoosting 100 × depth 3", 0.6, trees=True),
    "lightgbm": Subject("LightGBM 200 × 31 leaves", 1.0, trees=True, case_to_reach=1.4, planning_to_reach=10),
    "hist": Subject("HistGradientBoosting 100 × 31 leaves", 1.3, trees=True),
    # XGBoost adds up in single precision, and its first probability is one less the second.
    "xgboost": Subject("XGBoost 200 × depth 6", 3, trees=True, tolerance=1e-6, floor=1.0),
    "forest": Subject("RandomForest 100 × depth 8", 2, trees=True, case_to_reach=3, planning_to_reach=10),
    "grown_forest": Subject("RandomForest 100, fully grown", 3.5, trees=True, install_to_reach=15, text_to_reach=100),
    "perceptron": Subject("MLPClassifier (100,)", 1.0),
    "svc": Subject("SVC rbf, 1,000 support vectors", 1.0, most_rows=100_000, floor=1.0),
    "neighbors": Subject("KNeighbors 5 of 5,000", 1.0, most_rows=100_000),
    "mixed": Subject("Mixed pipeline + RandomForest 100 × depth 8", 1.5, data="mixed", trees=True),
}
