"""Between the oracle's words and the machine's: the same world said twice."""

from __future__ import annotations

from assentry.approvals.commands import Judgement
from assentry.approvals.directory import Directory, Escalation
from assentry.approvals.memory import Delegation, MemoryDirectory
from assentry.approvals.request import Chain, Proof, Proposal
from assentry.approvals.settings import Settings
from assentry.approvals.terms import Who
from assentry.evaluator.ruling import Approval, Seat
from tests.oracle.approvals import people as facts
from tests.oracle.approvals.model import Deed, Line, Policy, Rules

PROOF = Proof("attested", "console", "session-1")
UNPROVED = (Proof("attested", ""), Proof("signed", "key-1"), Proof("signed", "", "signature"))
"""Nothing vouches for these."""


class Down:
    """A directory that always fails."""

    def canonical(self, account: str) -> str | None:
        raise TimeoutError

    def members(self, who: Who) -> list[str]:
        raise TimeoutError

    def owners(self, identity: str) -> list[str]:
        raise TimeoutError

    def deputies(self, person: str, at: int) -> list[str]:
        raise TimeoutError

    def escalation(self, who: Who) -> Escalation | None:
        raise TimeoutError


def directory(people: facts.People) -> Directory:
    """The machine's directory of these people."""
    if people.down:
        return Down()
    accounts: dict[str, set[str]] = {}
    for account, person in people.accounts.items():
        if person is not None:
            accounts.setdefault(person, set()).add(account)
    return MemoryDirectory(
        people=accounts,
        teams={who(each): members for each, members in people.teams.items()},
        owned_by=people.owners,
        delegations={
            person: [Delegation(account, start, stop) for account, (start, stop) in entries.items()]
            for person, entries in people.deputies.items()
        },
        escalations={who(each): Escalation(who(to), after) for each, (to, after) in people.widens.items()},
    )


def who(pair: facts.Who) -> Who:
    return Who("group" if pair[0] == "group" else "role", pair[1])


def settings(rules: Rules) -> Settings:
    return Settings(
        grant_ms=rules.grant,
        lease_ms=rules.lease,
        cool_off_ms=rules.cool_off,
        remind_ms=3000,
        actor_open=rules.open_each,
        actor_hourly=rules.hourly_each,
        approver_open=rules.asks_each,
    )


def chain(line: Line) -> Chain:
    return Chain(line.requester, line.owner, line.behalf, line.holder)


def proposal(deed: Deed) -> Proposal:
    return Proposal(deed.digest, deed.same, deed.effect, (("head", deed.before),))


def terms(policy: Policy) -> Approval | None:
    if policy.says != "ask":
        return None
    seats = tuple(Seat(count, who(each).selector, each[1]) for each, count in sorted(policy.seats.items()))
    return Approval(seats, policy.within // 1000)


def judgement(deed: Deed, policy: Policy, at: int) -> Judgement:
    """What the policy says of a deed at a time; its digest is of no importance to anybody."""
    if policy.says == "ask":
        return Judgement(deed.digest, "require_approval", terms(policy), "sha256:1", at)
    return Judgement(deed.digest, "allow" if policy.says == "allow" else "deny", None, "sha256:1", at)
