"""Models and their versions: registering, loading and listing them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sqlops.artifacts.model import CompiledModel
from sqlops.artifacts.store import pack, unpack
from sqlops.errors import ArtifactError, ConflictError, InvalidNameError, RegistryError, VersionNotFoundError
from sqlops.frames import as_frame, check_frame
from sqlops.names import check_model_name
from sqlops.registry.migrations import migrate
from sqlops.registry.store import (
    CHAMPION,
    actor,
    fetch,
    fetch_frame,
    from_json,
    insert,
    now,
    record,
    record_once,
    signatures,
    to_json,
    update,
)
from sqlops.schema import Signature
from sqlops.version import __version__
from sqlops.warehouses.base import Connection

Freeze = Callable[[Connection, str, CompiledModel, int, pd.DataFrame, str | None], None]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a model in a registry.

    Parameters
    ----------
    name : str
        The model.
    number : int
        Counted from 1.
    """

    name: str
    number: int

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"


def register(
    connection: Connection,
    schema: str,
    model: CompiledModel,
    *,
    baseline: Any = None,
    target: Any = None,
    card: Mapping[str, Any] | None = None,
    freeze: Freeze | None = None,
) -> Version:
    """Store a model as the next version; the same content gives the version that holds it already.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    model : CompiledModel
    baseline : DataFrame of shape (n_samples, n_features), optional
        The rows that monitoring compares with, usually those of training; frozen once per version.
    target : str or array-like of shape (n_samples,), optional
        What the model predicts: the labels of the baseline's rows, or the name of their column.
    card : mapping, optional
        Anything worth knowing, as JSON: owner, purpose, training run.
    freeze : callable, optional
        Called with connection, schema, model, version, baseline and the name of its target, to freeze the baseline:
        `sqlops.monitoring.baseline.freeze`. The registry does not know monitoring.

    Returns
    -------
    Version

    Raises
    ------
    InvalidNameError
        The model's name cannot be used, or differs only in case from another model's.
    SchemaError
        The baseline lacks columns of the model.
    RegistryError
        The card is no JSON, or the target does not fit the baseline.
    """
    check_model_name(model.name)
    card_text = _card_text(card)
    label, frame = _target(model, baseline, target)
    with connection.transaction():
        migrate(connection, schema)
        _refuse_twin(connection, schema, model.name)
        version = _find(connection, schema, model)
        if version is None:
            version = _add(connection, schema, model, label, card_text or "{}")
        else:
            _settle(connection, schema, model, version)
            _describe(connection, schema, Version(model.name, version), label, card_text)
        if frame is not None and freeze is not None and _frozen_rows(connection, schema, model, version) is None:
            freeze(connection, schema, model, version, frame, label)
            where = {"model": model.name, "version": version}
            update(connection, schema, "versions", {"baseline_rows": len(frame)}, where)
            record(connection, schema, model.name, version, "baseline_frozen", {"rows": len(frame)})
    return Version(model.name, version)


def _card_text(card: Mapping[str, Any] | None) -> str | None:
    try:
        return None if card is None else to_json(dict(card))
    except TypeError as error:
        raise RegistryError(
            f"the card cannot be written as JSON ({error}): use text, numbers, lists and mappings"
        ) from None


def _target(model: CompiledModel, baseline: Any, target: Any) -> tuple[str | None, pd.DataFrame | None]:
    """Return the name of the label column, and the baseline with that column."""
    name = target if isinstance(target, str) else None
    if baseline is None:
        if target is not None and name is None:
            raise RegistryError("the target's values belong to a baseline: pass baseline=, or only the target's name")
        return name, None
    frame = as_frame(baseline, [column.name for column in model.signature.inputs])
    check_frame(frame, model.signature.inputs)
    if target is None:
        return None, frame
    if name is not None:
        if name not in frame.columns:
            raise RegistryError(f"the baseline has no target column '{name}'")
        return name, frame
    if getattr(target, "ndim", 1) != 1:
        raise RegistryError("the target has several columns: pass one of them")
    if len(target) != len(frame):
        raise RegistryError(f"the target has {len(target)} values, the baseline {len(frame)} rows")
    given = getattr(target, "name", None)
    name = given if isinstance(given, str) and given else "target"
    if name in {column.name for column in model.signature.inputs}:
        raise RegistryError(f"the target '{name}' has the name of an input: rename it")
    values = target.to_numpy() if hasattr(target, "to_numpy") else target
    return name, frame.assign(**{name: values})


def _refuse_twin(connection: Connection, schema: str, name: str) -> None:
    for (other,) in fetch(connection, schema, "models", ("model",)):
        if other.lower() == name.lower() and other != name:
            raise InvalidNameError(f"'{name}' and the registered model '{other}' differ only in case: use '{other}'")


def _find(connection: Connection, schema: str, model: CompiledModel) -> int | None:
    where = {"model": model.name, "digest": model.digest}
    found = fetch(connection, schema, "versions", ("version",), where)
    return int(found[0][0]) if found else None


def _add(connection: Connection, schema: str, model: CompiledModel, target: str | None, card: str) -> int:
    taken = fetch(connection, schema, "versions", ("version",), {"model": model.name})
    number = max((row[0] for row in taken), default=0) + 1
    registered = now()
    if not taken:
        times = {"created_at": registered, "changed_at": registered}
        insert(connection, schema, "models", {"model": model.name, **times})
    row = {
        "model": model.name,
        "version": number,
        "digest": model.digest,
        "task": model.signature.task,
        "signature": to_json(model.signature.to_dict()),
        "target": target,
        "card": card,
        "sqlops_version": __version__,
        "registered_at": registered,
        "registered_by": actor(),
        "artifact": pack(model),
    }
    insert(connection, schema, "versions", row)
    if not connection.dialect.transactional and not connection.recording and _find(connection, schema, model) != number:
        raise ConflictError(f"another session registered {model.name} version {number} at the same time: run it again")
    record(connection, schema, model.name, number, "registered", {"digest": model.digest})
    return number


