"""Tokens as functions of arrays: a document's tokens, their positions in the vocabulary, and what is made of them.

Nothing is unnested or grouped: each row is for itself, so that filters reach the source, and the query streams. The
vocabulary is found by perfect hashing, see `sqlops.lowering.hashing`; it and the weights are in the constants relation.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sqlops.dialects.lists import Lists
from sqlops.ir.nodes import FloatArray, Operator
from sqlops.ir.tokens import WHITESPACE, Tokens
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.hashing import perfect_hash
from sqlops.lowering.lists import INNER, ITEM, POSITION
from sqlops.lowering.lookups import slot_text, value_at
from sqlops.lowering.texts import functions, lower_case, strip_accents


def lower_tokens(
    builder: Builder, operator: Operator, inputs: tuple[Fragment, ...], used: tuple[int, ...]
) -> dict[int, Fragment]:
    """Write the outputs over the positions of a document's tokens."""
    assert isinstance(operator, Tokens)
    text = _prepared(builder, operator, inputs[0])
    tokens = _tokens(builder, operator, text)
    positions = _known(builder, _positions(builder, tokens, operator.vocabulary))
    if operator.weights is not None and operator.adds_counts:
        scale = np.ones(len(operator.vocabulary)) if operator.idf is None else operator.idf
        return {index: _total(builder, operator, positions, operator.weights[index] * scale, index) for index in used}
    places, values = _values(builder, operator, positions)
    if operator.weights is not None:
        return {
            index: _weighted_total(builder, operator, places, values, operator.weights[index], index) for index in used
        }
    return {index: _value_at(builder, places, values, int(operator.kept[index])) for index in used}


def _stored(builder: Builder, text: str, parts: Iterable[Fragment]) -> Fragment:
    return builder.store(builder.combine(text, parts))


def _prepared(builder: Builder, operator: Tokens, text: Fragment) -> Fragment:
    if operator.lowercase:
        known = (*operator.vocabulary, *operator.stop_words)
        text = lower_case(builder, text, tells_sigmas_apart=any("σ" in word or "ς" in word for word in known))
    if operator.accents != "keep":
        text = strip_accents(builder, text, operator.accents)
    return builder.store(text)


def _tokens(builder: Builder, operator: Tokens, text: Fragment) -> Fragment:
    """Return the n-grams of a document, as an array in any order."""
    if operator.unit == "word":
        words = _words(builder, operator, text)
        return _ngrams(builder, words, operator.ngrams, space="' '")
    _, texts = functions(builder)
    if operator.unit == "char":
        narrow = texts.replace.format(text.text, _pattern(builder, WHITESPACE + "{2,}"), "' '")
        characters = _stored(builder, texts.characters.format(narrow), [text])
        return _ngrams(builder, characters, operator.ngrams, space="")
    return _padded_ngrams(builder, operator, text)


def _words(builder: Builder, operator: Tokens, text: Fragment) -> Fragment:
    dialect = builder.dialect
    lists, texts = functions(builder)
    group = 1 if "(" in operator.pattern.replace("(?:", "") else 0
    words = texts.find_all.format(text.text, _pattern(builder, operator.pattern), group)
    if operator.whole:
        matches = texts.matches.format(ITEM, _pattern(builder, operator.whole))
        words = lists.filter.format(words, ITEM, matches)
    found = _stored(builder, words, [text])
    if not operator.stop_words:
        return found
    stopped = _positions(builder, found, operator.stop_words)
    is_kept = dialect.call("is_missing", (lists.element.format(stopped.text, POSITION),))
    kept = lists.filter_numbered.format(found.text, ITEM, POSITION, is_kept)
    return _stored(builder, kept, [found, stopped])


def _ngrams(builder: Builder, items: Fragment, ngrams: tuple[int, int], *, space: str) -> Fragment:
    """Return the texts of n neighbours put together, for each n."""
    lists, texts = functions(builder)
    concat = texts.concat
    found = []
    for n in range(ngrams[0], ngrams[1] + 1):
        if n == 1:
            found.append(items.text)
            continue
        between = f"{concat}{space}{concat}" if space else concat
        gram = between.join(lists.element.format(items.text, f"{POSITION} + {at}") for at in range(n))
        starts = lists.numbers.format(f"({lists.length.format(items.text)} - {n - 1})")
        found.append(lists.transform.format(starts, POSITION, gram))
    return _stored(builder, _joined(lists, found), [items])


