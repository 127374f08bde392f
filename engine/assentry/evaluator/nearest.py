"""The nearest change: the fewest conditions to flip so that the decision is another one.

Each condition is a switch; one in error can be flipped to either side. The answer follows from how a
decision is made: what has to fire, what has to stop, whether something opens. Conditions that say the same
in several rules flip together where that still alters the decision: no action could tell them apart. Among
equally short changes one that leaves the action's name alone is better, since under another name other rules
would speak; then the one wins whose conditions stand first, by file and place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from assentry.code.form import RuleForm
from assentry.evaluator.ruling import Decision

Outcome = Literal["held", "failed", "erred"]
State = Literal["fired", "not fired", "error"]


class Flip(NamedTuple):
    """One condition to flip: of which of the given rules, which of its conditions, and to what."""

    place: tuple[str, int]
    rule: int
    condition: int
    to: Literal["held", "failed"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule with what came of its conditions, the places (file, offset) of these, and what they mean: equal
    meanings are one switch. Without meanings every condition is a switch of its own. `naming` are the
    conditions that ask for the action's name and nothing else."""

    number: int
    rule: RuleForm
    outcomes: tuple[Outcome, ...]
    places: tuple[tuple[str, int], ...]
    meanings: tuple[object, ...] = ()
    naming: frozenset[int] = frozenset()

    @property
    def state(self) -> State:
        if "failed" in self.outcomes:
            return "not fired"
        return "error" if "erred" in self.outcomes else "fired"

    @property
    def opens(self) -> bool:
        """Whether the rule, when it fires, lifts the default deny."""
        rule = self.rule
        return rule.effect == "allow" or (rule.effect == "require_approval" and not rule.reads_risk)

    @property
    def denies(self) -> bool:
        """Whether the rule, as it is now, denies."""
        fires = self.rule.effect == "deny" and self.state == "fired"
        return fires or (self.rule.effect in {"deny", "require_approval"} and self.state == "error")

    def flips(self, changed: Sequence[Outcome], to: Literal["held", "failed"]) -> Change:
        """Flipping every condition with one of these outcomes."""
        pairs = enumerate(zip(self.outcomes, self.places, strict=True))
        return tuple(Flip(place, self.number, at, to) for at, (outcome, place) in pairs if outcome in changed)

    def firing(self) -> Change:
        return self.flips(("failed", "erred"), "held")

    def erring(self) -> Change | None:
        """So that nothing false is left beside an error; None when no condition is in error."""
        return self.flips(("failed",), "held") if "erred" in self.outcomes else None

    def stopping(self, needed: Collection[object] = ()) -> Change | None:
        """So that one condition is false, none of those with a needed meaning; None where there is no other."""
        every = sorted(self.flips(("held", "erred"), "failed"))
        free = [flip for flip in every if not self.meanings or self.meanings[flip.condition] not in needed]
        return tuple(free[:1]) or None


Change = tuple[Flip, ...]


def nearest(
    rules: Sequence[Judged], default: Literal["allow", "deny"], toward: Decision | None = None
) -> Change | None:
    """The shortest change that alters the decision, in order of place; None when there is none.

    With `toward` only a change that leads to this decision counts.
    """
    live = [rule for rule in rules if not rule.rule.shadow]
    every = (*_options(live, default), *(_allowing(live, default) if toward == "allow" else ()))
    options = [option for option in every if option]
    now = decision_of(live, default)
    possible = [
        together
        for together in (*_singles(live), *(_together(live, option) for option in options))
        if (after := decision_after(live, together, default)) != now and toward in (None, after)
    ]
    naming = {(rule.number, at) for rule in live for at in rule.naming}

    def rank(change: Change) -> tuple[int, int, list[tuple[tuple[str, int], int, int]]]:
        length, places = _length(distinct(live, change) if possible else change)
        return length, sum((flip.rule, flip.condition) in naming for flip in change), places

    return min(possible or (options if toward is None else ()), key=rank, default=None)


def distinct(rules: Sequence[Judged], change: Change) -> Change:
    """The first flip of each switch of a change, in order of place."""
    by_number = {rule.number: rule for rule in rules}
    first: dict[object, Flip] = {}
    for flip in sorted(change):
        meanings = by_number[flip.rule].meanings
        first.setdefault(meanings[flip.condition] if meanings else flip[:3], flip)
    return tuple(first.values())


def _singles(rules: Sequence[Judged]) -> Iterable[Change]:
    """Each switch alone, to either side, wherever it stands."""
    wanted: dict[object, Literal["held", "failed"]]
    sides: tuple[Literal["held"], Literal["failed"]] = ("held", "failed")
    for meaning in dict.fromkeys(meaning for rule in rules for meaning in rule.meanings):
        for side in sides:
            wanted = {meaning: side}
            if change := _switched(rules, wanted):
                yield change


def _together(rules: Sequence[Judged], change: Change) -> Change:
    """A change with every other condition that says the same as one of its own."""
    by_number = {rule.number: rule for rule in rules}
    wanted = {
        by_number[flip.rule].meanings[flip.condition]: flip.to for flip in change if by_number[flip.rule].meanings
    }
    return tuple(sorted({*change, *_switched(rules, wanted)}))


