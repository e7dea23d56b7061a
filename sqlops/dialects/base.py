"""What the compiler must know about an engine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Literal

from sqlops.dialects.bits import Bits
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.lists import Lists
from sqlops.dialects.places import Places
from sqlops.dialects.rows import Rows
from sqlops.dialects.texts import Texts
from sqlops.errors import UnsupportedOptionError
from sqlops.ir.nodes import Scalar, ValueType
from sqlops.schema import LogicalType

_GROUPED = frozenset(("maximum", "minimum", "and", "or"))
"""Functions of any number of arguments that may be given them group by group."""


@dataclass(frozen=True, kw_only=True)
class Dialect(Places):
    """Spelling, limits and capabilities of one engine; no connections here.

    Parameters
    ----------
    name : str
        The name users give.
    operations : mapping of str to str
        How each function of the catalogue is spelled, with ``{0}``, ``{1}`` for the arguments, or ``{all}`` for all of
        them (``{rest}``: all but the first) joined by `separators`. Arguments arrive as columns, literals or in
        parentheses.
    separators : mapping of str to str
        What joins ``{all}`` where it is not a comma.
    accepted_types : mapping of LogicalType to tuple of str
        Prefixes of the engine's column types that hold a logical type.
    missing_as_null : str
        Turns a computed double ``{0}`` that may be NaN into NULL.
    input_text : str
        Reads a source column ``{0}`` as text.
    input_number : str
        Reads a source column ``{0}`` as a double in which missing is NULL.
    input_number_or_nan : str
        Reads it as a double in which missing is NULL or NaN.
    input_boolean : str or None
        Reads a boolean source column ``{0}`` as a double; None where that is read as any number.
    single : str
        Makes a float32 of a double ``{0}`` that is one; float32 plus float32 is float32.
    array : str
        An array literal, ``{0}`` its elements and ``{1}`` their type.
    matrix : str
        A literal of an array of arrays, ``{0}`` its rows and ``{1}`` the type of their elements.
    matrix_row : str
        One row of `matrix`, ``{0}`` its elements.
    array_of_text, matrix_of_text : str
        The same from one literal, for long arrays of numbers: ``{0}`` its elements or rows, ``{1}`` their type.
    longest_literal : int
        Up to how many numbers are listed as literals of their own.
    element : str
        Element ``{1}`` (counted from zero) of array ``{0}``.
    to_whole : str
        A double ``{0}`` as the nearest whole number; NULL from 2**53 on.
    quotient, remainder : str
        Of whole numbers ``{0}`` and ``{1}``, neither below zero.
    longest_sum : int
        How many terms one expression adds; longer sums go on in the next stage.
    longest_sum_text : int or None
        How many characters such an expression has, unless a single term is longer.
    deepest_case : int
        How deep CASE nests in one expression; deeper trees go on in the next stage.
    longest_or : int
        Up to how many constants are compared one by one; more are written as a list.
    longest_case : int
        Up to how many entries of a lookup are written as CASE or IN; more go into the constants relation.
    deepest_inline : int
        How deep other expressions nest before they become a stage's column.
    fingerprint : str
        A short text that changes when one of the columns ``{0}`` does, and only then, within a release of the engine.
    fingerprint_part : str
        What of a column ``{0}`` is in `fingerprint`; parts are joined by commas, unless `separators` has another.
    stages_materialized, constants_materialized : bool or None
        Whether the query asks that the stages, and inline constants, are stored or not; None where the engine has no
        words for it.
    fence : {"offset", "with", "union", "join", "view"} or None
        What keeps the engine from merging a stage into the next one, and computing it twice: ``OFFSET 0``; a common
        table of the stage's own, which nothing reads; a UNION ALL with a query without rows; a cross join with one
        row, in first place; a LATERAL VIEW of one row. None where nothing need.
    most_levels : int or None
        How many levels queries may nest, stages and fences of kind "view" together; a fence goes where a lambda follows
        if there are more.
    largest : float or None
        Numbers of this size and larger ones are read as missing, where the engine has no infinity.
    refuses_overflow : bool
        Whether sums and products out of range are errors.
    refuses_vanishing : bool
        Whether products that vanish are errors as well.
    refuses_zero : bool
        Whether quotients by zero are errors.
    constants_as_json : bool
        Whether `array_of_text`, `matrix_of_text` and `records` read JSON; ``{0}`` of `records` are then its objects.
    constants_in_stages : bool
        Whether constants are columns of the stage that first reads one, rather than of a relation that it joins.
    whole_row : str
        A row of source ``{0}`` as one value.
    longest_query : int or None
        How many bytes a query may have.
    deepest_nesting : int or None
        How many CASE an expression may nest, those of functions and of trees together.
    first_letter : str
        What stands before names within a query that would begin with an underscore.
    most_columns : int or None
        How many columns a SELECT may have.
    case_number : str
        A double ``{0}`` as ``CASE … WHEN``, ``IN`` and OR compare it with several constants.
    hashed_case : bool
        Whether ``CASE … WHEN`` over many constants looks them up in a hash table, and constant arrays are slow where
        lambdas read them.
    limits_together : bool
        Whether limits on the sizes of many inputs are asked of their sum first; it takes an engine that looks for
        common parts of expressions long to plan, and must not overflow.
    single_sum : str or None
        The float32 that is the sum of two, ``{0}`` and ``{1}``, where ``+`` makes a double of them.
    cast : str
        A value ``{0}`` as type ``{1}``; NULL stays NULL.
    nan_is_largest : bool
        Whether NaN is greater than infinity; if not, no comparison with it holds.
    constants_as_scalars : bool
        Whether each constant is a value that the query names once, rather than a column of a relation that is joined.
    aliases_hide_columns : bool
        Whether an alias that a SELECT gives is read instead of a column of that name, within that SELECT.
    tree_costs : TreeCosts
        What tree ensembles take in each form.
    bits : Bits or None
        Functions on the bits of whole numbers, where the engine has them.
    lists : Lists or None
        Functions on lists, where the engine has them.
    texts : Texts or None
        Functions of text, where the engine has all that tokens take.
    adds_single : bool
        Whether what `single` makes adds as float32; otherwise each sum of two is rounded.
    held : str
        An output ``{0}``, so that conditions on it do not reach the stages, which would be computed again for them.
    longest_chain : int or None
        Up to how many entries of a lookup are compared one after the other; more are found by a search in nested CASE,
        by engines that compare texts by the bytes of their UTF-8.
    most_arguments : int or None
        How many arguments a function takes, or AND and OR join without parentheses.
    values_by_leaf : int
        Up to how many nodes times outputs a tree ensemble is a CASE for each output; larger ones give the numbers of
        leaves, and their values come from constants.
    rows : Rows or None
        How constants are relations of their own, with a row for each of theirs, and what is computed over these;
        instead of lists.
    """

    name: str
    operations: Mapping[str, str]
    separators: Mapping[str, str]
    accepted_types: Mapping[LogicalType, tuple[str, ...]]
    missing_as_null: str
    input_number: str
    input_number_or_nan: str
    input_text: str
    single: str
    array: str
    matrix: str
    matrix_row: str
    array_of_text: str
    matrix_of_text: str
    longest_literal: int
    element: str
    to_whole: str
    quotient: str
    remainder: str
    longest_sum: int
    deepest_case: int
    longest_or: int
    longest_case: int
    deepest_inline: int
    fingerprint: str
    fingerprint_part: str = "{0}"
    tree_costs: TreeCosts
    case_number: str = "{0}"
    hashed_case: bool = False
    limits_together: bool = True
    stages_materialized: bool | None = None
    constants_materialized: bool | None = None
    longest_sum_text: int | None = None
    fence: Literal["offset", "with", "union", "join", "view"] | None = None
    most_levels: int | None = None
    largest: float | None = None
    refuses_overflow: bool = False
    refuses_vanishing: bool = False
    refuses_zero: bool = False
    constants_as_json: bool = False
    constants_in_stages: bool = False
    whole_row: str = "{0}"
    longest_query: int | None = None
    deepest_nesting: int | None = None
    first_letter: str = ""
    most_columns: int | None = None
    input_boolean: str | None = None
    single_sum: str | None = None
    cast: str = "CAST({0} AS {1})"
    nan_is_largest: bool = True
    constants_as_scalars: bool = False
    aliases_hide_columns: bool = False
    bits: Bits | None = None
    lists: Lists | None = None
    texts: Texts | None = None
    adds_single: bool = True
    held: str = "{0}"
    longest_chain: int | None = None
    most_arguments: int | None = None
    values_by_leaf: int = 512
    rows: Rows | None = None

    @property
    def has_constants(self) -> bool:
        """Whether a query may have arrays, or relations, of constants."""
        return self.lists is not None or self.rows is not None

    @property
    def needed_lists(self) -> Lists:
        """The functions on lists, for operators that cannot be written without.

        Raises
        ------
        UnsupportedOptionError
            The engine has none.
        """
        if self.lists is None:
            raise UnsupportedOptionError(
                f"{self.name} has no functions on lists, and there is no other way to write this model for it",
                hint="use another engine",
            )
        return self.lists

    @property
    def needed_texts(self) -> Texts:
        """The functions of text, for models that read text as tokens.

        Raises
        ------
        UnsupportedOptionError
            The engine lacks some of them.
        """
        if self.texts is None:
            raise UnsupportedOptionError(
                f"{self.name} lacks functions of text that this model's tokens take",
                hint="use another engine",
            )
        return self.texts

    @property
    def needed_records(self) -> str:
        """The spelling of a list of records, for forms that are chosen only where there is one."""
        assert self.lists is not None
        assert self.lists.records is not None
        return self.lists.records

    @property
    def needed_bits(self) -> Bits:
        """The functions on bits, for forms that are chosen only where there are some."""
        assert self.bits is not None
        return self.bits

    def timestamp(self, text: str) -> str:
        """Return a constant timestamp, given as ISO text."""
        return self.needed_times.literal.format(self.text(text))

    def read(self, column: str, type_: ValueType, *, may_be_nan: bool = False, is_boolean: bool = False) -> str:
        """Return how a printed column of a source is read as an input of a type."""
        if type_ != "double":
            return self.input_text.format(column)
        if is_boolean and self.input_boolean is not None:
            return self.input_boolean.format(column)
        return (self.input_number_or_nan if may_be_nan else self.input_number).format(column)

    def missing_as_nan(self, text: str) -> str:
        """Return a printed double with NaN for NULL: lists that hold NULL are refused by functions on them."""
        return f"coalesce({text}, {self.double(math.nan)})"

    def cast_to(self, text: str, type_: str) -> str:
        """Return a printed value as another type, which has a name in `types`; NULL stays NULL."""
        return self.cast.format(text, self.in_cast(self.types[type_]))

    def call(self, name: str, args: tuple[str, ...]) -> str:
        """Return a function of the catalogue applied to printed arguments."""
        if name in _GROUPED and len(args) == 1:
            return args[0]
        if self.most_arguments and name in _GROUPED and len(args) > self.most_arguments:
            groups = (args[at : at + self.most_arguments] for at in range(0, len(args), self.most_arguments))
            args = tuple(self.call(name, group) if len(group) > 1 else group[0] for group in groups)
        separator = self.separators.get(name, ", ")
        joined, joined_rest = separator.join(args), separator.join(args[1:])
        return self.operations[name].format(*args, all=joined, rest=joined_rest)

    def fingerprint_of(self, columns: Sequence[str]) -> str:
        """Return the fingerprint of columns, given by their names."""
        parts = (self.fingerprint_part.format(self.identifier(column)) for column in columns)
        return self.fingerprint.format(self.separators.get("fingerprint", ", ").join(parts))

    def is_in(self, key: str, members: Sequence[Scalar], type_: ValueType) -> str:
        """Return whether a printed column is one of some constants; never true for NULL."""
        texts = [self.key(member, type_) for member in members]
        sought = self.sought(key, type_)
        if len(texts) > self.longest_or:
            return self.call("is_in", (sought, *texts))
        return f"({' OR '.join(f'{sought} = {text}' for text in texts)})"

    def sought(self, key: str, type_: ValueType) -> str:
        """Return a printed column as it is looked for among constants."""
        return self.case_number.format(key) if type_ == "double" else key

    def key(self, value: Scalar, type_: ValueType) -> str:
        """Return a constant among which something is looked for; -0 and 0 are one."""
        return self.literal(value + 0.0 if isinstance(value, float) else value, type_)

    def accepts(self, logical: LogicalType, type_: str) -> bool:
        """Return whether columns of a type of the engine hold a logical type; arrays never do."""
        prefixes = tuple(prefix.upper() for prefix in self.accepted_types.get(logical, ()))
        return type_.upper().startswith(prefixes) and not type_.endswith("]")

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The functions whose spelling names an argument twice."""
        names = set()
        for name, template in self.operations.items():
            fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
            if len(fields) != len(set(fields)):
                names.add(name)
        return frozenset(names)