def _joined(lists: Lists, arrays: list[str]) -> str:
    whole, *rest = arrays
    for array in rest:
        whole = lists.join.format(whole, array)
    return whole


def _padded_ngrams(builder: Builder, operator: Tokens, text: Fragment) -> Fragment:
    """Return the n-grams of each word between two spaces, as `sqlops.ir.tokens` says."""
    lists, texts = functions(builder)
    words = texts.find_all.format(text.text, _pattern(builder, WHITESPACE.replace("[", "[^") + "+"), 0)
    padded = _stored(builder, lists.transform.format(words, ITEM, f"' '{texts.concat}{ITEM}{texts.concat}' '"), [text])
    shortest, longest = operator.ngrams
    length = texts.length.format(ITEM)
    found = [lists.filter.format(padded.text, ITEM, f"{length} <= {longest}")]
    for n in range(shortest, longest + 1):
        longer = lists.filter.format(padded.text, ITEM, f"{length} > {n}")
        starts = lists.numbers.format(f"({length} - {n - 1})")
        grams = lists.transform.format(starts, INNER, texts.part.format(ITEM, INNER, n))
        found.append(lists.transform_and_join.format(longer, ITEM, grams))
    return _stored(builder, _joined(lists, found), [padded])


def _positions(builder: Builder, words: Fragment, known: tuple[str, ...]) -> Fragment:
    """Return, for each text of an array, its position among known ones; NULL for any other."""
    dialect = builder.dialect
    lists, texts = functions(builder)
    if dialect.hashed_case:
        arms = " ".join(f"WHEN {dialect.text(word)} THEN {place}" for place, word in enumerate(known))
        return _stored(builder, lists.transform.format(words.text, ITEM, f"CASE {ITEM} {arms} END"), [words])
    table = perfect_hash(known)
    assert table is not None, "among sixteen hashes of 60 bits, one has no collision"
    hashed = texts.hash.format(ITEM, table.seed + 1)
    hashes = _stored(builder, lists.transform.format(words.text, ITEM, hashed), [words])
    divisors = builder.constant_array(table.divisors, "bigint")
    slot = slot_text(dialect, table, divisors.text, ITEM)
    slots = _stored(builder, lists.transform.format(hashes.text, ITEM, slot), [hashes, divisors])
    entries = builder.constant_array(np.array(known, dtype=object)[table.order], "text")
    places = builder.constant_array(table.order, "bigint")
    same = f"{dialect.element.format(entries.text, ITEM)} = {lists.element.format(words.text, POSITION)}"
    place = f"CASE WHEN {same} THEN {dialect.element.format(places.text, ITEM)} END"
    found = lists.transform_numbered.format(slots.text, ITEM, POSITION, place)
    return _stored(builder, found, [words, slots, entries, places])


def _known(builder: Builder, positions: Fragment) -> Fragment:
    lists, _ = functions(builder)
    present = builder.dialect.call("not", (builder.dialect.call("is_missing", (ITEM,)),))
    known = lists.known.format(lists.filter.format(positions.text, ITEM, present))
    return _stored(builder, known, [positions])


