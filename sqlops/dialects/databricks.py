"""Databricks; generated, and run by no one here: it is Spark, whose SQL is."""

from dataclasses import replace

from sqlops.dialects.spark import SPARK

DATABRICKS = replace(SPARK, name="databricks", grammar="databricks", longest_name=255)
