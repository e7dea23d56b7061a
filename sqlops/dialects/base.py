"""What the compiler must know about an engine."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Formatter

from sqlglot import exp

from sqlops.errors import CompileError
from sqlops.ir.nodes import Scalar, ValueType
from sqlops.schema import LogicalType

VARIABLE = "_each"
"""The name of an element where a function is applied to a whole array."""
_CODE_POINT = re.compile(r"\\u([0-9a-f]{4})|\\U([0-9a-f]{8})")


@dataclass(frozen=True)
class Texts:
    """How an engine spells functions of text, for those that have all of them.

    Regular expressions are literals in which every character that is not ASCII is written as ``code_point`` says.

    Parameters
    ----------
    lower : str
        Text ``{0}`` in lower case, each character alone as Python does it.
    concat : str
        What stands between texts that are put together.
    join : str
        The texts in array ``{0}`` put together.
    length : str
        How many code points text ``{0}`` has.
    part : str
        ``{2}`` code points of text ``{0}``, from number ``{1}`` on (counted from one).
    is_ascii : str
        Whether all of text ``{0}`` is ASCII.
    characters : str
        The code points of text ``{0}``, as an array of texts.
    split : str
        The parts of text ``{0}`` between occurrences of text ``{1}``, as an array.
    number : str
        The number of the one code point in text ``{0}``.
    hash : str
        A whole number below 2**60 for text ``{0}``: 15 hexadecimal digits of the MD5 of its UTF-8, from number ``{1}``
        on (counted from one).
    find_all : str
        What group ``{2}`` (0 is all) of regular expression ``{1}`` matches in text ``{0}``, as an array.
    contains : str
        Whether regular expression ``{1}`` matches somewhere in text ``{0}``.
    matches : str
        Whether it matches all of text ``{0}``.
    replace : str
        Text ``{0}`` with every match of regular expression ``{1}`` replaced by text ``{2}``.
    code_point : str
        A code point in a regular expression, ``{0}`` its hexadecimal digits.
    """

    lower: str
    concat: str
    join: str
    length: str
    part: str
    is_ascii: str
    characters: str
    split: str
    number: str
    hash: str
    find_all: str
    contains: str
    matches: str
    replace: str
    code_point: str

    def pattern(self, pattern: str) -> str:
        """Return a regular expression, its code points written as Python does, in the engine's way."""
        return _CODE_POINT.sub(lambda at: self.code_point.format(at[1] or at[2]), pattern)


@dataclass(frozen=True, slots=True)
class Lists:
    """How an engine works on the lists of a row, for those that can.

    Parameters
    ----------
    literal : str
        A list of the row's values ``{0}``.
    transform, filter : str
        Apply to list ``{0}`` the function from ``{1}`` to ``{2}``; keep the elements for which it holds.
    prepend : str
        The list ``{1}`` with ``{0}`` before its first element.
    element : str
        Element ``{1}`` of list ``{0}``, counted from `first`.
    total : str
        The elements of a list of doubles ``{0}`` added from first to last; NULL for none.
    total_single : str
        The elements of a list ``{0}`` that is not empty, added from first to last as float32; they are float32.
    transform_numbered, filter_numbered : str
        Transform and filter with a function of two names: ``{2}`` is the number of the element.
    numbers : str
        The numbers of the first ``{0}`` elements of a list; none where that is less than one.
    length : str
        How many elements list ``{0}`` has.
    sort : str
        List ``{0}`` in ascending order.
    join : str
        List ``{0}`` followed by list ``{1}``.
    flatten : str
        The lists in list ``{0}`` one after the other.
    position : str
        The number of the first element of list ``{0}`` that equals ``{1}``; NULL or 0 where there is none.
    first : int
        The number of the first element.
    slice : str
        Elements ``{1}`` (counted from zero) up to, not with, ``{2}`` of list ``{0}``.
    distance, inner_product : str
        The Euclidean distance, and the inner product, of lists of doubles ``{0}`` and ``{1}`` without NULL.
    maximum : str
        The largest element of a list of doubles ``{0}``; NaN is the largest of all.
    """

    literal: str
    transform: str
    filter: str
    prepend: str
    element: str
    total: str
    total_single: str
    transform_numbered: str
    filter_numbered: str
    numbers: str
    length: str
    sort: str
    join: str
    flatten: str
    position: str
    first: int
    slice: str
    distance: str
    inner_product: str
    maximum: str