def _values(builder: Builder, operator: Tokens, positions: Fragment) -> tuple[Fragment, Fragment]:
    """Return the distinct positions of a document, ascending, and the weighted count of each."""
    dialect = builder.dialect
    lists, _ = functions(builder)
    ordered = _stored(builder, lists.sort.format(positions.text), [positions])
    length = lists.length.format(ordered.text)
    here, before = (lists.element.format(ordered.text, at) for at in (ITEM, f"{ITEM} - 1"))
    is_start = f"({ITEM} = 1 OR {here} <> {before})"
    starts = _stored(builder, lists.filter.format(lists.numbers.format(length), ITEM, is_start), [ordered])
    places = _stored(builder, lists.transform.format(starts.text, ITEM, here), [starts, ordered])
    parts = [starts, ordered, places]
    following = lists.element_if_any(starts.text, f"{POSITION} + 1")
    count = dialect.cast_to(f"coalesce({following}, {length} + 1) - {ITEM}", "double")
    value = dialect.double(1.0) if operator.binary else count
    logarithm = f"ln({value})"
    if operator.sublinear and not operator.binary and not operator.single:
        value = f"({logarithm} + {dialect.double(1.0)})"
    elif operator.sublinear and not operator.binary:
        logarithms = lists.transform_numbered.format(starts.text, ITEM, POSITION, logarithm)
        rounded = _held(builder, operator, logarithms)
        parts.append(_stored(builder, lists.transform.format(rounded, ITEM, f"{ITEM} + {dialect.double(1.0)}"), parts))
        value = lists.element.format(_held(builder, operator, parts[-1].text), POSITION)
    if operator.idf is not None:
        idf, read = value_at(builder, operator.idf, lists.element.format(places.text, POSITION))
        parts.extend(read)
        value = f"{value} * {idf}"
    weighted = lists.transform_numbered.format(starts.text, ITEM, POSITION, value)
    return places, _normalized(builder, operator, _stored(builder, _held(builder, operator, weighted), parts))


def _held(builder: Builder, operator: Tokens, values: str) -> str:
    """Return an array as the library holds it: rounded where that is float32."""
    if not operator.single:
        return values
    lists, _ = functions(builder)
    return lists.transform.format(values, ITEM, builder.dialect.call("float32", (ITEM,)))


def _normalized(builder: Builder, operator: Tokens, values: Fragment) -> Fragment:
    if operator.norm == "none":
        return values
    lists, _ = functions(builder)
    call = builder.dialect.call
    size = call("absolute" if operator.norm == "l1" else "square", (ITEM,))
    sizes = lists.transform.format(values.text, ITEM, size)
    held = sizes if operator.norm == "l1" else _held(builder, operator, sizes)
    total = _stored(builder, _sum(builder, held), [values])
    root = total.text if operator.norm == "l1" else f"sqrt({total.text})"
    one = builder.dialect.double(1.0)
    norm = _stored(builder, f"CASE WHEN {total.text} > 0 THEN {root} ELSE {one} END", [total])
    shares = lists.transform.format(values.text, ITEM, f"{ITEM} / {norm.text}")
    return _stored(builder, _held(builder, operator, shares), [values, norm])


def _total(builder: Builder, operator: Tokens, positions: Fragment, weights: FloatArray, index: int) -> Fragment:
    """Return the weights of a document's tokens added up, repeated ones as often as they occur."""
    lists, _ = functions(builder)
    weight, read = value_at(builder, weights, ITEM)
    terms = lists.transform.format(positions.text, ITEM, weight)
    return _plus_intercept(builder, operator, builder.combine(_sum(builder, terms), [positions, *read]), index)


def _weighted_total(
    builder: Builder, operator: Tokens, places: Fragment, values: Fragment, weights: FloatArray, index: int
) -> Fragment:
    """Return the values of a document's tokens times their weights, added up."""
    lists, _ = functions(builder)
    weight, read = value_at(builder, weights, ITEM)
    value = lists.element.format(values.text, POSITION)
    terms = lists.transform_numbered.format(places.text, ITEM, POSITION, f"{value} * {weight}")
    total = builder.combine(_sum(builder, terms), [places, values, *read])
    return _plus_intercept(builder, operator, total, index)


def _pattern(builder: Builder, pattern: str) -> str:
    _, texts = functions(builder)
    return builder.dialect.text(texts.pattern(pattern))


def _sum(builder: Builder, terms: str) -> str:
    lists, _ = functions(builder)
    return f"coalesce({lists.total.format(terms)}, {builder.dialect.double(0.0)})"


def _plus_intercept(builder: Builder, operator: Tokens, total: Fragment, index: int) -> Fragment:
    assert operator.intercept is not None
    intercept = float(operator.intercept[index])
    if intercept == 0:
        return builder.store(total)
    return _stored(builder, f"({total.text} + {builder.dialect.double(intercept)})", [total])


def _value_at(builder: Builder, places: Fragment, values: Fragment, position: int) -> Fragment:
    lists, _ = functions(builder)
    value = lists.element_if_any(values.text, lists.position.format(places.text, position))
    return builder.combine(f"coalesce({value}, {builder.dialect.double(0.0)})", [places, values], 2)
