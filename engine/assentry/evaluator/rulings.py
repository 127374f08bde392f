"""From what each rule did to what is decided (language page, "How it decides", 2 to 8).

Sets of rules are masks, so that a ruling on a thousand rules in error costs little more than one on ten that fired:
an attacker chooses which it is to be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal

from assentry.code.form import Form, RuleForm
from assentry.code.masks import bits, mask
from assentry.controls import order
from assentry.evaluator.ruling import Approval, Decision, Effect, Ruling, Seat, ShadowRule, place_of
from assentry.source import Source


class Rulings:
    """The rulings on some rules. In a mask, bit i stands for the i-th of them."""

    def __init__(self, form: Form, sources: Sequence[Source], rules: Sequence[int]) -> None:
        self._form = form
        self._sources = sources
        self._indices = rules
        self._rules = [form.rules[index] for index in rules]
        effects: defaultdict[Effect, list[int]] = defaultdict(list)
        controls: defaultdict[str, list[int]] = defaultdict(list)
        redacts: defaultdict[str, list[int]] = defaultdict(list)
        shadow, tightening = [], []
        for bit, rule in enumerate(self._rules):
            if rule.shadow:
                shadow.append(bit)
                continue
            effects[rule.effect].append(bit)
            if rule.effect == "require_approval" and rule.reads_risk:
                tightening.append(bit)
            for control in rule.controls:
                controls[control].append(bit)
            for path in rule.redact:
                redacts[path].append(bit)
        self._shadow = self._mask(shadow)
        self._allows, self._denies = self._mask(effects["allow"]), self._mask(effects["deny"])
        self._asks, self._weighs = self._mask(effects["require_approval"]), self._mask(effects["risk"])
        # A rule that reads the risk only tightens; it never opens what the default denies.
        self._opens = self._allows | self._asks & ~self._mask(tightening)
        self._controls = [(control, self._mask(controls[control])) for control in sorted(controls, key=order)]
        self._redacts = [(path, self._mask(redacts[path])) for path in sorted(redacts)]

    def _mask(self, numbers: Iterable[int]) -> int:
        return mask(numbers, len(self._rules))

    def decide(self, fired: int, erred: int) -> Decision:
        """Points 3 to 5."""
        if fired & self._denies or self.blocking(erred):
            return "deny"
        if self._form.default != "allow" and not fired & self._opens:
            return "deny"
        return "require_approval" if fired & self._asks else "allow"

    def blocking(self, erred: int) -> int:
        """The rules whose error denies."""
        return erred & (self._denies | self._asks)

    def risk(self, hits: int) -> int:
        """The risk that some rules make up, fired or in error."""
        return sum([self._rules[bit].weight for bit in bits(hits & self._weighs)])

    def on(self, fired: int, erred: int) -> Ruling:
        """The whole ruling."""
        decision = self.decide(fired, erred)
        deciding = fired & {"allow": self._allows, "deny": self._denies, "require_approval": self._asks}[decision]
        cited = deciding | self.blocking(erred) if decision == "deny" else deciding
        hits = fired | erred
        return Ruling(
            decision=decision,
            rules=self._chosen(deciding),
            errors=self._chosen(erred & ~self._shadow),
            controls=_same(tuple([control for control, users in self._controls if users & cited])),
            approval=_approval([self._rules[bit] for bit in bits(deciding)])
            if decision == "require_approval"
            else None,
            redact=tuple([path for path, users in self._redacts if users & hits]),
            risk=self.risk(hits),
            shadow=self._shadowed(fired, erred) if hits & self._shadow else (),
        )

    def on_rules(self, fired: Iterable[int], erred: Iterable[int]) -> Ruling:
        """The same by the indices of rules, where these are all the rules of the form."""
        return self.on(self._mask(fired), self._mask(erred))

    def _chosen(self, mask: int) -> tuple[int, ...]:
        """The indices of some of the rules, and so the rules by id."""
        return tuple(sorted([self._indices[bit] for bit in bits(mask)])) if mask else ()

    def _shadowed(self, fired: int, erred: int) -> tuple[ShadowRule, ...]:
        """What the rules in shadow mode would have done, by id."""
        shadows: list[ShadowRule] = []
        for bit in sorted(bits((fired | erred) & self._shadow), key=self._indices.__getitem__):
            rule = self._rules[bit]
            outcome: Literal["fired", "error"] = "fired" if fired >> bit & 1 else "error"
            at = place_of(rule, self._sources)
            shadows.append(ShadowRule(rule.id, rule.effect, rule.title, rule.controls, at, outcome))
        return tuple(shadows)


@lru_cache(1024)
def _same(controls: tuple[str, ...]) -> tuple[str, ...]:
    """One tuple for all rulings that cite the same."""
    return controls


def _approval(rules: Sequence[RuleForm]) -> Approval:
    """Equal selectors take the larger count, different ones add; the shortest time."""
    counts: dict[tuple[Literal["group", "role"], str], int] = {}
    for rule in rules:
        for seat in rule.seats:
            key = (seat.selector, seat.name)
            counts[key] = max(counts.get(key, 0), seat.count)
    seats = tuple(Seat(count, selector, name) for (selector, name), count in sorted(counts.items()))
    return Approval(seats, min(rule.within for rule in rules))
