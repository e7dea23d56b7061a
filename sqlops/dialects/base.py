"""What the compiler must know about an engine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from string import Formatter

from sqlglot import exp

from sqlops.dialects.bits import Bits
from sqlops.dialects.costs import TreeCosts
from sqlops.dialects.functions import Functions
from sqlops.dialects.lists import Lists
from sqlops.dialects.texts import Texts
from sqlops.dialects.times import Times
from sqlops.errors import UnsupportedOptionError
from sqlops.ir.nodes import Scalar, ValueType
from sqlops.schema import LogicalType

_HASH_DIGITS = 8
_SHARE = 2.0**-10
_ATOM = re.compile(r"[\w.]+(e[+-]?\d+)?")


@dataclass(frozen=True)
class Dialect:
    """Spelling, limits and capabilities of one engine; no connections here.

    Parameters
    ----------
    name : str
        The name users give.
    grammar : str
        sqlglot's name of the dialect.
    operations : mapping of str to str
        How each function of the catalogue is spelled, with ``{0}``, ``{1}`` for the arguments, or ``{all}`` for all of
        them (``{rest}``: all but the first) joined by `separators`. Arguments arrive as columns, literals or in
        parentheses.
    separators : mapping of str to str
        What joins ``{all}`` where it is not a comma.
    types : mapping of LogicalType or ElementType to str
        The engine's name of a type.
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
    single : str or None
        Makes a float32 of a double ``{0}`` that is one; float32 plus float32 is float32. None where the engine has no
        such type: sums of them are then rounded term by term.
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
    stages_materialized, constants_materialized : bool or None
        Whether the query asks that the stages, and inline constants, are stored or not; None where the engine has no
        words for it.
    fence : bool
        Whether ``OFFSET 0`` keeps the engine from merging a stage into the next one, and computing it twice.
    longest_name : int or None
        How many bytes a name may have; longer names of outputs are shortened.
    tree_costs : TreeCosts
        What tree ensembles take in each form.
    stores_constants : bool
        Whether the constants of a deployed model are a table; otherwise they are in its views.
    replaces_views : bool
        Whether there is ``CREATE OR REPLACE VIEW``.
    keeps_view_columns : bool
        Whether a view that is replaced must keep its columns, in their order and with their types.
    locks_rows : bool
        Whether sessions that change the same model have to lock its row, to see each other.
    functions : Functions or None
        Statements about functions, where the engine has them.
    times : Times or None
        Functions on timestamps, where sqlops monitors models on the engine.
    bits : Bits or None
        Functions on the bits of whole numbers, where the engine has them.
    scales_sums : bool
        Whether doubles that overflow are an error, other than in a division. The operations give infinity all the same;
        where sums and products are written without them, they are scaled, see `product`, `scaled` and `added`.
    binding : str or None
        What computes ``{1}``, expressions with names, and then ``{0}``, which reads the names, within an expression.
    compares_nan : bool
        Whether NaN equals itself, or is larger than all else; otherwise comparisons with it never hold.
    condition : str or None
        How an engine without booleans keeps a condition ``{0}``: as 1 or 0. None where there are booleans.
    deepest_nesting : int or None
        How many CASE an expression may nest, those of functions and of trees together.
    double_literal : str or None
        A double, ``{0}`` its decimal digits; None where a number with an exponent is one.
    text_literal : str
        A text, ``{0}`` its literal in quotes.
    infinity, nan : str or None
        Words for these, where a text that is cast does not give them.
    first_letter : str
        What stands before names within a query that would begin with an underscore.
    input_boolean : str or None
        Reads a source column ``{0}`` of booleans as a double, where that takes other words than `input_number`.
    longest_query : int or None
        How many bytes a query may have.
    lists : Lists or None
        Functions on lists, where the engine has them.
    texts : Texts or None
        Functions of text, where the engine has all that tokens take.
    """

    name: str
    grammar: str
    operations: Mapping[str, str]
    separators: Mapping[str, str]
    types: Mapping[str, str]
    accepted_types: Mapping[LogicalType, tuple[str, ...]]
    missing_as_null: str
    input_number: str
    input_number_or_nan: str
    input_text: str
    single: str | None
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
    tree_costs: TreeCosts
    stages_materialized: bool | None = None
    constants_materialized: bool | None = None
    fence: bool = False
    longest_name: int | None = None
    longest_query: int | None = None
    scales_sums: bool = False
    binding: str | None = None
    compares_nan: bool = True
    condition: str | None = None
    deepest_nesting: int | None = None
    double_literal: str | None = None
    text_literal: str = "{0}"
    infinity: str | None = None
    nan: str | None = None
    first_letter: str = ""
    input_boolean: str | None = None
    stores_constants: bool = True
    replaces_views: bool = True
    keeps_view_columns: bool = False
    locks_rows: bool = False
    functions: Functions | None = None
    times: Times | None = None
    bits: Bits | None = None
    lists: Lists | None = None
    texts: Texts | None = None

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
    def needed_times(self) -> Times:
        """The functions on timestamps, for engines that sqlops connects to."""
        assert self.times is not None
        return self.times

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

    def identifier(self, name: str) -> str:
        """Return a name, quoted."""
        return str(exp.to_identifier(name, quoted=True).sql(dialect=self.grammar))

    def shortened(self, name: str) -> str:
        """Return a name that the engine takes: one that is too long is cut, and told apart by a hash of all of it."""
        encoded = name.encode()
        if self.longest_name is None or len(encoded) <= self.longest_name:
            return name
        mark = f"_{sha256(encoded).hexdigest()[:_HASH_DIGITS]}"
        return encoded[: self.longest_name - len(mark)].decode(errors="ignore") + mark

    def relation(self, name: str) -> str:
        """Return a dotted name of a relation, each part quoted; quoted parts may hold dots."""
        return str(exp.to_table(name, dialect=self.grammar).sql(dialect=self.grammar, identify=True))

    def read(self, column: str, type_: ValueType, *, may_be_nan: bool = False, is_boolean: bool = False) -> str:
        """Return how a printed column of a source is read as an input of a type."""
        if type_ != "double":
            return self.input_text.format(column)
        if is_boolean and self.input_boolean is not None:
            return self.input_boolean.format(column)
        return (self.input_number_or_nan if may_be_nan else self.input_number).format(column)

    def literal(self, value: Scalar, type_: ValueType) -> str:
        """Return a constant of a type; None is NULL of that type."""
        if value is None:
            return f"CAST(NULL AS {self.types[type_]})"
        if type_ == "double":
            return self.double(float(value))
        if type_ == "boolean":
            return self.truth(bool(value))
        if type_ == "bigint":
            return str(int(value))
        return self.text(str(value))

    def text(self, value: str) -> str:
        """Return a string literal."""
        return self.text_literal.format(exp.Literal.string(value).sql(dialect=self.grammar))

    def truth(self, value: bool) -> str:
        """Return a condition that holds, or does not."""
        if self.condition is not None:
            return "(1 = 1)" if value else "(1 = 0)"
        return "TRUE" if value else "FALSE"

    def double(self, value: float) -> str:
        """Return a literal that reads back as the same double."""
        if math.isnan(value) and self.nan is not None:
            return self.nan
        if math.isinf(value) and self.infinity is not None:
            return self.infinity if value > 0 else f"-{self.infinity}"
        if math.isinf(value) or math.isnan(value):
            return f"CAST('{value}' AS {self.types['double']})"
        text = repr(value)
        if self.double_literal is not None:
            return self.double_literal.format(text)
        return text if "e" in text else f"{text}e0"

    def missing_as_nan(self, text: str) -> str:
        """Return a printed double with NaN for NULL: lists that hold NULL are refused by functions on them."""
        return f"coalesce({text}, {self.double(math.nan)})"

    def call(self, name: str, args: tuple[str, ...]) -> str:
        """Return a function of the catalogue applied to printed arguments."""
        separator = self.separators.get(name, ", ")
        joined, joined_rest = separator.join(args), separator.join(args[1:])
        return self.operations[name].format(*args, all=joined, rest=joined_rest)

    def applied(self, name: str, args: tuple[str, ...]) -> str:
        """Return a function applied to printed arguments of any length, where they cannot become a stage's columns.

        An argument that the spelling names twice is computed once, if the engine can name it in between.
        """
        long = [arg for arg in dict.fromkeys(args) if not _ATOM.fullmatch(arg)]
        if self.binding is None or not long or name not in self.repeated:
            return self.call(name, args)
        names = {arg: f"_bound{number}" for number, arg in enumerate(long)}
        listed = ", ".join(f"{arg} AS {alias}" for arg, alias in names.items())
        return self.binding.format(self.call(name, tuple(names.get(arg, arg) for arg in args)), listed)

    def product(self, left: str, right: str) -> str:
        """Return the product of two printed doubles, as a term of a sum."""
        return self.applied("multiply", (left, right)) if self.scales_sums else f"{left} * {right}"

    def ratio(self, left: str, right: str) -> str:
        """Return a printed double divided by another, as a term of a sum."""
        return self.call("divide", (left, right)) if self.scales_sums else f"{left} / {right}"

    def scaled(self, text: str, factor: float) -> str:
        """Return a printed double times a constant, as a term of a sum.

        Where overflow is an error, a large factor is split: into one of at most one, which cannot overflow, and a power
        of two that the product is divided by.
        """
        if not self.scales_sums or not math.isfinite(factor) or abs(factor) <= 1:
            return f"{text} * {self.double(factor)}"
        fraction, exponent = math.frexp(factor)
        return self.call("divide", (f"{text} * {self.double(fraction)}", self.double(2.0**-exponent)))

    def added(self, terms: Sequence[str]) -> str:
        """Return a sum of printed doubles, fewer than a thousand.

        Where overflow is an error, each is made smaller by a power of two, and the sum divided by it.
        """
        if not self.scales_sums or len(terms) == 1:
            return f"({' + '.join(terms)})"
        share = self.double(_SHARE)
        return self.call("divide", (" + ".join(f"{term} * {share}" for term in terms), share))

    def is_in(self, key: str, members: Sequence[str]) -> str:
        """Return whether a printed column is one of some printed constants; never true for NULL."""
        if len(members) > self.longest_or:
            return self.call("is_in", (key, *members))
        return f"({' OR '.join(f'{key} = {member}' for member in members)})"

    def accepts(self, logical: LogicalType, type_: str) -> bool:
        """Return whether columns of a type of the engine hold a logical type; arrays never do."""
        prefixes = tuple(prefix.upper() for prefix in self.accepted_types.get(logical, ()))
        return type_.upper().startswith(prefixes) and not type_.endswith("]")

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The functions whose spelling names an argument twice."""
        return frozenset(name for name, template in self.operations.items() if repeats(template))


def repeats(template: str) -> bool:
    """Whether a spelling names an argument twice."""
    fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
    return len(fields) != len(set(fields))
