"""Guarantees about people's answers, tried with the project's own approvals and people."""

from __future__ import annotations

from contextlib import suppress

from assentry.approvals import Settings
from assentry.cli.doctor.bench import Bench, expect
from assentry.cli.doctor.outcome import fail, hold
from assentry.cli.doctor.scratch import NONCE, OTHER_NONCE, OUTSIDER, STRANGER, Scratch, tool, voter
from assentry.errors import Denied, GrantError

CANARY = "AKIA" + "ZQ7EXAMPLE5NHTRW"
"""Looks like an access key, and is none."""


def approved_is_run(bench: Bench) -> str:
    """What was approved is what runs; a grant that was changed is none."""
    candidate = bench.waiting()
    with bench.scratch() as scratch:
        grant = scratch.granted(candidate)
        stored = scratch.gate.document(grant.request)
        hold(stored["action"]["name"] == candidate.name, "another action is stored than was asked for")
        middle = len(grant.text) // 2
        forged = grant.text[:middle] + ("A" if grant.text[middle] != "A" else "B") + grant.text[middle + 1 :]
        expect("*", lambda: scratch.gate.redeem(forged, NONCE), "a grant that was changed")
        changed = {**candidate.action, "resource": {**candidate.action["resource"], "id": "assentry-doctor-other"}}
        other = bench.project.candidate({**changed, "subject": candidate.subject})
        if other is not None and other.decision == "require_approval":
            with suppress(Denied):
                hold(scratch.submit(other) != grant.request, "another resource joined the approval of this one")
        scratch.gate.redeem(grant, NONCE)
    return candidate.name


def used_once(bench: Bench) -> str:
    """A grant is used once."""
    candidate = bench.waiting()
    with bench.scratch() as scratch:
        grant = scratch.granted(candidate)
        first = scratch.gate.redeem(grant, NONCE)
        expect("used", lambda: scratch.gate.redeem(grant, OTHER_NONCE), "a second use")
        hold(scratch.gate.redeem(grant, NONCE) == first, "the same executor got another permit")
    return candidate.name


def stranger(bench: Bench) -> str:
    """Who is not entitled does not approve."""
    candidate = bench.waiting()
    with bench.scratch() as scratch:
        request = scratch.ask(candidate)
        card = scratch.card(request)
        expect("person", lambda: scratch.gate.vote(request, voter(STRANGER), "approve", card), "the vote of a stranger")
        expect("seat", lambda: scratch.gate.vote(request, voter(OUTSIDER), "approve", card), "the vote of an outsider")
        expect("stale_card", lambda: _vote_blind(scratch, request), "a vote on a card that nobody drew")
    return candidate.name


def _vote_blind(scratch: Scratch, request: str) -> None:
    person = scratch.gate.view(request).answerers[0]
    scratch.gate.vote(request, voter(person), "approve", "sha256:" + "0" * 64)


def own_request(bench: Bench) -> str:
    """Nobody approves their own: neither the requester nor who owns it, entitled or not."""
    candidate = bench.waiting()
    requester = str(candidate.subject["id"])
    with bench.scratch() as scratch:
        request = scratch.ask(candidate)
        card = scratch.card(request)
        expect("excluded person", lambda: scratch.gate.vote(request, voter(requester), "approve", card), "its own vote")
        entitled = scratch.gate.view(request).answerers[0]
    with bench.scratch() as scratch:
        scratch.people.owned[requester] = frozenset({entitled})
        try:
            request = scratch.ask(candidate)
        except Denied as denied:
            hold(denied.code == "unfillable", f"it was refused as `{denied.code}`")
            return candidate.name
        card = scratch.card(request)
        expect(
            "excluded", lambda: scratch.gate.vote(request, voter(entitled), "approve", card), "the vote of its owner"
        )
    return candidate.name


def counts_once(bench: Bench) -> str:
    """One person counts once."""
    candidate = bench.waiting(people=2)
    with bench.scratch() as scratch:
        request = scratch.ask(candidate)
        card = scratch.card(request)
        person = scratch.gate.view(request).answerers[0]
        for _ in range(3):
            status = scratch.gate.vote(request, voter(person), "approve", card)
            hold(status == "pending", "one person filled two seats")
    return candidate.name


def a_deny_counts(bench: Bench) -> str:
    """A deny counts until the use, also after enough people agreed."""
    candidate = bench.waiting()
    with bench.scratch() as scratch:
        request = scratch.ask(candidate)
        everybody = scratch.gate.view(request).answerers
        card, voted = scratch.card(request), scratch.agree(request)
        grant = scratch.gate.wait(request)
        late = [person for person in everybody if person not in voted] or voted[-1:]
        scratch.gate.vote(request, voter(late[0]), "deny", card)
        expect("status denied", lambda: scratch.gate.redeem(grant, NONCE), "a use after a deny")
    return candidate.name


