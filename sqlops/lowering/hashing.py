"""Perfect hashing: finding a key among many with two array elements and one comparison.

After Belazzougui, Botelho and Dietzfelbinger (ESA 2009, "Hash, displace, and compress"): keys fall into buckets, and
each bucket has a number, found when the model is compiled, that sends its keys to slots of their own. Engine and
compiler must hash alike, so text is hashed by MD5 and whole numbers by a product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5

import numpy as np
import numpy.typing as npt

SEEDS = 16
HEX_DIGITS = 15
SPLIT = 2**31 - 1
FACTORS = (1640531527, 1013904223)
KEPT_BITS = 2**16
OFFSET = 2**53

_BUCKET_SIZE = 3
_LOAD = 0.85
_TRIED = 64
_MOST_TRIED = 2**14


@dataclass(frozen=True, slots=True)
class PerfectHash:
    """A key with hash h is in slot ``h // len(divisors) // divisors[h % len(divisors)] % len(order)``.

    Parameters
    ----------
    seed : int
        Which of the hashes of a key is h.
    divisors : ndarray of int
        One per bucket.
    order : ndarray of int
        The number of the key in each slot; empty slots hold a key that belongs elsewhere, so that none equals it there.
    """

    seed: int
    divisors: npt.NDArray[np.int64]
    order: npt.NDArray[np.int64]


def hash_of(key: str | float, seed: int) -> int:
    """Return the hash of a key, a whole number below 2**60: of text by MD5, of a whole number by multiplication."""
    if isinstance(key, str):
        return int(md5(key.encode(), usedforsecurity=False).hexdigest()[seed : seed + HEX_DIGITS], 16)
    high, low = divmod(int(key) + OFFSET, SPLIT)
    return (low * (FACTORS[0] - 2 * seed) + high * FACTORS[1]) // KEPT_BITS


def perfect_hash(keys: Sequence[str] | Sequence[float]) -> PerfectHash | None:
    """Return a perfect hash of distinct keys: texts, or whole numbers below 2**53; None where none was found."""
    for seed in range(SEEDS):
        hashes = np.array([hash_of(key, seed) for key in keys], dtype=np.int64)
        if len(np.unique(hashes)) == len(keys):
            found = _displace(hashes, seed)
            if found is not None:
                return found
    return None


def _displace(hashes: npt.NDArray[np.int64], seed: int) -> PerfectHash | None:
    n_buckets = len(hashes) // _BUCKET_SIZE + 1
    n_slots = int(len(hashes) / _LOAD) + 1
    rest, bucket = np.divmod(hashes, n_buckets)
    by_bucket = np.argsort(bucket, kind="stable")
    starts = np.searchsorted(bucket[by_bucket], np.arange(n_buckets + 1))
    order = np.full(n_slots, -1, dtype=np.int64)
    divisors = np.ones(n_buckets, dtype=np.int64)
    for number in np.argsort(-np.diff(starts), kind="stable"):
        members = by_bucket[starts[number] : starts[number + 1]]
        if not len(members):
            break
        divisor = _free_divisor(rest[members], order)
        if divisor is None:
            return None
        divisors[number] = divisor
        order[rest[members] // divisor % n_slots] = members
    home = order[order >= 0][0]
    return PerfectHash(seed, divisors, np.where(order < 0, home, order))


def _free_divisor(rest: npt.NDArray[np.int64], order: npt.NDArray[np.int64]) -> int | None:
    """Return the first divisor that sends some keys to different free slots."""
    first = 1
    while first < _MOST_TRIED:
        divisors = np.arange(first, first + _TRIED)
        slots = np.sort(rest[np.newaxis, :] // divisors[:, np.newaxis] % len(order), axis=1)
        fits = np.all(order[slots] < 0, axis=1) & np.all(np.diff(slots, axis=1) > 0, axis=1)
        if fits.any():
            return int(divisors[np.argmax(fits)])
        first += _TRIED
    return None
