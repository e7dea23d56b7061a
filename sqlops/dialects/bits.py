"""How an engine works on the bits of whole numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bits:
    """Spelling of functions on bits, for engines that have them.

    Parameters
    ----------
    either, both : str
        The bits that are set in ``{0}`` or ``{1}``; in ``{0}`` and ``{1}``.
    count : str
        How many bits of ``{0}`` are set.
    """

    either: str
    both: str
    count: str
