"""How an engine names relations, and where they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from sqlglot import exp

from sqlops.dialects.literals import Literals
from sqlops.dialects.warehousing import Warehousing

_HASH_DIGITS = 8
_PLAIN = re.compile("[a-z_][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Places(Literals, Warehousing):
    """Names, quoted as the engine keeps them, and tables of schemas and of sessions.

    Parameters
    ----------
    folds_to_upper : bool
        Whether names that are not quoted are kept in upper case. Plain names in lower case are then written so, as
        people will name them without quotes.
    longest_name : int or None
        How many bytes a name may have; longer names of outputs are shortened.
    """

    folds_to_upper: bool = False
    longest_name: int | None = None

    def identifier(self, name: str) -> str:
        """Return a name, quoted, and shortened where it is too long."""
        return str(exp.to_identifier(self.folded(self.shortened(name)), quoted=True).sql(dialect=self.grammar))

    def folded(self, name: str) -> str:
        """Return a name as the engine keeps it when it is not quoted."""
        return name.upper() if self.folds_to_upper and _PLAIN.fullmatch(name) else name

    def unfolded(self, name: str) -> str:
        """Return a name that the engine keeps as people write it: what `folded` makes of the result."""
        return name.lower() if self.folds_to_upper and _PLAIN.fullmatch(name.lower()) and name.isupper() else name

    def shortened(self, name: str) -> str:
        """Return a name that the engine takes: one that is too long is cut, and told apart by a hash of all of it."""
        encoded = name.encode()
        if self.longest_name is None or len(encoded) <= self.longest_name:
            return name
        mark = f"_{sha256(encoded).hexdigest()[:_HASH_DIGITS]}"
        return encoded[: self.longest_name - len(mark)].decode(errors="ignore") + mark

    def table(self, schema: str, name: str) -> exp.Table:
        """Return a table of a schema."""
        if self.has_schemas:
            return exp.table_(self.folded(name), db=self.folded(schema), quoted=True)
        return exp.table_(f"{schema}_{name}", quoted=True)

    def working_table(self, schema: str, model: str, name: str) -> exp.Table:
        """Return a table that a command on a model works with, and drops."""
        if self.temporary_tables:
            return exp.to_table(f"_sqlops_{name}")
        return self.table(schema, f"_sqlops_{model}_{name}")

    def create_working(self, schema: str, model: str, name: str) -> str:
        """Return how a working table is created; its columns follow, or `working_words`, ``AS`` and a query."""
        table = self.working_table(schema, model, name).sql(dialect=self.grammar)
        return f"CREATE TEMPORARY TABLE {table}" if self.temporary_tables else f"CREATE TABLE {table}"

    def loaded_table(self, schema: str, model: str, name: str) -> exp.Table:
        """Return what data is loaded into that a command on a model works with, and drops."""
        return exp.to_table(f"_sqlops_{name}") if self.loads_for_session else self.working_table(schema, model, name)

    @property
    def loads_for_session(self) -> bool:
        """Whether data can be loaded for a session, so that it is gone with it."""
        return self.temporary_tables or self.loaded == "VIEW"

    @property
    def working_words(self) -> str:
        """What comes after the columns of a working table."""
        return "" if self.temporary_tables else self.table_words

    def relation(self, name: str) -> str:
        """Return a dotted name of a relation, each part quoted; quoted parts may hold dots."""
        return ".".join(map(self.identifier, (part.name for part in exp.to_table(name, dialect=self.grammar).parts)))
