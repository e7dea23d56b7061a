"""A case is fitted, compiled and asked for its answers once, whatever the number of engines."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sqlops import compile as compile_model
from sqlops.artifacts.model import CompiledModel
from sqlops.frames import as_frame, as_given, form_of, to_arrays
from sqlops.parity import expected_outputs
from tests.conformance.cases import Case, all_cases
from tests.conformance.engines import ENGINES, Outputs
from tests.conformance.marks import mark_of
from tests.conformance.probes import canonical, made_frames
from tests.conformance.sampling import is_everyday


@dataclass(frozen=True)
class Prepared:
    """A compiled case: X as it was given, frames to score, the same as arrays, and what the estimator answers."""

    model: CompiledModel
    X: Any
    frames: tuple[pd.DataFrame, ...]
    inputs: Outputs
    expected: Outputs


@lru_cache(maxsize=4)
def prepare(case: Case) -> Prepared:
    """Fit and compile a case, and ask the estimator about X and about probing rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator, X = case.build()
        model = compile_model(estimator, X, methods=case.methods)
        columns = model.signature.inputs
        frame = as_frame(X, [column.name for column in columns])
        form = form_of(X)
        probes = [as_given(made, form) for made in made_frames(frame, columns, model.program) if case.made]
        probes += list(case.probes(X)) if case.probes else []
        answers = [expected_outputs(estimator, given, model.signature) for given in (X, *probes)]
    names = [column.name for column in columns]
    inputs = _joined([to_arrays(as_frame(given, names), columns) for given in (X, *probes)])
    rest = {name: values[len(frame) :] for name, values in inputs.items()}
    return Prepared(model, X, (frame, canonical(rest, columns)), inputs, _joined(answers))


def _joined(parts: list[Outputs]) -> Outputs:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test every case, and every engine; one process runs all tests of a case, so that it is prepared once."""
    if "case" not in metafunc.fixturenames:
        return
    cases = [(case, pytest.mark.xdist_group(case.id)) for case in all_cases()]
    if "engine" in metafunc.fixturenames:
        both = [
            pytest.param(case, engine, marks=(mark, *_marks(case, engine)), id=f"{case.id} [{engine}]")
            for case, mark in cases
            for engine in ENGINES
        ]
        metafunc.parametrize(("case", "engine"), both)
    else:
        metafunc.parametrize("case", [pytest.param(case, marks=mark, id=case.id) for case, mark in cases])


def _marks(case: Case, engine: str) -> tuple[pytest.MarkDecorator, ...]:
    mark = mark_of(case.id, engine)
    if mark:
        return (pytest.mark.xfail(reason=f"{mark.kind}: {mark.why}", raises=mark.raises, strict=True),)
    return () if is_everyday(case.id, engine) else (pytest.mark.long,)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of a case one after the other."""
    order = {case.id: number for number, case in enumerate(all_cases())}
    items.sort(key=lambda item: _number_of_case(item, order))


def _number_of_case(item: pytest.Item, order: dict[str, int]) -> int:
    spec = getattr(item, "callspec", None)
    case = spec.params.get("case") if spec else None
    return order[case.id] if isinstance(case, Case) else -1
