"""How an engine spells functions that users create."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Functions:
    """Statements about scalar functions in SQL, for engines that have them.

    Parameters
    ----------
    create : str
        A function: ``{name}``, ``{parameters}``, the type ``{type}`` of its result, and its ``{body}``, an expression;
        ``{quoted}`` is that as a text.
    parameter : str
        A parameter, ``{0}`` its name and ``{1}`` its type.
    argument : str
        How the body reads a parameter, ``{0}`` its name and ``{1}`` its number, counted from one.
    drop : str
        Drops function ``{0}`` if there is one; ``{1}`` are the types of its parameters, for engines that ask for them.
    overloads : bool
        Whether functions of one name with other parameters are other functions, which stay when one is replaced.
    of_relation : bool
        Whether there are functions over any relation, as DuckDB's table macros are.
    longest_whole : int
        Up to how many characters a body is one expression, without a subquery, so that the engine inlines it; 0 where
        it inlines subqueries as well.
    staged : bool
        Whether a longer body may be a query of stages; if not, there is no function of such a model.
    in_schemas : bool
        Whether functions belong to schemas; if not, the schema's name is put before theirs.
    """

    create: str
    parameter: str
    argument: str
    drop: str
    overloads: bool = False
    of_relation: bool = False
    longest_whole: int = 0
    staged: bool = True
    in_schemas: bool = True

    @property
    def drops_by_types(self) -> bool:
        """Whether functions are known by their names and the types of their parameters."""
        return "{1}" in self.drop
