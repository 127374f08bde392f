"""The policy in force, and what the gate knows of documents because of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from assentry.approvals.commands import Judgement
from assentry.approvals.request import Proposal
from assentry.evaluator.policy import Policy
from assentry.evaluator.verdict import Verdict
from assentry.gate import digest, marks
from assentry.gate.keys import TenantKey
from assentry.gate.stamp import STAMPED, Document, Stamped, at_time
from assentry.gate.tool import Tool


@dataclass(frozen=True)
class Judge:
    """One policy, for one tenant."""

    policy: Policy
    tenant: str
    key: TenantKey

    @cached_property
    def _volatile(self) -> tuple[marks.Path, ...]:
        """What the gate stamps differs at every attempt, whatever a project's schema says of it."""
        return tuple({*STAMPED, *marks.of_shapes(self.policy.form.shapes, "x-volatile")})

    @cached_property
    def _effect(self) -> tuple[marks.Path, ...]:
        return marks.of_shapes(self.policy.form.shapes, "x-effect")

    def proposal(self, stamped: Stamped, preconditions: tuple[tuple[str, str], ...] = ()) -> Proposal:
        """What names the action: all of it derived from the document, its tool and its caller."""
        return Proposal(
            digest.digest(stamped.data, stamped.tool),
            digest.sameness(self.key, stamped, self._volatile),
            digest.effect_key(self.key, self.tenant, stamped, self._effect),
            preconditions,
        )

    def content(self, document: Document, tool: Tool | None) -> str:
        """What is asked for, whoever asks."""
        return digest.content(self.key, document, tool, self._volatile)

    def decide(self, document: Document, at: int) -> Verdict:
        """The verdict on a document as if it were attempted at a time. Never raises."""
        return self.policy.decide(at_time(document, at))

    def judgement(self, verdict: Verdict, action: str, at: int) -> Judgement:
        """The verdict, as the approvals machine takes it; `action` is the digest of the document."""
        rules = tuple(rule.id for rule in verdict.rules)
        return Judgement(action, verdict.decision, verdict.approval, verdict.policy, at, rules, verdict.controls)
