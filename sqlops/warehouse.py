"""The warehouse as users see it: every method hands over to a function of the registry or of monitoring."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, TypeVar, overload

import pandas as pd

from sqlops.artifacts.model import CompiledModel
from sqlops.errors import InvalidNameError
from sqlops.registry import deploy, promote, refresh, store, versions
from sqlops.registry.deploy import Deployment
from sqlops.registry.migrations import check_version, migrate
from sqlops.registry.promote import Promotion
from sqlops.registry.refresh import Refresh
from sqlops.registry.versions import Version
from sqlops.warehouses.base import Connection, Recording
from sqlops.warehouses.targets import open_target

_SCHEMA = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_T = TypeVar("_T")


def connect(target: Any, *, schema: str = "sqlops", dialect: str | None = None, read_only: bool = False) -> Warehouse:
    """Connect to a warehouse; nothing is written until something is registered.

    Parameters
    ----------
    target : str, Path or live connection
        A path, ``":memory:"``, a URL (``"duckdb:///path"``, ``"postgresql://ann@db/crm"``, …), or a live connection,
        which stays open when the warehouse is closed.
    schema : str
        The schema of the registry.
    dialect : str, optional
        The engine of a live connection, where its class does not say it: ``"bigquery"``, ``"databricks"``,
        ``"mysql"``, ``"redshift"``, ``"snowflake"`` or ``"trino"``, by any connection of Python's database API
        (PEP 249) to it.
    read_only : bool
        Open a file only to read it: several processes may do so at once.

    Returns
    -------
    Warehouse

    Raises
    ------
    ConnectionFailedError
        The target is of an unknown kind, locked, corrupt, or cannot be opened.
    InvalidNameError
        The schema's name cannot be used, or is the database's.
    RegistryVersionError
        The registry in it was written by a newer sqlops.

    Examples
    --------
    >>> with connect(":memory:") as wh:
    ...     wh.models().empty
    True
    """
    if not _SCHEMA.fullmatch(schema):
        raise InvalidNameError(f"{schema!r} cannot name a schema: use letters, digits and underscores")
    connection = open_target(target, dialect, read_only=read_only)
    try:
        if connection.current_database().lower() == schema.lower():
            raise InvalidNameError(
                f"the database is named '{schema}' as the registry's schema would be: pass another schema="
            )
        check_version(connection, schema)
    except BaseException:
        connection.close()
        raise
    return Warehouse(connection, schema)


class Warehouse:
    """A warehouse with its registry.

    Every method that writes takes ``dry_run=True``: it then returns the SQL it would run, and writes nothing.

    Parameters
    ----------
    connection : Connection
    schema : str
        The schema of the registry.

    Examples
    --------
    >>> import duckdb
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> import sqlops
    >>> X = pd.DataFrame({"rooms": [1.0, 2.0, 4.0]})
    >>> model = sqlops.compile(LinearRegression().fit(X, [3.0, 5.0, 9.0]), X, name="rent")
    >>> connection = duckdb.connect()
    >>> _ = connection.execute("create table flats as select 7 as id, 3 as rooms")
    >>> warehouse = sqlops.connect(connection)
    >>> warehouse.register(model)
    Version(name='rent', number=1)
    >>> print(warehouse.deploy("rent", 1, source="flats", keys=["id"]))
    rent version 1 deployed over main.flats as view main.rent_v1 (in force)
    >>> connection.sql("select id, round(prediction) from rent").fetchall()
    [(7, 7.0)]
    >>> print(warehouse.refresh("rent"))
    main.rent_scores: 1 new, 0 changed, 0 unchanged (version 1)
    """

    def __init__(self, connection: Connection, schema: str = "sqlops") -> None:
        self.connection = connection
        self.schema = schema

    @overload
    def register(
        self,
        model: CompiledModel,
        *,
        baseline: Any = None,
        target: Any = None,
        card: Mapping[str, Any] | None = None,
        dry_run: Literal[False] = False,
    ) -> Version: ...

    @overload
    def register(
        self,
        model: CompiledModel,
        *,
        baseline: Any = None,
        target: Any = None,
        card: Mapping[str, Any] | None = None,
        dry_run: Literal[True],
    ) -> str: ...

    @overload
    def register(
        self,
        model: CompiledModel,
        *,
        baseline: Any = None,
        target: Any = None,
        card: Mapping[str, Any] | None = None,
        dry_run: bool,
    ) -> Version | str: ...

    def register(
        self,
        model: CompiledModel,
        *,
        baseline: Any = None,
        target: Any = None,
        card: Mapping[str, Any] | None = None,
        dry_run: bool = False,
    ) -> Version | str:
        """Store a model as the next version: see `sqlops.registry.versions.register`."""
        from sqlops.monitoring.baseline import freeze

        return self._write(
            versions.register, model, baseline=baseline, target=target, card=card, freeze=freeze, dry_run=dry_run
        )

    @overload
    def deploy(
        self,
        name: str,
        version: int,
        source: str,
        keys: str | Sequence[str],
        *,
        allow_breaking: bool = False,
        dry_run: Literal[False] = False,
    ) -> Deployment: ...

    @overload
    def deploy(
        self,
        name: str,
        version: int,
        source: str,
        keys: str | Sequence[str],
        *,
        allow_breaking: bool = False,
        dry_run: Literal[True],
    ) -> str: ...

    @overload
    def deploy(
        self,
        name: str,
        version: int,
        source: str,
        keys: str | Sequence[str],
        *,
        allow_breaking: bool = False,
        dry_run: bool,
    ) -> Deployment | str: ...

    def deploy(
        self,
        name: str,
        version: int,
        source: str,
        keys: str | Sequence[str],
        *,
        allow_breaking: bool = False,
        dry_run: bool = False,
    ) -> Deployment | str:
        """Create the views and functions of a version: see `sqlops.registry.deploy.deploy`."""
        return self._write(deploy.deploy, name, version, source, keys, allow_breaking=allow_breaking, dry_run=dry_run)

    @overload
    def promote(
        self, name: str, version: int, *, allow_breaking: bool = False, dry_run: Literal[False] = False
    ) -> Promotion: ...

    @overload
    def promote(self, name: str, version: int, *, allow_breaking: bool = False, dry_run: Literal[True]) -> str: ...

    @overload
    def promote(self, name: str, version: int, *, allow_breaking: bool = False, dry_run: bool) -> Promotion | str: ...

    def promote(
        self, name: str, version: int, *, allow_breaking: bool = False, dry_run: bool = False
    ) -> Promotion | str:
        """Put a deployed version in force: see `sqlops.registry.promote.promote`."""
        return self._write(promote.promote, name, version, allow_breaking=allow_breaking, dry_run=dry_run)

    @overload
    def rollback(self, name: str, *, to: int | None = None, dry_run: Literal[False] = False) -> Promotion: ...

    @overload
    def rollback(self, name: str, *, to: int | None = None, dry_run: Literal[True]) -> str: ...

    @overload
    def rollback(self, name: str, *, to: int | None = None, dry_run: bool) -> Promotion | str: ...

    def rollback(self, name: str, *, to: int | None = None, dry_run: bool = False) -> Promotion | str:
        """Put the version before back in force: see `sqlops.registry.promote.rollback`."""
        return self._write(promote.rollback, name, to=to, dry_run=dry_run)

    @overload
    def refresh(
        self, name: str, *, full: bool = False, prune: bool = False, dry_run: Literal[False] = False
    ) -> Refresh: ...

    @overload
    def refresh(self, name: str, *, full: bool = False, prune: bool = False, dry_run: Literal[True]) -> str: ...

    @overload
    def refresh(self, name: str, *, full: bool = False, prune: bool = False, dry_run: bool) -> Refresh | str: ...

    def refresh(self, name: str, *, full: bool = False, prune: bool = False, dry_run: bool = False) -> Refresh | str:
        """Bring the score table up to date: see `sqlops.registry.refresh.refresh`."""
        return self._write(refresh.refresh, name, full=full, prune=prune, dry_run=dry_run)

    def _write(self, function: Callable[..., _T], *args: Any, dry_run: bool, **options: Any) -> _T | str:
        if not dry_run:
            return function(self.connection, self.schema, *args, **options)
        recording = Recording(self.connection)
        function(recording, self.schema, *args, **options)
        return recording.text

    def monitor(
        self,
        name: str,
        *,
        version: int | None = None,
        timestamp: str | None = None,
        window: str = "month",
        labels: str | None = None,
        label: str | None = None,
        slices: Sequence[str | Sequence[str]] = (),
        since: Any = None,
        until: Any = None,
        dry_run: bool = False,
    ) -> pd.DataFrame | str:
        """Measure drift, and performance where there are labels: see `sqlops.monitoring.run.monitor`."""
        from sqlops.monitoring.run import monitor

        if not dry_run:
            migrate(self.connection, self.schema)
        return monitor(
            self.connection,
            self.schema,
            name,
            version=version,
            timestamp=timestamp,
            window=window,
            labels=labels,
            label=label,
            slices=slices,
            since=since,
            until=until,
            dry_run=dry_run,
        )

    def metrics(self, name: str, version: int | None = None) -> pd.DataFrame:
        """Return the metrics of a model, one row per value: see `sqlops.monitoring.run.metrics`."""
        from sqlops.monitoring.run import metrics

        return metrics(self.connection, self.schema, name, version)

    def models(self) -> pd.DataFrame:
        """Return the registered models, and their versions in force."""
        return versions.models(self.connection, self.schema)

    def versions(self, name: str) -> pd.DataFrame:
        """Return the versions of a model."""
        return versions.versions(self.connection, self.schema, name)

    def events(self, name: str | None = None) -> pd.DataFrame:
        """Return what happened, to one model or to all, oldest first."""
        return store.events(self.connection, self.schema, name)

    def load(self, name: str, version: int) -> CompiledModel:
        """Return a registered model."""
        return versions.load_model(self.connection, self.schema, name, version)

    def query(self, sql: str) -> pd.DataFrame:
        """Return the rows of a query."""
        return self.connection.frame(sql)

    def close(self) -> None:
        """Close the connection, unless it was open before."""
        self.connection.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
