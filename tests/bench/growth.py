"""How time and memory grow: with rows for one model, with trees for another (``--growth``)."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.common import alone
from tests.bench.sides import Place, fill, fit, install, score

ROWS_MODEL = "forest"
ROWS = (1_000_000, 5_000_000, 20_000_000)
ROWS_MEMORY = "1GB"
"""DuckDB keeps what it has read as long as its limit allows: with a low one, the peak is what the query needs."""

TREES_MODEL = "grown_forest"
TREES = (10, 100, 300)
TREES_ROWS = 100_000


def measure(directory: Path, threads: int, rows: Sequence[int], trees: Sequence[int]) -> dict[str, Any]:
    """Return the times of one model by rows, and of the other by trees."""
    by_rows, by_trees = [], []
    for count in rows:
        place = Place(directory, ROWS_MODEL, alone(fill, directory / Place.DATABASE, "numbers", count))
        if not place.model.exists():
            alone(fit, place)
        by_rows.append({"rows": count, **_measured(place, threads, ROWS_MEMORY)})
    table = alone(fill, directory / Place.DATABASE, "numbers", min(TREES_ROWS, *rows))
    places = {count: Place(directory, f"{TREES_MODEL}_{count}", table) for count in trees}
    alone(fit_prefixes, places)
    for count, place in places.items():
        by_trees.append({"trees": count, **_measured(place, threads, None)})
    return {
        "threads": threads,
        "rows": {"model": ROWS_MODEL, "memory_limit": ROWS_MEMORY, "measured": by_rows},
        "trees": {"model": TREES_MODEL, "rows": min(TREES_ROWS, *rows), "measured": by_trees},
    }


def _measured(place: Place, threads: int, memory: str | None) -> dict[str, Any]:
    installed = alone(install, place)
    scored = alone(score, place, installed["outputs"], threads, 1, memory)
    print(f"{place.view}: {scored['wall_s']:.3g} s, peak {scored['peak_mb']} MB", flush=True)
    return {**installed, **scored}


def fit_prefixes(places: dict[int, Place]) -> None:
    """Fit the largest forest once: the first trees of it are those of a smaller one."""
    from tests.bench.models import grown_forest

    forest, X = grown_forest(max(places))
    for count, place in places.items():
        prefix = copy.copy(forest)
        prefix.set_params(n_estimators=count)
        prefix.estimators_ = forest.estimators_[:count]
        place.model.write_bytes(pickle.dumps((prefix, X)))
