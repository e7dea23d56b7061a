"""Frontends: a fitted object of a library becomes expressions. One module per family of estimators."""

MODULES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "composition",
        "decomposition",
        "discretization",
        "encoding",
        "feature_selection",
        "functions",
        "hist_gradient_boosting",
        "imputation",
        "iterative_imputation",
        "linear",
        "mixture",
        "polynomial",
        "power",
        "projection",
        "quantile",
        "scaling",
        "splines",
        "svm",
        "target_encoding",
        "trees",
    ),
}
"""The modules to import when the first object of a package arrives."""
