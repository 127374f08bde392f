"""From what each rule did to what is decided (language page, "How it decides", 2 to 8).

A `Ruling` is all of a verdict that does not depend on the action's own values. Many actions share one,
so it is made once for each set of rules that fired or erred, and kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from assentry.code.form import Form, RuleForm
from assentry.controls import order
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


def decide(form: Form, fired: Collection[int], erred: Collection[int]) -> Decision:
    """Points 3 to 5. `fired` and `erred` are indices of rules."""
    live = [index for index in fired if not form.rules[index].shadow]
    effects = {form.rules[index].effect for index in live}
    if "deny" in effects or blocking(form, erred):
        return "deny"
    opening = any(
        form.rules[index].effect == "allow"
        or (form.rules[index].effect == "require_approval" and not form.rules[index].reads_risk)
        for index in live
    )
    if form.default != "allow" and not opening:
        return "deny"
    return "require_approval" if "require_approval" in effects else "allow"


def blocking(form: Form, erred: Iterable[int]) -> list[int]:
    """The rules whose error denies."""
    return [
        index
        for index in erred
        if form.rules[index].effect in {"deny", "require_approval"} and not form.rules[index].shadow
    ]


def rule_on(form: Form, sources: Sequence[Source], fired: Collection[int], erred: Collection[int]) -> Ruling:
    """The whole ruling. `fired` and `erred` are indices of rules."""
    decision = decide(form, fired, erred)
    live_fired = sorted(index for index in fired if not form.rules[index].shadow)
    live_erred = sorted(index for index in erred if not form.rules[index].shadow)
    deciding = [index for index in live_fired if form.rules[index].effect == decision]
    cited = deciding + (blocking(form, live_erred) if decision == "deny" else [])
    counted = [form.rules[index] for index in (*live_fired, *live_erred)]
    return Ruling(
        decision=decision,
        rules=tuple(deciding),
        errors=tuple(live_erred),
        controls=tuple(sorted({each for index in cited for each in form.rules[index].controls}, key=order)),
        approval=_approval([form.rules[index] for index in deciding]) if decision == "require_approval" else None,
        redact=tuple(sorted({path for rule in counted for path in rule.redact})),
        risk=sum(rule.weight for rule in counted if rule.effect == "risk"),
        shadow=_shadow(form, sources, fired, erred),
    )


def place_of(rule: RuleForm, sources: Sequence[Source]) -> str:
    """`file:line` of a rule's head."""
    source = sources[rule.file]
    return f"{source.name}:{source.position(rule.span.start).line}"


def _approval(rules: Sequence[RuleForm]) -> Approval:
    """Equal selectors take the larger count, different ones add; the shortest time."""
    counts: dict[tuple[Literal["group", "role"], str], int] = {}
    for rule in rules:
        for seat in rule.seats:
            key = (seat.selector, seat.name)
            counts[key] = max(counts.get(key, 0), seat.count)
    seats = tuple(Seat(count, selector, name) for (selector, name), count in sorted(counts.items()))
    return Approval(seats, min(rule.within for rule in rules))


def _shadow(
    form: Form, sources: Sequence[Source], fired: Collection[int], erred: Collection[int]
) -> tuple[ShadowRule, ...]:
    shadows: list[ShadowRule] = []
    for index in sorted({*fired, *erred}):
        rule = form.rules[index]
        if rule.shadow:
            outcome: Literal["fired", "error"] = "fired" if index in fired else "error"
            at = place_of(rule, sources)
            shadows.append(ShadowRule(rule.id, rule.effect, rule.title, rule.controls, at, outcome))
    return tuple(shadows)
