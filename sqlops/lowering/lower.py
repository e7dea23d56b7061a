"""Lowering of scalars, and of a whole Program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace

from sqlops.dialects.base import Dialect
from sqlops.errors import UnsupportedOptionError
from sqlops.ir import build
from sqlops.ir.analysis import never_nan
from sqlops.ir.convolution import Convolution
from sqlops.ir.kernel import Kernel
from sqlops.ir.neighbors import Distances, Neighbors
from sqlops.ir.nodes import (
    Affine,
    Call,
    Case,
    Constant,
    DenseLayers,
    Element,
    Expr,
    Input,
    Lookup,
    Operator,
    Sum,
    TreeEnsemble,
)
from sqlops.ir.operations import OPERATIONS as FUNCTIONS
from sqlops.ir.program import Program, children, walk
from sqlops.ir.tokens import Tokens
from sqlops.lowering.affine import lower_affine
from sqlops.lowering.checks import conjuncts, refused_when_missing
from sqlops.lowering.convolution import lower_convolution
from sqlops.lowering.fragments import Builder, Fragment, NotWholeError, Strategy, is_one
from sqlops.lowering.kernel import lower_kernel
from sqlops.lowering.layers import lower_layers
from sqlops.lowering.lookups import lower_lookup, lower_membership
from sqlops.lowering.neighbors import lower_distances, lower_neighbors
from sqlops.lowering.nesting import refuse_deep
from sqlops.lowering.plan import Plan, PlanInput, StageColumn
from sqlops.lowering.ranges import with_constant
from sqlops.lowering.tokens import lower_tokens
from sqlops.lowering.trees import lower_trees

OperatorLowering = Callable[[Builder, Operator, tuple[Fragment, ...], tuple[int, ...]], dict[int, Fragment]]

OPERATORS: dict[type[Operator], OperatorLowering] = {
    Affine: lower_affine,
    DenseLayers: lower_layers,
    Tokens: lower_tokens,
    Distances: lower_distances,
    Neighbors: lower_neighbors,
    Convolution: lower_convolution,
    Kernel: lower_kernel,
    TreeEnsemble: lower_trees,
}

_LONG = 150
_SEES_MISSING = frozenset(
    ("less", "less_equal", "greater", "greater_equal", "equal", "is_in", "is_missing", "maximum", "minimum")
)


def lower(program: Program, dialect: Dialect, strategy: Strategy | None = None, booleans: Collection[str] = ()) -> Plan:
    """Turn a Program into stages of SQL.

    Parameters
    ----------
    program : Program
    dialect : Dialect
    strategy : {"case", "bitmasks", "traversal"}, optional
        The form of tree ensembles; by default the one that costs least.
    booleans : collection of str, optional
        The inputs whose columns hold booleans.

    Returns
    -------
    Plan
    """
    return _Lowering(program, dialect, strategy, booleans).plan()


def lower_whole(
    program: Program,
    dialect: Dialect,
    output: str,
    arguments: Mapping[str, str],
    longest: int,
    booleans: Collection[str] = (),
) -> str | None:
    """Write one output of a Program as a single expression: what is used several times is repeated.

    Parameters
    ----------
    program : Program
    dialect : Dialect
    output : str
    arguments : mapping of str to str
        How each input is read, printed.
    longest : int
        How many characters the expression may have.
    booleans : collection of str, optional
        The inputs whose columns hold booleans.

    Returns
    -------
    str or None
        None where it would be longer, or needs constants.
    """
    wanted = tuple((name, expr) for name, expr in program.outputs if name == output)
    strategies: tuple[Strategy | None, ...] = (None, "case")
    for strategy in strategies:
        # The cheapest form of trees may need constants; CASE needs none.
        with suppress(NotWholeError):
            return _Lowering(replace(program, outputs=wanted), dialect, strategy, booleans, longest).whole(arguments)
    return None


class _Lowering:
    def __init__(
        self,
        program: Program,
        dialect: Dialect,
        strategy: Strategy | None,
        booleans: Collection[str],
        longest_whole: int | None = None,
    ) -> None:
        accepted = build.all_of(check.accepts for check in program.checks)
        self.outputs = tuple(
            (name, build.case([(accepted, expr)], build.constant(None, expr.type))) for name, expr in program.outputs
        )
        roots = tuple(expr for _, expr in self.outputs)
        self.order = tuple(walk(roots))
        self.nan_free = never_nan(self.order)
        self.uses = Counter(id(child) for node in self.order for child in children(node))
        self.used_elements: dict[int, list[int]] = {}
        for node in self.order:
            if isinstance(node, Element):
                self.used_elements.setdefault(id(node.operator), []).append(node.index)
        self.dialect = dialect
        self.builder = Builder(dialect, strategy, longest_whole)
        read = {id(node) for node in self.order}
        refused = {id(node) for node in refused_when_missing(accepted)}
        self.inputs = tuple(
            PlanInput(node, f"_x{number}", may_be_nan=id(node) in refused, is_boolean=node.name in booleans)
            for number, node in enumerate(program.inputs)
            if id(node) in read
        )
        self.names = {id(item.input): item.name for item in self.inputs}
        self.fragments: dict[int, Fragment] = {
            key: Fragment(name, columns=frozenset((name,))) for key, name in self.names.items()
        }
        self.elements: dict[int, dict[int, Fragment]] = {}

    def _lower_all(self) -> None:
        for node in self.order:
            if isinstance(node, Operator):
                inputs = tuple(self._without_nan(expr) for expr in node.inputs)
                used = tuple(sorted(self.used_elements[id(node)]))
                self.elements[id(node)] = OPERATORS[type(node)](self.builder, node, inputs, used)
            elif not isinstance(node, Input):
                self.fragments[id(node)] = self._shared(node, self._scalar(node))

    def whole(self, arguments: Mapping[str, str]) -> str | None:
        for item in self.inputs:
            read = self.dialect.read(
                arguments[item.input.name], item.input.type, is_boolean=item.is_boolean, may_be_nan=item.may_be_nan
            )
            self.names[id(item.input)] = f"({read})"
            self.fragments[id(item.input)] = Fragment(f"({read})", columns=frozenset((item.name,)))
        self._lower_all()
        ((_, expr),) = self.outputs
        return self.builder.store(self.fragments[id(expr)]).text

    def plan(self) -> Plan:
        self._lower_all()
        finals = [(name, self._final(expr)) for name, expr in self.outputs]
        last = max((fragment.level for _, fragment in finals), default=1)
        wanted: frozenset[str] = frozenset().union(*(fragment.columns for _, fragment in finals))
        constants = {constant.name for constant in self.builder.constants}
        while len(self.builder.columns) < last:
            self.builder.columns.append([])
        stages = self.builder.stages(wanted)
        refuse_deep(self.dialect, stages, [fragment.text for _, fragment in finals])
        return Plan(
            inputs=self.inputs,
            stages=stages,
            outputs=tuple(StageColumn(name, fragment.text) for name, fragment in finals),
            outputs_join_constants=bool(wanted & constants) and not any(stage.joins_constants for stage in stages),
            constants=tuple(self.builder.constants),
        )

    def _final(self, expr: Expr) -> Fragment:
        fragment = self.fragments[id(expr)]
        return self.builder.truth(fragment) if expr.type == "boolean" else fragment

    def _shared(self, node: Expr, fragment: Fragment) -> Fragment:
        if isinstance(node, Constant):
            return fragment
        if self.uses[id(node)] > 1 or fragment.depth > self.dialect.deepest_inline:
            return self.builder.hold(fragment) if node.type == "boolean" else self.builder.store(fragment)
        return fragment

    def _without_nan(self, expr: Expr) -> Fragment:
        fragment = self.fragments[id(expr)]
        if expr.type != "double" or id(expr) in self.nan_free:
            return fragment
        if fragment.depth > 1 and self.dialect.missing_as_null.count("{0}") > 1:
            fragment = self.builder.store(fragment)
        return self.builder.combine(self.dialect.missing_as_null.format(fragment.text), [fragment])

    def _scalar(self, node: Expr) -> Fragment:
        match node:
            case Constant():
                return Fragment(self.dialect.literal(node.value, node.type))
            case Call():
                return self._call(node)
            case Case():
                return self._case(node)
            case Sum():
                return self.builder.add([self.fragments[id(term)] for term in node.terms])
            case Lookup():
                return self._lookup(node)
            case Element():
                return self.elements[id(node.operator)][node.index]
        raise TypeError(f"lowering knows no {type(node).__name__}")

    def _call(self, node: Call) -> Fragment:
        args = [self._without_nan(arg) if node.name in _SEES_MISSING else self.fragments[id(arg)] for arg in node.args]
        if node.name == "is_in" and all(isinstance(arg, Constant) for arg in node.args[1:]):
            members = [arg.value for arg in node.args[1:] if isinstance(arg, Constant)]
            return lower_membership(self.builder, self.builder.store(args[0]), members, node.args[0].type)
        if self.dialect.refuses_overflow and (guarded := self._with_constant(node, args)) is not None:
            return guarded
        if node.name in self.dialect.repeated:
            conditions = FUNCTIONS[node.name].type == "boolean" and node.args[0].type == "boolean"
            keep = self.builder.hold if conditions else self.builder.store
            args = [arg if self._may_repeat(arg) else keep(arg) for arg in args]
        texts = [arg.text for arg in args]
        if node.name == "and":
            texts = conjuncts(self.dialect, node.args, texts, self.names)
        return self.builder.combine(self.dialect.call(node.name, tuple(texts)), args)

    def _may_repeat(self, arg: Fragment) -> bool:
        """Whether a text may be there several times; guards have it there many times, nested in each other."""
        return arg.depth <= 1 and not (self.dialect.refuses_overflow and len(arg.text) > _LONG)

    def _with_constant(self, node: Call, args: list[Fragment]) -> Fragment | None:
        """Return arithmetic with a constant, for engines that refuse results out of range: it needs less of a guard."""
        if len(args) != 2 or node.type != "double":
            return None
        at = 1 if isinstance(node.args[1], Constant) else 0
        constant = node.args[at]
        if not isinstance(constant, Constant) or not isinstance(constant.value, float):
            return None
        if at == 0 and node.name not in ("add", "multiply"):
            return None
        arg = args[1 - at] if self._may_repeat(args[1 - at]) else self.builder.store(args[1 - at])
        text = with_constant(self.dialect, node.name, arg.text, constant.value)
        return None if text is None else self.builder.combine(text, [arg])

    def _case(self, node: Case) -> Fragment:
        parts = [self.fragments[id(part)] for branch in node.branches for part in branch]
        default = self.fragments[id(node.default)]
        counts = node.type == "boolean" and self.dialect.condition is not None
        if counts:
            parts[1::2] = [self._truth(value) for _, value in node.branches]
            default = self._truth(node.default)
        arms = " ".join(
            f"WHEN {condition.text} THEN {value.text}" for condition, value in zip(parts[::2], parts[1::2], strict=True)
        )
        otherwise = "" if _is_null(node.default) else f" ELSE {default.text}"
        found = self.builder.combine(f"CASE {arms}{otherwise} END", (*parts, default))
        return is_one(found) if counts else found

    def _truth(self, node: Expr) -> Fragment:
        """Return a boolean as 1, 0 or NULL, where there are no booleans."""
        if isinstance(node, Constant):
            return Fragment("NULL" if node.value is None else str(int(bool(node.value))))
        return self.builder.truth(self.fragments[id(node)])

    def _lookup(self, node: Lookup) -> Fragment:
        if node.type == "boolean" and self.dialect.condition is not None:
            raise UnsupportedOptionError(
                f"{self.dialect.name} has no booleans, and this model looks some up",
                hint="train on labels that are numbers or text, or use another engine",
            )
        key = self.builder.store(self._without_nan(node.key))
        known = lower_lookup(self.builder, key, dict(node.entries), node.default, (node.key.type, node.type))
        if node.missing == node.default:
            return known
        missing = self.dialect.literal(node.missing, node.type)
        return self.builder.combine(
            f"CASE WHEN {self.dialect.call('is_missing', (key.text,))} THEN {missing} ELSE {known.text} END",
            [key, known],
        )


def _is_null(node: Expr) -> bool:
    return isinstance(node, Constant) and node.value is None
