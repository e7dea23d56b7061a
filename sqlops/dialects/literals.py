"""How an engine spells constants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sqlops.ir.nodes import Scalar, ValueType


@dataclass(frozen=True, kw_only=True)
class Literals:
    """Spelling of constants of each type.

    Parameters
    ----------
    grammar : str
        sqlglot's name of the dialect.
    types : mapping of LogicalType or ElementType to str
        The engine's name of a type.
    casts : mapping of str to str
        What CAST calls the types of columns that it has another name for.
    nullable : str
        The type of what is ``{0}`` or NULL, where types say whether there can be NULL.
    double_literal : str or None
        A double, ``{0}`` its decimal digits; None where a number with an exponent is one.
    infinity, nan : str or None
        Literals, where a text that is cast does not give these.
    text_literal : str
        A text, ``{0}`` its literal in quotes.
    binary_literal : str or None
        Bytes, ``{0}`` their hexadecimal digits, where drivers take none as parameters.
    condition : str or None
        How an engine without booleans keeps a condition ``{0}``: as 1 or 0. None where there are booleans.
    """

    grammar: str
    types: Mapping[str, str]
    casts: Mapping[str, str] = field(default_factory=dict)
    nullable: str = "{0}"
    double_literal: str | None = None
    infinity: str | None = None
    nan: str | None = None
    text_literal: str = "{0}"
    binary_literal: str | None = None
    condition: str | None = None

    def literal(self, value: Scalar, type_: ValueType) -> str:
        """Return a constant of a type; None is NULL of that type."""
        if value is None:
            return f"CAST(NULL AS {self.nullable_in_cast(type_)})"
        if type_ == "double":
            return self.double(float(value))
        if type_ == "boolean":
            return self.truth(bool(value))
        if type_ == "bigint":
            return str(int(value))
        return self.text(str(value))

    def in_cast(self, type_: str) -> str:
        """Return what CAST calls the type of a column."""
        return self.casts.get(type_, type_)

    def nullable_in_cast(self, type_: str) -> str:
        """Return what CAST calls a type that has a name in `types`, of what may be NULL."""
        return self.in_cast(self.nullable.format(self.types[type_]))

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
        if math.isnan(value) and self.nan:
            return self.nan
        if math.isinf(value) and self.infinity:
            return self.infinity if value > 0 else f"-{self.infinity}"
        if math.isinf(value) or math.isnan(value):
            return f"CAST('{value}' AS {self.types['double']})"
        text = repr(value)
        if self.double_literal is not None:
            return self.double_literal.format(text)
        return text if "e" in text else f"{text}e0"
