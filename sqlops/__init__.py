"""sqlops: trained scikit-learn models as SQL that gives the same answers."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlops.errors import SqlopsError
from sqlops.version import __version__

if TYPE_CHECKING:
    from sqlops.artifacts.model import CompiledModel
    from sqlops.artifacts.store import load
    from sqlops.compiler import compile
    from sqlops.parity import ParityReport
    from sqlops.registry.versions import Version
    from sqlops.warehouse import Warehouse, connect

_LAZY = {
    "CompiledModel": "sqlops.artifacts.model",
    "ParityReport": "sqlops.parity",
    "Version": "sqlops.registry.versions",
    "Warehouse": "sqlops.warehouse",
    "compile": "sqlops.compiler",
    "connect": "sqlops.warehouse",
    "load": "sqlops.artifacts.store",
}

__all__ = [
    "CompiledModel",
    "ParityReport",
    "SqlopsError",
    "Version",
    "Warehouse",
    "__version__",
    "compile",
    "connect",
    "load",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'sqlops' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
