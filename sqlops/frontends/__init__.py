"""Frontends: a fitted object of a library becomes expressions. One module per family of estimators."""

MODULES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "clustering",
        "composition",
        "decomposition",
        "encoding",
        "functions",
        "hist_gradient_boosting",
        "imputation",
        "linear",
        "mixture",
        "neighbors",
        "neighbors_imputation",
        "scaling",
        "svm",
        "trees",
    ),
}
"""The modules to import when the first object of a package arrives."""
