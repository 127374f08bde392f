"""Where random choices come from: fast and seeded, written down, replayed, or made by hypothesis.

Every choice is `below(n)`: a whole number from 0 up to but without n, of which smaller ones make simpler
expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

Below = Callable[[int], int]


def seeded(seed: int) -> Below:
    """Choices by a seed, as fast as Python makes them."""
    random = Random(seed).random
    return lambda n: int(random() * n)


class Recorded:
    """Choices that are replayed from a list (zeros when it is used up) and written down."""

    def __init__(self, choices: Sequence[int] = (), fresh: Below | None = None) -> None:
        self._left = list(reversed(choices))
        self._fresh = fresh
        self.made: list[int] = []

    def below(self, n: int) -> int:
        wanted = self._left.pop() if self._left else self._fresh(n) if self._fresh is not None else 0
        choice = min(wanted, n - 1)
        self.made.append(choice)
        return choice


def smallest(choices: Sequence[int], fails: Callable[[Sequence[int]], bool]) -> list[int]:
    """Choices that still fail, made fewer and smaller until nothing more can be left out or lowered."""
    best = list(choices)
    shrinking = True
    while shrinking:
        shrinking = False
        for size in (32, 16, 8, 4, 2, 1):
            at = 0
            while at < len(best):
                less = best[:at] + best[at + size :]
                if fails(less):
                    best, shrinking = less, True
                else:
                    at += size
        for at, choice in enumerate(best):
            for lower in (0, choice // 2, choice - 1):
                less = [*best[:at], lower, *best[at + 1 :]]
                if 0 <= lower < choice and fails(less):
                    best, shrinking = less, True
                    break
    return best
