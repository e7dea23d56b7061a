"""Classes that cannot be SQL, and why: the answer of a row is no function of the row and the fitted state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a class is refused.

    Parameters
    ----------
    why : str
        In a few words, after a colon.
    instead : str
        What would work.
    """

    why: str
    instead: str


REFUSED: dict[tuple[str, str], Reason] = {}
