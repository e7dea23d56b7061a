"""Pieces of SQL text with what the planner must know about them, and the stages they end up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any, Literal, get_args

import numpy.typing as npt

from sqlops.dialects.base import Dialect
from sqlops.lowering.plan import ConstantArray, ElementType, Stage, StageColumn, element_type
from sqlops.lowering.ranges import sum_of_columns

Strategy = Literal["case", "bitmasks", "traversal"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)
"""The forms of tree ensembles."""

MOST_STAGES_OF_SUM = 20
"""Where texts of sums are kept short, a sum takes about so many stages: Spark resolves some forty in a query."""


class NotWholeError(Exception):
    """A Program cannot be one expression: `sqlops.lowering.lower_whole` then returns None."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of SQL.

    Parameters
    ----------
    text : str
    level : int
        The first stage in which it can be computed.
    depth : int
        How deep the text nests.
    columns : frozenset of str
        The columns and constants it reads.
    is_moderate : bool
        Whether it is known to be of a size that does not overflow in sums; said where an engine asks.
    number : str
        Of a condition, where there are no booleans: the 1, 0 or NULL that it compares with 1, if it does.
    """

    text: str
    level: int = 1
    depth: int = 0
    columns: frozenset[str] = frozenset()
    is_moderate: bool = False
    number: str = ""


@dataclass
class Builder:
    """Collects columns and constants while a Program is lowered.

    Parameters
    ----------
    dialect : Dialect
    strategy : {"case", "bitmasks", "traversal"} or None
        The form of tree ensembles; None chooses by cost.
    longest_whole : int or None
        Up to how many characters all is one expression, without stages and constants; None for stages.
    shared : dict
        What several operators read, by what it is made of.
    """

    dialect: Dialect
    strategy: Strategy | None = None
    longest_whole: int | None = None
    columns: list[list[tuple[StageColumn, frozenset[str]]]] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    constants: list[ConstantArray] = field(default_factory=list)
    shared: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def combine(self, text: str, parts: Iterable[Fragment], depth: int = 1) -> Fragment:
        """Return a fragment made of others, nested by `depth` more."""
        parts = tuple(parts)
        return Fragment(
            text,
            level=max((part.level for part in parts), default=1),
            depth=depth + max((part.depth for part in parts), default=0),
            columns=frozenset().union(*(part.columns for part in parts)),
        )

    def store(self, fragment: Fragment) -> Fragment:
        """Make a fragment a column of its stage; a plain column stays as it is.

        Raises
        ------
        NotWholeError
            All is to be one expression, and it would be too long.
        """
        if fragment.depth == 0:
            return fragment
        if self.longest_whole is not None:
            if len(fragment.text) > self.longest_whole:
                raise NotWholeError
            return replace(fragment, text=f"({fragment.text})")
        name = f"_v{len(self.levels)}"
        while len(self.columns) <= fragment.level:
            self.columns.append([])
        self.columns[fragment.level].append((StageColumn(name, fragment.text), fragment.columns))
        self.levels[name] = fragment.level
        return Fragment(name, fragment.level + 1, 0, frozenset((name,)), fragment.is_moderate)

    def hold(self, condition: Fragment) -> Fragment:
        """Make a condition a column of its stage, and return it as one: of 1 and 0, where there are no booleans."""
        if self.dialect.condition is None or condition.depth == 0:
            return self.store(condition)
        return is_one(self.store(self.truth(condition)))

    def truth(self, condition: Fragment) -> Fragment:
        """Return a condition as what can be a column: 1, 0 or NULL, where there are no booleans."""
        spelled = self.dialect.condition
        if spelled is None:
            return condition
        return self.combine(condition.number or spelled.format(condition.text), [condition])

    def constant_array(self, values: npt.NDArray[Any], type_: ElementType | None = None) -> Fragment:
        """Add an array, or a matrix as an array of its rows, to the constants relation; numbers say their type.

        Where constants are relations of their own, no stage carries them.

        Raises
        ------
        NotWholeError
            All is to be one expression.
        """
        if self.longest_whole is not None:
            raise NotWholeError
        name = f"_k{len(self.constants)}"
        self.constants.append(ConstantArray(name, values, type_ or element_type(values)))
        return Fragment(name, columns=frozenset() if self.dialect.rows else frozenset((name,)))

    def add(self, terms: Sequence[Fragment]) -> Fragment:
        """Add terms from left to right, going on in the next stage where the sum is long."""
        if self.dialect.refuses_overflow and len(terms) > 1:
            terms = [term if term.is_moderate or not term.columns else self.store(term) for term in terms]
        most, longest = self._limits(terms)
        total, rest = terms[0], terms[1:]
        while rest:
            count = _fitting(most, longest, total, rest)
            group, rest = rest[:count], rest[count:]
            parts = (total, *group)
            total = replace(
                self.combine(self._sum(parts), parts, depth=len(parts)),
                is_moderate=all(part.is_moderate or not part.columns for part in parts),
            )
            if rest:
                total = self.store(total)
        return total

    def _limits(self, terms: Sequence[Fragment]) -> tuple[int, int | None]:
        """Return how many terms, and how many characters, one expression of a sum may have."""
        most, longest = self.dialect.longest_sum, self.dialect.longest_sum_text
        if longest is None:
            return most, None
        all_short = sum(len(term.text) for term in terms) <= longest * MOST_STAGES_OF_SUM
        return max(most, -(-len(terms) // MOST_STAGES_OF_SUM)), longest if all_short else None

    def _sum(self, parts: Sequence[Fragment]) -> str:
        texts = [part.text for part in parts]
        any_size = [part.text for part in parts if part.columns and not part.is_moderate]
        if self.dialect.refuses_overflow and any_size:
            return sum_of_columns(self.dialect, texts, any_size)
        return f"({' + '.join(texts)})"

    def add_in_groups(self, terms: Sequence[Fragment]) -> Fragment:
        """Add terms where the order is free: long sums become columns that are added in turn.

        The columns that the terms read need not be carried beyond the stage of the first sums.
        """
        limit = self.dialect.longest_sum
        while len(terms) > limit:
            groups = [terms[start : start + limit] for start in range(0, len(terms), limit)]
            terms = [self.store(self.add(group)) for group in groups]
        return self.add(terms)

    def stages(self, wanted: frozenset[str]) -> tuple[Stage, ...]:
        """Return the chain of stages, each carrying what `wanted` or a later stage reads.

        The constants are joined in once, by the first stage that reads any, and carried on from there: an engine
        copies the arrays in each join.
        """
        constants = {constant.name for constant in self.constants}
        needed = set(wanted)
        below: list[tuple[list[str], tuple[StageColumn, ...], bool]] = []
        for columns in reversed(self.columns[1:]):
            kept = [(column, reads) for column, reads in columns if column.name in needed]
            carried = sorted(needed - {column.name for column, _ in kept}, key=_creation_order)
            reads_all = set().union(*(reads for _, reads in kept))
            below.append((carried, tuple(column for column, _ in kept), bool(reads_all & constants)))
            needed = set(carried) | reads_all
        stages: list[Stage] = []
        joined = False
        for carried, made, reads in reversed(below):
            joins = reads and not joined
            joined |= reads
            own = carried if joined else [name for name in carried if name not in constants]
            stages.append(Stage(tuple(own), made, joins))
        return tuple(stages)


def is_one(number: Fragment) -> Fragment:
    """Return the condition that a fragment, which is 1, 0 or NULL, is 1."""
    return replace(number, text=f"({number.text} = 1)", number=number.text)


def _fitting(most: int, longest: int | None, total: Fragment, terms: Sequence[Fragment]) -> int:
    """Return how many of the terms, one at least, one expression adds to a total."""
    if longest is None:
        return most
    lengths = accumulate((len(term.text) for term in terms[:most]), initial=len(total.text))
    return max(1, sum(length <= longest for length in lengths) - 1)


def _creation_order(name: str) -> tuple[str, int]:
    return name[1], int(name[2:])
