"""What is decided for a set of rules that fired and a set of rules in error.

A `Ruling` is all of a verdict that does not depend on the action's own values. Many actions share one,
so it is made once for each set of rules that fired or erred, and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assentry.code.form import RuleForm
from assentry.source import Source

Decision = Literal["allow", "require_approval", "deny"]
Effect = Literal["allow", "deny", "require_approval", "risk"]


@dataclass(frozen=True, slots=True)
class Seat:
    """`count` different people of a group or with a role."""

    count: int
    selector: Literal["group", "role"]
    name: str

    def to_dict(self) -> dict[str, object]:
        return {"count": self.count, self.selector: self.name}


@dataclass(frozen=True, slots=True)
class Approval:
    """Who has to say yes, and until when: `within_seconds` after the question."""

    seats: tuple[Seat, ...]
    within_seconds: int

    @property
    def within(self) -> str:
        """The time in the largest unit that divides it: `30m`, `1h`, `90s`."""
        for unit, seconds in (("d", 86_400), ("h", 3600), ("m", 60)):
            if self.within_seconds % seconds == 0:
                return f"{self.within_seconds // seconds}{unit}"
        return f"{self.within_seconds}s"

    def to_dict(self) -> dict[str, object]:
        return {"seats": [seat.to_dict() for seat in self.seats], "within": self.within}


@dataclass(frozen=True, slots=True)
class ShadowRule:
    """What a rule in shadow mode would have done."""

    id: str
    effect: Effect
    title: str
    controls: tuple[str, ...]
    at: str
    outcome: Literal["fired", "error"]

    def to_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "effect": self.effect,
            "title": self.title,
            "controls": list(self.controls),
            "at": self.at,
            "outcome": self.outcome,
        }


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is decided for one set of rules that fired and rules in error.

    `rules` are the indices of the rules that fired with the decision's effect, `errors` those of the
    rules in error, both by id and without shadow rules.
    """

    decision: Decision
    rules: tuple[int, ...]
    errors: tuple[int, ...]
    controls: tuple[str, ...]
    approval: Approval | None
    redact: tuple[str, ...]
    risk: int
    shadow: tuple[ShadowRule, ...]


def place_of(rule: RuleForm, sources: Sequence[Source]) -> str:
    """`file:line` of a rule's head."""
    source = sources[rule.file]
    return f"{source.name}:{source.position(rule.span.start).line}"