def _describe(connection: Connection, schema: str, version: Version, target: str | None, card: str | None) -> None:
    """Update the target and the card of a version, where others are given."""
    where = {"model": version.name, "version": version.number}
    ((old_target, old_card),) = fetch(connection, schema, "versions", ("target", "card"), where)
    changed = {}
    if target is not None and target != old_target:
        changed["target"] = target
    if card is not None and json.loads(card) != from_json(old_card):
        changed["card"] = card
    if changed:
        update(connection, schema, "versions", changed, where)
        record(connection, schema, version.name, version.number, "described", {"changed": sorted(changed)})


def _frozen_rows(connection: Connection, schema: str, model: CompiledModel, version: int) -> int | None:
    """Return how many rows the baseline of a version has; None where none is frozen."""
    where = {"model": model.name, "version": version}
    found = fetch(connection, schema, "versions", ("baseline_rows",), where)
    return None if not found or found[0][0] is None else int(found[0][0])


def _settle(connection: Connection, schema: str, model: CompiledModel, version: int) -> None:
    """Append the events that a registration that was broken off may lack, where no transaction kept it whole."""
    if connection.dialect.transactional:
        return
    record_once(connection, schema, model.name, version, "registered", {"digest": model.digest})
    frozen = _frozen_rows(connection, schema, model, version)
    if frozen is not None:
        record_once(connection, schema, model.name, version, "baseline_frozen", {"rows": frozen})


def load_model(connection: Connection, schema: str, name: str, version: int) -> CompiledModel:
    """Return a registered model.

    Parameters
    ----------
    connection : Connection
    schema : str
        The registry's schema.
    name : str
    version : int

    Raises
    ------
    VersionNotFoundError
        There is no such model or version.
    ArtifactError
        What is stored is corrupt, or of a newer format.
    """
    where = {"model": name, "version": version}
    found = fetch(connection, schema, "versions", ("artifact", "digest"), where)
    if not found:
        raise not_found(connection, schema, name, version)
    artifact, digest = found[0]
    model = unpack(bytes(artifact), f"{name} version {version}")
    if (model.name, model.digest) != (name, digest):
        raise ArtifactError(f"the registry holds another model as {name} version {version}: register the model again")
    return model


def load_signature(connection: Connection, schema: str, name: str, version: int) -> Signature:
    """Return the signature of a registered version; errors as in `load_model`."""
    found = signatures(connection, schema, name, version)
    if not found:
        raise not_found(connection, schema, name, version)
    return found[0]


def not_found(connection: Connection, schema: str, name: str, version: int | None = None) -> VersionNotFoundError:
    """Return an error that says which models or versions there are."""
    numbers = [row[0] for row in fetch(connection, schema, "versions", ("version",), {"model": name}, ["version"])]
    if numbers:
        have = f"it has {numbers[0]}" if len(numbers) == 1 else f"it has {numbers[0]} to {numbers[-1]}"
        return VersionNotFoundError(f"model '{name}' has no version {version}: {have}")
    models = [row[0] for row in fetch(connection, schema, "models", ("model",), order=["model"])]
    have = f"there are: {', '.join(models)}" if models else "none is registered: register it first"
    return VersionNotFoundError(f"there is no model '{name}'; {have}")


def champion(connection: Connection, schema: str, name: str) -> int | None:
    """Return the version of a model that is in force, or None where none is deployed."""
    found = fetch(connection, schema, "aliases", ("version",), {"model": name, "alias": CHAMPION})
    return int(found[0][0]) if found else None


def models(connection: Connection, schema: str) -> pd.DataFrame:
    """Return the registered models.

    Returns
    -------
    DataFrame
        Columns model, versions (how many), in_force (a version, or missing), created_at, changed_at (UTC).
    """
    frame = fetch_frame(connection, schema, "models", ("model", "created_at", "changed_at"), {}, ["model"])
    rows = fetch(connection, schema, "versions", ("model", "version"))
    counts = pd.Series([row[0] for row in rows], dtype=object).value_counts()
    in_force: dict[str, int] = dict(fetch(connection, schema, "aliases", ("model", "version"), {"alias": CHAMPION}))
    frame.insert(1, "versions", [int(counts.get(name, 0)) for name in frame["model"]])
    frame.insert(2, "in_force", pd.Series([in_force.get(name) for name in frame["model"]], dtype="Int64"))
    return frame


def versions(connection: Connection, schema: str, name: str) -> pd.DataFrame:
    """Return the versions of a model.

    Returns
    -------
    DataFrame
        Columns model, version, in_force, deployed, source, task, target, baseline_rows, digest, sqlops_version,
        registered_at (UTC), registered_by.

    Raises
    ------
    VersionNotFoundError
        There is no such model.
    """
    columns = (
        "model", "version", "task", "target", "baseline_rows", "digest", "sqlops_version",
        "registered_at", "registered_by",
    )  # fmt: skip
    frame = fetch_frame(connection, schema, "versions", columns, {"model": name}, ["version"])
    if frame.empty:
        raise not_found(connection, schema, name)
    current = champion(connection, schema, name)
    sources: dict[int, str] = dict(fetch(connection, schema, "deployments", ("version", "source"), {"model": name}))
    numbers = frame["version"].tolist()
    frame.insert(2, "in_force", [number == current for number in numbers])
    frame.insert(3, "deployed", [number in sources for number in numbers])
    frame.insert(4, "source", [sources.get(number) for number in numbers])
    frame["baseline_rows"] = frame["baseline_rows"].astype("Int64")
    return frame
