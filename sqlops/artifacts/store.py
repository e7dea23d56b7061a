"""Saving and loading compiled models: a zip of JSON and .npy files. No pickle; every byte is hash-checked."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sqlops.artifacts.encode import decode_program, encode_program
from sqlops.errors import ArtifactError
from sqlops.ir.program import Program
from sqlops.parity import Sample
from sqlops.schema import Signature
from sqlops.version import __version__

if TYPE_CHECKING:
    from sqlops.artifacts.model import CompiledModel

FORMAT = 1
"""The version of the file format; files of a newer one are refused."""

_MANIFEST = "manifest.json"
_LOWERING = "lowering.json"
"""Only there where a strategy was asked for."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
Arrays = dict[str, npt.NDArray[Any]]


def pack(model: CompiledModel) -> bytes:
    """Return a model as the bytes of a file; equal models give equal bytes."""
    files = _content(model)
    files["sample.json"] = _json(_encode_sample(model.sample))
    manifest = {
        "format": FORMAT,
        "sqlops": __version__,
        "name": model.name,
        "digest": model.digest,
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {_MANIFEST: _json(manifest), **files}.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write(data: bytes, path: Path) -> Path:
    """Write a file whole or not at all, and return its path.

    Raises
    ------
    ArtifactError
        It cannot be written.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        raise ArtifactError(f"cannot write '{path}': {error.strerror}") from error
    return path


def digest_of(model: CompiledModel) -> str:
    """Return the SHA-256 of what a model computes, and how it is written."""
    total = hashlib.sha256()
    for name, data in sorted(_content(model).items()):
        total.update(f"{name}:{len(data)}:".encode())
        total.update(data)
    return total.hexdigest()


def _content(model: CompiledModel) -> dict[str, bytes]:
    graph, arrays = encode_program(model.program)
    files = {"signature.json": _json(model.signature.to_dict()), "program.json": _json(graph)}
    if model.strategy:
        files[_LOWERING] = _json({"strategy": model.strategy})
    return files | {f"arrays/{name}.npy": _npy(array) for name, array in arrays.items()}


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, allow_nan=True).encode()


def _npy(array: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _encode_sample(sample: Sample) -> dict[str, dict[str, list[Any]]]:
    return {
        "inputs": {name: values.tolist() for name, values in sample.inputs.items()},
        "expected": {name: values.tolist() for name, values in sample.expected.items()},
    }


def _decode_sample(data: dict[str, dict[str, list[Any]]], signature: Signature) -> Sample:
    text = {column.name for column in signature.inputs if column.is_text}
    numbers = {output.name for output in signature.outputs if output.type == "number"}
    return Sample(
        {name: _column(values, name not in text) for name, values in data["inputs"].items()},
        {name: _column(values, name in numbers) for name, values in data["expected"].items()},
    )


def _column(values: list[Any], is_number: bool) -> npt.NDArray[Any]:
    if is_number:
        return np.array(values, dtype=np.float64)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def load(path: str | Path) -> CompiledModel:
    """Read a model that `CompiledModel.save` wrote.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    CompiledModel

    Raises
    ------
    ArtifactError
        The file is missing, is no compiled model, was altered, or is of a newer format.

    Examples
    --------
    >>> load("no such file.sqlops")
    Traceback (most recent call last):
    sqlops.errors.ArtifactError: cannot read 'no such file.sqlops': No such file or directory
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ArtifactError(f"cannot read '{path}': {error.strerror}") from error
    return unpack(data, str(path))


_UNREADABLE = (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError)
"""What zipfile and json raise for damaged files; RuntimeError where a flipped bit claims encryption."""


def unpack(data: bytes, where: str = "the model") -> CompiledModel:
    """Return the model in the bytes of a file; errors as in `load`."""
    from sqlops.artifacts.model import CompiledModel

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(files.pop(_MANIFEST))
    except _UNREADABLE as error:
        raise ArtifactError(f"'{where}' is no compiled model, or is corrupt: compile and save it again") from error
    if manifest.get("format", 0) > FORMAT:
        raise ArtifactError(
            f"'{where}' was written by sqlops {manifest.get('sqlops')} in format {manifest['format']}; this sqlops "
            f"({__version__}) reads up to {FORMAT}: upgrade sqlops"
        )
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    if hashes != manifest.get("files"):
        raise ArtifactError(f"'{where}' was altered after it was saved: its hashes do not match")
    signature = Signature.from_dict(json.loads(files["signature.json"]))
    arrays = {
        name.removeprefix("arrays/").removesuffix(".npy"): np.load(io.BytesIO(content), allow_pickle=False)
        for name, content in files.items()
        if name.startswith("arrays/")
    }
    program: Program = decode_program(json.loads(files["program.json"]), arrays)
    sample = _decode_sample(json.loads(files["sample.json"]), signature)
    strategy = json.loads(files[_LOWERING])["strategy"] if _LOWERING in files else None
    model = CompiledModel(manifest["name"], signature, program, sample, strategy=strategy)
    if model.digest != manifest["digest"]:
        raise ArtifactError(f"'{where}' was altered after it was saved: its digest does not match")
    return model
