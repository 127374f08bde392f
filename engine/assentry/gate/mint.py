"""Makes grants and permits from what stands in the log; the same log gives the same statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assentry.approvals.events import Consumed
from assentry.approvals.request import Request
from assentry.approvals.terms import Who
from assentry.evaluator.ruling import Approval
from assentry.gate import dsse
from assentry.gate.grant import GRANT, PERMIT, Permit
from assentry.gate.tool import Tool
from assentry.ledger.entry import Entry
from assentry.ledger.note import Signer, Verifier
from assentry.ledger.proof import Proof
from assentry.ledger.store import Ledger


@dataclass(frozen=True)
class Mint:
    """Signs for one gate; `epoch` counts the keys that signed grants before this one."""

    ledger: Ledger
    signer: Signer
    epoch: int
    origin: str
    tenant: str
    audience: str
    retired: tuple[Verifier, ...] = ()

    @property
    def keys(self) -> tuple[Verifier, ...]:
        """Keys whose grants are still good: this one, and those that it took over from."""
        return (self.signer.verifier, *self.retired)

    def grant(self, request: Request, tool: Tool | None) -> str:
        """The grant of an approved request, signed."""
        entries = self.ledger.request_entries(request.id)
        return str(dsse.seal(GRANT, self._content(request, tool, entries), self.signer))

    def _content(self, request: Request, tool: Tool | None, entries: Sequence[Entry]) -> dict[str, object]:
        approved = next(entry for entry in reversed(entries) if entry.type == "approved")
        born = next(entry for entry in entries if entry.type == "requested")
        votes = [entry.index for entry in entries if entry.type in {"voted", "countered"}]
        return {
            "v": 1,
            "id": request.id,
            "origin": self.origin,
            "tenant": self.tenant,
            "audience": self.audience,
            "digest": request.proposal.digest,
            "tool": None if tool is None else {**tool.stamp, "schema": tool.schema_version},
            "effect": request.proposal.effect_key,
            "preconditions": dict(request.proposal.preconditions),
            "policy": request.policy,
            "terms": _terms(request.wanted),
            "seats": [
                {
                    "seat": str(each.seat),
                    "person": each.principal,
                    "by": each.actor,
                    "vote": votes[each.vote],
                    "card": request.votes[each.vote].card,
                }
                for each in request.seats
            ],
            "controls": born.data["controls"],
            "iat": approved.time,
            "nbf": approved.time,
            "exp": request.lapses_at,
            "key": dsse.key_name(self.signer.verifier),
            "epoch": self.epoch,
            "marks": self.marks(request),
            "proof": str(self._proof(approved)),
        }

    def marks(self, request: Request | None) -> list[str]:
        """What has to be known by whoever relies on a statement."""
        found = ["development"] if self.ledger.development else []
        return [*found, "break-glass"] if request is not None and request.glass is not None else found

    def _proof(self, approved: Entry) -> Proof:
        """By the first checkpoint that covers the entry, so that the same grant is made at any time."""
        checkpoint = self.ledger.checkpoint(approved.index + 1)
        path = self.ledger.prove_inclusion(approved.index, checkpoint.size)
        return replace(Proof(approved.index, tuple(path), checkpoint), extra=approved.body)

    def permit(self, request: Request, consumed: int, policy: str, nonce: str) -> Permit:
        """The permit of a request that runs; `consumed` is the entry that used it up, `policy` the one it ran under.

        `nonce` is the executor's, of which the log knows no more than a mark.
        """
        assert request.run is not None  # it runs
        return Permit(
            request=request.id,
            digest=request.proposal.digest,
            nonce=nonce,
            consumed=consumed,
            lease_until=request.run.lease_until,
            origin=self.origin,
            tenant=self.tenant,
            audience=self.audience,
            policy=policy,
            marks=tuple(self.marks(request)),
        )

    def permit_again(self, request: Request, nonce: str) -> Permit:
        """The permit that was given already, made again from the log."""
        entries = self.ledger.request_entries(request.id)
        consumed = next(entry for entry in entries if entry.type in {Consumed.kind, "allowed"})
        return self.permit(request, consumed.index, str(consumed.data["policy"]), nonce)

    def signed(self, permit: Permit) -> str:
        """A permit for an executor elsewhere."""
        return str(dsse.seal(PERMIT, permit.content(), self.signer))


def _terms(terms: Approval) -> dict[str, object]:
    seats = [{"count": seat.count, "seat": str(Who(seat.selector, seat.name))} for seat in terms.seats]
    return {"seats": seats, "within_s": terms.within_seconds}
