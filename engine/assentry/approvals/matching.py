"""Bipartite matching: as many places as possible, each filled by another candidate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

C = TypeVar("C", int, str)


def match(places: Sequence[Sequence[C]]) -> list[C | None]:
    """For each place the candidate that fills it, or None.

    `places` holds the candidates of each place, the preferred ones first. Places are filled in order, by augmenting paths: one that stays
    empty could not be filled without emptying one before it, so which ones stay empty does not depend on luck.
    """
    filled: dict[C, int] = {}
    for place in range(len(places)):
        _augment(places, place, filled, set())
    taken = {place: candidate for candidate, place in filled.items()}
    return [taken.get(place) for place in range(len(places))]


def _augment(places: Sequence[Sequence[C]], place: int, filled: dict[C, int], tried: set[C]) -> bool:
    """Fill one more place, moving others along where no candidate is free."""
    for candidate in places[place]:
        if candidate not in filled:
            filled[candidate] = place
            return True
    for candidate in places[place]:
        if candidate not in tried:
            tried.add(candidate)
            if _augment(places, filled[candidate], filled, tried):
                filled[candidate] = place
                return True
    return False