def _switched(rules: Sequence[Judged], wanted: Mapping[object, Literal["held", "failed"]]) -> Change:
    return tuple(
        Flip(rule.places[at], rule.number, at, wanted[meaning])
        for rule in rules
        for at, meaning in enumerate(rule.meanings)
        if meaning in wanted and rule.outcomes[at] != wanted[meaning]
    )


def _length(change: Change) -> tuple[int, list[tuple[tuple[str, int], int, int]]]:
    """Fewest conditions first, then those that stand first."""
    return len(change), sorted((flip.place, flip.rule, flip.condition) for flip in change)


def decision_of(rules: Sequence[Judged], default: Literal["allow", "deny"]) -> Decision:
    """What these rules decide, none of them in shadow mode."""
    if any(rule.denies for rule in rules):
        return "deny"
    if not _is_open(rules, default):
        return "deny"
    return "require_approval" if _fired(rules, "require_approval") else "allow"


def decision_after(rules: Sequence[Judged], change: Change, default: Literal["allow", "deny"]) -> Decision:
    """What the rules would decide after a change."""
    changed = {(flip.rule, flip.condition): flip.to for flip in change}
    after = []
    for rule in rules:
        outcomes = [changed.get((rule.number, at), outcome) for at, outcome in enumerate(rule.outcomes)]
        after.append(replace(rule, outcomes=tuple(outcomes)))
    return decision_of([rule for rule in after if not rule.rule.shadow], default)


def _fired(rules: Sequence[Judged], effect: str) -> list[Judged]:
    return [rule for rule in rules if rule.rule.effect == effect and rule.state == "fired"]


def _is_open(rules: Sequence[Judged], default: str) -> bool:
    return default == "allow" or any(rule.opens and rule.state == "fired" for rule in rules)


def _options(rules: Sequence[Judged], default: Literal["allow", "deny"]) -> Iterable[Change | None]:
    denying = [rule for rule in rules if rule.denies]
    if denying:
        return _lifting(rules, denying, default)
    if not _is_open(rules, default):
        return [rule.firing() for rule in rules if rule.opens]
    approvals = _fired(rules, "require_approval")
    to_deny = [*_denying(rules), *_closing(rules, default)]
    if approvals:
        return [*to_deny, *_unapproved(rules, approvals, default)]
    return [*to_deny, *(rule.firing() for rule in rules if rule.rule.effect == "require_approval")]


def _denying(rules: Sequence[Judged]) -> Iterable[Change | None]:
    """A deny rule fires, or a rule that may not err does."""
    for rule in rules:
        if rule.rule.effect == "deny":
            yield rule.firing()
        if rule.rule.effect in {"deny", "require_approval"}:
            yield rule.erring()


def _closing(rules: Sequence[Judged], default: str) -> Iterable[Change | None]:
    """Nothing lifts the default deny any more."""
    if default == "deny":
        yield _all(rule.stopping() for rule in rules if rule.opens and rule.state == "fired")


def _unapproved(rules: Sequence[Judged], approvals: Sequence[Judged], default: str) -> Iterable[Change | None]:
    """No approval is asked for any more, and the action stays open."""
    stopped = _all(rule.stopping() for rule in approvals)
    if default == "allow" or _fired(rules, "allow"):
        yield stopped
    else:
        for rule in rules:
            if rule.rule.effect == "allow":
                yield _all([stopped, rule.firing()])


def _allowing(rules: Sequence[Judged], default: str) -> Iterable[Change | None]:
    """No approval is asked for any more, by conditions that the rule which allows does not want to hold."""
    stopped = [rule for rule in rules if rule.rule.effect == "require_approval" and rule.state == "fired"]
    if default == "allow":
        yield _all(rule.stopping() for rule in stopped)
    for rule in rules:
        if rule.rule.effect == "allow":
            yield _all([*(each.stopping(rule.meanings) for each in stopped), rule.firing()])


def _lifting(rules: Sequence[Judged], denying: Sequence[Judged], default: str) -> Iterable[Change | None]:
    """Nothing denies any more, and the action is open."""
    lifted = {rule.number: _lifted(rule) for rule in denying}
    if _is_open(rules, default):
        yield _all(lifted.values())
        return
    for rule in rules:
        if rule.opens:
            others = (change for number, change in lifted.items() if number != rule.number)
            yield _all([*others, rule.firing()])


def _lifted(rule: Judged) -> Change | None:
    """A rule that denies does so no more: it is false, or it asks for the approval that it could not ask for."""
    options = [rule.stopping()]
    if rule.rule.effect == "require_approval":
        options.append(rule.firing())
    return min((option for option in options if option is not None), key=_length, default=None)


def _all(changes: Iterable[Change | None]) -> Change | None:
    """All changes together; None when one of them is impossible."""
    together: list[Flip] = []
    for change in changes:
        if change is None:
            return None
        together += change
    return tuple(together)