def revoked(bench: Bench) -> str:
    """What was approved can be taken back before it runs."""
    candidate = bench.waiting()
    with bench.scratch() as scratch:
        request = scratch.ask(candidate)
        person = scratch.agree(request)[0]
        grant = scratch.gate.wait(request)
        scratch.gate.revoke(request, voter(person), "for the sake of the examination")
        expect("revoked status", lambda: scratch.gate.redeem(grant, NONCE), "a use after it was taken back")
    return candidate.name


def lapses(bench: Bench) -> str:
    """A grant that was not used in time is none."""
    candidate = bench.waiting()
    settings = Settings()
    with bench.scratch(settings=settings) as scratch:
        grant = scratch.granted(candidate)
        scratch.clock.tick(settings.grant_ms)
        expect("lapsed error status", lambda: scratch.gate.redeem(grant, NONCE), "a use after its time")
    return candidate.name


def directory_down(bench: Bench) -> str:
    """A directory that fails means no, also at the use."""
    candidate = bench.waiting()
    with bench.scratch() as scratch:
        grant = scratch.granted(candidate)
        scratch.people.broken = True
        expect("directory", lambda: scratch.gate.redeem(grant, NONCE), "a use while the directory is down")
        scratch.people.broken = False
        scratch.gate.redeem(grant, NONCE)
    return candidate.name


def moved(bench: Bench) -> str:
    """A condition that moved since the approval, or cannot be read, refuses."""
    candidate = bench.waiting()
    head = {"HEAD": "a"}
    watched = tool(candidate.name, preconditions=lambda document: dict(head))
    with bench.scratch(tools=[watched]) as scratch:
        grant = scratch.granted(candidate, tool={"name": watched.name})
        head["HEAD"] = "b"
        expect("preconditions", lambda: scratch.gate.redeem(grant, NONCE), "a use under another condition")
    return f"{candidate.name}, with a tool declared here"


def upstream(bench: Bench) -> str:
    """An approval for one server's tool is none for another server's."""
    candidate = bench.waiting()
    with bench.scratch(tools=[tool(candidate.name, server="doctor.invalid/a")]) as scratch:
        grant = scratch.granted(candidate, tool={"name": "assentry-doctor"})
        _, swapped = scratch.another(tools=[tool(candidate.name, server="doctor.invalid/b")])
        expect("judgement", lambda: swapped.redeem(grant, NONCE), "a use on another server")
    return f"{candidate.name}, with a tool declared here"


def signed(bench: Bench) -> str:
    """Grants and permits are signed, and verified without the log."""
    from assentry.gate import GateKeys
    from assentry.gate.grant import check_proof, read_grant, read_permit

    candidate = bench.waiting()
    with bench.scratch() as scratch:
        grant = scratch.granted(candidate)
        check_proof(read_grant(grant.text, scratch.gate.keys), (scratch.log.head().key,))
        permit = scratch.gate.redeem(grant, NONCE)
        hold(read_permit(scratch.gate.signed(permit), scratch.gate.keys) == permit, "a permit came back as another")
        stranger_key = GateKeys.generate("doctor.invalid/other").grants.verifier
        try:
            read_grant(grant.text, (stranger_key,))
        except GrantError:
            return candidate.name
    return fail("a grant verified with a key that never signed it")


def redacted(bench: Bench) -> str:
    """A secret that an agent hides in an action is on no card, and not in the log."""
    candidate = bench.waiting()
    parameters = {"assentry_doctor": f"here is {CANARY}"}
    with bench.scratch() as scratch:
        request = scratch.ask(candidate, parameters={**candidate.action["action"].get("parameters", {}), **parameters})
        card = scratch.gate.card(request, voter(OUTSIDER))
        hold(CANARY not in str(card), "the card shows it")
        scratch.agree(request)
        scratch.gate.redeem(scratch.gate.wait(request), NONCE)
        hold(CANARY.encode() not in scratch.bodies(), "the log has it")
    return candidate.name


def policy_pinned(bench: Bench) -> str:
    """A policy that nobody approved decides nothing, where the gate is told which ones may."""
    with bench.scratch(policies=[bench.project.policy.digest]) as scratch:
        expect("error", lambda: scratch.another(policies=["sha256:another"]), "a gate with another policy")
    return f"with `policies`: {bench.project.policy.digest[:19]}..."
