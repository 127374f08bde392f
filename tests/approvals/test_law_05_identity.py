"""Law 5: a vote says how it is known whose it is, and nothing of an agent can vote."""

from __future__ import annotations

import pytest

from assentry.approvals import commands
from assentry.approvals.events import Voted
from assentry.approvals.request import Proof
from tests.approvals.play import ONE, Play, approved
from tests.approvals.translate import UNPROVED


@pytest.mark.parametrize("proof", [Proof("attested", "console"), Proof("signed", "key-1", "signature")])
def test_the_entry_says_which(proof: Proof) -> None:
    play = Play()
    assert play.submit("q", ONE)
    assert play.do(commands.CastVote("q", "bob", "approve", "card", proof))
    (voted,) = [event for event in play.events if isinstance(event, Voted)]
    assert voted.proof == proof
    assert play.request("q").votes[0].proof == proof


@pytest.mark.parametrize("proof", UNPROVED)
def test_what_nothing_vouches_for_is_no_vote(proof: Proof) -> None:
    play = Play()
    assert play.submit("q", ONE)
    play.do(commands.CastVote("q", "bob", "approve", "card", proof))
    assert play.code == "proof"
    play.do(commands.BreakGlass("q", "bob", "card", proof, "fire", 1000))
    assert play.code == "proof"
    doubtful = approved()
    assert doubtful.consume()
    assert doubtful.report("died")
    doubtful.do(commands.Resolve("q", "fay", "failed", "I looked", proof))
    assert doubtful.code == "proof"
    broken = Play()
    assert broken.submit("q", ONE)
    assert broken.break_glass("fay")
    broken.do(commands.Review("q", "gus", proof, "all is well"))
    assert broken.code == "proof"
    granted = approved()
    granted.do(commands.Revoke("q", "bob", "stop", proof))
    assert granted.code == "proof"


def test_an_agent_in_a_group_has_no_vote() -> None:
    play = Play()
    play.people.teams["group", "g"] |= {"svc"}
    assert play.submit("q", ONE)
    play.approve("svc")
    assert play.code == "person"
    play.people.deputies["bob"] = {"svc": (0, 1000)}
    play.approve("svc", principal="bob")
    assert play.code == "person"
