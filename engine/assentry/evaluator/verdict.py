"""The answer to one action: immutable, cheap to make, with what is costly computed when it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, final

from assentry.controls import crosswalk, order
from assentry.evaluator.outcome import Cause
from assentry.evaluator.ruling import Approval, Decision, Effect, Ruling, ShadowRule
from assentry.evaluator.seen import Document, Keeper, Kept


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that fired with the decision's effect; `at` is `file:line`."""

    id: str
    effect: Effect
    title: str
    reason: str
    controls: tuple[str, ...]
    at: str

    def to_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "effect": self.effect,
            "title": self.title,
            "reason": self.reason,
            "controls": list(self.controls),
            "at": self.at,
        }


@dataclass(frozen=True, slots=True)
class RuleError:
    """A rule in error, with the causes that nothing absorbed."""

    id: str
    effect: Effect
    at: str
    controls: tuple[str, ...]
    causes: tuple[Cause, ...]

    def to_dict(self) -> dict[str, object]:
        return {
            "id": self.id,
            "effect": self.effect,
            "at": self.at,
            "controls": list(self.controls),
            "causes": [cause.to_dict() for cause in self.causes],
        }


class Details(Protocol):
    """Who fills in what a verdict leaves open: the policy that gave it."""

    @property
    def digest(self) -> str: ...

    def fired_rules(self, ruling: Ruling, seen: Document) -> tuple[FiredRule, ...]: ...

    def rule_errors(self, ruling: Ruling, seen: Document) -> tuple[RuleError, ...]: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What the verdicts of one ruling share: all but what the action says where reasons and errors look."""

    ruling: Ruling
    details: Details
    keeper: Keeper


@final
class Verdict:
    """What a policy says to an action.

    Reasons and errors are put into words when they are first asked for, from what was kept of the action when it
    was decided: what becomes of the action later does not show. Equal verdicts say the same, word for word.
    """

    __slots__ = ("_errors", "_kept", "_rules", "_shared")

    _shared: Shared
    _kept: Kept
    _rules: tuple[FiredRule, ...]
    _errors: tuple[RuleError, ...]

    def __init__(self, shared: Shared, kept: Kept, errors: tuple[RuleError, ...] | None = None) -> None:
        _set_shared(self, shared)
        _set_kept(self, kept)
        if errors is not None:
            _set_errors(self, errors)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a verdict is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a verdict is immutable")

    @property
    def decision(self) -> Decision:
        return self._shared.ruling.decision

    @property
    def allowed(self) -> bool:
        """Whether the action may go ahead now."""
        return self._shared.ruling.decision == "allow"

    @property
    def rules(self) -> tuple[FiredRule, ...]:
        """The rules that fired with the decision's effect, by id, with their reasons."""
        try:
            return self._rules
        except AttributeError:
            _set_rules(self, self._shared.details.fired_rules(self._ruling, self._document))
            return self._rules

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls of the rules that decided, in catalogue order."""
        return self._ruling.controls

    @property
    def approval(self) -> Approval | None:
        """Who has to say yes; None for other decisions than `require_approval`."""
        return self._ruling.approval

    @property
    def redact(self) -> tuple[str, ...]:
        """Dotted paths of the action that must not be shown or kept."""
        return self._ruling.redact

    @property
    def risk(self) -> int:
        return self._ruling.risk

    @property
    def shadow(self) -> tuple[ShadowRule, ...]:
        """What rules in shadow mode would have done."""
        return self._ruling.shadow

    @property
    def errors(self) -> tuple[RuleError, ...]:
        """The rules in error, by id."""
        try:
            return self._errors
        except AttributeError:
            _set_errors(self, self._shared.details.rule_errors(self._ruling, self._document))
            return self._errors

    @property
    def policy(self) -> str:
        """The digest of the policy that decided: `sha256:...`."""
        return self._shared.details.digest

    @property
    def _ruling(self) -> Ruling:
        return self._shared.ruling

    @property
    def _document(self) -> Document:
        return self._shared.keeper.document(self._kept)

    def controls_in(self, framework: str) -> tuple[str, ...]:
        """The verdict's controls in another framework, in its order: `soc2`, `nist`, `fedramp` (see `controls.TARGETS`).

        Raises ValueError for a framework to which there is no crosswalk.
        """
        found = {number for control in ("", *self.controls) for number in crosswalk(control, framework)}
        # FedRAMP's baselines are lists of NIST's controls.
        family = framework if framework in {"soc2", "fedramp-20x"} else "nist"
        return tuple(sorted(found, key=lambda number: order(f"{family}:{number}")))

    def to_dict(self) -> dict[str, object]:
        """The verdict as plain data, as `schemas/verdict.schema.json` describes it."""
        return {
            "decision": self.decision,
            "rules": [rule.to_dict() for rule in self.rules],
            "controls": list(self.controls),
            "approval": self.approval.to_dict() if self.approval is not None else None,
            "redact": list(self.redact),
            "risk": self.risk,
            "shadow": [rule.to_dict() for rule in self.shadow],
            "errors": [error.to_dict() for error in self.errors],
            "policy": self.policy,
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        return hash((self._ruling, self.policy))

    def __repr__(self) -> str:
        rules = "".join(f" {rule.id}" for rule in self.rules)
        return f"<Verdict {self.decision}:{rules or ' no rule'}>"


# A verdict sets its own fields through the slots themselves: assignment is what immutability forbids.
_set_shared = Verdict.__dict__["_shared"].__set__
_set_kept = Verdict.__dict__["_kept"].__set__
_set_rules = Verdict.__dict__["_rules"].__set__
_set_errors = Verdict.__dict__["_errors"].__set__
