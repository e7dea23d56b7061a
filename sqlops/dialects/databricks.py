"""Databricks; generated, and run by no one here: it is Spark, whose SQL is.

Its driver takes no bytes as parameters: these are literals.
"""

from dataclasses import replace

from sqlops.dialects.catalog import Catalog
from sqlops.dialects.spark import SPARK

DATABRICKS = replace(
    SPARK,
    name="databricks",
    grammar="databricks",
    longest_name=255,
    loaded="TABLE",
    binary_literal="X'{0}'",
    catalog=Catalog(
        columns=(
            "SELECT column_name, full_data_type FROM information_schema.columns"
            " WHERE table_schema = {1} AND table_name = {2} ORDER BY ordinal_position"
        ),
        functions=(
            "SELECT routine_schema, routine_name FROM information_schema.routines"
            " WHERE lower(routine_schema) = lower({1}) AND lower(routine_name) IN ({2})"
        ),
        database="SELECT current_catalog()",
        types={"INT": "INTEGER"},
    ),
)
