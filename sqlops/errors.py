"""Every error that sqlops raises on purpose.

Each message says what is wrong, where (step, column, version) and what to do about it, in one line.
"""

from __future__ import annotations

from collections.abc import Iterable


class SqlopsError(Exception):
    """Base class of all errors that sqlops raises on purpose."""


class CompileError(SqlopsError):
    """A fitted object cannot be turned into SQL.

    Parameters
    ----------
    problem : str
        What is wrong.
    step : str
        Where: the path of the step inside the model, for example ``pipeline / scaler``.
    hint : str
        What to do instead.
    """

    def __init__(self, problem: str, *, step: str = "", hint: str = "") -> None:
        self.problem, self.step, self.hint = problem, step, hint
        place = f"step '{step}': " if step else ""
        advice = f"; {hint}" if hint else ""
        super().__init__(f"{place}{problem}{advice}")


class UnsupportedEstimatorError(CompileError):
    """No frontend is registered for the class of a fitted object."""


class UnsupportedOptionError(CompileError):
    """A class is supported, but not with one of the options of this object."""


class LimitError(CompileError):
    """A model takes more than an engine allows: the message names the limit."""


class UnsupportedTypeError(CompileError):
    """A column has a type that the model, or SQL, cannot take."""


class NotFittedError(CompileError):
    """The estimator has not been fitted."""


class InvalidNameError(SqlopsError):
    """A name of a model, schema or output cannot be used in SQL."""


class SchemaError(SqlopsError):
    """A frame or a relation lacks columns of the signature, or has them with other types.

    Parameters
    ----------
    relation : str
        The relation or frame at fault.
    faults : iterable of str
        One sentence per column at fault; all of them are named in the message.
    hint : str
        What to do.
    """

    def __init__(self, relation: str, faults: Iterable[str], hint: str = "") -> None:
        self.relation, self.faults = relation, tuple(faults)
        advice = f"; {hint}" if hint else ""
        super().__init__(f"{relation} does not fit the model: {'; '.join(self.faults)}{advice}")


class ParityError(SqlopsError):
    """SQL and the recorded answers of the estimator differ."""


class ArtifactError(SqlopsError):
    """A saved model is corrupt, altered, or of an unknown format."""


class ModelFileError(SqlopsError):
    """A file with a fitted estimator cannot be read, or is not trusted."""


class DataFileError(SqlopsError):
    """A file with data cannot be read."""


class ConnectionFailedError(SqlopsError):
    """A warehouse cannot be opened or reached."""


class RegistryError(SqlopsError):
    """The registry refuses what was asked."""


class VersionNotFoundError(RegistryError):
    """A model or a version is not in the registry."""


class RegistryVersionError(RegistryError):
    """The registry was written by a newer sqlops."""


class SourceError(RegistryError):
    """The source relation or its keys cannot be used."""


class ConflictError(RegistryError):
    """Another session changed the same thing at the same time."""


class MonitoringError(SqlopsError):
    """A monitoring run cannot be done as asked."""


class QueryError(SqlopsError):
    """The warehouse refuses a statement."""
