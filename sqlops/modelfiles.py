"""Files in: fitted estimators, safely by default, and frames."""

from __future__ import annotations

import pickle
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlops.errors import DataFileError, ModelFileError, SchemaError
from sqlops.estimators import feature_names

if TYPE_CHECKING:
    import pandas as pd

SKOPS_SUFFIXES = (".skops",)
PICKLE_SUFFIXES = (".joblib", ".pkl", ".pickle")

_CORRUPT = (zipfile.BadZipFile, zlib.error, LookupError, ValueError, TypeError, AttributeError, EOFError, ImportError)


def read_estimator(path: str | Path, *, trusted: Collection[str] = (), allow_pickle: bool = False) -> Any:
    """Read a fitted estimator from a file.

    Parameters
    ----------
    path : str or Path
        Ending in ``.skops``; or in ``.joblib``, ``.pkl`` or ``.pickle`` where pickles are allowed.
    trusted : collection of str
        Types that a ``.skops`` file may hold besides those that skops knows to be harmless.
    allow_pickle : bool
        Whether to read pickles, which run whatever code is in them.

    Returns
    -------
    object

    Raises
    ------
    ModelFileError
        The file is missing or corrupt, holds types that are not trusted (all of them are named, and nothing is loaded),
        is a pickle that is not allowed, or is of an unknown kind.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SKOPS_SUFFIXES + PICKLE_SUFFIXES:
        raise ModelFileError(
            f"cannot tell what '{path}' is: save the estimator with skops.io.dump as a .skops file "
            f"(or as {', '.join(PICKLE_SUFFIXES)})"
        )
    if not path.is_file():
        raise ModelFileError(f"there is no file '{path}'")
    if suffix in SKOPS_SUFFIXES:
        return _read_skops(path, trusted)
    if not allow_pickle:
        raise ModelFileError(
            f"'{path}' is a pickle, and reading one runs whatever code is in it: save the estimator with "
            "skops.io.dump, or allow pickles (--allow-pickle) if you trust where the file comes from"
        )
    return _read_pickle(path)


def _read_skops(path: Path, trusted: Collection[str]) -> Any:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        unknown = sorted(set(skops.io.get_untrusted_types(file=path)) - set(trusted))
        if unknown:
            raise ModelFileError(
                f"'{path}' holds types that are not trusted, and was not loaded; if you know them: "
                + " ".join(f"--trust {name}" for name in unknown)
            )
        return skops.io.load(path, trusted=sorted(trusted))
    except UntrustedTypesFoundException as error:
        raise ModelFileError(f"'{path}' was not loaded: {_one_line(error)}") from error
    except OSError as error:
        raise ModelFileError(f"cannot read '{path}': {error.strerror or error}") from error
    except _CORRUPT as error:
        raise _corrupt(path, error) from error


def _read_pickle(path: Path) -> Any:
    import joblib

    try:
        return joblib.load(path)
    except OSError as error:
        raise ModelFileError(f"cannot read '{path}': {error.strerror or error}") from error
    except (pickle.UnpicklingError, *_CORRUPT) as error:
        raise _corrupt(path, error) from error


def _corrupt(path: Path, error: BaseException) -> ModelFileError:
    return ModelFileError(
        f"'{path}' is corrupt, or was written by library versions that do not fit those installed "
        f"({type(error).__name__}: {_one_line(error)})"
    )


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]


def read_frame(path: str | Path) -> pd.DataFrame:
    """Read a frame from a CSV or Parquet file.

    Parameters
    ----------
    path : str or Path
        Ending in ``.csv`` (also ``.csv.gz`` and ``.csv.zip``) or ``.parquet``. Parquet keeps types; in a CSV they are
        guessed column by column, and empty cells, ``NA`` and the like are missing.

    Returns
    -------
    DataFrame

    Raises
    ------
    DataFileError
        The file is missing, corrupt or of an unknown kind.
    """
    import pandas as pd
    import pyarrow as pa

    path = Path(path)
    is_csv = ".csv" in [suffix.lower() for suffix in path.suffixes]
    if not is_csv and path.suffix.lower() not in (".parquet", ".pq"):
        raise DataFileError(f"cannot tell what '{path}' is: data must be a .csv or .parquet file")
    if not path.is_file():
        raise DataFileError(f"there is no file '{path}'")
    try:
        return pd.read_csv(path) if is_csv else pd.read_parquet(path)
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, pa.ArrowException) as error:
        raise DataFileError(f"cannot read '{path}': {_one_line(error)}") from error


def inputs_of(estimator: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a frame that an estimator was fitted on, in their order.

    Parameters
    ----------
    estimator : object
        Fitted; one that was fitted without column names gets the frame as it is.
    frame : DataFrame
        It may have other columns too: keys, the target.

    Returns
    -------
    DataFrame

    Raises
    ------
    SchemaError
        Columns are missing; all of them are named.
    """
    names = feature_names(estimator, [str(name) for name in frame.columns])
    if names is None:
        return frame
    missing = [f"column '{name}' is missing" for name in names if name not in frame.columns]
    if missing:
        raise SchemaError("the data", missing, "pass the columns that the estimator was fitted on")
    return frame[names]
