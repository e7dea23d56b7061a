"""Which cells of the matrix the everyday run has: slower engines take a share of the cases, the long run takes all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from zlib import crc32

from tests.conformance.cases import all_cases

SHARES: Mapping[str, float] = {
    "postgres": 0.15,
    "sqlite": 0.3,
    "clickhouse": 0.1,
    "datafusion": 0.1,
    "spark": 0.01,
    "bigquery": 0.01,
}
"""By engine, where it is less than all; measured so that an engine takes about a minute and a half, BigQuery three."""

FEWEST = 2
"""So many cases of each family are always there."""


def is_everyday(case: str, engine: str) -> bool:
    """Return whether the everyday run has a cell: always the same cases of an engine, other ones for another."""
    return SHARES.get(engine, 1.0) == 1.0 or case in _everyday(engine)


@cache
def _everyday(engine: str) -> frozenset[str]:
    families: dict[str, list[str]] = defaultdict(list)
    for case in sorted((case.id for case in all_cases()), key=lambda case: _rank(case, engine)):
        families[case.partition(":")[0]].append(case)
    few = (case for cases in families.values() for case in cases[:FEWEST])
    return frozenset([*few, *(c for cases in families.values() for c in cases if _rank(c, engine) < SHARES[engine])])


def _rank(case: str, engine: str) -> float:
    return crc32(f"{engine} {case}".encode()) % 1000 / 1000