@dataclass(frozen=True)
class Dialect:
    """Spelling, limits and capabilities of one engine; no connections here.

    Parameters
    ----------
    name : str
        The name users give, and sqlglot's.
    operations : mapping of str to str
        How each function of the catalogue is spelled, with ``{0}``, ``{1}`` for the arguments, or ``{all}`` for all of
        them (``{rest}``: all but the first) joined by `separators`. Arguments arrive as columns, literals or in
        parentheses.
    separators : mapping of str to str
        What joins ``{all}`` where it is not a comma.
    types : mapping of LogicalType or ValueType to str
        The engine's name of a type.
    accepted_types : mapping of LogicalType to tuple of str
        Prefixes of the engine's column types that hold a logical type.
    missing_as_null : str
        Turns a computed double ``{0}`` that may be NaN into NULL.
    input_text : str
        Reads a source column ``{0}`` as text.
    input_number : str
        Reads a source column ``{0}`` as a double in which missing is NULL.
    single : str
        Makes a float32 of a double ``{0}`` that is one; float32 plus float32 is float32.
    array : str
        An array literal, ``{0}`` its elements and ``{1}`` their type.
    matrix : str
        A literal of an array of arrays, ``{0}`` its rows and ``{1}`` the type of their elements.
    matrix_row : str
        One row of `matrix`, ``{0}`` its elements.
    element : str
        Element ``{1}`` (counted from zero) of array ``{0}``.
    missing_as_nan : str
        Turns a double ``{0}`` that may be NULL into NaN, which arithmetic over arrays passes on.
    inner_products : str
        The array of inner products of each row of matrix ``{0}`` with array ``{1}``; it may name a variable
        `VARIABLE`.
    each : str
        Array ``{0}`` with ``{1}``, an expression of `VARIABLE`, for each element.
    append : str
        Array ``{0}`` with one more element ``{1}``.
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
    lists : Lists or None
        Functions on lists, where the engine has them.
    texts : Texts or None
        Functions of text, where the engine has all that tokens take.
    """

    name: str
    operations: Mapping[str, str]
    separators: Mapping[str, str]
    types: Mapping[str, str]
    accepted_types: Mapping[LogicalType, tuple[str, ...]]
    missing_as_null: str
    input_number: str
    input_text: str
    single: str
    array: str
    matrix: str
    matrix_row: str
    element: str
    missing_as_nan: str
    inner_products: str
    each: str
    append: str
    to_whole: str
    quotient: str
    remainder: str
    longest_sum: int
    deepest_case: int
    longest_or: int
    longest_case: int
    deepest_inline: int
    fingerprint: str
    lists: Lists | None = None
    texts: Texts | None = None

    @property
    def needed_lists(self) -> Lists:
        """The functions on lists, for operators that cannot be written without.

        Raises
        ------
        CompileError
            The engine has none.
        """
        if self.lists is None:
            raise CompileError(f"{self.name} has no functions on lists, which sums over references need")
        return self.lists

    def identifier(self, name: str) -> str:
        """Return a name, quoted."""
        return str(exp.to_identifier(name, quoted=True).sql(dialect=self.name))

    def relation(self, name: str) -> str:
        """Return a dotted name of a relation, each part quoted; quoted parts may hold dots."""
        return str(exp.to_table(name, dialect=self.name).sql(dialect=self.name, identify=True))

    def literal(self, value: Scalar, type_: ValueType) -> str:
        """Return a constant of a type; None is NULL of that type."""
        if value is None:
            return f"CAST(NULL AS {self.types[type_]})"
        if type_ == "double":
            return self.double(float(value))
        if type_ == "boolean":
            return "TRUE" if value else "FALSE"
        if type_ == "bigint":
            return str(int(value))
        return self.text(str(value))

    def text(self, value: str) -> str:
        """Return a string literal."""
        return str(exp.Literal.string(value).sql(dialect=self.name))

    def double(self, value: float) -> str:
        """Return a literal that reads back as the same double."""
        if math.isinf(value) or math.isnan(value):
            return f"CAST('{value}' AS {self.types['double']})"
        text = repr(value)
        return text if "e" in text else f"{text}e0"

    def call(self, name: str, args: tuple[str, ...]) -> str:
        """Return a function of the catalogue applied to printed arguments."""
        separator = self.separators.get(name, ", ")
        joined, joined_rest = separator.join(args), separator.join(args[1:])
        return self.operations[name].format(*args, all=joined, rest=joined_rest)

    def is_in(self, key: str, members: Sequence[str]) -> str:
        """Return whether a printed column is one of some printed constants; never true for NULL."""
        if len(members) > self.longest_or:
            return self.call("is_in", (key, *members))
        return f"({' OR '.join(f'{key} = {member}' for member in members)})"

    @cached_property
    def repeated(self) -> frozenset[str]:
        """The functions whose spelling names an argument twice."""
        names = set()
        for name, template in self.operations.items():
            fields = [field for _, field, _, _ in Formatter().parse(template) if field is not None]
            if len(fields) != len(set(fields)):
                names.add(name)
        return frozenset(names)
