"""The slow twin of the index: every rule's emitted code runs, and the exact tier where that gives up. For tests."""

from __future__ import annotations

from assentry.code.program import Memo, Program
from assentry.evaluator.exact import Exact, World
from assentry.evaluator.outcome import Failure


def unindexed(program: Program, world: World, action: dict[str, object]) -> list[bool | Failure]:
    """Whether each rule fires."""
    exact = Exact(world, action)
    memo: Memo = {}
    found: list[bool | Failure] = []
    for index, rule in enumerate(world.rules):
        try:
            # The risk is summed up by the exact tier, which no emitted code is part of.
            risk = exact.risk if rule.reads_risk else None
            found.append(program.rule(index)(action, risk, memo))
        except Exception:  # noqa: BLE001  # anything unusual: the exact tier knows
            found.append(exact.rule(index))
    return found
