"""A Program as JSON and arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
import numpy.typing as npt

from sqlops.errors import ArtifactError
from sqlops.ir.nodes import Call, Case, Constant, Element, Expr, Input, Lookup, Operator, Sum, intern
from sqlops.ir.operators import OPERATORS
from sqlops.ir.program import Check, Program, walk

Array = npt.NDArray[Any]

_SCALARS: dict[str, type[Expr]] = {cls.__name__: cls for cls in (Input, Constant, Call, Case, Sum, Lookup, Element)}
_OPERATORS: dict[str, type[Operator]] = {cls.__name__: cls for cls in OPERATORS}


def encode_program(program: Program) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the graph as JSON-ready data, nodes in the order of use, and its arrays by name.

    Parameters
    ----------
    program : Program

    Returns
    -------
    dict
        Nodes refer to others as ``{"node": number}`` and to arrays as ``{"array": name}``.
    dict of str to ndarray
    """
    numbers: dict[int, int] = {}
    arrays: dict[str, Array] = {}
    nodes = []
    for number, node in enumerate(walk((*program.inputs, *program.roots()))):
        encoded = {
            field.name: _encode(getattr(node, field.name), numbers, arrays, f"{number}_{field.name}")
            for field in fields(node)  # type: ignore[arg-type]
        }
        nodes.append({"kind": type(node).__name__, **encoded})
        numbers[id(node)] = number
    graph = {
        "nodes": nodes,
        "inputs": [numbers[id(node)] for node in program.inputs],
        "outputs": [[name, numbers[id(expr)]] for name, expr in program.outputs],
        "checks": [[numbers[id(c.accepts)], c.step, c.reason] for c in program.checks],
    }
    return graph, arrays


def _encode(value: Any, numbers: Mapping[int, int], arrays: dict[str, Array], name: str) -> Any:
    if isinstance(value, Expr | Operator):
        return {"node": numbers[id(value)]}
    if isinstance(value, np.ndarray):
        arrays[name] = value
        return {"array": name}
    if isinstance(value, tuple):
        return [_encode(item, numbers, arrays, f"{name}_{number}") for number, item in enumerate(value)]
    return value


def decode_program(graph: Mapping[str, Any], arrays: Mapping[str, Array]) -> Program:
    """Return the Program that `encode_program` encoded.

    Raises
    ------
    ArtifactError
        It holds a node that this version does not know.
    """
    nodes: list[Any] = []
    for encoded in graph["nodes"]:
        kind, *values = (_decode(value, nodes, arrays) for value in _in_order(encoded))
        if kind in _SCALARS:
            nodes.append(intern(_SCALARS[kind], *values))
        else:
            nodes.append(_OPERATORS[kind](*values))
    return Program(
        inputs=tuple(nodes[number] for number in graph["inputs"]),
        outputs=tuple((name, nodes[number]) for name, number in graph["outputs"]),
        checks=tuple(Check(nodes[number], step, reason) for number, step, reason in graph["checks"]),
    )


def _in_order(encoded: Mapping[str, Any]) -> list[Any]:
    kind = encoded["kind"]
    cls = _SCALARS.get(kind) or _OPERATORS.get(kind)
    if cls is None:
        raise ArtifactError(f"the model holds a '{kind}', which this sqlops does not know: upgrade sqlops")
    return [kind, *(encoded[field.name] for field in fields(cls))]  # type: ignore[arg-type]


def _decode(value: Any, nodes: list[Any], arrays: Mapping[str, Array]) -> Any:
    if isinstance(value, dict):
        return nodes[value["node"]] if "node" in value else arrays[value["array"]]
    if isinstance(value, list):
        return tuple(_decode(item, nodes, arrays) for item in value)
    return value
