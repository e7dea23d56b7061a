"""Spark: a session that is there, or one that is opened with a master, local or of a cluster.

Tables and views are in the session's catalog. With the catalog in memory, which is Spark's own default, tables, views
and functions are there as long as the session; with Hive support (``spark.sql.catalogImplementation=hive``), or another
catalog that is current, they stay. Spark has no transactions: what ran before an exception stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pyarrow as pa
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import IntegerType
from sqlglot import exp

from sqlops.dialects.base import Dialect
from sqlops.dialects.spark import SPARK
from sqlops.errors import ConnectionFailedError, QueryError, SourceError, SqlopsError
from sqlops.warehouses.base import Relation, Row, Statement, as_table, render, statements_of

_SCHEME = "spark://"
_LOCAL = "local"

REFUSALS = (PySparkException, Py4JJavaError)
"""How a session fails: some errors of Java come as they are."""


def open_spark(url: str, *, read_only: bool = False) -> SparkConnection:
    """Open a session.

    Parameters
    ----------
    url : str
        The URL of a master: ``spark://host:7077``; or ``spark://local[4]`` for one in this process, on four cores.
    read_only : bool
        Spark has no such sessions: it is refused.

    Returns
    -------
    SparkConnection

    Raises
    ------
    ConnectionFailedError
        There is no Java, or no such master; or the session is to be read-only.
    """
    if read_only:
        raise ConnectionFailedError("Spark has no sessions that only read: leave out read_only=")
    place = url.removeprefix(_SCHEME)
    master = place if place.startswith(_LOCAL) else url
    try:
        native = SparkSession.builder.master(master).appName("sqlops").getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise ConnectionFailedError(f"no Spark session can be opened: {_first_line(str(error))}") from error
    return SparkConnection(native, owned=True)


def _first_line(message: str) -> str:
    return message.strip().split("\n", 1)[0].strip()


def _translate(error: Exception) -> SqlopsError:
    message = str(error.java_exception.getMessage()) if isinstance(error, Py4JJavaError) else str(error)
    return QueryError(f"Spark refuses the statement: {_first_line(message)}")


class SparkConnection:
    """A session with Spark.

    Parameters
    ----------
    native : pyspark.sql.SparkSession
    owned : bool
        Whether `close` stops it.
    """

    dialect: Dialect = SPARK
    recording = False

    def __init__(self, native: SparkSession, *, owned: bool = False) -> None:
        self._native = native
        self._owned = owned

    def execute(self, sql: Statement, parameters: Sequence[Any] = ()) -> None:
        """Run a statement that writes."""
        self._run(sql, parameters)

    def rows(self, sql: Statement, parameters: Sequence[Any] = ()) -> list[Row]:
        """Return the rows of a query."""
        try:
            return [tuple(row) for row in self._run(sql, parameters).collect()]
        except REFUSALS as error:
            raise _translate(error) from error

    def frame(self, sql: Statement, parameters: Sequence[Any] = ()) -> pd.DataFrame:
        """Return the rows of a query as a DataFrame."""
        frame: pd.DataFrame = self.arrow(sql, parameters).to_pandas()
        return frame

    def arrow(self, sql: Statement, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of a query as an Arrow table."""
        try:
            return self._run(sql, parameters).toArrow()
        except REFUSALS as error:
            raise _translate(error) from error

    def _run(self, sql: Statement, parameters: Sequence[Any] = ()) -> DataFrame:
        text = render(sql, self.dialect)
        try:
            return self._native.sql(text, args=list(parameters)) if parameters else self._native.sql(text)
        except REFUSALS as error:
            raise _translate(error) from error

    def script(self, sql: str, schema: str) -> None:
        """Run plain statements that name their relations without a schema, in a schema."""
        before = self.current_schema()
        self._native.catalog.setCurrentDatabase(schema)
        try:
            for statement in statements_of(sql, self.dialect):
                self._run(statement)
        finally:
            self._native.catalog.setCurrentDatabase(before)

    def load(self, name: Relation, table: pa.Table, *, temporary: bool = True) -> None:
        """Create a table from Arrow data; a temporary one is a view of the session over it."""
        target = as_table(name, self.dialect)
        try:
            frame = self._native.createDataFrame(table.cast(_signed(table.schema)))
            if temporary:
                frame.createTempView(self.dialect.identifier(target.name))
            else:
                frame.write.saveAsTable(render(target, self.dialect))
        except REFUSALS as error:
            raise _translate(error) from error

    def locate(self, relation: Relation) -> exp.Table | None:
        """Return where a relation is, with its schema unless it is temporary, or None.

        Raises
        ------
        SourceError
            This is no name of a relation.
        """
        place = as_table(relation, self.dialect)
        if len(place.parts) > 3:
            raise SourceError(f"'{relation}' has more parts than catalog.schema.table")
        name = render(place, self.dialect)
        if not self._native.catalog.tableExists(name):
            return None
        found = self._native.catalog.getTable(name)
        schema = (found.namespace or [""])[-1]
        catalog = found.catalog if found.catalog != self.current_database() else None
        return exp.table_(found.name, db=schema or None, catalog=catalog, quoted=True)

    def columns(self, relation: Relation) -> dict[str, str] | None:
        """Return the columns of a relation and Spark's names of their types; None where there is no such relation."""
        place = self.locate(relation)
        if place is None:
            return None
        try:
            fields = self._native.table(render(place, self.dialect)).schema.fields
        except REFUSALS as error:
            raise _translate(error) from error
        # The short name of an integer begins that of an interval as well.
        return {
            field.name: "INTEGER" if isinstance(field.dataType, IntegerType) else field.dataType.simpleString().upper()
            for field in fields
        }

    def named(self, schema: str, names: Sequence[str]) -> dict[str, str]:
        """Return which names a schema has, whatever their case, and what they are: table, view, function."""
        quoted = self.dialect.identifier(schema)
        found = {
            table.name: "view" if table.tableType == "VIEW" else "table"
            for table in self._native.catalog.listTables(quoted)
            if not table.isTemporary
        }
        for (function,) in self.rows(f"SHOW USER FUNCTIONS IN {quoted}"):
            *outer, name = function.split(".")
            if schema in outer:
                found[name] = "function"
        wanted = {name.lower() for name in names}
        return {name: kind for name, kind in found.items() if name.lower() in wanted}

    def current_database(self) -> str:
        """Return the name of the catalog that is written to."""
        return self._native.catalog.currentCatalog()

    def current_schema(self) -> str:
        """Return the schema in which names without one are created."""
        return self._native.catalog.currentDatabase()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do nothing: Spark has no transactions, and what ran before an exception stays."""
        yield

    def close(self) -> None:
        """Stop the session, unless the caller owns it."""
        if self._owned:
            self._native.stop()

    def __enter__(self) -> SparkConnection:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _signed(schema: pa.Schema) -> pa.Schema:
    """Return a schema without the whole numbers that Spark does not have."""
    wider = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.decimal128(20)}
    return pa.schema([field.with_type(wider.get(field.type, field.type)) for field in schema])
