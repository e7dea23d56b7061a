"""Tree ensembles by leaf bitmasks.

Each input is binned once for all trees. For each of its bins the constants hold, in words of 63 bits, the leaves of
every tree that a value in it leaves possible. What all inputs leave possible is one bit for each tree: its leaf. After
QuickScorer (Lucchese et al., SIGIR 2015), which clears the leaves on one side of a split only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sqlops.ir.nodes import FloatArray, IntArray, TreeEnsemble
from sqlops.ir.trees import goes_left, leaf_ranges
from sqlops.lowering.bins import lower_bin
from sqlops.lowering.fragments import Builder, Fragment
from sqlops.lowering.leaves import base_of, sum_of_terms, values_of

WORD = 63
"""How many bits of a whole number of 64 bits are used: all but the sign."""

MOST_LEAVES = WORD + 1
"""A tree that has a word of its own may have one leaf more: the last, when no bit is set."""


@dataclass(frozen=True, slots=True)
class Words:
    """Where the leaves of an ensemble are in words.

    Parameters
    ----------
    word, shift : ndarrays of shape (n_trees,)
        The word of each tree, and the bit of its first leaf; a tree of one leaf has word -1.
    count, rank, tree : ndarrays of shape (n_nodes,)
        How many leaves there are below a node, the first of them, counted from the left of its tree, and its tree.
    """

    word: IntArray
    shift: IntArray
    count: IntArray
    rank: IntArray
    tree: IntArray

    @property
    def n_words(self) -> int:
        """How many words there are."""
        return int(self.word.max(initial=-1)) + 1

    @property
    def stride(self) -> int:
        """A power of two, more than any number within a tree."""
        return 1 << int(self.within_tree.max()).bit_length()

    @property
    def within_tree(self) -> IntArray:
        """The number of each leaf, as it is found: one less than an empty word has all 64 bits set."""
        numbers: IntArray = np.where(self.rank == WORD, MOST_LEAVES, self.rank)
        return numbers


def words_of(operator: TreeEnsemble) -> Words | None:
    """Put the trees into words; None where one has more leaves than a word has bits.

    They are taken in their order, or so that those of a word read the same inputs, whichever reads fewer of them.
    """
    count, rank, tree = leaf_ranges(operator)
    leaves = count[operator.roots]
    if leaves.max() > MOST_LEAVES:
        return None
    inner = operator.left >= 0
    reads = np.zeros((operator.n_trees, len(operator.inputs)), dtype=bool)
    reads[tree[inner], operator.feature[inner]] = True
    packed = [_pack(leaves, np.arange(operator.n_trees, dtype=np.int32)), _pack(leaves, _by_inputs(leaves, reads))]
    word, shift = min(packed, key=lambda found: _n_read(found[0], reads))
    return Words(word, shift, count, rank, tree)


def _pack(leaves: IntArray, order: IntArray) -> tuple[IntArray, IntArray]:
    """Return the word and the first bit of each tree, filling words in an order of trees."""
    word, shift = np.full(len(leaves), -1, dtype=np.int32), np.zeros(len(leaves), dtype=np.int32)
    last, taken = -1, WORD
    for tree in order.tolist():
        size = int(leaves[tree])
        if size == 1:
            continue
        if taken + size > WORD:
            last, taken = last + 1, 0
        word[tree], shift[tree] = last, taken
        taken += size
    return word, shift


def _by_inputs(leaves: IntArray, reads: npt.NDArray[np.bool_]) -> IntArray:
    """Return an order of trees: each word takes the tree with most inputs, then those that add fewest."""
    order: list[int] = []
    waiting = leaves > 1
    taken, held = WORD, np.zeros(reads.shape[1], dtype=bool)
    while waiting.any():
        added = np.where(waiting, (reads & ~held).sum(axis=1), len(held) + 1)
        tree = int(added.argmin())
        if taken + leaves[tree] > WORD:
            tree = int(np.where(waiting, reads.sum(axis=1), -1).argmax())
            taken, held = 0, np.zeros_like(held)
        order.append(tree)
        waiting[tree] = False
        taken += int(leaves[tree])
        held |= reads[tree]
    return np.array(order, dtype=np.int32)


def _n_read(word: IntArray, reads: npt.NDArray[np.bool_]) -> int:
    """Return how many inputs all words read."""
    trees, inputs = np.nonzero(reads)
    return len(np.unique(np.column_stack([word[trees], inputs]), axis=0))


def lower_by_bitmasks(
    builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...], used: tuple[int, ...], words: Words
) -> dict[int, Fragment]:
    """Write an ensemble as bins, words of possible leaves, and the values of the leaves that are left."""
    dialect, lists = builder.dialect, builder.dialect.needed_lists
    leaves = _leaves(builder, operator, inputs, words)
    if len(used) > 1:
        leaves = [builder.store(leaf) for leaf in leaves]
    number = words.stride * (words.tree + 1) + words.within_tree
    results = {}
    for index in used:
        values = values_of(builder, operator, index, number, words.stride * (operator.n_trees + 1))
        terms = base_of(builder, operator, index)
        for leaf in leaves:
            value = dialect.cast_to(lists.element.format(values.text, leaf.text), "double")
            terms.append(builder.combine(value, (values, leaf), depth=2))
        results[index] = sum_of_terms(builder, operator, terms)
    return results


def _leaves(builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...], words: Words) -> list[Fragment]:
    """Return, for each tree, the number of the leaf that a row reaches, behind those of the trees before.

    One bit of each tree is set. Below it, less one, there are as many ones as leaves to its left: taking one from each
    tree of a word borrows from no other tree.
    """
    bits = builder.dialect.needed_bits
    size = words.count[operator.roots]
    below = []
    for word, possible in enumerate(_possible(builder, operator, inputs, words)):
        ones = sum(1 << int(shift) for shift in words.shift[words.word == word])
        below.append(builder.store(builder.combine(f"{possible.text} - {ones}", [possible])))
    leaves = []
    for tree in range(operator.n_trees):
        start = words.stride * (tree + 1)
        word = int(words.word[tree])
        if word < 0:
            leaves.append(Fragment(str(start)))
            continue
        text = below[word].text
        if (words.word == word).sum() > 1:
            text = bits.both.format(text, ((1 << int(size[tree])) - 1) << int(words.shift[tree]))
        leaves.append(builder.combine(bits.either.format(bits.count.format(text), start), [below[word]], depth=3))
    return leaves


def _possible(builder: Builder, operator: TreeEnsemble, inputs: tuple[Fragment, ...], words: Words) -> list[Fragment]:
    """Return the words of the leaves that all inputs leave possible."""
    lists, bits = builder.dialect.needed_lists, builder.dialect.needed_bits
    parts: list[list[Fragment]] = [[] for _ in range(words.n_words)]
    for feature in np.unique(operator.feature[operator.left >= 0]).tolist():
        nodes = np.flatnonzero((operator.left >= 0) & (operator.feature == feature)).astype(np.int32)
        thresholds = _thresholds(operator, nodes)
        masks = _masks(operator, nodes, np.array([*thresholds, np.inf, np.nan]), words)
        read = np.unique(words.word[words.tree[nodes]]).tolist()
        records = np.empty(len(masks), dtype=[(f"w{word}", "int64") for word in read])
        for word in read:
            records[f"w{word}"] = masks[:, word]
        table = builder.constant_array(records)
        place = builder.store(lower_bin(builder, inputs[feature], thresholds))
        row = builder.store(builder.combine(lists.element.format(table.text, place.text), (table, place)))
        for word in read:
            parts[word].append(builder.combine(lists.field.format(row.text, f"w{word}"), [row]))
    return [builder.store(_all_of(builder, bits.both, masks)) for masks in parts]


def _all_of(builder: Builder, both: str, parts: list[Fragment]) -> Fragment:
    """Return what all parts have, in pairs of pairs."""
    while len(parts) > 1:
        pairs = [parts[at : at + 2] for at in range(0, len(parts), 2)]
        parts = [
            builder.combine(both.format(*(part.text for part in pair)), pair) if len(pair) == 2 else pair[0]
            for pair in pairs
        ]
    return parts[0]


def _thresholds(operator: TreeEnsemble, nodes: IntArray) -> FloatArray:
    """Return the upper ends of the bins in which all values go the same way, ascending.

    A known category is a bin of its own.
    """
    is_number = operator.category_set[nodes] < 0
    ends = [operator.threshold[nodes[is_number]]]
    if not is_number.all():
        known = operator.known_categories[int(operator.feature[nodes[0]])]
        assert known is not None
        ends += [known, np.nextafter(known, -np.inf)]
    return np.unique(np.concatenate(ends))


def _masks(operator: TreeEnsemble, nodes: IntArray, values: FloatArray, words: Words) -> IntArray:
    """Return the leaves that values of one input leave possible, shape (n_values, n_words)."""
    left, right = operator.left[nodes], operator.right[nodes]
    is_left = goes_left(operator, np.tile(nodes, len(values)), np.repeat(values, len(nodes)))
    cleared = np.where(is_left.reshape(len(values), len(nodes)), right, left)
    tree = words.tree[nodes]
    at = (words.rank + words.shift[words.tree]).astype(np.uint64)
    below = np.uint64(2**64 - 1) >> (64 - words.count.clip(max=64)).astype(np.uint64)
    bits = (below << at) & np.uint64(2**WORD - 1)
    taken = np.zeros(words.n_words, dtype=np.uint64)
    roots = operator.roots[words.word >= 0]
    np.bitwise_or.at(taken, words.word[words.tree[roots]], bits[roots])
    masks = np.repeat(taken[np.newaxis, :], len(values), axis=0)
    for number, word in enumerate(words.word[tree].tolist()):
        masks[:, word] &= ~bits[cleared[:, number]]
    return masks.astype(np.int64)
