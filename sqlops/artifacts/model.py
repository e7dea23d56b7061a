"""A compiled model: what a user holds, saves, and registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sqlops import emit
from sqlops.artifacts.run import run_in_duckdb
from sqlops.artifacts.store import digest_of, pack, write
from sqlops.dialects import get_dialect
from sqlops.errors import SqlopsError
from sqlops.estimators import has_names
from sqlops.frames import as_frame, check_frame, form_of, to_arrays
from sqlops.ir.program import Program
from sqlops.lowering import Plan, Strategy, lower
from sqlops.parity import ParityReport, Sample, bounds_of, compare, expected_outputs
from sqlops.schema import LogicalType, Signature


@dataclass(frozen=True)
class CompiledModel:
    """A fitted estimator as SQL.

    Parameters
    ----------
    name : str
        The model's name in the warehouse.
    signature : Signature
        Inputs and outputs.
    program : Program
        What is computed.
    sample : Sample
        Rows, and what the estimator answered for them.
    estimator : object, optional
        The fitted estimator, as long as the model has not been saved and loaded.
    strategy : {"case", "bitmasks", "traversal"}, optional
        How ensembles of trees are written; by default as costs the engine least.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> import sqlops
    >>> X = pd.DataFrame({"rooms": [1.0, 2.0, 4.0]})
    >>> model = sqlops.compile(LinearRegression().fit(X, [3.0, 5.0, 9.0]), X, name="rent")
    >>> model.score(X)["prediction"].round(6).tolist()
    [3.0, 5.0, 9.0]
    >>> model.verify(X).ok
    True
    >>> print(model.sql("duckdb", source="flats", keys=["id"]).partition("SELECT")[0])
    WITH _input AS NOT MATERIALIZED (
    <BLANKLINE>
    """

    name: str
    signature: Signature
    program: Program
    sample: Sample
    estimator: Any = field(default=None, repr=False, compare=False)
    strategy: Strategy | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of signature, program and strategy: equal for equal models."""
        return digest_of(self)

    @cached_property
    def _plans(self) -> dict[str, Plan]:
        return {}

    def plan(self, dialect: str = "duckdb") -> Plan:
        """Return the stages of SQL for a dialect.

        Parameters
        ----------
        dialect : str

        Returns
        -------
        Plan
        """
        if dialect not in self._plans:
            booleans = {column.name for column in self.signature.inputs if column.of is LogicalType.BOOLEAN}
            self._plans[dialect] = lower(self.program, get_dialect(dialect), self.strategy, booleans)
        return self._plans[dialect]

    def sql(self, dialect: str = "duckdb", *, source: str, keys: str | Sequence[str] = ()) -> str:
        """Return one self-contained SELECT that scores a relation: keys, then outputs.

        Parameters
        ----------
        dialect : str
            The engine to write for.
        source : str
            The relation with the inputs, for example ``"crm.leads"``.
        keys : str or sequence of str
            Columns of the source that go through unchanged.

        Returns
        -------
        str

        Raises
        ------
        SchemaError
            Columns differ only in case, and the engine cannot tell them apart; or a key is named like an output.
        """
        spoken = get_dialect(dialect)
        relation = emit.Source(emit.table(source, spoken))
        listed = [keys] if isinstance(keys, str) else keys
        query = emit.select(self.plan(dialect), spoken, relation, keys=listed)
        return emit.render(query, spoken)

    def score(self, X: Any) -> pd.DataFrame:
        """Run the SQL over a frame, in an in-process DuckDB.

        Parameters
        ----------
        X : DataFrame, ndarray or sparse matrix of shape (n_samples, n_features), sequence of texts, or list of dicts

        Returns
        -------
        DataFrame of shape (n_samples, n_outputs)
            In the order and with the index of X.

        Raises
        ------
        SchemaError
            X lacks columns of the signature, or has text where numbers are needed.
        """
        frame = as_frame(X, [column.name for column in self.signature.inputs])
        check_frame(frame, self.signature.inputs)
        return run_in_duckdb(self.plan("duckdb"), self.signature, frame)

    def verify(self, X: Any, estimator: Any = None) -> ParityReport:
        """Compare the SQL with the estimator on every row.

        Parameters
        ----------
        X : DataFrame, ndarray or sparse matrix of shape (n_samples, n_features), sequence of texts, or list of dicts
        estimator : object, optional
            The fitted estimator; needed for a model that was loaded from a file.

        Returns
        -------
        ParityReport

        Raises
        ------
        SqlopsError
            The model was loaded and no estimator is given.
        """
        estimator = self.estimator if estimator is None else estimator
        if estimator is None:
            raise SqlopsError(f"model '{self.name}' was loaded without its estimator: pass estimator= to verify")
        frame = as_frame(X, [column.name for column in self.signature.inputs])
        scores = self.score(frame)
        got = {name: scores[name].to_numpy() for name in scores.columns}
        inputs = to_arrays(frame, self.signature.inputs)
        given = frame if has_names(estimator) and form_of(X) != "polars" else X
        expected = expected_outputs(estimator, given, self.signature)
        return compare(expected, got, self.signature, bounds_of(self.program, inputs))

    def save(self, path: str | Path) -> Path:
        """Write the model to a file: a zip of JSON and .npy arrays, hash-checked when loaded.

        Parameters
        ----------
        path : str or Path
            By convention ending in ``.sqlops``.

        Returns
        -------
        Path

        Raises
        ------
        ArtifactError
            The file cannot be written; a file that was there before is left as it was.
        """
        return write(pack(self), Path(path))
