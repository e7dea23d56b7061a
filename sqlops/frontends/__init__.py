"""Frontends: a fitted object of a library becomes expressions. One module per family of estimators."""

MODULES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "composition",
        "decomposition",
        "cross_decomposition",
        "discriminant",
        "dummy",
        "dictionaries",
        "encoding",
        "functions",
        "hist_gradient_boosting",
        "imputation",
        "isotonic",
        "labels",
        "linear",
        "mixture",
        "naive_bayes",
        "neural_network",
        "scaling",
        "svm",
        "text",
        "trees",
    ),
    "catboost": ("catboost",),
    "lightgbm": ("lightgbm",),
    "statsmodels": ("statsmodels",),
    "xgboost": ("xgboost",),
}
"""The modules to import when the first object of a package arrives."""
