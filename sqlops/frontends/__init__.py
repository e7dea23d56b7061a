"""Frontends: a fitted object of a library becomes expressions. One module per family of estimators."""

MODULES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "composition",
        "cross_decomposition",
        "discriminant",
        "dummy",
        "encoding",
        "functions",
        "hist_gradient_boosting",
        "imputation",
        "isotonic",
        "linear",
        "naive_bayes",
        "neural_network",
        "scaling",
        "svm",
        "trees",
    ),
}
"""The modules to import when the first object of a package arrives."""
