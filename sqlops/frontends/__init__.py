"""Frontends: a fitted object of a library becomes expressions. One module per family of estimators."""

MODULES: dict[str, tuple[str, ...]] = {
    "sklearn": (
        "adaboost",
        "bagging",
        "calibration",
        "composition",
        "decomposition",
        "delegation",
        "encoding",
        "functions",
        "hist_gradient_boosting",
        "imputation",
        "isolation",
        "linear",
        "mixture",
        "multiclass",
        "multioutput",
        "scaling",
        "stacking",
        "svm",
        "target",
        "thresholds",
        "trees",
        "voting",
        "wrapper_selection",
    ),
}
"""The modules to import when the first object of a package arrives."""
