"""Lower case and accents as Python has them, in the words of an engine."""

from __future__ import annotations

from functools import cache

import numpy as np

from sqlops.dialects.lists import Lists
from sqlops.dialects.texts import Texts
from sqlops.ir.characters import Ranges, all_characters, character_class, union
from sqlops.ir.tokens import Accents, stripped
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.hashing import PerfectHash, perfect_hash
from sqlops.lowering.lists import ITEM, POSITION
from sqlops.lowering.lookups import slot_text, whole_hash_text

_CAPITAL, _FINAL, _MEDIAL = "Σ", "ς", "σ"


def functions(builder: Builder) -> tuple[Lists, Texts]:
    """Return how the engine spells functions of lists and of texts."""
    texts = builder.dialect.needed_texts
    return builder.dialect.needed_lists, texts


def lower_case(builder: Builder, text: Fragment, *, tells_sigmas_apart: bool) -> Fragment:
    """Return a text in lower case.

    Engines lower each character alone; Python lowers a capital sigma at the end of a word to its final form.

    Parameters
    ----------
    builder : Builder
    text : Fragment
        A column.
    tells_sigmas_apart : bool
        Whether it matters which of the two small sigmas is there.
    """
    lists, texts = functions(builder)
    plain = texts.lower.format(text.text)
    if not tells_sigmas_apart:
        return builder.store(builder.combine(plain, [text]))
    dialect = builder.dialect
    split = texts.split.format(text.text, dialect.text(_CAPITAL))
    parts = builder.store(builder.combine(split, [text]))
    # An earlier or later capital sigma is a letter too: an A stands for it where a part reaches up to it.
    previous = lists.element.format(parts.text, f"({POSITION} - 1)")
    before = f"(CASE WHEN {POSITION} > 2 THEN 'A' ELSE '' END{texts.concat}{previous})"
    count = lists.length.format(parts.text)
    after = f"({ITEM}{texts.concat}CASE WHEN {POSITION} < {count} THEN 'A' ELSE '' END)"
    cased, ignored = (character_class(ranges) for ranges in _around_sigma())
    follows_letter = texts.contains.format(before, dialect.text(texts.pattern(f"{cased}{ignored}*$")))
    precedes_letter = texts.contains.format(after, dialect.text(texts.pattern(f"^{ignored}*{cased}")))
    sigma = (
        f"CASE WHEN {POSITION} = 1 THEN '' WHEN {follows_letter} AND NOT {precedes_letter}"
        f" THEN {dialect.text(_FINAL)} ELSE {dialect.text(_MEDIAL)} END"
    )
    lowered = f"{sigma}{texts.concat}{texts.lower.format(ITEM)}"
    whole = texts.join.format(lists.transform_numbered.format(parts.text, ITEM, POSITION, lowered))
    return builder.store(builder.combine(f"CASE WHEN {count} > 1 THEN {whole} ELSE {plain} END", [text, parts]))


@cache
def _around_sigma() -> tuple[Ranges, Ranges]:
    """Return the characters that count as letters beside a sigma, and those that are looked past.

    `str.lower` is asked: a sigma after a letter is final, and stays so after a character that is looked past.
    """
    letters, passed = [], []
    for part in all_characters():
        for character in part:
            if f"{character}{_CAPITAL}".lower().endswith(_FINAL):
                letters.append((ord(character), ord(character)))
            elif f"A{character}{_CAPITAL}".lower().endswith(_FINAL):
                passed.append((ord(character), ord(character)))
    return union(letters), union(passed)


def strip_accents(builder: Builder, text: Fragment, accents: Accents) -> Fragment:
    """Return a text without accents: each character that is not ASCII is looked up."""
    text = builder.store(text)
    texts = builder.dialect.needed_texts
    is_ascii = texts.is_ascii.format(text.text)
    others = f"CASE WHEN {is_ascii} THEN '' ELSE {text.text} END"
    characters = builder.store(builder.combine(texts.characters.format(others), [text]))
    replaced, read = (_by_case if builder.dialect.hashed_case else _by_table)(builder, characters, accents)
    return builder.store(
        builder.combine(
            f"CASE WHEN {is_ascii} THEN {text.text} ELSE {texts.join.format(replaced)} END", [text, characters, *read]
        )
    )


def _by_case(builder: Builder, characters: Fragment, accents: Accents) -> tuple[str, tuple[Fragment, ...]]:
    """Return an array of characters without accents, found by CASE, and what it reads besides."""
    text = builder.dialect.text
    lists, texts = functions(builder)
    changed, _ = _changed(accents)
    arms = " ".join(f"WHEN {text(character)} THEN {text(left)}" for character, left in changed.items())
    others = f"coalesce(CASE {ITEM} {arms} END, {_otherwise(accents)})"
    replaced = f"CASE WHEN {texts.is_ascii.format(ITEM)} THEN {ITEM} ELSE {others} END"
    return lists.transform.format(characters.text, ITEM, replaced), ()


def _by_table(builder: Builder, characters: Fragment, accents: Accents) -> tuple[str, tuple[Fragment, ...]]:
    """Return an array of characters without accents, found in constant arrays, and what it reads besides."""
    dialect = builder.dialect
    lists, texts = functions(builder)
    changed, table = _changed(accents)
    divisors = builder.constant_array(table.divisors, "bigint")
    number = texts.number.format(ITEM)
    hashed = whole_hash_text(dialect, dialect.cast_to(number, "bigint"), table.seed)
    hashes = builder.store(builder.combine(lists.transform.format(characters.text, ITEM, hashed), [characters]))
    slots = builder.store(
        builder.combine(
            lists.transform.format(hashes.text, ITEM, slot_text(dialect, table, divisors.text, ITEM)),
            [hashes, divisors],
        )
    )
    entries = builder.constant_array(np.array(list(changed), dtype=object)[table.order], "text")
    values = builder.constant_array(np.array(list(changed.values()), dtype=object)[table.order], "text")
    slot = lists.element.format(slots.text, POSITION)
    replaced = (
        f"CASE WHEN {texts.is_ascii.format(ITEM)} THEN {ITEM}"
        f" WHEN {dialect.element.format(entries.text, slot)} = {ITEM} THEN {dialect.element.format(values.text, slot)}"
        f" ELSE {_otherwise(accents)} END"
    )
    return lists.transform_numbered.format(characters.text, ITEM, POSITION, replaced), (slots, entries, values)


def _otherwise(accents: Accents) -> str:
    return "''" if accents == "ascii" else ITEM


@cache
def _changed(accents: Accents) -> tuple[dict[str, str], PerfectHash]:
    """Return the characters that are not ASCII and do not go the way of the rest: to nothing for ASCII, else as is."""
    every = ((c, stripped(c, accents)) for part in all_characters() for c in part if not c.isascii())
    changed = {c: left for c, left in every if left != ("" if accents == "ascii" else c)}
    table = perfect_hash([float(ord(character)) for character in changed])
    assert table is not None, "code points are hashed without collision"
    return changed, table
