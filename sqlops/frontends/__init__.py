"""Frontends: a fitted object of a library becomes expressions. One module per family of estimators."""

MODULES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "composition",
        "decomposition",
        "dictionaries",
        "encoding",
        "functions",
        "hist_gradient_boosting",
        "imputation",
        "labels",
        "linear",
        "mixture",
        "scaling",
        "svm",
        "text",
        "trees",
    ),
}
"""The modules to import when the first object of a package arrives."""
