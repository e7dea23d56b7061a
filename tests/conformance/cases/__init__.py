"""The cases: one fitted estimator and its data each. Every engine must give the estimator's answers on all of them.

A module of this package defines ``CASES``, a `Cases`, and fills it. An estimator is one entry::

    from tests.conformance.cases import Cases

    CASES = Cases("linear")

    @CASES.add("ridge")
    def ridge():
        X, y = load_diabetes(return_X_y=True, as_frame=True)
        return Ridge().fit(X, y), X

    for alpha in (0.1, 10):
        CASES.add(f"ridge alpha={alpha}")(partial(fit_ridge, alpha))

What is decorated takes nothing and returns ``(fitted estimator, X)``; it runs when a test needs it, once. X is a
DataFrame or an array, whatever the estimator was fitted on (or rows of it). Options of ``add``:

``probes``
    From X to further frames (or arrays) to compare on, each handed to the estimator as it is. Rows with a missing
    value, an infinity, an unseen category or a boundary value in one column at a time are made without asking, and so
    are rows at the thresholds of trees and one ulp (of double and of float32) beside them.
``methods``
    Passed on to `sqlops.compile`.
``made``
    False leaves out the rows that are made without asking.

Rows that the estimator refuses must have missing outputs in SQL; labels and names must be equal, numbers within the
tolerances of `sqlops.parity`, which no case can change.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Build = Callable[[], tuple[Any, Any]]
Probes = Callable[[Any], Iterable[Any]]


@dataclass(frozen=True)
class Case:
    """One fitted estimator and its data."""

    id: str
    build: Build
    probes: Probes | None = None
    methods: Sequence[str] | None = None
    made: bool = True


class Cases:
    """The cases of one module."""

    def __init__(self, family: str) -> None:
        self.family = family
        self._cases: dict[str, Case] = {}

    def __iter__(self) -> Iterator[Case]:
        return iter(self._cases.values())

    def add(
        self, name: str, *, probes: Probes | None = None, methods: Sequence[str] | None = None, made: bool = True
    ) -> Callable[[Build], Build]:
        """Register a function that builds a case."""
        id_ = f"{self.family}: {name}"
        if id_ in self._cases:
            raise ValueError(f"two cases are named {id_!r}")

        def register(build: Build) -> Build:
            self._cases[id_] = Case(id_, build, probes, tuple(methods) if methods else None, made)
            return build

        return register


def all_cases() -> list[Case]:
    """Return the cases of every module of this package."""
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    return [case for module in modules for case in getattr(module, "CASES", ())]
